"""The rules once more, slow and obvious, straight from their definitions. Only tests use it, to judge the fast engine.

Definitions (time is the time of the phenomenon, in epoch seconds; values are stored integers):

* A reading counts when it carries no unusable flag. A new or corrected reading more than one day older than the newest
  plausible reading (`IMPLAUSIBLE`) that its stream ever had is kept but changes nothing that counts.
* A reading that repeats the time and a value already seen there, even one corrected since, is a repeat and changes nothing.
* Its five-minute slot is the nearest multiple of 300 s. The sum of a window of n slots at a reading is the sum over all
  counted readings in the n slots that end with the slot of that reading; a slot without a counted reading is missing.
* The change over a window of n slots at a reading is its value less that of the base: the newest counted reading at or
  before the slot n back, if it is not more than the allowed gap older; else the last reading of the oldest filled slot inside
  the window, and all n slots are called missing.
* A window is uncertain when more than `max_gap` of its slots are missing.
* A rule about low values compares the negated reading with negated edges.
* Window w reaches level l at reading x when x is at or over the rise edge, and so was every reading since one at least
  `rise_hold_s` earlier, no two of them more than `rise_gap_s` apart.
* Window w holds level l at reading x when some reading y <= x, younger than `memory_s` before x, reached it, and since then
  there was no stretch of readings, all certain and all below the fall edge, that lasted `hold_s` or longer.
* The level of a binding is the most severe level that any of its windows holds.

Quality (`reference_quality`) is judged over the readings of a stream in order of time, as they are known now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import NamedTuple

from anlan.ruleset.bindings import Binding
from anlan.ruleset.evaluate import missing_allowed
from anlan.ruleset.quality import QualityRule
from anlan.ruleset.reference_quality import Kept, continuity
from anlan.vocab.levels import Level
from anlan.vocab.quality import IMPLAUSIBLE, UNUSABLE, QualityFlag

SLOT_S = 300
DAY_S = 86_400


class WindowAt(NamedTuple):
    """One window at one reading."""

    time: int
    value: int
    missing: int
    is_uncertain: bool


class BindingState(NamedTuple):
    """What the fast engine must equal: level, uncertain windows (s), and value and missing slots by window (s)."""

    level: Level | None
    uncertain: frozenset[int]
    windows: dict[int, tuple[int, int]]


class SlowStream:
    """All readings of one stream, in the order in which they arrived; `rule` judges their continuity, None for not at all."""

    def __init__(self, rule: QualityRule | None = None, quantity: str = "") -> None:
        self.stored: dict[int, int | None] = {}
        self._rule = rule
        self._quantity = quantity
        self._timely: dict[int, Kept] = {}
        self._seen: set[tuple[int, int | None]] = set()
        self._peak: int | None = None
        self._flags: dict[int, QualityFlag] | None = {}
        self.repeats = 0

    def receive(self, time: int, value: int | None, flag: QualityFlag) -> None:
        """`flag` is what the reading shows by itself: no value, out of range, during maintenance."""
        if QualityFlag.FUTURE in flag:
            return
        if (time, value) in self._seen:
            self.repeats += 1
            return
        self._seen.add((time, value))
        self.stored[time] = value
        if self._peak is not None and time < self._peak - DAY_S:
            return
        self._timely[time] = Kept(value, flag)
        self._flags = None
        if not flag & IMPLAUSIBLE:
            self._peak = time if self._peak is None else max(self._peak, time)

    def amend(self, time: int, *, is_accepted: bool) -> None:
        """A person vouches for a reading, or withdraws it."""
        value, flag = self._timely[time]
        flag = flag & (QualityFlag.CORRECTED | QualityFlag.MISSING)
        flag |= QualityFlag.ACCEPTED if is_accepted else QualityFlag.REJECTED
        self._timely[time] = Kept(value, flag)
        self._flags = None
        if is_accepted:
            self._peak = time if self._peak is None else max(self._peak, time)

    def flags(self) -> dict[int, QualityFlag]:
        """The flags of every timely reading, by time."""
        if self._flags is None:
            self._flags = continuity(self._timely, self._rule, self._quantity)
        return self._flags

    @property
    def counted(self) -> dict[int, int]:
        flags = self.flags()
        return {
            t: kept.value
            for t, kept in sorted(self._timely.items())
            if kept.value is not None and not flags[t] & UNUSABLE
        }

    def state(self, binding: Binding) -> BindingState | None:
        """The state of a binding now; None before the first counted reading."""
        counted = self.counted
        if not counted:
            return None
        now = max(counted)
        histories = {w: _history(binding, w, counted) for w in binding.windows_s}
        levels = [
            level
            for index, window_s in enumerate(binding.windows_s)
            for position, level in enumerate(Level)
            if _holds(binding, histories[window_s], index, position, now)
        ]
        last = {w: history[-1] for w, history in histories.items()}
        return BindingState(
            level=min(levels, default=None),
            uncertain=frozenset(w for w, at in last.items() if at.is_uncertain),
            windows={w: (at.value, at.missing) for w, at in last.items()},
        )


def slot_of(time: int) -> int:
    return (time + SLOT_S // 2) // SLOT_S


def _history(binding: Binding, window_s: int, counted: dict[int, int]) -> list[WindowAt]:
    """The window at each counted reading, oldest first."""
    times = list(counted)
    values = list(counted.values())
    if not window_s:
        return [WindowAt(t, binding.sign * v, 0, False) for t, v in counted.items()]
    slots = [slot_of(t) for t in times]
    filled = sorted(set(slots))
    totals = [0, *accumulate(values)]
    count = window_s // SLOT_S
    allowed = missing_allowed(count, binding.max_gap)
    found = []
    for i, t in enumerate(times):
        if binding.evaluator == "rise":
            value, missing = _change(i, slots, values, count, allowed)
            value = abs(value) if binding.is_absolute else value
        else:
            first = bisect_right(slots, slots[i] - count)
            value = totals[i + 1] - totals[first]
            inside = bisect_right(filled, slots[i]) - bisect_right(filled, slots[i] - count)
            missing = count - inside
        found.append(WindowAt(t, value, missing, missing > allowed))
    return found


def _change(i: int, slots: list[int], values: list[int], count: int, allowed: int) -> tuple[int, int]:
    """Change up to reading i, and how many slots to call missing."""
    oldest = slots[i] - count
    base = bisect_right(slots, oldest, hi=i + 1) - 1
    if base >= 0 and oldest - slots[base] <= allowed:
        return values[i] - values[base], 0
    inside = slots[bisect_right(slots, oldest)]
    last_of_it = bisect_left(slots, inside + 1, hi=i + 1) - 1
    return values[i] - values[last_of_it], count


def _holds(binding: Binding, history: list[WindowAt], window: int, position: int, now: int) -> bool:
    edges = binding.edges(window)
    rise, fall = edges.rise[position], edges.fall[position]
    reached = [t for t in _reached(binding, history, rise) if now - t < binding.memory_s]
    # A later one has seen less time in which the level could be left, so the newest decides.
    return bool(reached) and not _fell_since(binding, history, fall, reached[-1])


def _reached(binding: Binding, history: list[WindowAt], rise: int) -> list[int]:
    """When the level was reached: at readings over the edge, after a stretch of such readings of the hold time."""
    found, since, before = [], None, 0
    for at in history:
        if at.value < rise:
            since = None
            continue
        if since is None or at.time - before > binding.rise_gap_s:
            since = at.time
        before = at.time
        if at.time - since >= binding.rise_hold_s:
            found.append(at.time)
    return found


def _fell_since(binding: Binding, history: list[WindowAt], fall: int, since: int) -> bool:
    """Whether a stretch of certain readings below the fall edge lasted long enough at any time after `since`."""
    start: int | None = None
    for at in (at for at in history if at.time > since):
        if at.is_uncertain or at.value >= fall:
            start = None
        elif start is None:
            start = at.time
        if start is not None and at.time - start >= binding.hold_s:
            return True
    return False
