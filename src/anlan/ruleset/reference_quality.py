"""Continuity once more, slow and obvious. Only tests use it.

Readings are taken in order of time. One with an intrinsic flag (`INTRINSIC`) takes no part. Of the others, with g the last
usable reading and p the held one:

* Nothing older than the rule's memory before a reading takes part in judging it.
* It is a step when it departs from g by more than `floor` and by more than `max_rate_per_h` allows for the time between.
* It is a spike when it departs by more than `floor` and by more than spike_mads·1.4826·MAD both from g and from the median of
  the last `spike_window` usable values, of which at least five are remembered.
* A step or spike is held (flagged), unless it confirms p. A reading confirms p when it lies within `floor` of p, or on p's side
  of g at between half and twice p's distance. p is then usable after all, and so is the reading. A usable reading that
  confirms nothing leaves p flagged for good.
* A usable reading is stuck when it and those before it back to one more than `stuck_after_s` ago differ, each from the next, by
  no more than `stuck_tolerance`, and lie above `dry_at_or_below`. It then counts for nothing and is no g.
* One that a person accepted is neither step, spike nor stuck.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from anlan.ruleset.quality import INTRINSIC, SPIKE_MIN_VALUES, QualityRule
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of


class Kept(NamedTuple):
    value: int | None
    flag: QualityFlag


class _At(NamedTuple):
    time: int
    value: int


def continuity(
    readings: Mapping[int, Kept], rule: QualityRule | None, quantity: str
) -> dict[int, QualityFlag]:
    """The flags of readings, by time."""
    flags = {t: kept.flag for t, kept in readings.items()}
    if rule is None or not rule.judges_continuity:
        return flags
    life = _Life(rule, 10 ** quantity_of(quantity).decimals)
    for t in sorted(readings):
        value, flag = readings[t]
        if value is not None and not flag & INTRINSIC:
            life.take(_At(t, value), QualityFlag.ACCEPTED in flag, flags)
    return flags


class _Life:
    """One stream; numbers of the rule as stored integers, fractions cut off."""

    def __init__(self, rule: QualityRule, scale: int) -> None:
        self.rule = rule
        self.rate = None if rule.max_rate_per_h is None else _floor(rule.max_rate_per_h, scale)
        self.floor = _floor(rule.floor, scale)
        self.tolerance = _floor(rule.stuck_tolerance, scale)
        self.dry = None if rule.dry_at_or_below is None else _floor(rule.dry_at_or_below, scale)
        self.usable: list[_At] = []
        self.held: _At | None = None
        self.run: list[_At] = []

    def take(self, x: _At, is_accepted: bool, flags: dict[int, QualityFlag]) -> None:
        last = (
            self.usable[-1] if self.usable and x.time - self.usable[-1].time <= self.rule.memory_s else None
        )
        doubt = QualityFlag.GOOD
        if last is not None and not is_accepted and abs(x.value - last.value) > self.floor:
            doubt = self._doubt(x, last)
        held = self.held if self.held and x.time - self.held.time <= self.rule.memory_s else None
        if held is not None and last is not None and self._confirms(x, held, last):
            flags[held.time] &= ~(QualityFlag.RATE | QualityFlag.SPIKE)
            flags[held.time] |= QualityFlag.CONFIRMED
            self._use(held, True)
            doubt = QualityFlag.GOOD
        if doubt:
            flags[x.time] |= doubt
            self.held = x
            return
        self.held = None
        if self._use(x, is_accepted):
            flags[x.time] |= QualityFlag.STUCK

    def _doubt(self, x: _At, last: _At) -> QualityFlag:
        found = QualityFlag.GOOD
        jump = abs(x.value - last.value)
        if self.rate is not None and jump * 3600 > self.rate * (x.time - last.time):
            found |= QualityFlag.RATE
        if self.rule.spike_mads is not None:
            around = [
                at.value
                for at in self.usable[-self.rule.spike_window :]
                if x.time - at.time <= self.rule.memory_s
            ]
            if len(around) >= SPIKE_MIN_VALUES:
                middle = _median(around)
                limit = (
                    Decimal(round(self.rule.spike_mads * 1482.6))
                    / 1000
                    * _median([abs(v - middle) for v in around])
                )
                off = abs(x.value - middle)
                if off > limit and jump > limit and off > self.floor:
                    found |= QualityFlag.SPIKE
        return found

    def _confirms(self, x: _At, held: _At, last: _At) -> bool:
        if abs(x.value - held.value) <= self.floor:
            return True
        step, mine = held.value - last.value, x.value - last.value
        is_same_side = (step > 0) == (mine > 0) and mine != 0
        return is_same_side and abs(step) <= 2 * abs(mine) and abs(mine) <= 2 * abs(step)

    def _use(self, x: _At, is_accepted: bool) -> bool:
        """Whether the reading is stuck; otherwise it is usable."""
        before = self.run[-1] if self.run else None
        goes_on = (
            before is not None
            and x.time - before.time <= self.rule.memory_s
            and abs(x.value - before.value) <= self.tolerance
            and (self.dry is None or x.value > self.dry)
        )
        self.run = [*self.run[:1], x] if goes_on else [x]
        limit = self.rule.stuck_after_s
        is_stuck = goes_on and limit is not None and x.time - self.run[0].time > limit and not is_accepted
        if not is_stuck:
            self.usable.append(x)
        return is_stuck


def _median(values: list[int] | list[Decimal]) -> Decimal:
    ordered = sorted(Decimal(v) for v in values)
    count = len(ordered)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2


def _floor(value: float, scale: int) -> int:
    return int((Decimal(str(value)) * scale).to_integral_value(rounding=ROUND_FLOOR))
