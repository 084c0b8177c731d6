"""A flagged reading never triggers; where it would have meant orange or red, a person is asked to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from anlan.kernel.ids import uuid7
from anlan.ruleset.quality import LIFTABLE, reason_of
from anlan.sensing.engine.shard import Shard
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import ODD_DAY, Signal
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

#: One question for each stream in this time; a broken gauge must not ring for every reading.
_QUIET_S = 3600


class Suspects:
    """Remembers which streams were asked about; a restart may ask once more."""

    def __init__(self, exercise: str) -> None:
        self._exercise = exercise
        self._asked: dict[int, float] = {}

    def signals(
        self,
        shard: Shard,
        rows: Rows,
        day: Ints,
        flagged: Ints,
        reasons: Mapping[int, Mapping[str, object]],
        keys: Mapping[int, StreamKey],
        now: datetime,
    ) -> list[Signal]:
        """Questions about these flagged readings of `rows`; maintenance was granted by a person and asks nobody."""
        flags = rows.flag[flagged]
        asks = (flags & int(LIFTABLE & ~QualityFlag.MAINTENANCE)) != 0
        asks &= (flags & int(QualityFlag.MAINTENANCE | QualityFlag.STALE | QualityFlag.FUTURE)) == 0
        mine = flagged[asks & shard.is_bound(rows.s[flagged]) & (day[flagged] != ODD_DAY)]
        if not len(mine):
            return []
        levels = shard.would_reach(rows.s[mine], rows.v[mine])
        found = []
        for i, level in zip(mine.tolist(), levels.tolist(), strict=True):
            stream = int(rows.s[i])
            if level in (Level.RED, Level.ORANGE) and self._may_ask(stream, now):
                found.append(self._signal(keys[stream], rows, i, level, reasons.get(i, {}), now))
        return found

    def _may_ask(self, stream: int, now: datetime) -> bool:
        moment = now.timestamp()
        if moment - self._asked.get(stream, -np.inf) < _QUIET_S:
            return False
        self._asked[stream] = moment
        return True

    def _signal(
        self, key: StreamKey, rows: Rows, i: int, level: int, numbers: Mapping[str, object], now: datetime
    ) -> Signal:
        flag = QualityFlag(int(rows.flag[i]))
        zh, en = reason_of(flag, key.quantity, numbers)
        body = {
            "station": key.station,
            "quantity": key.quantity,
            "phenomenon_time": datetime.fromtimestamp(int(rows.t[i]), UTC).isoformat().replace("+00:00", "Z"),
            "value": float(quantity_of(key.quantity).from_stored(int(rows.v[i]))),
            "flag": int(flag),
            "would_reach": level,
            "reason_zh": zh,
            "reason_en": en,
            "exercise": self._exercise,
        }
        return Signal(str(uuid7()), "suspect", now, body)
