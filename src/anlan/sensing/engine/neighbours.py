"""Spatial consistency of rain: an hour that stands out against all its neighbours is doubted, and a person is asked.

Compared with what was known before the batch, so neighbours that report in the same minute may be one slot behind. A short,
very local storm can look the same: the parameters are cautious, labelled, and the duty room is told (see `suspects`).
"""

from __future__ import annotations

from collections.abc import Mapping

from anlan.sensing.engine.qualifier import Qualifier
from anlan.sensing.engine.quality import Doubt
from anlan.sensing.engine.rain import SLOT_S, slot_of
from anlan.sensing.engine.shard import Shard
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.streams import StreamKey
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

_HOUR = 3600 // SLOT_S
#: A neighbour may lack this many of the twelve slots, and be this many slots behind.
_MAY_LACK = 2
_MAY_LAG = 1


def doubt_lonely_rain(
    shard: Shard,
    qualifier: Qualifier,
    rows: Rows,
    chosen: Ints,
    key_of: Mapping[int, StreamKey],
    number_of: Mapping[StreamKey, int],
) -> list[Doubt]:
    """Flag readings of `rows` at `chosen` (fresh ones) whose hour no neighbour comes near; returns why."""
    mine = chosen[qualifier.has_neighbours[rows.s[chosen]] & (rows.flag[chosen] == 0) & (rows.v[chosen] > 0)]
    doubts = []
    for i in mine.tolist():
        stream, v = int(rows.s[i]), int(rows.v[i])
        rule = qualifier.rule_of(stream)
        slot = int(slot_of(rows.t[i : i + 1])[0])
        own = shard.rain_until(stream, slot, _HOUR)
        if rule is None or rule.neighbour_ratio is None or own is None:
            continue
        key = key_of[stream]
        scale = 10 ** quantity_of(key.quantity).decimals
        hour = own[0] + v
        if hour < rule.neighbour_min * scale:
            continue
        numbers = [number_of.get(StreamKey(code, key.quantity)) for code in rule.neighbours]
        theirs = [shard.rain_until(n, slot, _HOUR, may_lag=_MAY_LAG) for n in numbers if n is not None]
        sums = [
            total
            for total, missing in (one for one in theirs if one is not None)
            if missing <= _MAY_LACK + _MAY_LAG
        ]
        if len(sums) >= rule.neighbour_count and hour > rule.neighbour_ratio * max(1, *sums):
            rows.flag[i] |= int(QualityFlag.NEIGHBOUR)
            doubts.append(
                Doubt(i, QualityFlag.NEIGHBOUR, {"own": hour, "most": max(sums), "count": len(sums)})
            )
    return doubts
