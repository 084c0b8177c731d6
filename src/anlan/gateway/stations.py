"""What the gateway remembers about stations beside their readings: unknown ones, clocks that are off, reports seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime

from anlan.drivers.types import StationSettings
from anlan.gateway.catalogue import Catalogue, StationEntry
from anlan.gateway.intake import Submission
from anlan.kernel.ids import uuid7
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame, Signal

#: Frames kept of each unknown station and unknown stations remembered, so that a scanner cannot fill the disk.
FRAMES_OF_AN_UNKNOWN = 20
UNKNOWN_STATIONS = 1000
_REPORTS = 20_000
_COMBINATIONS = 100_000
#: The same station is told about at most once in this time, unless its clock is right again.
_CLOCK_PAUSE_S = 3600
#: Frames that come closer together say nothing about a clock.
_SAME_BURST_S = 60
_CONFLICT_PAUSE_S = 3600


class StationDesk:
    """Lives in the event loop."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._by_wire: dict[tuple[str, str], StationEntry] = {}
        self._exercise = ""
        self._clock_offset_s = 300
        self._unknown: dict[tuple[str, str], int] = {}
        self._conflicts: dict[str, datetime] = {}
        self._clocks: dict[str, tuple[float, datetime]] = {}
        #: By registered station: how far the send time was off, when, and whether that was the clock's fault.
        self._lags: dict[str, tuple[float, datetime | None, bool]] = {}
        self._reports: OrderedDict[tuple[str, ...], None] = OrderedDict()
        self._keys: dict[tuple[str, tuple[str, ...]], tuple[StreamKey, ...]] = {}

    def use(self, catalogue: Catalogue) -> None:
        self._known = frozenset(station.code for station in catalogue.stations)
        self._keys.clear()
        self._exercise = catalogue.exercise.id if catalogue.exercise else ""
        self._clock_offset_s = catalogue.limits.clock_offset_s
        self._by_wire = {(one.protocol, one.address or one.code): one for one in catalogue.stations}
        self._unknown = {
            (protocol, address): seen
            for (protocol, address), seen in self._unknown.items()
            if address not in self._known and self.resolve(protocol, address) is None
        }

    def knows(self, station: str) -> bool:
        return station in self._known

    def resolve(self, protocol: str, address: str) -> StationEntry | None:
        """The station that has this address on the wire: the one of the protocol, else one that may speak any."""
        return self._by_wire.get((protocol, address)) or self._by_wire.get(("", address))

    def settings_of(self, protocol: str, address: str) -> StationSettings:
        """What the county set for it; {} for one that nobody registered."""
        found = self.resolve(protocol, address)
        return {} if found is None else found.settings

    def keys_of(self, code: str, quantities: tuple[str, ...]) -> tuple[StreamKey, ...]:
        """The streams of these quantities of a station; the same combination comes again and again."""
        found = self._keys.get((code, quantities))
        if found is None:
            if len(self._keys) >= _COMBINATIONS:
                self._keys.clear()
            found = self._keys[code, quantities] = tuple(StreamKey(code, quantity) for quantity in quantities)
        return found

    def note_unknown(
        self, station: str, frame: RawFrame | None, submission: Submission, protocol: str = ""
    ) -> bool:
        """Put the frame of an unknown station, and the first time a signal, into `submission`; False when nothing is kept."""
        key = (protocol, station)
        seen = self._unknown.get(key, 0)
        if seen >= FRAMES_OF_AN_UNKNOWN or (not seen and len(self._unknown) >= UNKNOWN_STATIONS):
            return False
        self._unknown[key] = seen + 1
        submission.frame = frame
        if not seen:
            source = frame.source if frame else ""
            submission.signals.append(
                self.signal(
                    "unknown_station", submission.received, code=station, source=source, protocol=protocol
                )
            )
        return frame is not None or not seen

    def has_seen(self, key: tuple[str, ...]) -> bool:
        """Whether a report with this key was stored lately."""
        return key in self._reports

    def remember(self, key: tuple[str, ...]) -> None:
        """A report was stored: its repeat is acknowledged and not kept twice."""
        self._reports[key] = None
        self._reports.move_to_end(key)
        if len(self._reports) > _REPORTS:
            self._reports.popitem(last=False)

    def conflict_signals(self, station: str, now: datetime, *, peers: str) -> list[Signal]:
        """Two live lines claim one station; told about at most once an hour."""
        told = self._conflicts.get(station)
        if told is not None and (now - told).total_seconds() < _CONFLICT_PAUSE_S:
            return []
        self._conflicts[station] = now
        return [self.signal("address_conflict", now, station=station, peers=peers)]

    def is_clock_right(self, station: str, sent: Sequence[int], now: datetime) -> bool:
        """Whether all these send times (epoch seconds) are within the limit, and nobody was told otherwise before."""
        told, _ = self._clocks.get(station, (0.0, None))
        limit, moment = self._clock_offset_s, now.timestamp()
        if abs(told) > limit or not all(abs(one - moment) <= limit for one in sent):
            return False
        self._lags[station] = (sent[-1] - moment, now, False)
        return True

    def clock_error(self, station: str, sent_at: datetime | None, now: datetime) -> tuple[int, bool]:
        """Seconds by which the send time is off, 0 while that is within the limit or nobody knows; and whether the station's
        clock must be wrong.

        A send time ahead is wrong. One behind may be right: the frame waited in the station while its line was down. It is
        wrong when a frame at least a minute before was behind by as much; frames that waited come closer to one another.
        """
        if sent_at is None:
            return 0, False
        offset_s = (sent_at - now).total_seconds()
        before, at, was_wrong = self._lags.get(station, (0.0, None, False))
        if abs(offset_s) <= self._clock_offset_s:
            self._lags[station] = (offset_s, now, False)
            return 0, False
        if offset_s > 0:
            return round(offset_s), True
        if at is not None and (now - at).total_seconds() < _SAME_BURST_S and before < -self._clock_offset_s:
            return round(offset_s), was_wrong
        is_wrong = at is not None and abs(offset_s - before) <= self._clock_offset_s / 2
        self._lags[station] = (offset_s, now, is_wrong)
        return round(offset_s), is_wrong

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
        return [self.signal("clock_offset", now, station=station, offset_s=round(offset_s))]

    def signal(self, kind: str, now: datetime, /, **body: object) -> Signal:
        """A signal of the present run."""
        return Signal(str(uuid7()), kind, now, {**body, "exercise": self._exercise})
