"""Changes over a window: each stream keeps, slot by slot, the last value seen up to there, and from which slot it came.

The base of a window of n slots is the newest value at or before the slot that lies n back, if it is not older than a window
may have gaps; else the oldest value inside the window stands in, and the change is marked as not certain.
"""

from __future__ import annotations

import numpy as np

from anlan.sensing.hot.rows import Ints

_NEVER = -(1 << 40)


class ChangeTrack:
    """One row for each stream with a rule about changes; `length` slots are kept."""

    def __init__(self, rows: int, length: int) -> None:
        self._length = length
        self.head: Ints = np.full(rows, _NEVER, np.int64)
        self._value: Ints = np.zeros((rows, length), np.int64)
        self._source: Ints = np.full((rows, length), _NEVER, np.int64)

    def forget(self, rows: Ints) -> None:
        self.head[rows] = _NEVER
        self._value[rows] = 0
        self._source[rows] = _NEVER

    def push(self, rows: Ints, slot: Ints, value: Ints) -> None:
        """Take one reading for each of these different streams; its slot is not before the stream's head."""
        self._carry(rows, slot)
        column = slot % self._length
        self._value[rows, column] = value
        self._source[rows, column] = slot
        self.head[rows] = slot

    def _carry(self, rows: Ints, slot: Ints) -> None:
        """Repeat the last value over the slots without a reading, up to the one before `slot`."""
        old = self.head[rows]
        wide = np.flatnonzero(slot - old > 1)
        if not len(wide):
            return
        rows, old = rows[wide], old[wide]
        count = np.minimum(slot[wide] - old - 1, self._length)
        value, source = self._value[rows, old % self._length], self._source[rows, old % self._length]
        which = np.repeat(np.arange(len(wide)), count)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        column = (slot[wide][which] - 1 - offset) % self._length
        self._value[rows[which], column] = value[which]
        self._source[rows[which], column] = source[which]

    def changes(self, rows: Ints, slots: Ints, value: Ints, allowed: Ints) -> tuple[Ints, Ints]:
        """Change over the last `slots` slots, and 0, or `slots` where the base is missing (the same stream may repeat)."""
        head = self.head[rows]
        at = (head - slots) % self._length
        is_certain = head - slots - self._source[rows, at] <= allowed
        base = self._value[rows, at]
        for i in np.flatnonzero(~is_certain).tolist():
            base[i] = self._oldest_inside(int(rows[i]), int(head[i]), int(slots[i]))
        return value - base, np.where(is_certain, 0, slots)

    def _oldest_inside(self, row: int, head: int, slots: int) -> int:
        inside = np.arange(head - slots + 1, head + 1)
        column = inside % self._length
        first = int((self._source[row, column] == inside).argmax())  # the head itself is a reading
        return int(self._value[row, column[first]])
