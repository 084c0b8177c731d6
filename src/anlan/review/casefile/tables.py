"""Every table of the incident twice: as a page to read and as CSV (UTF-8 with a mark, as Excel expects it)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from anlan.journal.models import Advancing
from anlan.kernel.clock import SHANGHAI
from anlan.review.casefile.names import models_by_type, pointers
from anlan.review.casefile.pages import page, table_html
from anlan.review.casefile.parts import Part
from anlan.review.casefile.state import CaseState
from anlan.review.casefile.words import LEFT_OUT, TABLES, class_word, column_word, table_word, value_word
from anlan.review.folding import Fields
from anlan.vocab.incidents import GRADE_LABELS

#: First characters that a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"
_DOOR = re.compile(r"https?://[^\s/]+(?:/[\w.-]+)*/[\w-]{20,}/?")


def table_parts(state: CaseState) -> Iterator[Part]:
    """A page and a CSV for each kind of row that there is."""
    for kind in sorted(state.rows):
        if kind not in models_by_type():
            continue
        columns = columns_of(kind)
        rows = [[cell(state, kind, name, fields) for name in columns] for _key, fields in state.of(kind)]
        heads = [column_word(name, kind) for name in columns]
        section = TABLES.get(kind, ("", "journal"))[1]
        yield from both(f"tables/{kind}", table_word(kind), section, heads, rows)


def both(
    path: str,
    title: str,
    section: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    files: int = -1,
) -> list[Part]:
    """The two forms of one table."""
    depth = path.count("/")

    def html() -> Iterable[bytes]:
        yield page(title, [f"<p>共{len(rows)}行。表格文件：<a href=\"{path.rpartition('/')[2]}.csv\">CSV</a></p>", table_html(heads, rows, files=files)], depth=depth).encode()  # fmt: skip

    def sheet() -> Iterable[bytes]:
        yield csv_bytes(heads, rows)

    return [
        Part(f"{path}.html", f"{title}（{len(rows)}行）", section, html),
        Part(f"{path}.csv", f"{title}，表格", section, sheet, beside=f"{path}.html"),
    ]


def columns_of(kind: str) -> list[str]:
    model = models_by_type()[kind]
    names = [name for name in model.journal_fields if name not in LEFT_OUT]
    return [*names, "state"] if issubclass(model, Advancing) else names


def cell(state: CaseState, kind: str, name: str, fields: Fields) -> str:
    """One value in words."""
    value: Any = fields.get(name)
    if value is None or value == "":
        return ""
    if name in pointers(kind):
        return state.names.pointed(kind, name, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        if name.endswith("_at") or name in {"as_of", "data_until"}:
            return local(value)
        if name.endswith("_by") or name in {"placed_by", "by_ref", "told_by", "recorder", "by"}:
            return state.names.actor(value)
        return (
            value_word(kind, name, value)
            if kind == "room_file_link"
            else without_doors(value_word(kind, name, value))
        )
    if name == "event_class":
        return class_word(value)
    if name == "grade" and isinstance(value, int):
        return GRADE_LABELS[value][1] if value in GRADE_LABELS else str(value)
    return flat(value)


def without_doors(text: str) -> str:
    """A link that opens something without a log-in is not handed on with the file; that there was one is said."""
    return _DOOR.sub("（办理链接，案卷中不列）", text)


def flat(value: Any) -> str:
    """Lists and objects on one line; reasons in two languages in Chinese."""
    if isinstance(value, dict):
        if "zh" in value and "en" in value:
            return str(value["zh"])
        return "；".join(f"{key}：{flat(one)}" for key, one in value.items() if one not in (None, "", [], {}))
    if isinstance(value, list):
        return "；".join(flat(one) for one in value)
    return str(value) if not isinstance(value, float) else orjson.dumps(value).decode()


def local(text: str | datetime) -> str:
    """A stored time as it was in Shanghai; what is no time stays as it is."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        return str(text)
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at.tzinfo is not None else str(text)


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_plain(one) for one in row] for row in rows)
    return out.getvalue().encode()


def _plain(text: str) -> str:
    """Words that begin like a formula get a quote before them, so that no spreadsheet runs what somebody sent. Numbers stay."""
    if not text.startswith(_FORMULAS):
        return text
    return text if text.lstrip("+-").replace(".", "", 1).isdigit() else f"'{text}"
