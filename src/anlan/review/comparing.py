"""Two reviews side by side: their steps aligned, with the difference of each. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from anlan.review.lines import BROKEN, Line, Mark, Tally, tally

#: Less than this is the same, minutes. Half of what people write down.
SAME_MIN = 0.5
_UNDONE = (Mark.MISSED, Mark.OPEN, Mark.NOT_DONE)


class Verdict(StrEnum):
    """Of the second against the first."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    #: Done in one of them only.
    MISSED_NOW = "missed_now"
    DONE_NOW = "done_now"
    NEITHER = "neither"
    #: The step was asked for in one of them only.
    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"


@dataclass(frozen=True, slots=True)
class Pair:
    """One step in both. `difference_min` is the second's time less the first's."""

    code: str
    first: Line | None
    second: Line | None
    verdict: Verdict
    difference_min: float | None

    @property
    def is_aligned(self) -> bool:
        return self.first is not None and self.second is not None

    @property
    def line(self) -> Line:
        found = self.second or self.first
        assert found is not None  # a pair holds one at least
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    pairs: tuple[Pair, ...]
    verdicts: Mapping[str, int]
    first: Tally
    second: Tally

    @property
    def aligned(self) -> int:
        return sum(pair.is_aligned for pair in self.pairs)


def compare(first: Iterable[Line], second: Iterable[Line]) -> Comparison:
    """Steps of the same key are the same step; what is left over is aligned by its kind and who had to do it, else stands alone."""
    one, two = list(first), list(second)
    pairs, left_one, left_two = _by_key(one, two)
    again, rest_one, rest_two = _by_unit(left_one, left_two)
    alone = [_pair(line, None) for line in rest_one] + [_pair(None, line) for line in rest_two]
    found = sorted([*pairs, *again, *alone], key=_order)
    return Comparison(tuple(found), Counter(pair.verdict.value for pair in found), tally(one), tally(two))


def _by_key(one: Sequence[Line], two: Sequence[Line]) -> tuple[list[Pair], list[Line], list[Line]]:
    known = {(line.code, line.key): line for line in two}
    pairs, left = [], []
    for line in one:
        other = known.pop((line.code, line.key), None)
        if other is None:
            left.append(line)
        else:
            pairs.append(_pair(line, other))
    return pairs, left, list(known.values())


def _by_unit(one: Sequence[Line], two: Sequence[Line]) -> tuple[list[Pair], list[Line], list[Line]]:
    """What was called otherwise in the other run: the n-th of a kind by the same unit. Steps of no unit by their kind alone."""
    waiting: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in two:
        waiting[line.code, line.unit].append(line)
    pairs, left = [], []
    for line in one:
        same = waiting[line.code, line.unit] if line.code != "drill.step" else []
        if same:
            pairs.append(_pair(line, same.pop(0)))
        else:
            left.append(line)
    return pairs, left, [line for lines in waiting.values() for line in lines]


def _pair(first: Line | None, second: Line | None) -> Pair:
    line = second or first
    assert line is not None  # one of them is there
    if first is None:
        return Pair(line.code, None, second, Verdict.ONLY_SECOND, None)
    if second is None:
        return Pair(line.code, first, None, Verdict.ONLY_FIRST, None)
    undone = (first.mark in _UNDONE, second.mark in _UNDONE)
    if any(undone):
        verdict = {
            (True, True): Verdict.NEITHER,
            (False, True): Verdict.MISSED_NOW,
            (True, False): Verdict.DONE_NOW,
        }[undone]
        return Pair(line.code, first, second, verdict, None)
    if first.took_min is None or second.took_min is None:
        return Pair(line.code, first, second, Verdict.SAME, None)
    difference = round(second.took_min - first.took_min, 1)
    if abs(difference) < SAME_MIN:
        return Pair(line.code, first, second, Verdict.SAME, difference)
    return Pair(line.code, first, second, Verdict.SLOWER if difference > 0 else Verdict.FASTER, difference)


def _order(pair: Pair) -> tuple[int, bool, str, str]:
    """In the order of the sections; in each, what went worse first."""
    from anlan.review.stepwords import CODES

    codes = list(CODES)
    worse = pair.verdict in (Verdict.SLOWER, Verdict.MISSED_NOW) or (
        pair.second is not None and pair.second.mark in BROKEN
    )
    where = codes.index(pair.code) if pair.code in codes else len(codes)
    return where, not worse, pair.line.unit, pair.line.key
