"""The scorecard of a drill: each expected step against what the journal says was done, and when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from anlan.drills.script import Expect


class Mark(StrEnum):
    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    WRONG = "wrong"
    #: Not yet done, and the limit has not passed.
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the drill: its kind, its time on the drill's clock (UTC), and what it set."""

    kind: str
    at: datetime
    fields: Mapping[str, Any]
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One inject as it was given; `at` is None while it was not."""

    key: str
    title: str
    at: datetime | None
    expects: tuple[Expect, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the scorecard. Minutes are on the drill's clock."""

    inject: str
    key: str
    words: str
    mark: Mark
    given_at: datetime
    done_at: datetime | None
    took_min: float | None
    within_min: float
    source: str
    entry_ref: str = ""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All steps in order, and how many of each mark."""

    steps: tuple[Step, ...]
    counts: Mapping[str, int]
    ended_at: datetime

    @property
    def score(self) -> float | None:
        """Share of required steps that were done in time, 0 to 100; None where nothing was asked. No rule names another scale."""
        asked = sum(self.counts.get(mark, 0) for mark in (Mark.DONE, Mark.LATE, Mark.MISSED))
        return None if not asked else round(100 * self.counts.get(Mark.DONE, 0) / asked, 1)


def fits(expect: Expect, entry: Happened) -> bool:
    """Whether an entry is the step: its kind, and every named value that it holds. A list means any of its values."""
    if entry.kind != expect.entry:
        return False
    for name, wanted in expect.fields.items():
        held = entry.fields.get(name)
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if held not in allowed:
            return False
    return True


def judge(given: Sequence[Given], entries: Sequence[Happened], *, ended_at: datetime) -> Scorecard:
    """Each expected step takes the first fitting entry after its inject that no earlier step has taken."""
    taken: set[int] = set()
    steps = [
        _step(one, expect, entries, taken, ended_at)
        for one in given
        if one.at is not None
        for expect in one.expects
    ]
    found = [step for step in steps if step is not None]
    counts: dict[str, int] = {}
    for step in found:
        counts[step.mark] = counts.get(step.mark, 0) + 1
    return Scorecard(tuple(found), counts, ended_at)


def _step(
    given: Given, expect: Expect, entries: Sequence[Happened], taken: set[int], ended_at: datetime
) -> Step | None:
    assert given.at is not None
    number = next(
        (
            n
            for n, entry in enumerate(entries)
            if n not in taken and entry.at >= given.at and fits(expect, entry)
        ),
        None,
    )
    if expect.must_not:
        if number is None or _is_past(expect, given.at, entries[number].at):
            return None
        return _line(given, expect, Mark.WRONG, entries[number])
    if number is None:
        limit = given.at + timedelta(minutes=expect.within_min)
        is_over = expect.within_min == 0 or ended_at >= limit
        return _line(given, expect, Mark.MISSED if is_over else Mark.OPEN, None)
    taken.add(number)
    entry = entries[number]
    is_late = expect.within_min > 0 and entry.at - given.at > timedelta(minutes=expect.within_min)
    return _line(given, expect, Mark.LATE if is_late else Mark.DONE, entry)


def _is_past(expect: Expect, given_at: datetime, done_at: datetime) -> bool:
    """A wrong decision with a limit is wrong for so long only: later it may be the right one."""
    return expect.within_min > 0 and done_at - given_at > timedelta(minutes=expect.within_min)


def _line(given: Given, expect: Expect, mark: Mark, entry: Happened | None) -> Step:
    assert given.at is not None
    took = None if entry is None else round((entry.at - given.at).total_seconds() / 60, 2)
    return Step(
        inject=given.key,
        key=expect.key,
        words=expect.words,
        mark=mark,
        given_at=given.at,
        done_at=None if entry is None else entry.at,
        took_min=took,
        within_min=expect.within_min,
        source=expect.source,
        entry_ref="" if entry is None else entry.ref,
    )
