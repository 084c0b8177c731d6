"""The reader of settled days: a process of its own, so that DuckDB and NumPy stay out of the others.

Started by the first question of a data folder, one for all its processes; it leaves after a minute without questions. Memory
and time of a question are bounded. It only reads; killing it costs the question that was being answered.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from anlan.sensing.history import wire
from anlan.sensing.history.limits import TIMEOUT_S
from anlan.sensing.history.paths import history_root, reader_address
from anlan.sensing.hot.types import NO_VALUE
from anlan.vocab.quality import UNUSABLE

log = logging.getLogger("anlan.history.reader")

IDLE_S = 60.0
#: DuckDB's own limit; with Python, NumPy and answers the process stays near 200 MB.
MEMORY = "120MB"
_AT_ONCE = 2
#: Up to here streams are named in the query, so that row groups can be skipped; more are joined.
_FEW = 32

_Answer = dict[str, bytes]


class Reader:
    """Answers questions over one DuckDB instance that has no file of its own."""

    def __init__(self, data: Path) -> None:
        self.root = history_root(data).resolve()
        self._base = duckdb.connect()
        self._base.execute(f"SET memory_limit='{MEMORY}'; SET threads=2; SET temp_directory=''")
        with contextlib.suppress(duckdb.Error):  # names of settings differ between releases
            self._base.execute("SET GLOBAL parquet_metadata_cache=true")
        self._turns = threading.Semaphore(_AT_ONCE)
        self._verbs: dict[str, Callable[..., _Answer]] = {
            "rows": self.rows,
            "hours": self.hours,
            "totals": self.totals,
            "replaced": self.replaced,
            "to_parquet": self.to_parquet,
            "ping": lambda cursor: {},
        }

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """`{"columns": …}` or `{"error": code, "why": …}`; never raises."""
        verb = self._verbs.get(question.get("verb", ""))
        if verb is None:
            return {"error": "unknown", "why": "unknown question"}
        with self._turns, self._base.cursor() as cursor:
            timer = threading.Timer(TIMEOUT_S, cursor.interrupt)
            timer.start()
            try:
                return {"columns": verb(cursor, **question.get("with", {}))}
            except duckdb.InterruptException:
                return {"error": "slow", "why": ""}
            except (duckdb.Error, OSError, ValueError, TypeError, MemoryError) as error:
                log.warning("history_question_failed %s", str(error)[:500])
                return {"error": "failed", "why": _why(error)}
            finally:
                timer.cancel()

    def rows(
        self, cursor: duckdb.DuckDBPyConnection, files: list[str], streams: list[int], low: int, high: int
    ) -> _Answer:
        """Readings with low <= t < high, by stream and time."""
        sql = f"""SELECT t, s, v, flag, received FROM {self._files(files)}
            WHERE t >= {int(low)} AND t < {int(high)} AND {_of(cursor, streams)} ORDER BY s, t"""
        return _columns(cursor.execute(sql), ("t", "s", "v", "flag", "received"))

    def hours(
        self,
        cursor: duckdb.DuckDBPyConnection,
        files: list[str],
        streams: list[int],
        without: list[int],
        low: int,
        high: int,
        width: int,
        shift: int,
    ) -> _Answer:
        """Usable readings of the hours low <= hour < high, gathered into buckets of `width` hours that begin at `shift`."""
        sql = f"""SELECT s, ((hour - {int(shift)}) // {int(width)})::BIGINT AS bucket, sum(n)::BIGINT AS n,
            sum(total)::BIGINT AS total, min(low) AS low, max(high) AS high FROM {self._files(files)}
            WHERE hour >= {int(low)} AND hour < {int(high)} AND {_of(cursor, streams)} {_but(without)}
            GROUP BY 1, 2 ORDER BY 1, 2"""
        return _columns(cursor.execute(sql), ("s", "bucket", "n", "total", "low", "high"))

    def totals(
        self,
        cursor: duckdb.DuckDBPyConnection,
        files: list[str],
        streams: list[int],
        without: list[int],
        low: int,
        high: int,
    ) -> _Answer:
        """Sum and count of usable readings with low < t <= high."""
        sql = f"""SELECT s, count(v) AS n, coalesce(sum(v), 0)::BIGINT AS total FROM {self._files(files)}
            WHERE t > {int(low)} AND t <= {int(high)} AND (flag & {int(UNUSABLE)}) = 0
            AND {_of(cursor, streams)} {_but(without)} GROUP BY 1 ORDER BY 1"""
        return _columns(cursor.execute(sql), ("s", "n", "total"))

    def replaced(
        self, cursor: duckdb.DuckDBPyConnection, files: list[str], streams: list[int], low: int, high: int
    ) -> _Answer:
        """Superseded values with low <= t < high, in the order in which they were superseded."""
        sql = f"""SELECT t, s, v, flag, received FROM {self._files(files)}
            WHERE t >= {int(low)} AND t < {int(high)} AND {_of(cursor, streams)} ORDER BY n"""
        return _columns(cursor.execute(sql), ("t", "s", "v", "flag", "received"))

    def to_parquet(
        self, cursor: duckdb.DuckDBPyConnection, source: str, target: str, types: dict[str, str]
    ) -> _Answer:
        """A CSV file that an export wrote, as Parquet beside it."""
        folder = self.root.parent / "exports"
        here, there = (Path(name).resolve() for name in (source, target))
        if here.parent != folder or there.parent != folder:
            raise ValueError("not a file of an export")
        listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        cursor.execute(
            f"COPY (SELECT * FROM read_csv({_quoted(here)}, header=true, columns={{{listed}}}))"
            f" TO {_quoted(there)} (FORMAT parquet, COMPRESSION zstd)"
        )
        return {}

    def _files(self, names: Sequence[str]) -> str:
        """The files of a question as a table; only files of the history are read."""
        paths = [Path(name).resolve() for name in names]
        if not paths or any(self.root not in path.parents for path in paths):
            raise ValueError("not a file of the history")
        return f"read_parquet([{', '.join(map(_quoted, paths))}])"


def _why(error: Exception) -> str:
    """The reason without paths; the log of the reader has them."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return "the question needs too much memory"
    return (
        "a settled file cannot be read"
        if isinstance(error, duckdb.IOException | OSError)
        else "the question failed"
    )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _of(cursor: duckdb.DuckDBPyConnection, streams: Sequence[int]) -> str:
    """A condition on the stream; many streams are put into a table of this question."""
    if len(streams) == 1:
        return f"s = {int(streams[0])}"
    if len(streams) <= _FEW:
        return f"s IN ({', '.join(str(int(one)) for one in streams) or 'NULL'})"
    cursor.register("asked", {"s": np.array(streams, np.int32)})
    return "s IN (SELECT s FROM asked)"


def _but(streams: Sequence[int]) -> str:
    return f"AND s NOT IN ({', '.join(str(int(one)) for one in streams)})" if streams else ""


def _columns(found: duckdb.DuckDBPyConnection, names: Sequence[str]) -> _Answer:
    arrays = found.fetchnumpy()
    return {name: _plain(arrays[name]).tobytes() for name in names}


def _plain(values: Any) -> Any:
    """64-bit integers; a masked or missing value becomes NO_VALUE."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(np.int64), NO_VALUE)
    return np.asarray(values).astype(np.int64)


class Server:
    """Listens until nobody has asked for `IDLE_S`."""

    def __init__(self, reader: Reader, listener: socket.socket, *, idle_s: float = IDLE_S) -> None:
        self._reader = reader
        self._listener = listener
        self._idle_s = idle_s
        self._busy = 0
        self._asked_at = time.monotonic()

    def run(self) -> None:
        self._listener.settimeout(min(1.0, self._idle_s / 4))
        while self._busy or time.monotonic() - self._asked_at < self._idle_s:
            try:
                link, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._asked_at = time.monotonic()
            self._busy += 1
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        try:
            with link:
                link.settimeout(TIMEOUT_S)
                wire.send(link, self._reader.answer(wire.receive(link)))
        except (OSError, ValueError):
            pass  # whoever asked went away
        finally:
            self._asked_at = time.monotonic()
            self._busy -= 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="anlan.sensing.history.reader")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--idle-s", type=float, default=IDLE_S)
    options = parser.parse_args(arguments)
    run = options.data / "run"
    run.mkdir(parents=True, exist_ok=True)
    lock = os.open(run / "history.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return 0  # another reader serves this folder
    address = reader_address(options.data)
    reader = Reader(options.data)
    with socket.socket(socket.AF_UNIX) as listener:
        if not address.startswith("\0"):
            Path(address).unlink(missing_ok=True)
        listener.bind(address)
        listener.listen(32)
        Server(reader, listener, idle_s=options.idle_s).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
