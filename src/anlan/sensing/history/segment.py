"""Writing one edition of a settled day as Parquet, with DuckDB. Only the settling child imports this module.

Layout, chosen by measuring (see `anlan bench --only history`): readings sorted by stream and time in row groups of some two
hundred streams, so that the statistics skip all but one for a station; usable readings summed up by hour beside them, so
that a county's year is read from a hundredth of the rows. Everything a file says is in the file: station, quantity, unit
digits; any engine reads it.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from anlan.sensing.history.amounts import is_amount
from anlan.sensing.history.fold import fold
from anlan.sensing.history.limits import PART_H
from anlan.sensing.history.sources import Source, StreamRow
from anlan.sensing.history.types import SegmentBroken, StoredRow
from anlan.sensing.hot.types import NO_VALUE
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import quantity_of

_MEMORY = "600MB"
_ROWS_AT_ONCE = 200_000
_FRAMES_AT_ONCE = 5_000
#: Readings in a row group: the unit that statistics skip.
ROW_GROUP = 20_480
#: Hours in a row group; a station's day has 24 of them.
HOUR_GROUP = 8_192
_FRAME_GROUP = 2_048
FILES = ("obs", "superseded", "hours", "parts", "raw", "signal")

_SCHEMA = """
CREATE TABLE stream (s INTEGER, station VARCHAR, quantity VARCHAR, exercise VARCHAR, decimals TINYINT, is_amount BOOLEAN);
CREATE TABLE obs (t BIGINT, s INTEGER, v BIGINT, flag INTEGER, received BIGINT);
CREATE TABLE superseded (n BIGINT, t BIGINT, s INTEGER, v BIGINT, flag INTEGER, received BIGINT);
CREATE TABLE late (t BIGINT, s INTEGER, v BIGINT, flag INTEGER, received BIGINT);
CREATE TABLE late_superseded (n BIGINT, t BIGINT, s INTEGER, v BIGINT, flag INTEGER, received BIGINT);
CREATE TABLE raw (received BIGINT, source VARCHAR, station VARCHAR, bytes BLOB);
CREATE TABLE signal (file VARCHAR, n BIGINT, id VARCHAR, kind VARCHAR, at_ms BIGINT, body VARCHAR);
"""
_NAMED = "SELECT o.*, station, quantity, exercise, decimals FROM {table} o LEFT JOIN stream USING (s) ORDER BY {order}"


@dataclass(frozen=True, slots=True)
class Written:
    """`files` are SHA-256 by file name."""

    rows: int
    superseded: int
    frames: int
    signals: int
    digest: str
    files: dict[str, str]

    @property
    def sha256(self) -> str:
        return digest_of_files(self.files)


def digest_of_files(files: dict[str, str]) -> str:
    return hashlib.sha256("".join(f"{name} {files[name]}\n" for name in sorted(files)).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_segment(
    folder: Path, sources: Sequence[Source], streams: Sequence[StreamRow], base: Path | None
) -> Written:
    """Write an edition into `folder`, flush it to disk and read it again. Raises SegmentBroken where they differ.

    `sources` are sealed parts of the hot store, oldest first; `base` is the folder of the edition that this one replaces.
    """
    folder.mkdir(parents=True)
    with closing(duckdb.connect()) as link:
        link.execute(f"SET memory_limit='{_MEMORY}'; SET threads=2; SET temp_directory='{folder}/spill'")
        prepare(link, streams)
        if base is not None:
            _load_base(link, base)
        expected, frames = _Check(), _frames_of_base(link)
        for position, source in enumerate(sources):
            if position == 0 and base is None:
                _load_rows(link, source, "obs", expected)
                _load_superseded(link, source, "superseded")
            else:
                _load_rows(link, source, "late", _Check())
                _load_superseded(link, source, "late_superseded")
                _merge(link)
            frames += _load_frames(link, source)
            _load_signals(link, source)
        if base is not None or len(sources) > 1:
            expected = _check_of(link, "obs")
        write_files(link, folder)
        return _checked(link, folder, expected, frames)


def prepare(link: duckdb.DuckDBPyConnection, streams: Sequence[StreamRow]) -> None:
    """Empty tables of a day and the names of the streams."""
    link.execute(_SCHEMA)
    _load_streams(link, streams)


class _Check:
    """A count and a sum over all readings that does not depend on their order."""

    def __init__(self) -> None:
        self.rows = 0
        self.sum = np.uint64(0)

    def add(self, columns: npt.NDArray[np.int64]) -> None:
        """Columns t, s, v, flag, received."""
        mixed = np.zeros(columns.shape[1], np.uint64)
        with np.errstate(over="ignore"):
            for column in columns:
                mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
                mixed ^= mixed >> np.uint64(29)
            self.sum = self.sum + np.sum(mixed, dtype=np.uint64)
        self.rows += columns.shape[1]

    def text(self) -> str:
        return f"{self.rows}:{int(self.sum):016x}"


def _load_streams(link: duckdb.DuckDBPyConnection, rows: Sequence[StreamRow]) -> None:
    for start in range(0, len(rows), _FRAMES_AT_ONCE):
        part = rows[start : start + _FRAMES_AT_ONCE]
        columns = {
            "s": np.array([row[0] for row in part], np.int32),
            "station": _texts([row[1] for row in part]),
            "quantity": _texts([row[2] for row in part]),
            "exercise": _texts([row[3] for row in part]),
            "decimals": np.array([quantity_of(row[2]).decimals for row in part], np.int32),
            "is_amount": np.array([is_amount(row[2]) for row in part], np.bool_),
        }
        _insert(link, "stream", columns, "s, station, quantity, exercise, decimals, is_amount")


def _load_base(link: duckdb.DuckDBPyConnection, base: Path) -> None:
    wanted = {
        "obs": "t, s, v, flag, received",
        "superseded": "n, t, s, v, flag, received",
        "raw": "received, source, station, bytes",
        "signal": "file, n, id, kind, at_ms, body",
    }
    for table, columns in wanted.items():
        link.execute(f"INSERT INTO {table} SELECT {columns} FROM read_parquet('{base / table}.parquet')")


def _load_rows(link: duckdb.DuckDBPyConnection, source: Source, table: str, check: _Check) -> None:
    for columns in source.readings():
        check.add(columns)
        named = dict(zip(("t", "s", "v", "flag", "received"), columns, strict=True))
        _insert(link, table, named, f"t, s, nullif(v, {NO_VALUE}), flag, received")


def _load_superseded(link: duckdb.DuckDBPyConnection, source: Source, table: str) -> None:
    """Numbers go on where the last part of the day ended."""
    (last,) = _one(link, f"SELECT coalesce(max(n), 0) FROM {table}")
    for columns in source.superseded():
        named = dict(zip(("t", "s", "v", "flag", "received"), columns, strict=True))
        named["n"] = np.arange(last + 1, last + 1 + columns.shape[1])
        last += columns.shape[1]
        _insert(link, table, named, f"n, t, s, nullif(v, {NO_VALUE}), flag, received")


def _merge(link: duckdb.DuckDBPyConnection) -> None:
    """What came late joins the day: new times as they are, known ones by the rules of `fold`."""
    known = link.execute(
        "SELECT o.t, o.s, o.v, o.flag, o.received, l.v, l.flag, l.received FROM late l JOIN obs o USING (t, s)"
    ).fetchall()
    for t, s, v, flag, received, *late in known:
        _fold_one(link, StoredRow(t, s, v, flag, received), StoredRow(t, s, *late))
    link.execute("INSERT INTO obs SELECT * FROM late WHERE (t, s) NOT IN (SELECT (t, s) FROM obs)")
    link.execute(
        "INSERT INTO superseded SELECT n + (SELECT coalesce(max(n), 0) FROM superseded), t, s, v, flag, received"
        " FROM late_superseded"
    )
    link.execute("DELETE FROM late; DELETE FROM late_superseded")


def _fold_one(link: duckdb.DuckDBPyConnection, current: StoredRow, late: StoredRow) -> None:
    key = [current.t, current.s]
    before = [
        v for (v,) in link.execute("SELECT v FROM superseded WHERE t=? AND s=? ORDER BY n", key).fetchall()
    ]
    earlier = link.execute(
        "SELECT t, s, v, flag, received FROM late_superseded WHERE t=? AND s=? ORDER BY n", key
    ).fetchall()
    row, superseded = fold(current, before, [*(StoredRow(*one) for one in earlier), late])
    link.execute("DELETE FROM late_superseded WHERE t=? AND s=?", key)
    link.execute(
        "UPDATE obs SET v=?, flag=?, received=? WHERE t=? AND s=?", [row.v, row.flag, row.received, *key]
    )
    for one in superseded:
        link.execute(
            "INSERT INTO superseded SELECT coalesce(max(n), 0) + 1, ?, ?, ?, ?, ? FROM superseded", list(one)
        )


def _load_frames(link: duckdb.DuckDBPyConnection, source: Source) -> _Frames:
    seen = _Frames()
    for found in source.frames():
        seen.add(row[3] for row in found)
        received, origin, station, data = zip(*found, strict=True)
        columns = {
            "received": np.array(received, np.int64),
            "source": _texts(origin),
            "station": _texts(station),
            "bytes": np.array([*data, None], object)[:-1],
        }
        _insert(link, "raw", columns, "received, source, station, bytes::BLOB")
    return seen


class _Frames:
    """How many raw frames, and the sum of their checksums."""

    def __init__(self, count: int = 0, total: int = 0) -> None:
        self.count, self.total = count, total

    def add(self, frames: Iterator[bytes] | Any) -> None:
        for data in frames:
            self.count += 1
            self.total += zlib.crc32(data)

    def __add__(self, other: _Frames) -> _Frames:
        return _Frames(self.count + other.count, self.total + other.total)

    def text(self) -> str:
        return f"{self.count}:{self.total:x}"


def _frames_of_base(link: duckdb.DuckDBPyConnection) -> _Frames:
    return _frames_in(link, "raw")


def _frames_in(link: duckdb.DuckDBPyConnection, table: str) -> _Frames:
    seen = _Frames()
    found = link.execute(f"SELECT bytes FROM {table}")
    while part := found.fetchmany(_FRAMES_AT_ONCE):
        seen.add(row[0] for row in part)
    return seen


def _load_signals(link: duckdb.DuckDBPyConnection, source: Source) -> None:
    rows = source.signals()
    if not rows:
        return
    name = source.name.removeprefix("obs-").removesuffix(".db")
    n, id_, kind, at, body = zip(*rows, strict=True)
    columns = {
        "file": _texts([name] * len(rows)),
        "n": np.array(n, np.int64),
        "id": _texts(id_),
        "kind": _texts(kind),
        "at_ms": np.array(at, np.int64),
        "body": _texts(body),
    }
    _insert(link, "signal", columns, "file, n, id, kind, at_ms, body")


def _texts(values: Sequence[str]) -> npt.NDArray[np.object_]:
    return np.array(values, object)


def _insert(link: duckdb.DuckDBPyConnection, table: str, columns: dict[str, Any], chosen: str) -> None:
    link.register("part", columns)
    link.execute(f"INSERT INTO {table} SELECT {chosen} FROM part")
    link.unregister("part")


def _one(link: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (row,) = link.execute(sql).fetchall()  # an aggregate has one row, and nothing may stay unread
    return tuple(row)


def _check_of(link: duckdb.DuckDBPyConnection, table: str) -> _Check:
    """The same check over a table or a Parquet file."""
    check = _Check()
    sql = (
        f"SELECT t, s::BIGINT AS s, coalesce(v, {NO_VALUE}) AS v, flag::BIGINT AS flag, received FROM {table}"
    )
    reader = link.execute(sql)
    while len(part := reader.fetchmany(_ROWS_AT_ONCE)):
        check.add(np.fromiter(chain.from_iterable(part), np.int64, 5 * len(part)).reshape(-1, 5).T)
    return check


def write_files(link: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tables of this connection as the files of an edition, durable on return."""
    hours = f"""SELECT s, CASE WHEN is_amount THEN (t - 1) // 3600 ELSE t // 3600 END AS hour, count(v) AS n,
        sum(v)::BIGINT AS total, min(v) AS low, max(v) AS high FROM obs LEFT JOIN stream USING (s)
        WHERE v IS NOT NULL AND (flag & {int(UNUSABLE)}) = 0 GROUP BY 1, 2 ORDER BY 1, 2"""
    queries = {
        "obs": _NAMED.format(table="obs", order="s, t"),
        "superseded": _NAMED.format(table="superseded", order="s, t, n"),
        "hours": hours,
        "parts": f"""SELECT s, hour // {PART_H} * {PART_H} AS hour, sum(n)::BIGINT AS n, sum(total)::BIGINT AS total,
            min(low) AS low, max(high) AS high FROM read_parquet('{folder}/hours.parquet') GROUP BY 1, 2 ORDER BY 1, 2""",
        "raw": "SELECT * FROM raw ORDER BY station, received",
        "signal": "SELECT * FROM signal ORDER BY id",
    }
    for name, sql in queries.items():
        size = {"raw": _FRAME_GROUP, "hours": HOUR_GROUP, "parts": HOUR_GROUP}.get(name, ROW_GROUP)
        link.execute(
            f"COPY ({sql}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {size})"
        )
        flush(folder / f"{name}.parquet")
    flush(folder)


