"""The binary form in which COPY takes rows, made without a Python step a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

from anlan.sensing.hot.rows import Ints, Rows

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        ("t_size", ">i4"),
        ("t", ">i8"),
        ("received_size", ">i4"),
        ("received", ">i8"),
        ("v_size", ">i4"),
        ("v", ">i8"),
        ("s_size", ">i4"),
        ("s", ">i4"),
        ("flag_size", ">i4"),
        ("flag", ">i4"),
    ]
)
COPY_COLUMNS = "(t, received, v, s, flag)"


def copy_bytes(rows: Rows) -> bytes:
    """Rows in PostgreSQL's binary COPY format, made without a Python step a row."""
    table: npt.NDArray[np.void] = np.empty(len(rows.t), _ROW)
    table["columns"] = 5
    for name, column, size in (
        ("t", rows.t, 8),
        ("received", rows.received, 8),
        ("v", rows.v, 8),
        ("s", rows.s, 4),
        ("flag", rows.flag, 4),
    ):
        table[f"{name}_size"] = size
        table[name] = column
    return _HEAD + table.tobytes() + _TAIL


def columns_of(found: list[tuple[int, ...]], width: int) -> list[Ints]:
    """Tuples of integers as columns."""
    if not found:
        return [np.empty(0, np.int64) for _ in range(width)]
    table = np.array(found, np.int64)
    return [table[:, column].copy() for column in range(width)]


def copied(link: psycopg.Connection, query: sql.Composed, rows_at_once: int = 200_000) -> Iterator[Rows]:
    """The rows of a query that gives COPY_COLUMNS without NULL, read back from the same format."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(query)
    kept, begun = bytearray(), False
    with link.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            kept += block
            if not begun and len(kept) >= len(_HEAD):
                del kept[: len(_HEAD)]
                begun = True
            if begun and len(kept) >= rows_at_once * _ROW.itemsize:
                yield _taken(kept)
    if kept[-len(_TAIL) :] != _TAIL:
        raise psycopg.DataError("a copy ended too early")
    del kept[-len(_TAIL) :]
    if kept:
        yield _taken(kept)


def _taken(kept: bytearray) -> Rows:
    """Whole rows, taken off the front."""
    size = len(kept) // _ROW.itemsize * _ROW.itemsize
    table = np.frombuffer(bytes(kept[:size]), _ROW)
    if (table["columns"] != 5).any() or (table["v_size"] != 8).any():
        raise psycopg.DataError("a copied row has another shape")
    del kept[:size]
    return Rows(*(table[name].astype(np.int64) for name in Rows._fields))
