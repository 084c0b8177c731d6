"""Hold time and step-down of a rule that the worker evaluates now and then. Pure: the memory goes in and comes out.

A level is reached once every look since `rise_hold_s` saw it or a worse one; it is left once every look since `hold_s` saw
something milder. A look with gaps proves no fall: the time of falling starts anew.
"""

from __future__ import annotations

import msgspec

from anlan.vocab.levels import Level


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times in epoch seconds by level value; `level` 0 = below every threshold."""

    level: int = 0
    since: int = 0
    over_since: dict[str, int] = {}
    under_since: dict[str, int] = {}

    @property
    def reached(self) -> Level | None:
        return Level(self.level) if self.level else None


def step(
    standing: Standing,
    seen: Level | None,
    now: int,
    *,
    rise_hold_s: int,
    hold_s: int,
    is_incomplete: bool = False,
) -> Standing:
    """The standing after one more look at `now`, epoch seconds; looks come in order of time."""
    over, under = dict(standing.over_since), dict(standing.under_since)
    for level in Level:
        key = str(level.value)
        if seen is not None and seen <= level:
            over.setdefault(key, now)
            under.pop(key, None)
        else:
            over.pop(key, None)
            if is_incomplete:
                under.pop(key, None)
            else:
                under.setdefault(key, now)
    held = [level for level in Level if now - over.get(str(level.value), now + 1) >= rise_hold_s]
    kept = [
        level
        for level in Level
        if standing.level and level >= standing.level and now - under.get(str(level.value), now) < hold_s
    ]
    value = min([*held, *kept], default=0)
    since = standing.since if value == standing.level else now
    return Standing(int(value), since, over, under)
