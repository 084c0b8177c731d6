"""Alarm bits stand in every report while they last. Told again each time, one broken antenna would be thousands of entries a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from anlan.drivers.jt808.alarms import DANGER, EMERGENCY, FAULT, NOTICE
from anlan.drivers.types import Happening

#: The same bits of a kind are told again after this long (engineering choices). Those that ring are told soon again, since the first
#: report may not have been stored.
_AGAIN: dict[str, timedelta] = {
    EMERGENCY: timedelta(minutes=1),
    DANGER: timedelta(minutes=1),
    FAULT: timedelta(hours=1),
    NOTICE: timedelta(hours=1),
}
#: Stations and kinds remembered on one connection; beyond that everything is told.
_MAX_KEPT = 8000


class Repeats:
    """What was told on this connection, by station and kind."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[str, datetime]] = {}

    def fresh(self, station: str, happenings: Iterable[Happening], received_at: datetime) -> list[Happening]:
        """Those with other bits than last time, or the same after their time. A kind that ended is forgotten."""
        given = list(happenings)
        for kind in _AGAIN.keys() - {each.kind for each in given}:
            self._told.pop((station, kind), None)
        return [each for each in given if self._is_fresh(each, received_at)]

    def _is_fresh(self, happening: Happening, received_at: datetime) -> bool:
        key, bits = (happening.station, happening.kind), str(happening.fields.get("alarms"))
        told = self._told.get(key)
        if told is not None and told[0] == bits and received_at - told[1] < _AGAIN[happening.kind]:
            return False
        if told is not None or len(self._told) < _MAX_KEPT:
            self._told[key] = (bits, received_at)
        return True
