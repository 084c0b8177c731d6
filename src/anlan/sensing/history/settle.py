"""Settling: closed days leave the hot store for Parquet. Runs as a short-lived child of the worker.

Steps for a day, and what a kill after each leaves:

1. The hot file is sealed (`hot.days.SEALED`): the gateway writes what comes now into the next file of the day. Readers still
   use both.
2. The edition is written into a folder with a temporary name, flushed and read again. A kill leaves rubbish that the next
   round removes.
3. The folder gets its name. Without a row in the database nobody reads it; the next round writes it anew.
4. One transaction flips: the former edition is replaced, this one is current and names the hot files that went into it.
   Readers use either those or the edition, never both, whatever is still on disk.
5. In a later round, once its signals became facts and everything forwarded from it arrived, the hot file is removed; what
   was last said about each binding stays in `recall.db`.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from anlan.sensing.history.paths import edition_folder, history_root, settle_after_days
from anlan.sensing.history.types import SegmentBroken
from anlan.sensing.hot.days import SEALED, connect, day_name, day_number, files_of, settled_mark, signals_of
from anlan.sensing.hot.recall import remember
from anlan.sensing.hot.types import DAY_S, ODD_DAY

if TYPE_CHECKING:
    from anlan.sensing.history.segment import Written
    from anlan.sensing.models import HistorySegment

log = logging.getLogger(__name__)

#: A later file of a settled day is merged when nothing came into it for this long.
LATE_QUIET = timedelta(days=1)
#: How long readers that began before a flip may go on with the old files.
GRACE = timedelta(minutes=10)

#: Called between the steps; tests kill here.
Step = Callable[[str], None]


def _no_step(_name: str) -> None:
    return None


@dataclass(slots=True)
class Round:
    """What one round did: days settled, hot files removed, and hot files that somebody still needs with the reason."""

    settled: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def settle_round(
    data: Path, *, now: datetime, wall: datetime, days: int | None = None, step: Step = _no_step
) -> Round:
    """Remove what was settled in an earlier round, then settle what is due. `now` is the time of the run's readings."""
    done = Round()
    with _alone(data) as is_mine:
        if not is_mine:
            return done
        _remove_rubbish(data)
        _remove_settled(data, done, wall, step)
        for day in due_days(data, now=now, days=days if days is not None else settle_after_days()):
            try:
                if settle_day(data, day, at=wall, step=step):
                    done.settled.append(_name(day))
            except (OSError, sqlite3.Error, SegmentBroken) as error:
                log.exception("settling_failed", extra={"day": _name(day)})
                done.problems.append(f"{_name(day)}: {str(error)[:200]}")
    return done


def due_days(data: Path, *, now: datetime, days: int) -> list[int]:
    """Closed days with hot files that no edition holds yet, oldest first."""
    hot = data / "hot"
    taken = _taken()
    last = int(now.timestamp()) // DAY_S - days
    found = []
    for day in sorted({day_number(path.stem) or 0 for path in hot.glob("obs-2*.db")}):
        fresh = [path for path in files_of(hot, day) if path.name not in taken.get(day, frozenset())]
        if day == ODD_DAY or day >= last or not fresh:
            continue
        if day not in taken or all(_is_quiet(path, now) for path in fresh):
            found.append(day)
    return found


