"""What settling reads and closes: the parts of the hot store, as day files or on PostgreSQL. For the settling child only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from anlan.sensing.hot.days import SEALED, connect, day_number, files_of, settled_mark, signals_of
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.hot.recall import remember
from anlan.sensing.hot.types import NO_VALUE, ODD_DAY

#: A later part of a settled day is merged when nothing came into it for this long.
LATE_QUIET = timedelta(days=1)
_ROWS_AT_ONCE = 200_000
_FRAMES_AT_ONCE = 5_000

#: Called between the steps; tests kill here.
Step: TypeAlias = Callable[[str], None]
#: Columns t, s, v (NO_VALUE for "no reading"), flag, received.
Columns: TypeAlias = npt.NDArray[np.int64]
#: Received (epoch ms), source, station, bytes.
Frame: TypeAlias = tuple[int, str, str, bytes]
#: Number, id, kind, time (epoch ms), body as JSON.
SignalRow: TypeAlias = tuple[int, str, str, int, str]
#: Number, station, quantity, exercise.
StreamRow: TypeAlias = tuple[int, str, str, str]


class Source(Protocol):
    """One part of the hot store. `name` never comes again."""

    @property
    def name(self) -> str: ...

    def seal(self) -> None:
        """Nothing is written to it any more; done twice it does nothing."""

    def is_quiet(self, now: datetime) -> bool:
        """Nothing was received into it lately; by the readings' own clock, so that a drill settles too."""

    def is_empty(self) -> bool: ...

    def readings(self) -> Iterator[Columns]: ...

    def superseded(self) -> Iterator[Columns]:
        """In the order in which they were superseded."""

    def frames(self) -> Iterator[list[Frame]]: ...

    def signals(self) -> list[SignalRow]: ...

    def held(self) -> str:
        """Why it must stay although its readings are settled, "" when nothing needs it."""

    def remove(self, step: Step) -> None:
        """For good; may be done again after a kill."""

    def discard(self) -> None:
        """The same for an empty one."""


class Sources(Protocol):
    """The hot store as settling sees it. `errors` are what its trouble is told by."""

    errors: tuple[type[Exception], ...]

    def by_day(self) -> dict[int, list[Source]]:
        """The parts of each day, oldest first; odd dates are never settled."""

    def named(self, name: str) -> Source | None:
        """None where it was removed."""

    def streams(self) -> list[StreamRow]: ...


def open_sources(data: Path) -> Sources:
    """`data` is the data folder; the environment says where readings are kept."""
    place = place_of_readings()
    if not place.is_database:
        return FileSources(data)
    from anlan.sensing.history.pgsources import PgSources

    return PgSources(data, place)


class FileSources:
    errors: tuple[type[Exception], ...] = (OSError, sqlite3.Error)

    def __init__(self, data: Path) -> None:
        self._data = data
        self._hot = data / "hot"

    def by_day(self) -> dict[int, list[Source]]:
        days = {day_number(path.stem) for path in self._hot.glob("obs-2*.db")}
        return {
            day: [FileSource(self._data, path) for path in files_of(self._hot, day)]
            for day in sorted(day for day in days if day is not None and day != ODD_DAY)
        }

    def named(self, name: str) -> Source | None:
        path = self._hot / name
        return FileSource(self._data, path) if path.exists() else None

    def streams(self) -> list[StreamRow]:
        return streams_of(self._hot / "streams.db")


def streams_of(path: Path) -> list[StreamRow]:
    """Every stream of a register on files."""
    with closing(_open(path)) as link:
        return link.execute("SELECT id, station, quantity, exercise FROM stream").fetchall()


class FileSource:
    def __init__(self, data: Path, path: Path) -> None:
        self._data, self._path = data, path

    @property
    def name(self) -> str:
        return self._path.name

    def seal(self) -> None:
        """What is in its log is folded into it."""
        with closing(connect(self._path)) as link:
            link.execute("BEGIN IMMEDIATE")
            link.execute(f"PRAGMA user_version={SEALED}")
            link.execute("COMMIT")
            link.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def is_quiet(self, now: datetime) -> bool:
        with closing(_open(self._path)) as link:
            if not link.execute("SELECT 1 FROM sqlite_master WHERE name='obs'").fetchone():
                return True
            newest = link.execute("SELECT coalesce(max(received), 0) FROM obs").fetchone()[0]
        return bool(newest / 1000 <= (now - LATE_QUIET).timestamp())

    def is_empty(self) -> bool:
        with closing(_open(self._path)) as link:
            if not link.execute("SELECT 1 FROM sqlite_master WHERE name='signal'").fetchone():
                return True
            sql = "SELECT EXISTS (SELECT 1 FROM obs) OR EXISTS (SELECT 1 FROM raw) OR EXISTS (SELECT 1 FROM signal)"
            return not link.execute(sql).fetchone()[0]

    def readings(self) -> Iterator[Columns]:
        yield from self._columns("SELECT t, s, coalesce(v, ?), flag, received FROM obs")

    def superseded(self) -> Iterator[Columns]:
        yield from self._columns("SELECT t, s, coalesce(v, ?), flag, received FROM superseded ORDER BY n")

    def _columns(self, sql: str) -> Iterator[Columns]:
        with closing(_open(self._path)) as link:
            cursor = link.execute(sql, (NO_VALUE,))
            while found := cursor.fetchmany(_ROWS_AT_ONCE):
                yield (
                    np.fromiter(chain.from_iterable(found), np.int64, 5 * len(found)).reshape(-1, 5).T.copy()
                )

    def frames(self) -> Iterator[list[Frame]]:
        with closing(_open(self._path)) as link:
            cursor = link.execute("SELECT received, source, station, bytes FROM raw ORDER BY id")
            while found := cursor.fetchmany(_FRAMES_AT_ONCE):
                yield found

    def signals(self) -> list[SignalRow]:
        with closing(_open(self._path)) as link:
            return link.execute("SELECT n, id, kind, at, body FROM signal ORDER BY n").fetchall()

    def held(self) -> str:
        from anlan.journal.models import Cursor
        from anlan.sensing.history.holds import HOLDS
        from anlan.sensing.services.signals import CURSOR

        with closing(_open(self._path)) as link:
            newest = link.execute("SELECT coalesce(max(n), 0) FROM signal").fetchone()[0]
        cursor = Cursor.objects.filter(name=CURSOR).first()
        position = cursor.position if cursor else {}
        if newest > position.get(self._path.stem.removeprefix("obs-"), 0):
            return "its signals are not facts yet"
        return next(filter(None, (hold(self._data, self._path) for hold in HOLDS)), "")

    def remove(self, step: Step) -> None:
        """Keep what was last said, mark the day, then remove the file."""
        from anlan.sensing.history.segment import flush

        day, root = day_number(self._path.stem), self._path.parent
        assert day is not None  # it came from a list of day files
        with closing(_open(self._path)) as link:
            remember(root, list(signals_of(link, self._path.stem.removeprefix("obs-"), 0)))
        step("remembered")
        settled_mark(root, day).touch()
        flush(root)
        step("marked")
        self.discard()

    def discard(self) -> None:
        for suffix in ("-wal", "-shm", ""):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)
