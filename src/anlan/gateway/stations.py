"""What the gateway remembers about stations beside their readings: unknown ones, clocks that are off, reports seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

from anlan.gateway.catalogue import Catalogue
from anlan.gateway.intake import Submission
from anlan.kernel.ids import uuid7
from anlan.sensing.hot.types import RawFrame, Signal

#: Frames kept of each unknown station and unknown stations remembered, so that a scanner cannot fill the disk.
FRAMES_OF_AN_UNKNOWN = 20
UNKNOWN_STATIONS = 1000
_REPORTS = 20_000
#: The same station is told about at most once in this time, unless its clock is right again.
_CLOCK_PAUSE_S = 3600


class StationDesk:
    """Lives in the event loop."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._exercise = ""
        self._clock_offset_s = 300
        self._unknown: dict[str, int] = {}
        self._clocks: dict[str, tuple[float, datetime]] = {}
        self._reports: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def use(self, catalogue: Catalogue) -> None:
        self._known = frozenset(station.code for station in catalogue.stations)
        self._exercise = catalogue.exercise.id if catalogue.exercise else ""
        self._clock_offset_s = catalogue.limits.clock_offset_s
        self._unknown = {code: seen for code, seen in self._unknown.items() if code not in self._known}

    def knows(self, station: str) -> bool:
        return station in self._known

    def note_unknown(self, station: str, frame: RawFrame | None, submission: Submission) -> bool:
        """Put the frame of an unknown station, and the first time a signal, into `submission`; False when nothing is kept."""
        seen = self._unknown.get(station, 0)
        if seen >= FRAMES_OF_AN_UNKNOWN or (not seen and len(self._unknown) >= UNKNOWN_STATIONS):
            return False
        self._unknown[station] = seen + 1
        submission.frame = frame
        if not seen:
            source = frame.source if frame else ""
            submission.signals.append(
                self._signal("unknown_station", submission.received, code=station, source=source)
            )
        return frame is not None or not seen

    def is_new_report(self, key: tuple[str, ...]) -> bool:
        """Whether a report without readings was not seen lately; a repeated one is not kept twice."""
        is_new = key not in self._reports
        self._reports[key] = None
        self._reports.move_to_end(key)
        if len(self._reports) > _REPORTS:
            self._reports.popitem(last=False)
        return is_new

    def clock_signals(self, station: str, sent_at: datetime | None, now: datetime) -> Iterable[Signal]:
        """Tell when a station's clock goes wrong by more than the limit, changes by as much, or is right again."""
        if sent_at is None:
            return []
        offset_s = (sent_at - now).total_seconds()
        told, told_at = self._clocks.get(station, (0.0, None))
        is_off, was_off = abs(offset_s) > self._clock_offset_s, abs(told) > self._clock_offset_s
        if not is_off and not was_off:
            return []
        if is_off and was_off:
            is_fresh = told_at is not None and (now - told_at).total_seconds() < _CLOCK_PAUSE_S
            if is_fresh or abs(offset_s - told) <= self._clock_offset_s:
                return []
        self._clocks[station] = (offset_s, now)
        return [self._signal("clock_offset", now, station=station, offset_s=round(offset_s))]

    def _signal(self, kind: str, now: datetime, **body: object) -> Signal:
        return Signal(str(uuid7()), kind, now, {**body, "exercise": self._exercise})
