"""One connection of a vehicle terminal: bytes in, outcomes out. No clock, no socket, no store.

Settings of a station that it reads: `auth_codes` (comma-separated; the first is given out at registration, any opens the connection),
`version` ("2019" for commands), `utc_offset_h` (hours ahead of UTC of the device's clock, 8), `serial` ("one_byte": a vendor's 5501 and
5502 reports are taken).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from anlan.drivers.framing import RawFrame
from anlan.drivers.jt808 import layout
from anlan.drivers.jt808.codec import decode_verified
from anlan.drivers.jt808.commands import ACKNOWLEDGED, ANSWERED_BY
from anlan.drivers.jt808.encode import FAILED, general_ack, multimedia_ack, register_answer
from anlan.drivers.jt808.framing import Jt808Framer, message_of, read_header
from anlan.drivers.jt808.location import happenings_of, readings_of
from anlan.drivers.jt808.model import Jt808Frame, station_of
from anlan.drivers.jt808.parts import PartCollector, PartLimits
from anlan.drivers.jt808.repeats import Repeats
from anlan.drivers.jt808.times import offset_of
from anlan.drivers.types import (
    Attachment,
    FrameAccepted,
    FrameRefused,
    Garbage,
    Happening,
    Outcome,
    Reply,
    SettingsOf,
    no_settings,
)

#: Terminals remembered as authenticated on one connection; a relay carries many, an attacker could name millions.
_MAX_TERMINALS = 2000


def auth_codes_of(text: str | None) -> list[str]:
    return [code.strip() for code in (text or "").split(",") if code.strip()]


class Session:
    """Feed it what arrives. The answer of an outcome is sent by the caller, after the outcome is stored and not before.

    A station with `auth_codes` must have authenticated on this connection before its reports count; one without is taken as it comes.
    """

    def __init__(
        self, *, settings_of: SettingsOf = no_settings, part_limits: PartLimits | None = None
    ) -> None:
        self._settings_of = settings_of
        self._framer = Jt808Framer()
        self._parts = PartCollector(part_limits)
        self._repeats = Repeats()
        self._authenticated: set[str] = set()

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

    def _take(self, raw: bytes, received_at: datetime) -> Iterable[Outcome]:
        settings = self._settings_of(_station_in(raw))
        frame = decode_verified(raw, utc_offset_h=offset_of(settings.get("utc_offset_h")))
        if isinstance(frame, FrameRefused):
            return [frame, Garbage(len(raw))]
        if frame.is_down:
            reason = "A message of the platform came from the terminal's side."
            return [FrameRefused("jt808.downlink", reason, raw), Garbage(len(raw))]
        if frame.has_short_serial and settings.get("serial") != "one_byte":
            return [refuse_short_serial(frame), Garbage(len(raw))]
        codes = auth_codes_of(settings.get("auth_codes"))
        if frame.function == layout.REGISTER:
            return [self._accepted(frame, register_answer(frame, codes[0] if codes else None), received_at)]
        if frame.function == layout.AUTHENTICATE:
            return self._authenticate(frame, codes, received_at)
        if codes and frame.station not in self._authenticated:
            reason = f"The terminal {frame.station} has not authenticated on this connection."
            refused = FrameRefused("jt808.not_authenticated", reason, raw)
            return [refused, Garbage(len(raw)), Reply(general_ack(frame, FAILED))]
        return self._report(frame, received_at)

    def _authenticate(self, frame: Jt808Frame, codes: list[str], received_at: datetime) -> Iterable[Outcome]:
        is_known = not codes or frame.content.fields.get("auth_code") in codes
        if is_known and len(self._authenticated) < _MAX_TERMINALS:
            self._authenticated.add(frame.station)
            return [self._accepted(frame, general_ack(frame), received_at)]
        self._authenticated.discard(frame.station)
        reason = f"The terminal {frame.station} gave a code that the county did not give out."
        refused = FrameRefused("jt808.auth_code", reason, frame.raw)
        return [refused, Garbage(len(frame.raw)), Reply(general_ack(frame, FAILED))]

    def _report(self, frame: Jt808Frame, received_at: datetime) -> Iterable[Outcome]:
        if not frame.is_part:
            return [self._accepted(frame, _ack_of(frame), received_at)]
        whole, events = self._parts.add(frame, received_at)
        if whole is None:
            return [*events, self._accepted(frame, general_ack(frame), received_at)]
        return [*events, self._accepted(whole, _ack_of(whole), received_at)]

    def _accepted(self, frame: Jt808Frame, ack: bytes | None, received_at: datetime) -> FrameAccepted:
        places = frame.content.locations
        offset = frame.utc_offset_h
        readings = [each for place in places for each in readings_of(frame.station, place, offset)]
        happenings = [
            each
            for place in places
            for each in self._repeats.fresh(
                frame.station, happenings_of(frame.station, place, offset), received_at
            )
        ]
        return FrameAccepted(
            frame,
            tuple(readings),
            ack,
            frame.duplicate_key,
            frame.function == layout.HEARTBEAT,
            happenings=(*happenings, *_own_happenings(frame)),
            attachments=_attachments(frame),
            answers=_answers(frame),
        )


def refuse_short_serial(frame: Jt808Frame) -> FrameRefused:
    reason = (
        f"The header declares a body of {frame.header.body_length} bytes, {frame.header.body_length - 1} are there: a vendor's "
        f"report {frame.function} with a serial of one byte. Set serial to one_byte for this station to take it."
    )
    return FrameRefused("jt808.one_byte_serial", reason, frame.raw)


def _station_in(raw: bytes) -> str:
    message = message_of(raw)
    header = read_header(message) if message is not None else None
    return station_of(header.phone) if header is not None else ""


def _ack_of(frame: Jt808Frame) -> bytes | None:
    if frame.function == layout.MULTIMEDIA:
        return multimedia_ack(frame)
    if frame.function in layout.WITHOUT_GENERAL_ACK or frame.has_short_serial:
        return None
    return general_ack(frame)


def _answers(frame: Jt808Frame) -> str | None:
    if frame.function == layout.TERMINAL_ACK:
        return ACKNOWLEDGED.get(str(frame.content.fields.get("answered_id")))
    return ANSWERED_BY.get(frame.function)


def _own_happenings(frame: Jt808Frame) -> tuple[Happening, ...]:
    if frame.function == layout.REGISTER:
        return (Happening(frame.station, "vehicle_registered", None, dict(frame.content.fields)),)
    if frame.function == layout.UNREGISTER:
        return (Happening(frame.station, "vehicle_unregistered", None, {}),)
    return ()


def _attachments(frame: Jt808Frame) -> tuple[Attachment, ...]:
    if not frame.content.file:
        return ()
    media_type = str(frame.content.fields["media_type"])
    return (Attachment(frame.station, media_type, frame.newest_at, frame.content.file),)
