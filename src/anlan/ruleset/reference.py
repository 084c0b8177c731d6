"""The rules once more, slow and obvious, straight from their definitions. Only tests use it, to judge the fast engine.

Definitions (time is the time of the phenomenon, in epoch seconds; values are stored integers):

* A reading counts when it carries no unusable flag. A new or corrected reading more than one day older than the newest
  reading that ever counted in its stream is kept but changes nothing that counts.
* A reading that repeats the time and a value already seen there, even one corrected since, is a repeat and changes nothing.
* Its five-minute slot is the nearest multiple of 300 s. The sum of a window of n slots at a reading is the sum over all
  counted readings in the n slots that end with the slot of that reading; a slot without a counted reading is missing.
* A window is uncertain when more than `max_gap` of its slots are missing.
* Window w holds level l at reading x when some reading y <= x, younger than `memory_s` before x, reached the rise edge, and
  since then there was no stretch of readings, all certain and all below the fall edge, that lasted `hold_s` or longer.
* The level of a binding is the most severe level that any of its windows holds.
"""

from __future__ import annotations

from typing import NamedTuple

from anlan.ruleset.bindings import Binding
from anlan.ruleset.evaluate import missing_allowed
from anlan.vocab.levels import Level
from anlan.vocab.quality import UNUSABLE, QualityFlag

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
    """All readings of one stream, in the order in which they arrived."""

    def __init__(self) -> None:
        self.stored: dict[int, int | None] = {}
        self.counted: dict[int, int] = {}
        self._seen: set[tuple[int, int | None]] = set()
        self._peak: int | None = None

    def receive(self, time: int, value: int | None, flag: QualityFlag) -> None:
        if QualityFlag.FUTURE in flag or (time, value) in self._seen:
            return
        self._seen.add((time, value))
        self.stored[time] = value
        if self._peak is not None and time < self._peak - DAY_S:
            return
        self.counted.pop(time, None)
        if value is not None and not flag & UNUSABLE:
            self.counted[time] = value
            self._peak = time if self._peak is None else max(self._peak, time)

    def state(self, binding: Binding) -> BindingState | None:
        """The state of a binding now; None before the first counted reading."""
        if not self.counted:
            return None
        now = max(self.counted)
        histories = {w: self._history(binding, w) for w in binding.windows_s}
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

    def _history(self, binding: Binding, window_s: int) -> list[WindowAt]:
        newest = max(self.counted)
        times = sorted(t for t in self.counted if t > newest - 2 * DAY_S)
        return [self._at(binding, window_s, t) for t in times]

    def _at(self, binding: Binding, window_s: int, time: int) -> WindowAt:
        if not window_s:
            return WindowAt(time, self.counted[time], 0, False)
        count = window_s // SLOT_S
        last = slot_of(time)
        inside = [t for t in self.counted if last - count < slot_of(t) <= last and t <= time]
        missing = count - len({slot_of(t) for t in inside})
        is_uncertain = missing > missing_allowed(count, binding.max_gap)
        return WindowAt(time, sum(self.counted[t] for t in inside), missing, is_uncertain)


def slot_of(time: int) -> int:
    return (time + SLOT_S // 2) // SLOT_S


def _holds(binding: Binding, history: list[WindowAt], window: int, position: int, now: int) -> bool:
    edges = binding.edges(window)
    rise, fall = edges.rise[position], edges.fall[position]
    reached = [at.time for at in history if at.value >= rise and now - at.time < binding.memory_s]
    return any(not _fell_since(binding, history, fall, since) for since in reached)


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
