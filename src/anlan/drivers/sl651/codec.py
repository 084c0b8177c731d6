"""Bytes of one SL 651 frame to its meaning, and its meaning to readings. Pure; no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from anlan.drivers.sl651.body import PREFIX, read_body
from anlan.drivers.sl651.crc import crc16
from anlan.drivers.sl651.elements import quantity_code
from anlan.drivers.sl651.framing import declared_size
from anlan.drivers.sl651.layout import DOWN, END_BYTES, HEADER, PERIOD_FUNCTIONS, START, TRAILER, BodyStart
from anlan.drivers.sl651.model import Body, Element, ElementKind, Sl651Frame
from anlan.drivers.sl651.times import group_times, series_times, step_of, utc_of
from anlan.drivers.types import FrameRefused, Reading

#: Total and number of a packet, twelve bits each.
_PACKET = 3


def decode(raw: bytes) -> Sl651Frame | FrameRefused:
    """One whole frame, nothing before or behind it; length and check sum are verified."""
    return _check(raw) or decode_verified(raw)


def decode_verified(raw: bytes) -> Sl651Frame | FrameRefused:
    """The same for bytes whose length and check sum the framer has verified."""
    envelope = read_envelope(raw)
    content = raw[HEADER:-TRAILER]
    if envelope.body_start == BodyStart.SYN:
        return _decode_packet(envelope, content)
    if len(content) < PREFIX:
        reason = f"The body has {len(content)} bytes; serial and send time need {PREFIX}."
        return FrameRefused("sl651.body_short", reason, raw)
    return replace(envelope, body=read_body(content, envelope.function, is_down=envelope.is_down))


def read_envelope(raw: bytes) -> Sl651Frame:
    """The fixed fields alone. Upwards the centre comes first, downwards the station. Needs HEADER + TRAILER bytes."""
    direction = raw[11] >> 4
    station, center = (raw[2:7], raw[7]) if direction == DOWN else (raw[3:8], raw[2])
    return Sl651Frame(
        raw=raw,
        direction=direction,
        center=center,
        station=station.hex().upper(),
        password=raw[8:10].hex().upper(),
        function=f"{raw[10]:02X}",
        length_field=(raw[11] & 0x0F) << 8 | raw[12],
        body_start=raw[13],
        terminator=raw[-TRAILER],
        body=Body(b""),
    )


def _check(raw: bytes) -> FrameRefused | None:
    if len(raw) < HEADER + TRAILER or not raw.startswith(START):
        reason = "This does not begin like a frame, or is too short to be one."
        return FrameRefused("sl651.no_frame", reason, raw)
    size = declared_size(raw)
    if size != len(raw) or raw[-TRAILER] not in END_BYTES:
        return FrameRefused("sl651.length", "The length field and the bytes do not agree.", raw)
    stated, computed = int.from_bytes(raw[-2:], "big"), crc16(raw[:-2])
    if stated != computed:
        reason = f"The check sum says {stated:04X}, the bytes give {computed:04X}."
        return FrameRefused("sl651.crc", reason, raw)
    return None


def _decode_packet(envelope: Sl651Frame, content: bytes) -> Sl651Frame | FrameRefused:
    """One of several packets. Only the first carries serial, time and station, so only it is taken apart."""
    if len(content) < _PACKET:
        reason = "The packet has no room for its total and number."
        return FrameRefused("sl651.body_short", reason, envelope.raw)
    numbers = int.from_bytes(content[:_PACKET], "big")
    total, number = numbers >> 12, numbers & 0xFFF
    if not 1 <= number <= total:
        reason = f"The packet calls itself number {number} of {total}."
        return FrameRefused("sl651.part_number", reason, envelope.raw)
    rest = content[_PACKET:]
    is_readable = number == 1 and len(rest) >= PREFIX
    body = read_body(rest, envelope.function, is_down=envelope.is_down) if is_readable else Body(rest)
    if total > 1:
        # The packet ends where it happens to be full; that elements break off there is no fault.
        body = replace(body, problems=())
    return replace(envelope, packet_total=total, packet_no=number, body=body)


def join(last: Sl651Frame, content: bytes) -> Sl651Frame | FrameRefused:
    """The whole message: the packet that completed it, with the body of all in order."""
    if len(content) < PREFIX:
        return FrameRefused("sl651.body_short", "The joined packets hold no serial and send time.", last.raw)
    return replace(last, is_joined=True, body=read_body(content, last.function, is_down=last.is_down))


def readings(frame: Sl651Frame) -> tuple[Reading, ...]:
    """The readings in the order of the frame; none from downlinks, texts, pictures and packets still to be joined.

    Elements without a usable observation time give none: a time is not invented. Two elements may give the same quantity and time;
    both are kept, in order.
    """
    if frame.is_down or frame.is_part:
        return ()
    elements = frame.body.elements or ()
    step = next((step_of(each.raw) for each in elements if each.kind is ElementKind.STEP), None)
    return tuple(
        Reading(frame.station, quantity_code(element.id), time, value, element.id)
        for element in elements
        for time, value in zip(_times(frame, element, step), element.values, strict=False)
    )


def _times(frame: Sl651Frame, element: Element, step: timedelta | None) -> Sequence[datetime]:
    """UTC times of the values of an element; a series without a usable step has only its first."""
    observed = utc_of(element.observed_raw)
    if observed is None:
        return ()
    if element.kind in (ElementKind.RAIN_GROUP, ElementKind.LEVEL_GROUP):
        is_period = frame.function in PERIOD_FUNCTIONS
        return group_times(observed, frame.sent_at, count=len(element.values), is_period=is_period)
    if element.kind is ElementKind.SERIES and step is not None:
        return series_times(observed, step, len(element.values))
    return (observed,)
