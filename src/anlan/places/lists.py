"""A list of divisions as CSV: code,name,parent,level and optionally lon,lat,population,households."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path

from anlan.documents import cells
from anlan.documents.problems import BadCell
from anlan.places.refusals import BadDivisions
from anlan.places.types import DivisionRow
from anlan.vocab.divisions import DivisionLevel

_NEEDED = ("code", "name", "parent", "level")
#: How many digits a national code has without its padding.
_DIGITS = {
    DivisionLevel.PROVINCE: 2,
    DivisionLevel.CITY: 4,
    DivisionLevel.COUNTY: 6,
    DivisionLevel.TOWNSHIP: 9,
}
_MAX_BYTES = 50 * 1024 * 1024
_whole = cells.integer()


def read_divisions(path: Path) -> list[DivisionRow]:
    """The rows of a CSV file. Raises `BadDivisions` naming the line; nothing is guessed."""
    return list(_rows(_text(path)))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadDivisions(line=0, why="the file is over 50 MB")
        content = path.read_bytes()
    except OSError as error:
        raise BadDivisions(line=0, why=f"{path} cannot be read ({error.strerror})") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadDivisions(line=0, why="the file is neither UTF-8 nor GB 18030")


def _rows(text: str) -> Iterator[DivisionRow]:
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadDivisions(line=1, why=f"the column {', '.join(missing)} is missing")
    for line, row in enumerate(reader, start=2):
        if any(value for value in row.values()):
            yield _row(line, {key: (value or "").strip() for key, value in row.items() if key is not None})


def _row(line: int, row: dict[str, str]) -> DivisionRow:
    try:
        level = DivisionLevel(row["level"].lower())
        return DivisionRow(
            code=_code(row["code"], (_DIGITS.get(level, 12),)),
            name=cells.tidy(row["name"]),
            parent=_code(row["parent"], _DIGITS.values()) if row["parent"] else "",
            level=level,
            lon=_float(cells.longitude, row.get("lon", "")),
            lat=_float(cells.latitude, row.get("lat", "")),
            households=_integer(row.get("households", "")),
            population=_integer(row.get("population", "")),
            line=line,
        )
    except BadCell as bad:
        raise BadDivisions(line=line, why=f"{bad.code}: {bad.data.get('value', '')}") from None
    except ValueError:
        levels = ", ".join(level.value for level in DivisionLevel)
        raise BadDivisions(line=line, why=f"the level is none of {levels}") from None


def _code(value: str, lengths: Collection[int]) -> str:
    """Twelve digits; a code of one of the shorter lengths is padded with zeros (R27)."""
    digits = unicodedata.normalize("NFKC", value)
    if digits.isdigit() and len(digits) in lengths:
        digits = digits.ljust(12, "0")
    return str(cells.place_code(digits))


def _float(parse: cells.Parser, value: str) -> float | None:
    parsed = parse(value) if value else None
    return parsed if isinstance(parsed, float) else None


def _integer(value: str) -> int | None:
    parsed = _whole(value) if value else None
    return parsed if isinstance(parsed, int) else None
