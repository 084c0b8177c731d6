"""What the tests of history share: an engine to feed, and a reader in this process instead of a child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from anlan.journal.models import Cursor
from anlan.ruleset.bindings import Binding
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import EngineSettings, Incoming, RawOf
from anlan.sensing.history import wire
from anlan.sensing.history.client import Columns, ReaderClient, _columns
from anlan.sensing.history.queries import History
from anlan.sensing.history.settle import Round, _no_step, settle_round
from anlan.sensing.history.sources import Step
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE, RawFrame
from anlan.sensing.services.signals import CURSOR

DAY = datetime(2026, 6, 1, tzinfo=UTC)
RAIN = StreamKey("RAIN", "rain_5min")
STAGE = StreamKey("RIVER", "stage")
#: Stream, minutes after midnight UTC of `DAY`, stored value (None: "no reading").
Told = tuple[StreamKey, float, int | None]


class HereClient(ReaderClient):
    """Asks a reader in this process; everything but the socket is the real thing."""

    def __init__(self, data: Path) -> None:
        from anlan.sensing.history.reader import Reader

        super().__init__(data)
        self._reader = Reader(data)
        self.asked: list[str] = []

    def ask(self, verb: str, **given: Any) -> Columns:
        self.asked.append(verb)
        return _columns(self._reader.answer({"verb": verb, "with": given}))


class House:
    """A data folder with an engine."""

    def __init__(self, data: Path, bindings: Sequence[Binding] = ()) -> None:
        self.data = data
        self.bindings = bindings
        self.engine = Engine(data / "hot", EngineSettings(bindings=bindings), now=DAY)
        self.client = HereClient(data)
        self.history = History(data, client=self.client)

    def tell(self, *told: Told, now: datetime | None = None, frame: bytes = b"") -> list[int]:
        """One batch; `now` is by default the newest time in it."""
        moments = [DAY + timedelta(minutes=minute) for _, minute, _ in told]
        at = now or max(moments)
        s = self.engine.numbers([key for key, *_ in told])
        t = np.array([int(moment.timestamp()) for moment in moments], np.int64)
        v = np.array([NO_VALUE if value is None else value for *_, value in told], np.int64)
        incoming = Incoming(t, s, v, np.full(len(t), int(at.timestamp() * 1000)), np.zeros(len(t)))
        raws = [
            RawOf(RawFrame(int(at.timestamp() * 1000), "10.0.0.9:1", told[0][0].station, frame), 0, len(t))
        ]
        return [int(one) for one in self.engine.commit(incoming, raws if frame else [], now=at)[0]]

    def settle(self, *, days: float = 20, wall: datetime | None = None, step: Step = _no_step) -> Round:
        """A round of settling `days` after the first day."""
        at = DAY + timedelta(days=days)
        return settle_round(self.data, now=at, wall=wall or at, days=8, step=step)

    def close(self) -> None:
        self.engine.close()

    def consume_signals(self) -> None:
        """What the worker does with the signals, without the facts."""
        position = {one.day: one.n for one in HotReader(self.data / "hot").signals_after({})}
        Cursor.objects.update_or_create(name=CURSOR, defaults={"position": position})

    def seen(self, key: StreamKey, days: float = 40) -> list[tuple[datetime, str, int]]:
        """The whole series: time, value, flag."""
        points = self.history.series(*key, DAY, DAY + timedelta(days=days))
        return [(p.phenomenon_time, str(p.value), int(p.flag)) for p in points]

    def hot_names(self) -> list[str]:
        return sorted(path.name for path in (self.data / "hot").glob("obs-2*.db"))


def every(minutes: float, values: Iterable[int], key: StreamKey = RAIN, start: float = 5) -> list[Told]:
    return [(key, start + minutes * n, value) for n, value in enumerate(values)]


__all__ = ["DAY", "RAIN", "STAGE", "HereClient", "House", "every", "wire"]
