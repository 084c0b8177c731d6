"""Readings out as CSV, Excel or Parquet: written to a file of bounded size first, journaled with its rows, then handed out.

Every cell that could be taken for a formula is text. Flagged readings are in it with their marks in words.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal
from anlan.sensing.history.charts import history
from anlan.sensing.history.client import ReaderClient
from anlan.sensing.history.queries import History
from anlan.sensing.history.spoken import flag_text, quantity_word, say
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import run_key
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import quantity_of

#: Rows of one export; more is asked for in parts. Excel has some million rows a sheet and needs memory to open them.
MOST_ROWS = {"csv": 2_000_000, "parquet": 2_000_000, "xlsx": 300_000}
#: Read at once for one station, so that memory stays small.
_STEP = timedelta(days=31)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


class ExportTooLong(Refusal):
    code = "history.export_too_long"
    text = _("This is more than %(limit)s rows.")
    next_step = _("Choose a shorter time or fewer stations.")
    status = 422


class NothingToExport(Refusal):
    code = "history.nothing_to_export"
    text = _("There is no station or no time to export.")
    next_step = _("Choose at least one station and an end after the start.")
    status = 422


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file; whoever hands it out removes it."""

    path: Path
    rows: int
    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: start <= time < end of each quantity of each station."""

    stations: Sequence[Station]
    quantities: Sequence[str]
    start: datetime
    end: datetime
    kind: str

    #: The Parquet types of the columns, in their order.
    types: ClassVar[tuple[str, ...]] = (
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
        "TIMESTAMP",
        "DOUBLE",
        "VARCHAR",
        "VARCHAR",
    )


def headers() -> list[str]:
    return [
        say("测站编码", "station code"),
        say("测站名称", "station"),
        say("要素", "quantity"),
        say("单位", "unit"),
        say("观测时间（北京时间）", "observed (Shanghai time)"),
        say("数值", "value"),
        say("质量标记", "marks"),
        say("计入统计", "counts"),
    ]


def export_readings(wanted: Wanted, *, by: Actor, at: datetime, reader: History | None = None) -> Exported:
    """Write the file, then journal who took what. Raises NothingToExport or ExportTooLong, then nothing is kept."""
    if not wanted.stations or wanted.end <= wanted.start or not wanted.quantities:
        raise NothingToExport
    reader = reader or history()
    rows = _bounded(_rows(wanted, reader), MOST_ROWS[wanted.kind])
    made = write(wanted.kind, headers(), rows, types=wanted.types, name="anlan-history")
    payload = {
        "stations": [station.code for station in wanted.stations],
        "quantities": list(wanted.quantities),
        "from": wanted.start,
        "to": wanted.end,
        "format": wanted.kind,
        "rows": made.rows,
    }
    paths = {station.division.path for station in wanted.stations}
    path = paths.pop() if len(paths) == 1 else ""
    journal_export(made, payload, path=path, by=by, at=at)
    return made


def journal_export(made: Exported, payload: dict[str, Any], *, path: str, by: Actor, at: datetime) -> None:
    """A file of which nobody would know does not leave."""
    try:
        with transaction.atomic():
            note(kind="history.exported", subject=("history", ""), payload=payload, by=by, at=at, path=path)
    except BaseException:
        made.path.unlink(missing_ok=True)
        raise


def write(
    kind: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, types: Sequence[str], name: str
) -> Exported:
    """Rows into a file of the export folder, one at a time."""
    folder = settings.ANLAN_DATA / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, text = tempfile.mkstemp(dir=folder, suffix=f".{kind}")
    os.close(handle)
    path = Path(text)
    try:
        verbs = {"csv": _write_csv, "xlsx": write_sheet, "parquet": _write_parquet}
        count = verbs[kind](path, heads, rows, types)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Exported(path, count, f"{name}.{kind}", TYPES[kind])


def remove_old(seconds: float = 3600) -> None:
    """Files that a killed process left in the export folder."""
    import time

    for path in (settings.ANLAN_DATA / "exports").glob("tmp*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > seconds:
                path.unlink()


def safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def _rows(wanted: Wanted, reader: History) -> Iterator[list[Any]]:
    for station in wanted.stations:
        for quantity in wanted.quantities:
            yield from _rows_of(station, quantity, wanted, reader)


def _rows_of(station: Station, quantity: str, wanted: Wanted, reader: History) -> Iterator[list[Any]]:
    word, unit = quantity_word(quantity), quantity_of(quantity).unit
    yes, no = say("是", "yes"), say("否", "no")
    start = wanted.start
    while start < wanted.end:
        end = min(start + _STEP, wanted.end)
        for point in reader.series(station.code, quantity, start, end, run_key()):
            local = point.phenomenon_time.astimezone(SHANGHAI).replace(tzinfo=None)
            counts = no if point.flag & UNUSABLE or point.value is None else yes
            value = None if point.value is None else float(point.value)
            yield [station.code, station.name, word, unit, local, value, flag_text(point.flag), counts]
        start = end


def _bounded(rows: Iterable[list[Any]], limit: int) -> Iterator[list[Any]]:
    for count, row in enumerate(rows):
        if count == limit:
            raise ExportTooLong(limit=limit)
        yield row


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]], _types: Sequence[str]) -> int:
    # The mark at the start tells spreadsheets that this is UTF-8.
    return _csv(path, heads, ([safe(value) for value in row] for row in rows), encoding="utf-8-sig")


def _csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, encoding: str) -> int:
    count = 0
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last count is the answer
            writer.writerow(["" if value is None else value for value in row])
    return count


def write_sheet(
    path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]], _types: Sequence[str]
) -> int:
    return write_book(path, {say("资料", "readings"): (heads, rows)})


def write_book(path: Path, sheets: dict[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]) -> int:
    """Sheets by title, written row by row; text stays text. Returns how many rows stand below headers."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book, count = Workbook(write_only=True), 0
    for title, (heads, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for position, row in enumerate(chain([heads], rows)):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
            count += position > 0
    book.save(path)
    return count


def _write_parquet(
    path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[str]
) -> int:
    """Through a CSV beside it: the reader process has DuckDB, this one has not."""
    source = path.with_suffix(".source")
    try:
        count = _csv(source, heads, rows, encoding="utf-8")
        named = dict(zip(heads, types, strict=True))
        ReaderClient(settings.ANLAN_DATA).ask("to_parquet", source=str(source), target=str(path), types=named)
    finally:
        source.unlink(missing_ok=True)
    return count
