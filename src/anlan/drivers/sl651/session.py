"""One connection of an SL 651 station, or of a concentrator for many: bytes in, outcomes out. No clock, no socket, no store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime

from anlan.drivers.framing import RawFrame
from anlan.drivers.sl651.codec import decode_verified, readings
from anlan.drivers.sl651.commands import ANSWERS
from anlan.drivers.sl651.encode import answer_to
from anlan.drivers.sl651.framing import Sl651Framer
from anlan.drivers.sl651.happenings import attachments, happenings
from anlan.drivers.sl651.layout import KEEPALIVE, REPORT_FUNCTIONS, End
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.sl651.parts import PartCollector, PartLimits
from anlan.drivers.sl651.plain import PlainReader
from anlan.drivers.types import (
    FrameAccepted,
    FrameRefused,
    Outcome,
    PlainReport,
    SettingsOf,
    StationSettings,
    no_settings,
)

#: Behind one connection; a concentrator has some dozens.
_STATIONS_REMEMBERED = 1000


class Session:
    """Feed it what arrives. The answer of an outcome is sent by the caller, after the outcome is stored and not before.

    `when_finished` is the end byte of answers when nothing more is expected: ESC keeps the station on line, as a TCP link wants; EOT
    lets a battery station leave. `answered` are the functions whose reports get an answer. The link-keepalive is among them although
    one public implementation gives it none; a station that needs none ignores it.
    """

    def __init__(
        self,
        *,
        settings_of: SettingsOf = no_settings,
        when_finished: End = End.ESC,
        answered: frozenset[str] = REPORT_FUNCTIONS,
        part_limits: PartLimits | None = None,
    ) -> None:
        self._settings_of = settings_of
        self._when_finished = when_finished
        self._answered = answered
        self._framer = Sl651Framer()
        self._parts = PartCollector(part_limits)
        self._plain = PlainReader(when_finished, answered)
        self._learned: OrderedDict[str, StationSettings] = OrderedDict()
        #: Centre, station and password of the frame before.
        self._last = b""

    def learned(self, station: str) -> StationSettings:
        """Centre and password of the station's last frame, which commands to it must carry."""
        return self._learned.get(station, {})

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = list(self._parts.expire(received_at))
        for framed in self._framer.feed(data):
            if isinstance(framed, RawFrame):
                outcomes += self._take(framed.raw, received_at)
            else:
                outcomes.append(framed)
        return outcomes

    def feed_plainly(self, data: bytes, received_at: datetime) -> Sequence[Outcome | PlainReport]:
        outcomes: list[Outcome | PlainReport] = list(self._parts.expire(received_at))
        for framed in self._framer.feed(data):
            if not isinstance(framed, RawFrame):
                outcomes.append(framed)
                continue
            report = self._plain.read(framed.raw)
            if report is None:
                outcomes += self._take(framed.raw, received_at)
                continue
            if framed.raw[2:10] != self._last:
                self._learn(report.station, framed.raw[2], framed.raw[8:10].hex().upper())
                self._last = framed.raw[2:10]
            outcomes.append(report)
        return outcomes

    def in_full(self, report: PlainReport) -> FrameAccepted:
        frame = decode_verified(report.raw)
        assert not isinstance(frame, FrameRefused)  # it was read plainly
        return self._accepted(frame)

    def expire(self, at: datetime) -> list[Outcome]:
        return list(self._parts.expire(at))

    def close(self) -> list[Outcome]:
        left = [framed for framed in self._framer.flush() if not isinstance(framed, RawFrame)]
        return [*left, *self._parts.close()]

    def _take(self, raw: bytes, received_at: datetime) -> Iterable[Outcome]:
        frame = decode_verified(raw)
        if isinstance(frame, FrameRefused):
            return [frame]
        if frame.is_down:
            reason = "A frame of the centre came from the station's side."
            return [FrameRefused("sl651.downlink", reason, raw)]
        if not frame.is_part:
            return [self._accepted(frame)]
        whole, given_up = self._parts.add(frame, received_at)
        if isinstance(whole, FrameRefused):
            return [*given_up, whole]
        return [*given_up, self._accepted(whole or frame)]

    def _accepted(self, frame: Sl651Frame) -> FrameAccepted:
        ack = answer_to(frame, when_finished=self._when_finished, answered=self._answered)
        self._learn(frame.station, frame.center, frame.password)
        return FrameAccepted(
            frame,
            readings(frame),
            ack,
            frame.duplicate_key,
            frame.function == KEEPALIVE,
            happenings=happenings(frame),
            attachments=attachments(frame),
            answers=None if frame.is_part else ANSWERS.get(frame.function),
        )

    def _learn(self, station: str, center: int, password: str) -> None:
        self._last = b""
        self._learned[station] = {"center": str(center), "password": password}
        self._learned.move_to_end(station)
        if len(self._learned) > _STATIONS_REMEMBERED:
            self._learned.popitem(last=False)
