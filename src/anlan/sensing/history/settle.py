"""Settling: closed days leave the hot store for Parquet. Runs as a short-lived child of the worker.

Steps for a day, and what a kill after each leaves:

1. The day's part of the hot store is sealed: the gateway writes what comes now into the next part of the day. Readers still
   use both. A day file is marked (`hot.days.SEALED`), a partition leaves `obs` under another name (`hot.pg.parts.seal`).
2. The edition is written into a folder with a temporary name, flushed and read again. A kill leaves rubbish that the next
   round removes.
3. The folder gets its name. Without a row in the database nobody reads it; the next round writes it anew.
4. One transaction flips: the former edition is replaced, this one is current and names the hot parts that went into it.
   Readers use either those or the edition, never both, whatever is still on disk.
5. In a later round, once its signals became facts and everything forwarded from it arrived, the hot part is removed; what
   was last said about each binding stays in `recall.db`, or in the table of signals.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from anlan.sensing.history.paths import edition_folder, history_root, settle_after_days
from anlan.sensing.history.sources import Source, Sources, Step, open_sources
from anlan.sensing.history.types import SegmentBroken
from anlan.sensing.hot.days import day_name
from anlan.sensing.hot.types import DAY_S

if TYPE_CHECKING:
    from anlan.sensing.history.segment import Written
    from anlan.sensing.models import HistorySegment

log = logging.getLogger(__name__)

#: How long readers that began before a flip may go on with the old files.
GRACE = timedelta(minutes=10)


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
        sources = open_sources(data)
        _remove_settled(data, sources, done, wall, step)
        for day, fresh in due_days(sources, now=now, days=days if days is not None else settle_after_days()):
            try:
                if settle_day(data, sources, day, fresh, at=wall, step=step):
                    done.settled.append(_name(day))
            except Exception as error:
                if not isinstance(error, (SegmentBroken, *sources.errors)):
                    raise
                log.exception("settling_failed", extra={"day": _name(day)})
                done.problems.append(f"{_name(day)}: {str(error)[:200]}")
    return done


def due_days(sources: Sources, *, now: datetime, days: int) -> Iterator[tuple[int, list[Source]]]:
    """Closed days with hot parts that no edition holds yet, oldest first."""
    taken = _taken()
    last = int(now.timestamp()) // DAY_S - days
    for day, parts in sources.by_day().items():
        fresh = [part for part in parts if part.name not in taken.get(day, frozenset())]
        if day < last and fresh and (day not in taken or all(part.is_quiet(now) for part in fresh)):
            yield day, fresh


def settle_day(
    data: Path, sources: Sources, day: int, fresh: Sequence[Source], *, at: datetime, step: Step = _no_step
) -> bool:
    """Settle one day with these parts of it. False when there was nothing to keep."""
    from anlan.sensing.history.segment import flush, write_segment

    former = _current(day)
    for part in fresh:
        part.seal()
    step("sealed")
    if former is not None and all(part.is_empty() for part in fresh):
        for part in fresh:
            part.discard()
        return False
    edition = 1 if former is None else former.edition + 1
    folder = edition_folder(data, day, edition)
    temporary = folder.with_name(f".{edition}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    base = None if former is None else edition_folder(data, day, former.edition)
    written = write_segment(temporary, fresh, sources.streams(), base)
    step("written")
    shutil.rmtree(folder, ignore_errors=True)  # of a round that was killed before it flipped
    temporary.rename(folder)
    flush(folder.parent)
    flush(folder.parent.parent)
    step("named")
    _flip(day, edition, [part.name for part in fresh], written, at)
    step("flipped")
    return True


def _flip(day: int, edition: int, fresh: Sequence[str], written: Written, at: datetime) -> None:
    from django.db import transaction

    from anlan.kernel.actor import system
    from anlan.sensing.models import HistorySegment, SegmentState

    by = system("settling")
    with transaction.atomic():
        former = _current(day)
        sources = sorted({*(former.sources if former else ()), *fresh})
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


def _remove_settled(data: Path, sources: Sources, done: Round, wall: datetime, step: Step) -> None:
    """Hot parts and former editions that nobody reads since a while."""
    from anlan.sensing.history.segments import number_of_day
    from anlan.sensing.models import HistorySegment, SegmentState

    for segment in HistorySegment.objects.filter(settled_at__lte=wall - GRACE):
        day = number_of_day(segment.day)
        if segment.state == SegmentState.REPLACED:
            shutil.rmtree(edition_folder(data, day, segment.edition), ignore_errors=True)
            continue
        for name in segment.sources:
            part = sources.named(name)
            why = part.held() if part is not None else ""
            if part is None or why:
                done.held |= {name: why} if why else {}
                continue
            part.remove(step)
            done.removed.append(name)


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
