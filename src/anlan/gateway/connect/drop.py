"""Files laid into a folder: CSV, Excel, JSON. A file is moved to done/ only after the commit, its bad rows written beside it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import time
from pathlib import Path

from anlan.drivers.jsonmap import RefusedRow
from anlan.gateway.connect.pulling import need_stored
from anlan.gateway.connect.taking import Taker
from anlan.sensing.connect.settings import FileDrop

_SUFFIXES = frozenset({".csv", ".xlsx", ".json"})
_LARGEST = 20 << 20
_ROWS = 2000


class Dropped:
    """See `pulling.Puller`."""

    def __init__(self, taker: Taker, settings: FileDrop, data: Path) -> None:
        self.every_s = settings.every_s
        self._taker, self._settings = taker, settings
        self._folder = Path(settings.folder) if settings.folder else data / "drop" / taker.entry.name

    async def round(self) -> None:
        for path in await asyncio.to_thread(self._ready):
            await self._take(path)

    def close(self) -> None:
        pass

    def _ready(self) -> list[Path]:
        """Whole files, oldest first: one that is still being written has changed a moment ago."""
        self._folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        found = []
        for path in self._folder.iterdir():
            if path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink():
                seen = path.stat()
                if now - seen.st_mtime >= self._settings.rests_s:
                    found.append((seen.st_mtime, path))
        return [path for _, path in sorted(found)]

    async def _take(self, path: Path) -> None:
        refused: list[RefusedRow] = []
        try:
            documents = await asyncio.to_thread(_documents, path)
        except ValueError as error:
            refused.append(RefusedRow("$", "file.unreadable", str(error)))
            self._taker.state.refuse(refused, self._taker.now())
            documents = []
        for first, body in documents:
            taken = need_stored(await self._taker.take(body))
            refused += [row._replace(place=_line(row.place, first)) for row in taken.refused]
        await asyncio.to_thread(_put_away, path, refused)


def _documents(path: Path) -> list[tuple[int, bytes]]:
    """(number of the first line, document) for each part of a file. Raises ValueError with a sentence."""
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"The file is larger than {_LARGEST >> 20} MB.")
    data = path.read_bytes()
    if path.suffix.lower() == ".json":
        return [(0, data)]
    rows = _excel(data) if path.suffix.lower() == ".xlsx" else _csv(data)
    return [
        (
            start + 2,
            json.dumps({"file": path.name, "rows": rows[start : start + _ROWS]}, ensure_ascii=False).encode(),
        )
        for start in range(0, max(len(rows), 1), _ROWS)
    ]


def _csv(data: bytes) -> list[dict[str, str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("The file is neither UTF-8 nor GB18030.")
    try:
        lines = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise ValueError(f"The file is no CSV: {error}.") from None
    return _rows(lines)


def _excel(data: bytes) -> list[dict[str, str]]:
    from anlan.documents.tables import read_table

    return _rows(read_table(io.BytesIO(data)))


def _rows(lines: list[list[str]]) -> list[dict[str, str]]:
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise ValueError("The first line has no names of columns.")
    header = [cell.strip() for cell in lines[0]]
    if len({name for name in header if name}) != sum(bool(name) for name in header):
        raise ValueError("Two columns have the same name.")
    return [
        {name: cell.strip() for name, cell in zip(header, line, strict=False) if name}
        for line in lines[1:]
        if any(cell.strip() for cell in line)
    ]


def _line(place: str, first: int) -> str:
    """`$.rows[3].雨量` to the line of the file that a person sees (blank lines are not counted)."""
    _head, bracket, rest = place.partition("rows[")
    number, _, field = rest.partition("]")
    if not bracket or not number.isdigit() or not first:
        return place
    return f"line {int(number) + first}{field}"


def _put_away(path: Path, refused: list[RefusedRow]) -> None:
    """The report first, then the file: a file in done/ has its report. A name already there gets a number."""
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    target, number = done / path.name, 1
    while target.exists():
        target, number = done / f"{path.stem}.{number}{path.suffix}", number + 1
    if refused:
        report = io.StringIO()
        writer = csv.writer(report)
        writer.writerow(["place", "station", "code", "reason"])
        writer.writerows([row.place, row.station, row.code, row.reason] for row in refused)
        target.with_name(target.name + ".refused.csv").write_text(report.getvalue(), "utf-8-sig")
    os.replace(path, target)
