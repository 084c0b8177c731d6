"""A script as a file, out and in: JSON as it is stored, and a workbook that people fill in. Bytes in, `Script` out; pure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

import msgspec

from anlan.documents.cells import writable
from anlan.documents.problems import BadFile
from anlan.documents.workbook import check_package
from anlan.drills.refusals import NoScriptFile
from anlan.drills.script import BadScript, Expect, Script, ScriptLine, check

#: Bounds of one file. A day's drill has some hundred lines. Engineering choices.
MOST_BYTES = 2 * 1024 * 1024
MOST_LINES, MOST_STEPS, LONGEST = 500, 2_000, 2_000
LINES, STEPS, ABOUT = "脚本", "预期步骤", "说明"
_NOTE = (
    "每行是一次注入。类型：来电、来文来信、测站读数、故障、导调说明。时间为演练开始后的分钟数。"
    "时限须写明依据；没有依据的写“未确认”。"
)
KINDS = {
    "来电": "caller",
    "来文来信": "message",
    "测站读数": "station",
    "故障": "failure",
    "导调说明": "note",
}
_KIND_WORDS = {code: word for word, code in KINDS.items()}
#: Column → key of the payload.
PAYLOAD = {
    "来源": "source",
    "来电人": "caller_name",
    "来电号码": "caller_number",
    "地点代码": "division",
    "地点": "place",
    "事件类型": "event_type",
    "内容": "text",
    "测站编码": "station",
    "要素": "quantity",
    "数值": "values",
    "导调用语": "words",
    "故障对象": "what",
}
_LINE_COLUMNS = ("编号", "分钟", "类型", "标题", *PAYLOAD)
_STEP_COLUMNS = ("注入编号", "步骤编号", "步骤", "日志事项", "时限(分钟)", "依据", "属错误处置", "字段")


def write_json(script: Script) -> bytes:
    return msgspec.json.format(msgspec.json.encode(script), indent=2)


def read_json(data: bytes) -> Script:
    """Raises `NoScriptFile` saying where it is wrong."""
    if len(data) > MOST_BYTES:
        raise NoScriptFile(why=f"> {MOST_BYTES // 1024} KiB")
    try:
        script = msgspec.json.decode(data, type=Script)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NoScriptFile(why=str(error)[:200]) from None
    return _checked(script)


def _checked(script: Script) -> Script:
    if len(script.lines) > MOST_LINES:
        raise NoScriptFile(why=f"> {MOST_LINES}")
    for line in script.lines:
        if any(not isinstance(value, str) or len(value) > LONGEST for value in line.payload.values()):
            raise NoScriptFile(why=line.key)
        if len(line.title) > LONGEST or not line.key or len(line.key) > 40:
            raise NoScriptFile(why=line.key[:40])
    try:
        check(script)
    except BadScript as error:
        raise NoScriptFile(why=str(error)) from None
    return script


def write_xlsx(script: Script) -> bytes:
    """Cells are text, so that nothing in them is ever a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    lines = [_line_row(line) for line in script.lines]
    steps = [_step_row(line, step) for line in script.lines for step in line.expects]
    about = [("开始时间", script.begins), ("背景", script.background), ("填写说明", _NOTE)]
    _sheet(book, LINES, _LINE_COLUMNS, lines)
    _sheet(book, STEPS, _STEP_COLUMNS, steps)
    _sheet(book, ABOUT, ("项目", "内容"), about)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _line_row(line: ScriptLine) -> tuple[str, ...]:
    rest = [str(line.payload.get(key, "")) for key in PAYLOAD.values()]
    return (line.key, f"{line.at_min:g}", _KIND_WORDS[line.kind], line.title, *rest)


def _step_row(line: ScriptLine, step: Expect) -> tuple[str, ...]:
    fields = msgspec.json.encode(step.fields).decode() if step.fields else ""
    limit = f"{step.within_min:g}" if step.within_min else ""
    wrong = "是" if step.must_not else ""
    return (line.key, step.key, step.words, step.entry, limit, step.source, wrong, fields)


