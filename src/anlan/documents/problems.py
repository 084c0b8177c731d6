"""What can be wrong with a file or a row, said in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anlan.kernel.refusals import fill

#: Sentences by code: (Chinese, English), with named placeholders. Kinds of import add their own with `add_sentences`.
_SENTENCES: dict[str, tuple[str, str]] = {}


def add_sentences(sentences: Mapping[str, tuple[str, str]]) -> None:
    """Give words to problem codes. A code that already has other words raises ValueError at start-up."""
    for code, words in sentences.items():
        if _SENTENCES.get(code, words) != words:
            raise ValueError(f"two sentences for the problem {code!r}")
        _SENTENCES[code] = words


add_sentences(
    {
        "file.too_big": (
            "文件超过 %(limit_mb)s MB，请分成几个文件导入。",
            "The file is over %(limit_mb)s MB; split it into several files.",
        ),
        "file.not_xlsx": (
            "这不是 .xlsx 工作簿，请在表格软件中另存为 .xlsx。",
            "This is not an .xlsx workbook; save it as .xlsx in your spreadsheet program.",
        ),
        "file.old_or_locked": (
            "这是旧版 .xls 或加密的工作簿，请去掉密码并另存为 .xlsx。",
            "This is an old .xls or a workbook with a password; remove the password and save it as .xlsx.",
        ),
        "file.unpacks_too_big": (
            "文件解压后过大，没有读取。请删去多余的工作表、图片和空行后重试。",
            "The file unpacks to far too much and was not read; remove extra sheets, pictures and empty rows.",
        ),
        "file.damaged": (
            "工作簿已损坏或含有不允许的内容，请重新另存后再试。",
            "The workbook is damaged or holds content that is not allowed; save it anew and try again.",
        ),
        "sheet.empty": ("第一张工作表是空的。", "The first sheet is empty."),
        "sheet.too_long": (
            "超过 %(limit)s 行，请分成几个文件导入。",
            "More than %(limit)s rows; split the file into several.",
        ),
        "header.missing": ("缺少列“%(header)s”。", "The column “%(header)s” is missing."),
        "header.unknown": (
            "不认识列“%(header)s”，请删去该列或改成模板中的列名。",
            "The column “%(header)s” is not known; remove it or use the name in the template.",
        ),
        "header.twice": (
            "列“%(header)s”出现了两次，请只保留一列。",
            "The column “%(header)s” appears twice; keep one.",
        ),
        "cell.merged": (
            "%(range)s 是合并单元格，请取消合并并逐格填写。",
            "%(range)s is merged; unmerge it and fill each cell.",
        ),
        "cell.formula": (
            "这里是公式，请改为数值（复制后选择性粘贴为数值）。",
            "This is a formula; replace it by its value (copy, then paste values).",
        ),
        "cell.error": (
            "这里是表格错误值 %(value)s。",
            "This is the spreadsheet error %(value)s.",
        ),
        "cell.required": ("必须填写。", "This must be filled in."),
        "cell.too_long": ("超过 %(limit)s 个字。", "Longer than %(limit)s characters."),
        "cell.date": (
            "“%(value)s”被表格软件变成了日期，请把单元格设为文本后重新填写。",
            "The spreadsheet program turned this into the date %(value)s; format the cell as text and type it again.",
        ),
        "cell.digits_lost": (
            "“%(value)s”按数字存放已丢失位数，请把单元格设为文本后重新填写。",
            "“%(value)s” was kept as a number and lost digits; format the cell as text and type it again.",
        ),
        "cell.not_a_code": (
            "“%(value)s”不是%(expected_zh)s。",
            "“%(value)s” is not %(expected_en)s.",
        ),
        "cell.not_a_number": ("“%(value)s”不是数字。", "“%(value)s” is not a number."),
        "cell.not_whole": ("“%(value)s”不是整数。", "“%(value)s” is not a whole number."),
        "cell.out_of_range": (
            "%(value)s 不在 %(low)s 到 %(high)s 之间。",
            "%(value)s is not between %(low)s and %(high)s.",
        ),
        "cell.too_precise": (
            "%(value)s 的小数超过 %(places)s 位。",
            "%(value)s has more than %(places)s decimals.",
        ),
        "cell.not_allowed": (
            "“%(value)s”不在允许的取值中：%(allowed)s。",
            "“%(value)s” is not one of the allowed values: %(allowed)s.",
        ),
        "cell.not_a_date": (
            "“%(value)s”不是日期，请写成 2026-07-01。",
            "“%(value)s” is not a date; write it as 2026-07-01.",
        ),
        "row.twice": (
            "与第 %(other)s 行重复。",
            "This repeats row %(other)s.",
        ),
        "row.unknown_division": (
            "没有您可以维护的区划 %(code)s。",
            "There is no division %(code)s that you may edit.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file. `row` counts as the spreadsheet does (the header is row 1; 0 means the whole file)."""

    row: int
    column: str
    code: str
    data: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = "zh") -> str:
        """The sentence in Chinese, or in English where `language` starts with "en"."""
        chinese, english = _SENTENCES[self.code]
        return fill(english if language.startswith("en") else chinese, dict(self.data))

    @property
    def message(self) -> str:
        """The English sentence."""
        return self.sentence("en")

    def to_json(self) -> dict[str, object]:
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "zh": self.sentence("zh"),
            "en": self.sentence("en"),
        }


class BadCell(ValueError):
    """A parser's answer to a cell that it cannot take; `code` has a sentence in this module or was added to it."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class BadFile(Exception):
    """The file cannot be read at all; `problem` says why."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.problem = Problem(0, "", code, data)
