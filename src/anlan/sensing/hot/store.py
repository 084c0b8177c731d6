"""The writing end of the hot store. One thread uses it; a transaction spans the day files that a batch touches.

Crash order for several files: they are committed from the oldest day to the newest, and a signal lies in a file that is
committed no earlier than the readings it speaks of. A crash in between leaves readings that were never acknowledged; the
station repeats the batch, what is there counts as repeated, the rest is stored, and the engine announces at start whatever
level differs from the last one announced.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from anlan.sensing.hot.days import day_name, day_number, files_of, next_file, settled_mark, signals_of
from anlan.sensing.hot.files import DayFile
from anlan.sensing.hot.recall import recalled
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.types import ANCIENT_S, DAY_S, NO_VALUE, ODD_DAY, Signal, StoreUnavailable
from anlan.vocab.quality import UNUSABLE, QualityFlag

_OPEN_FILES = 12
#: Above this many streams a plain scan is cheaper than jumping from time to time.
_FEW_STREAMS = 64


class HotStore:
    """Day files under `root`, opened on demand."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._files: OrderedDict[int, DayFile] = OrderedDict()

    def file(self, day: int) -> DayFile:
        """The open file of a day; the least used one is closed when too many are open."""
        found = self._files.get(day)
        if found is None:
            found = self._files[day] = DayFile(self._newest_path(day))
            self._close_least_used(but=day)
        self._files.move_to_end(day)
        return found

    def file_in_transaction(self, day: int) -> DayFile:
        """The file of a day, with a transaction begun."""
        found = self.file(day)
        if not found.is_open and not found.begin():
            self._files.pop(day).close()
            found = self._files[day] = DayFile(next_file(self.root, day))
            found.begin()
        return found

    def _newest_path(self, day: int) -> Path:
        """The file that is written for a day: the first, or the newest of those that came after settling."""
        present = files_of(self.root, day)
        if present:
            return present[-1]
        is_settled = settled_mark(self.root, day).exists()
        return next_file(self.root, day) if is_settled else self.root / f"{day_name(day)}.db"

    def days(self) -> list[int]:
        """The days that have a file, oldest first; the odd file is not among them."""
        numbers = (day_number(path.stem) for path in self.root.glob("obs-*.db"))
        return sorted({n for n in numbers if n is not None and n != ODD_DAY})

    def touched(self) -> list[int]:
        """Days with a transaction begun, in the order of commit."""
        return sorted(day for day, file in self._files.items() if file.is_open)

    def commit(self) -> None:
        """Commit every begun transaction, oldest day first. Raises StoreUnavailable; then nothing later was stored."""
        try:
            for day in self.touched():
                self._files[day].commit()
        except sqlite3.Error as error:
            self.abandon()
            raise StoreUnavailable(why=str(error)) from error

    def abandon(self) -> None:
        """Undo what is begun and close the files: after a full disk a connection is not trusted again."""
        for file in self._files.values():
            with suppress(sqlite3.Error):  # closing rolls back as well
                file.rollback()
            file.close()
        self._files.clear()

    def rollback(self) -> None:
        """Undo what is begun, keep the files."""
        for day in self.touched():
            self._files[day].rollback()

    def close(self) -> None:
        self.abandon()

    def counted(self, start: int, end: int) -> Iterator[Rows]:
        """Every reading with start <= t < end that rules count, by time: the store's side of the definition in `reference`.

        A correction that came more than a day late is kept and shown but does not count; the value it replaced does.
        """
        for day in self.days():
            low, high = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
            if low < high:
                file = self.file(day)
                overruled = file.overruled(low, high)
                if overruled:
                    yield from (counted_rows(part, overruled) for part in file.scan(low, high))
                else:
                    yield from file.scan_counted(low, high)

    def counted_of(self, streams: Ints, start: int, end: int) -> Iterator[Rows]:
        """The same for some streams only."""
        if len(streams) > _FEW_STREAMS:
            wanted = np.unique(streams)
            for rows in self.counted(start, end):
                yield rows.pick(np.isin(rows.s, wanted))
            return
        for day in self.days():
            low, high = max(start, day * DAY_S), min(end, (day + 1) * DAY_S)
            if low < high:
                file = self.file(day)
                yield counted_rows(file.scan_streams(streams.tolist(), low, high), file.overruled(low, high))

    def signals(self) -> Iterable[Signal]:
        """All signals of all files, file by file, after the newest ones of the files that were settled."""
        yield from recalled(self.root)
        for day in [*self.days(), ODD_DAY]:
            for path in files_of(self.root, day):
                with closing(
                    sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
                ) as link:
                    if link.execute("SELECT 1 FROM sqlite_master WHERE name='signal'").fetchone():
                        yield from signals_of(link, path.stem.removeprefix("obs-"), 0)

    def _close_least_used(self, *, but: int) -> None:
        for day in list(self._files):
            if len(self._files) <= _OPEN_FILES:
                return
            if day != but and not self._files[day].is_open:
                self._files.pop(day).close()


def day_of(t: Ints, flag: Ints, now: int) -> Ints:
    """The file each reading belongs to."""
    odd = ((flag & int(QualityFlag.FUTURE)) != 0) | (t < now - ANCIENT_S)
    return np.where(odd, ODD_DAY, t // DAY_S)


def counted_rows(rows: Rows, overruled: dict[tuple[int, int], tuple[int | None, int]]) -> Rows:
    """The rows that rules count: a correction that came too late gives way to the value it replaced."""
    stale = np.flatnonzero(rows.flag & int(QualityFlag.STALE))
    if len(stale) and overruled:
        for i in stale.tolist():
            old = overruled.get((int(rows.t[i]), int(rows.s[i])))
            if old is not None:
                rows.v[i] = NO_VALUE if old[0] is None else old[0]
                rows.flag[i] = old[1]
    return rows.pick((rows.flag & int(UNUSABLE | QualityFlag.STALE)) == 0)
