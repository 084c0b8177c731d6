"""One connection of an SL 427 station: bytes in, outcomes out. No clock, no socket, no store."""

from __future__ import annotations

from datetime import datetime

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.sl427.codec import LAYOUT, check, read_frame, readings
from anlan.drivers.sl427.encode import answer_to, answered_command
from anlan.drivers.sl427.layout import ALARM, ALARM_BITS, LINK_TEST
from anlan.drivers.sl427.model import Sl427Frame
from anlan.drivers.types import (
    FrameAccepted,
    FrameRefused,
    Happening,
    Outcome,
    SettingsOf,
    no_settings,
)


class Session:
    """Feed it what arrives. The answer of an outcome is sent by the caller, after the outcome is stored and not before.

    Settings of a station: `mode`, see `encode.answer_to`; `password`, for commands.
    """

    def __init__(self, *, settings_of: SettingsOf = no_settings) -> None:
        self._settings_of = settings_of
        self._framer = CandidateFramer(LAYOUT, check)

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        return [
            self._take(framed.raw, received_at) if isinstance(framed, RawFrame) else framed
            for framed in self._framer.feed(data)
        ]

    def expire(self, _at: datetime) -> list[Outcome]:
        return []

    def close(self) -> list[Outcome]:
        return [framed for framed in self._framer.flush() if not isinstance(framed, RawFrame)]

    def _take(self, raw: bytes, received_at: datetime) -> Outcome:
        frame = read_frame(raw)
        if isinstance(frame, FrameRefused):
            return frame
        if frame.is_down:
            reason = "A frame of the centre came from the station's side."
            return FrameRefused("sl427.downlink", reason, raw)
        return FrameAccepted(
            frame,
            readings(frame, received_at.replace(microsecond=0)),
            answer_to(frame, at=received_at, settings=self._settings_of(frame.station)),
            frame.duplicate_key,
            frame.afn == LINK_TEST,
            happenings=_happenings(frame),
            answers=answered_command(frame),
        )


def _happenings(frame: Sl427Frame) -> tuple[Happening, ...]:
    if frame.alarms:
        names = [ALARM_BITS[bit][0] for bit in frame.alarms]
        return (Happening(frame.station, "terminal_alarm", frame.sent_at, {"alarms": names}),)
    if frame.afn == ALARM:
        data = {"data_hex": frame.data.hex().upper()}
        return (Happening(frame.station, "terminal_alarm", None, dict(data)),)
    return ()