def _sheet(book: Any, name: str, headers: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for number, row in enumerate((headers, *rows), start=1):
        for at, value in enumerate(row, start=1):
            cell = sheet.cell(number, at)
            if value:
                cell.value, cell.data_type = writable(value), "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
            if number == 1:
                cell.font = Font(bold=True)
    for at, header in enumerate(headers, start=1):
        wide = header in ("标题", "内容", "导调用语", "步骤", "依据")
        sheet.column_dimensions[get_column_letter(at)].width = 40 if wide else 14
    sheet.freeze_panes = "A2"


def read_xlsx(data: bytes) -> Script:
    """Raises `NoScriptFile` naming the sheet and the row of the first mistake."""
    sheets = _sheets(data)
    if LINES not in sheets:
        raise NoScriptFile(why=LINES)
    steps: dict[str, list[Expect]] = {}
    for number, row in enumerate(sheets.get(STEPS, ()), start=2):
        key, step = _step(row, number)
        steps.setdefault(key, []).append(step)
    lines = tuple(_line(row, number, steps) for number, row in enumerate(sheets[LINES], start=2))
    if unknown := steps.keys() - {line.key for line in lines}:
        raise NoScriptFile(why=f"{STEPS}：{'、'.join(sorted(unknown))[:80]}")
    about = {row.get("项目", ""): row.get("内容", "") for row in sheets.get(ABOUT, ())}
    return _checked(Script(lines, about.get("开始时间", "")[:5], about.get("背景", "")[:LONGEST]))


def _line(row: Mapping[str, str], number: int, steps: Mapping[str, list[Expect]]) -> ScriptLine:
    where = f"{LINES}第{number}行"
    kind = KINDS.get(row.get("类型", ""))
    if kind is None:
        raise NoScriptFile(why=f"{where}：类型")
    key = row.get("编号", "") or f"L{number - 1}"
    payload = {name: row[word] for word, name in PAYLOAD.items() if row.get(word)}
    return ScriptLine(
        key=key,
        at_min=_number(row.get("分钟", ""), f"{where}：分钟"),
        kind=kind,  # type: ignore[arg-type]  # one of KINDS
        title=row.get("标题", "")[:120] or key,
        payload=payload,
        expects=tuple(steps.get(key, ())),
    )


def _step(row: Mapping[str, str], number: int) -> tuple[str, Expect]:
    where = f"{STEPS}第{number}行"
    key, entry = row.get("注入编号", ""), row.get("日志事项", "")
    if not key or not entry:
        raise NoScriptFile(why=where)
    try:
        fields = msgspec.json.decode(row["字段"], type=dict[str, Any]) if row.get("字段") else {}
    except msgspec.DecodeError:
        raise NoScriptFile(why=f"{where}：字段") from None
    limit = _number(row["时限(分钟)"], f"{where}：时限") if row.get("时限(分钟)") else 0
    return key, Expect(
        key=row.get("步骤编号", "") or f"{key}-{number}",
        words=row.get("步骤", "")[:120],
        entry=entry[:80],
        fields=fields,
        within_min=limit,
        source=row.get("依据", "")[:120],
        must_not=row.get("属错误处置", "") in ("是", "1", "true", "TRUE"),
    )


def _number(text: str, where: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise NoScriptFile(why=where) from None
    if not 0 <= found <= 7 * 24 * 60:
        raise NoScriptFile(why=where)
    return found


def _sheets(data: bytes) -> dict[str, list[dict[str, str]]]:
    """Rows of each sheet as text by the heading above them; empty rows are left out."""
    import openpyxl

    if len(data) > MOST_BYTES:
        raise NoScriptFile(why=f"> {MOST_BYTES // 1024} KiB")
    file = io.BytesIO(data)
    try:
        check_package(file)
        with closing(openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)) as book:
            return {sheet.title: _rows(sheet) for sheet in book.worksheets[:10]}
    except BadFile as bad:
        raise NoScriptFile(why=bad.problem.code) from None
    except NoScriptFile:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise for a damaged file
        raise NoScriptFile(why=type(error).__name__) from None


def _rows(sheet: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    headers: list[str] = []
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_STEPS + 2, max_col=30, values_only=True)):
        words = ["" if value is None else str(value).strip()[:LONGEST] for value in row]
        if number == 0:
            headers = words
        elif any(words):
            found.append(dict(zip(headers, words, strict=False)))
    if len(found) > MOST_STEPS:
        raise NoScriptFile(why=f"{sheet.title} > {MOST_STEPS}")
    return found
