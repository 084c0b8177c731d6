"""One connection of an HJ 212 station, or of a forwarding platform for many: bytes in, outcomes out. No clock, socket or store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.hj212.codec import check, read_frame, readings
from anlan.drivers.hj212.commands import answered_command
from anlan.drivers.hj212.crc import Dialect
from anlan.drivers.hj212.encode import answer_to
from anlan.drivers.hj212.framing import LAYOUT
from anlan.drivers.hj212.happenings import happenings
from anlan.drivers.hj212.layout import KEEPALIVES
from anlan.drivers.hj212.model import Hj212Frame
from anlan.drivers.hj212.parts import PartCollector, PartLimits
from anlan.drivers.types import FrameAccepted, FrameRefused, Outcome, SettingsOf, no_settings


class Session:
    """Feed it what arrives. The answer of an outcome is sent by the caller, after the outcome is stored and not before.

    Settings of a station: `crc` (standard, modbus, modbus_swapped: taken beside the standard's), `check_password` ("yes": refuse a
    message whose PW is not `password`).
    """

    def __init__(
        self, *, settings_of: SettingsOf = no_settings, part_limits: PartLimits | None = None
    ) -> None:
        self._settings_of = settings_of
        self._framer = CandidateFramer(LAYOUT, self._refusal)
        self._parts = PartCollector(part_limits)

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        outcomes: list[Outcome] = list(self._parts.expire(received_at))
        for framed in self._framer.feed(data):
            if isinstance(framed, RawFrame):
                outcomes += self._take(framed.raw, received_at)
            else:
                outcomes.append(framed)
        return outcomes

    def expire(self, at: datetime) -> list[Outcome]:
        return list(self._parts.expire(at))

    def close(self) -> list[Outcome]:
        left = [framed for framed in self._framer.flush() if not isinstance(framed, RawFrame)]
        return [*left, *self._parts.close()]

    def _refusal(self, raw: bytes) -> FrameRefused | None:
        return check(raw, self._allows)

    def _allows(self, station: str, dialect: Dialect) -> bool:
        return self._settings_of(station).get("crc") == dialect.value

    def _take(self, raw: bytes, received_at: datetime) -> Iterable[Outcome]:
        frame = read_frame(raw)
        if not frame.station or not frame.function:
            reason = "The message names no station (MN) or no command (CN)."
            return [FrameRefused("hj212.no_station", reason, raw)]
        settings = self._settings_of(frame.station)
        if settings.get("check_password") == "yes" and frame.header.get("PW") != settings.get("password"):
            reason = f"Station {frame.station} sent another password than the one set for it."
            return [FrameRefused("hj212.password", reason, raw)]
        if frame.packet is None:
            return [self._accepted(frame, None)]
        ready, given_up = self._parts.add(frame, frame.packet, received_at)
        return [*given_up, *(self._accepted(each, data_time) for each, data_time in ready)]

    def _accepted(self, frame: Hj212Frame, data_time: str | None) -> FrameAccepted:
        return FrameAccepted(
            frame,
            readings(frame, data_time=data_time),
            answer_to(frame),
            frame.duplicate_key,
            frame.function in KEEPALIVES,
            happenings=happenings(frame),
            answers=answered_command(frame),
        )
