"""Bytes of one JT/T 808 frame to its meaning. Pure; no clock."""

from __future__ import annotations

from dataclasses import replace

from anlan.drivers.jt808.bodies import Content, read_content, read_short_serial
from anlan.drivers.jt808.framing import check, has_one_byte_serial, message_of, read_header
from anlan.drivers.jt808.model import Jt808Frame
from anlan.drivers.jt808.times import BEIJING_H
from anlan.drivers.types import FrameRefused


def decode(raw: bytes) -> Jt808Frame | FrameRefused:
    """One whole frame, nothing before or behind it; its first mark may belong to the frame before. Check byte and length are verified."""
    if not raw.endswith(b"\x7e"):
        return FrameRefused("jt808.no_frame", "A frame ends with 7E.", raw)
    return check(message_of(raw), raw) or decode_verified(raw)


def decode_verified(raw: bytes, *, utc_offset_h: float = BEIJING_H) -> Jt808Frame | FrameRefused:
    """The same for a frame that the framer has verified."""
    message = message_of(raw)
    refused = FrameRefused("jt808.length", "The message is shorter than its own header.", raw)
    if message is None:
        return refused
    short_serial = has_one_byte_serial(message)
    header = read_header(message[:-1], serial_size=1 if short_serial else 2)
    if header is None:
        return refused
    body = message[header.size : -1]
    if short_serial:
        return Jt808Frame(raw, header, body, read_short_serial(body), has_short_serial=True)
    if header.total is not None and not 1 <= (header.number or 0) <= header.total:
        reason = f"The packet calls itself number {header.number} of {header.total}."
        return FrameRefused("jt808.part_number", reason, raw)
    is_part = (header.total or 1) > 1
    content = Content({}) if is_part else read_content(header, body)
    return Jt808Frame(raw, header, body, content, utc_offset_h=utc_offset_h)


def join(last: Jt808Frame, body: bytes, *, first_serial: int) -> Jt808Frame:
    """The whole message: the sub-packet that completed it, with the body of all in order and the serial of the first."""
    header = replace(last.header, serial=first_serial)
    return replace(last, header=header, body=body, content=read_content(header, body), is_joined=True)