def settle_day(data: Path, day: int, *, at: datetime, step: Step = _no_step) -> bool:
    """Settle one day with everything hot of it. False when there was nothing to keep."""
    from anlan.sensing.history.segment import flush, write_segment

    hot, former = data / "hot", _current(day)
    fresh = [path for path in files_of(hot, day) if former is None or path.name not in former.sources]
    for path in fresh:
        seal(path)
    step("sealed")
    if former is not None and all(_is_empty(path) for path in fresh):
        for path in fresh:
            _unlink(path)
        return False
    edition = 1 if former is None else former.edition + 1
    folder = edition_folder(data, day, edition)
    temporary = folder.with_name(f".{edition}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    base = None if former is None else edition_folder(data, day, former.edition)
    written = write_segment(temporary, fresh, hot / "streams.db", base)
    step("written")
    shutil.rmtree(folder, ignore_errors=True)  # of a round that was killed before it flipped
    temporary.rename(folder)
    flush(folder.parent)
    flush(folder.parent.parent)
    step("named")
    _flip(day, edition, fresh, written, at)
    step("flipped")
    return True


def _flip(day: int, edition: int, fresh: Iterable[Path], written: Written, at: datetime) -> None:
    from django.db import transaction

    from anlan.kernel.actor import system
    from anlan.sensing.models import HistorySegment, SegmentState

    by = system("settling")
    with transaction.atomic():
        former = _current(day)
        sources = sorted({*(former.sources if former else ()), *(path.name for path in fresh)})
        if former is not None:
            former.advance(SegmentState.REPLACED, by=by, at=at)
        HistorySegment(
            day=_name(day),
            edition=edition,
            rows=written.rows,
            superseded=written.superseded,
            frames=written.frames,
            signals=written.signals,
            digest=written.digest,
            files=written.files,
            sha256=written.sha256,
            sources=sources,
            settled_at=at,
            state=SegmentState.CURRENT,
        ).record(by=by, at=at, kind="settled")


def seal(path: Path) -> None:
    """Nothing is written to this hot file any more; what is in its log is folded into it."""
    with closing(connect(path)) as link:
        link.execute("BEGIN IMMEDIATE")
        link.execute(f"PRAGMA user_version={SEALED}")
        link.execute("COMMIT")
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove_settled(data: Path, done: Round, wall: datetime, step: Step) -> None:
    """Hot files and former editions that nobody reads since a while."""
    from anlan.sensing.history.segments import number_of_day
    from anlan.sensing.models import HistorySegment, SegmentState

    for segment in HistorySegment.objects.filter(settled_at__lte=wall - GRACE):
        day = number_of_day(segment.day)
        if segment.state == SegmentState.REPLACED:
            shutil.rmtree(edition_folder(data, day, segment.edition), ignore_errors=True)
            continue
        for name in segment.sources:
            path = data / "hot" / name
            if not path.exists():
                continue
            why = held_by(data, path)
            if why:
                done.held[name] = why
                continue
            remove_hot(path, step=step)
            done.removed.append(name)


def remove_hot(path: Path, *, step: Step = _no_step) -> None:
    """Keep what was last said, mark the day, then remove the file; each may be done again after a kill."""
    from anlan.sensing.history.segment import flush

    day = day_number(path.stem)
    assert day is not None  # it came from a list of day files
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        remember(path.parent, list(signals_of(link, path.stem.removeprefix("obs-"), 0)))
    step("remembered")
    settled_mark(path.parent, day).touch()
    flush(path.parent)
    step("marked")
    _unlink(path)


def _unlink(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def held_by(data: Path, path: Path) -> str:
    """Why a hot file must stay although its readings are settled, "" when nothing needs it."""
    from anlan.journal.models import Cursor
    from anlan.sensing.history.holds import HOLDS
    from anlan.sensing.services.signals import CURSOR

    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        newest = link.execute("SELECT coalesce(max(n), 0) FROM signal").fetchone()[0]
    cursor = Cursor.objects.filter(name=CURSOR).first()
    position = cursor.position if cursor else {}
    if newest > position.get(path.stem.removeprefix("obs-"), 0):
        return "its signals are not facts yet"
    return next(filter(None, (hold(data, path) for hold in HOLDS)), "")


def _is_empty(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        if not link.execute("SELECT 1 FROM sqlite_master WHERE name='signal'").fetchone():
            return True
        sql = (
            "SELECT EXISTS (SELECT 1 FROM obs) OR EXISTS (SELECT 1 FROM raw) OR EXISTS (SELECT 1 FROM signal)"
        )
        return not link.execute(sql).fetchone()[0]


def _is_quiet(path: Path, now: datetime) -> bool:
    """Nothing was received into it lately; by the readings' own clock, so that a drill settles too."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        if not link.execute("SELECT 1 FROM sqlite_master WHERE name='obs'").fetchone():
            return True
        newest = link.execute("SELECT coalesce(max(received), 0) FROM obs").fetchone()[0]
    return bool(newest / 1000 <= (now - LATE_QUIET).timestamp())


def _current(day: int) -> HistorySegment | None:
    from anlan.sensing.models import HistorySegment, SegmentState

    return HistorySegment.objects.filter(day=_name(day), state=SegmentState.CURRENT).first()


def _taken() -> dict[int, frozenset[str]]:
    from anlan.sensing.history.segments import current_segments

    return {one.day: one.sources for one in current_segments()}


def _remove_rubbish(data: Path) -> None:
    for folder in history_root(data).glob("*/.*.tmp"):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(data: Path) -> Iterator[bool]:
    """One round at a time for a data folder; the lock goes with the process."""
    (data / "run").mkdir(parents=True, exist_ok=True)
    history_root(data).mkdir(parents=True, exist_ok=True)
    handle = os.open(data / "run" / "settle.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _name(day: int) -> str:
    return day_name(day).removeprefix("obs-")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    parser = argparse.ArgumentParser(prog="anlan.sensing.history.settle")
    parser.add_argument("--days", type=int, default=None, help="days after its end at which a day is settled")
    options = parser.parse_args()
    import django

    django.setup()
    from django.conf import settings

    from anlan.journal import clocks

    now = clocks.now(clocks.default_exercise_id())
    done = settle_round(settings.ANLAN_DATA, now=now, wall=datetime.now(UTC), days=options.days)
    print(
        json.dumps(
            {"settled": done.settled, "removed": done.removed, "held": done.held, "problems": done.problems}
        )
    )
    return 1 if done.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
