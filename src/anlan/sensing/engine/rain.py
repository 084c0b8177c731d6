"""Rolling rain sums as running totals: a window is the difference of two totals, in integers of 0.1 mm, so it is exact.

Totals and counts may wrap around; differences within the longest window (three days) do not, because so much rain at the
largest plausible rate is far below 2^31 tenths of a millimetre.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anlan.sensing.hot.rows import Ints

SLOT_S = 300
#: Slots kept at least: a day, and the total just before it.
LENGTH = 86_400 // SLOT_S + 1
_NEVER = -1


def slot_of(t: Ints) -> Ints:
    """The nearest five-minute mark, so that a station clock a little off does not put two readings into one slot."""
    return (t + SLOT_S // 2) // SLOT_S


class RainTotals:
    """Running totals of rain streams, one row each; `head` is the slot of the newest reading."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self.head: Ints = np.empty(0, np.int64)
        self._total: npt.NDArray[np.int32] = np.empty((0, length), np.int32)
        self._present: npt.NDArray[np.int16] = np.empty((0, length), np.int16)

    def resize(self, rows: int) -> None:
        """Room for `rows` streams; existing ones keep their state."""
        extra = rows - len(self.head)
        if extra > 0:
            self.head = np.concatenate([self.head, np.full(extra, _NEVER, np.int64)])
            self._total = np.concatenate([self._total, np.zeros((extra, self._length), np.int32)])
            self._present = np.concatenate([self._present, np.zeros((extra, self._length), np.int16)])

    def forget(self, rows: Ints) -> None:
        self.head[rows] = _NEVER
        self._total[rows] = 0
        self._present[rows] = 0

    def push(self, rows: Ints, slot: Ints, amount: Ints) -> None:
        """Add one reading to each of these different streams; its slot is not before the stream's head."""
        head = self.head[rows]
        gap = slot - head
        same = gap == 0
        if (gap > 1).any():
            self._fill_gaps(rows, head, slot)
        column = slot % self._length
        before = np.where(same, column, (slot - 1) % self._length)
        self._total[rows, column] = self._total[rows, before] + amount.astype(np.int32)
        self._present[rows, column] = self._present[rows, before] + np.where(same, 0, 1).astype(np.int16)
        self.head[rows] = slot

    def sums(self, rows: Ints, slots: Ints) -> tuple[Ints, Ints]:
        """Sum and number of missing slots over the last `slots` slots of each stream (the same stream may repeat)."""
        head = self.head[rows]
        now, before = head % self._length, (head - slots) % self._length
        total = self._total[rows, now] - self._total[rows, before]
        present = self._present[rows, now] - self._present[rows, before]
        return total.astype(np.int64), slots - present

    def until(self, row: int, slot: int, slots: int) -> tuple[int, int]:
        """Sum and missing slots over the `slots` slots that end with `slot`, which is not before the head of this stream."""
        head = int(self.head[row])
        behind = slot - head
        if head == _NEVER or behind >= slots:
            return 0, slots
        now, before = head % self._length, (slot - slots) % self._length
        total = int(self._total[row, now]) - int(self._total[row, before])
        present = int(self._present[row, now]) - int(self._present[row, before])
        return total, slots - present

    def _fill_gaps(self, rows: Ints, head: Ints, slot: Ints) -> None:
        """Carry totals over the slots without a reading, up to the one before `slot`."""
        wide = np.flatnonzero(slot - head > 1)
        old = head[wide]
        count = np.minimum(slot[wide] - np.where(old == _NEVER, -self._length, old) - 1, self._length)
        total = self._total[rows[wide], old % self._length]
        present = self._present[rows[wide], old % self._length]
        which = np.repeat(np.arange(len(wide)), count)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        column = (slot[wide][which] - 1 - offset) % self._length
        self._total[rows[wide][which], column] = total[which]
        self._present[rows[wide][which], column] = present[which]
