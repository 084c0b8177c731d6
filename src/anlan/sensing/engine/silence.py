"""Which stations are silent. Counted on the gateway's clock: a silent station has no data time to count on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from anlan.kernel.ids import uuid7
from anlan.sensing.hot.types import Signal


class SilenceWatch:
    """`after_s` by station. Signals are returned, to be stored by the caller; `confirm` is told when they are."""

    def __init__(self, exercise: str = "") -> None:
        self._exercise = exercise
        self._after_s: dict[str, int] = {}
        self._heard: dict[str, float] = {}
        self._silent: set[str] = set()

    def recall(self, signals: Iterable[Signal], heard_ms: Mapping[str, int], *, deaf_s: float) -> None:
        """Learn after a restart what was known; the time in which the gateway was down counts for nobody's silence."""
        for signal in sorted((s for s in signals if s.kind in ("silent", "heard")), key=lambda s: s.id):
            if signal.body.get("exercise", "") == self._exercise:
                (self._silent.add if signal.kind == "silent" else self._silent.discard)(
                    signal.body["station"]
                )
        self._heard = {station: at / 1000 + deaf_s for station, at in heard_ms.items()}

    def watch(self, after_s: Mapping[str, int], *, now: datetime) -> None:
        """The stations to watch; one never heard counts from now."""
        self._after_s = dict(after_s)
        moment = now.timestamp()
        for station in after_s:
            self._heard[station] = min(self._heard.get(station, moment), moment)

    def heard(self, stations: Iterable[str], now: datetime) -> list[Signal]:
        """Note a sign of life; a station that was called silent is said to be heard again."""
        found = []
        for station in stations:
            if station in self._silent:
                found.append(self._signal("heard", station, now))
            self._heard[station] = now.timestamp()
        return found

    def check(self, now: datetime) -> list[Signal]:
        """The stations that have just been silent for too long."""
        moment = now.timestamp()
        return [
            self._signal("silent", station, now)
            for station, after_s in self._after_s.items()
            if station not in self._silent and moment - self._heard[station] > after_s
        ]

    def confirm(self, signals: Iterable[Signal]) -> None:
        """These signals are stored."""
        for signal in signals:
            if signal.kind == "silent":
                self._silent.add(signal.body["station"])
            elif signal.kind == "heard":
                self._silent.discard(signal.body["station"])

    def _signal(self, kind: str, station: str, now: datetime) -> Signal:
        last = datetime.fromtimestamp(self._heard.get(station, now.timestamp()), UTC)
        body = {"station": station, "last_heard": last.isoformat(), "exercise": self._exercise}
        return Signal(str(uuid7()), kind, now, body)
