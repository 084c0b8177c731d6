"""The lines of a review: one step each, from when to when, with its limit, where the limit comes from and whether it was kept. Pure.

What a line is about stays as words in Chinese and English, so that a stored review reads in both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from statistics import median
from typing import Any

from anlan.review.stepwords import ANSWERS, FINISHES

Words = tuple[str, str]
NOTHING: Words = ("", "")


class Mark(StrEnum):
    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"
    WRONG = "wrong"
    #: Not done, and its limit has not passed.
    OPEN = "open"
    #: Done; no limit is known.
    DONE = "done"
    #: Not done; no limit is known.
    NOT_DONE = "not_done"


#: What was not as it should be, the worst first.
BROKEN = (Mark.WRONG, Mark.MISSED, Mark.LATE)
_FAR = datetime.max.replace(tzinfo=UTC)
_URGENCY = (*BROKEN, Mark.OPEN, Mark.NOT_DONE, Mark.KEPT, Mark.DONE)


@dataclass(frozen=True, slots=True)
class Line:
    """One step. `key` is the same in two reviews of the same task; `code` is its kind (`stepwords.CODES`).

    Times are UTC on the clock of the incident's run. `subject` is how the journal names the row.
    """

    code: str
    key: str
    mark: Mark
    title: str = ""
    who: str = ""
    unit: str = ""
    starts_at: datetime | None = None
    done_at: datetime | None = None
    due_at: datetime | None = None
    source: Words = NOTHING
    note: Words = NOTHING
    subject: str = ""
    incident: str = ""
    is_verified: bool = True

    @property
    def section(self) -> str:
        return self.code.partition(".")[0]

    @property
    def took_min(self) -> float | None:
        return _minutes(self.starts_at, self.done_at)

    @property
    def limit_min(self) -> float | None:
        return _minutes(self.starts_at, self.due_at)

    @property
    def happened_at(self) -> datetime | None:
        """The minute to look at in the replay: when it was done, else when it should have been, else when it began."""
        return self.done_at or self.due_at or self.starts_at

    @property
    def is_broken(self) -> bool:
        return self.mark in BROKEN


def _minutes(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds() / 60, 1)


def mark_of(done_at: datetime | None, due_at: datetime | None, now: datetime) -> Mark:
    """A step that was done exactly at its limit kept it; one whose limit is past is missed until it is done."""
    if done_at is not None:
        return Mark.DONE if due_at is None else Mark.KEPT if done_at <= due_at else Mark.LATE
    if due_at is None:
        return Mark.NOT_DONE
    return Mark.MISSED if due_at < now else Mark.OPEN


def urgency(line: Line) -> tuple[int, datetime, str]:
    """Broken limits first, the worst on top; then by time."""
    return _URGENCY.index(line.mark), line.happened_at or _FAR, line.key


def numbered(lines: Iterable[Line]) -> list[Line]:
    """The same with keys that come once: the second of a key is "key#2"."""
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        seen[line.key] += 1
        found.append(line if seen[line.key] == 1 else _renamed(line, f"{line.key}#{seen[line.key]}"))
    return found


def _renamed(line: Line, key: str) -> Line:
    return Line(**{**{name: getattr(line, name) for name in Line.__slots__}, "key": key})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many steps of each mark, and the share of decided limits that were kept, 0 to 100; None where nothing had a limit."""

    counts: Mapping[str, int]
    score: float | None


def tally(lines: Iterable[Line]) -> Tally:
    counts = Counter(line.mark.value for line in lines)
    decided = counts[Mark.KEPT] + counts[Mark.LATE] + counts[Mark.MISSED]
    return Tally(dict(counts), round(100 * counts[Mark.KEPT] / decided, 1) if decided else None)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One department, township or village: its steps, those with a limit that were kept or not, and how long it took, minutes."""

    code: str
    name: str
    steps: int
    kept: int
    late: int
    missed: int
    answer_min: float | None
    finish_min: float | None
    late_titles: tuple[str, ...] = field(default=())


def units_of(lines: Iterable[Line]) -> list[UnitRow]:
    """By who had to do it; those with the most broken limits first."""
    by_unit: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.unit:
            by_unit[line.unit, line.who].append(line)
    rows = [_unit(code, name, found) for (code, name), found in by_unit.items()]
    return sorted(rows, key=lambda row: (-(row.late + row.missed), -row.steps, row.code))


def _unit(code: str, name: str, lines: Sequence[Line]) -> UnitRow:
    counts = Counter(line.mark for line in lines)
    return UnitRow(
        code,
        name,
        len(lines),
        counts[Mark.KEPT],
        counts[Mark.LATE],
        counts[Mark.MISSED] + counts[Mark.WRONG],
        _median(lines, ANSWERS),
        _median(lines, FINISHES),
        tuple(dict.fromkeys(line.title for line in lines if line.is_broken and line.title))[:5],
    )


def _median(lines: Iterable[Line], codes: frozenset[str]) -> float | None:
    found = [line.took_min for line in lines if line.code in codes and line.took_min is not None]
    return round(median(found), 1) if found else None


def to_json(line: Line) -> dict[str, Any]:
    """As the row keeps it: times as ISO, what is empty left out."""
    found: dict[str, Any] = {"code": line.code, "key": line.key, "mark": line.mark.value}
    for name in ("title", "who", "unit", "subject", "incident"):
        if value := getattr(line, name):
            found[name] = value
    for name in ("starts_at", "done_at", "due_at"):
        if (moment := getattr(line, name)) is not None:
            found[name] = moment.isoformat()
    for name in ("source", "note"):
        if any(words := getattr(line, name)):
            found[name] = list(words)
    if not line.is_verified:
        found["is_verified"] = False
    return found


def from_json(raw: Mapping[str, Any]) -> Line:
    given: dict[str, Any] = {**raw, "mark": Mark(raw["mark"])}
    for name in ("starts_at", "done_at", "due_at"):
        if name in given:
            given[name] = datetime.fromisoformat(given[name])
    for name in ("source", "note"):
        if name in given:
            given[name] = tuple(given[name])
    return Line(**given)


def lines_in(computed: Mapping[str, Any]) -> list[Line]:
    """The lines of a stored review, in the order in which they were found."""
    return [from_json(raw) for raw in computed.get("lines", [])]


def minutes_words(minutes: float | None) -> str:
    """12 or 12.5, without useless zeros; "" for None."""
    return "" if minutes is None else f"{minutes:g}"