def flush(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(link: duckdb.DuckDBPyConnection, folder: Path, expected: _Check, frames: _Frames) -> Written:
    """Read the files again and compare: the source is removed on the strength of this."""
    found = _check_of(link, f"read_parquet('{folder}/obs.parquet')")
    if found.text() != expected.text():
        raise SegmentBroken(f"{folder.parent.name}: readings {found.text()} instead of {expected.text()}")
    kept = _frames_in(link, f"read_parquet('{folder}/raw.parquet')")
    if kept.text() != frames.text():
        raise SegmentBroken(f"{folder.parent.name}: raw frames {kept.text()} instead of {frames.text()}")
    counts = {}
    for name in ("superseded", "signal"):
        (counts[name],) = _one(link, f"SELECT count(*) FROM read_parquet('{folder / name}.parquet')")
        if counts[name] != _one(link, f"SELECT count(*) FROM {name}")[0]:
            raise SegmentBroken(f"{folder.parent.name}: {name} is not whole")
    files = {f"{name}.parquet": sha256_of(folder / f"{name}.parquet") for name in FILES}
    digest = hashlib.sha256(f"{expected.text()} {frames.text()}".encode()).hexdigest()
    return Written(expected.rows, counts["superseded"], frames.count, counts["signal"], digest, files)
