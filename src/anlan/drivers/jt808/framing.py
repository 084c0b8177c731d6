"""Finds JT/T 808 frames in a stream of bytes. 7E never stands inside a frame, so what lies between two marks is judged whole.

The mark that ends a frame may begin the next (some devices save the byte); the second frame's bytes then stand without it, so that no
byte belongs to two frames. Between marks there may be nothing (7E7E) or junk. A bad
stretch costs only itself: the mark behind it is a start again. Never raises, and holds no more than one longest frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.jt808.layout import (
    ESCAPE,
    HEADER_2013,
    HEADER_2019,
    LENGTH_MASK,
    MARK,
    MAX_FRAME,
    ONE_BYTE_SERIAL,
    PACKET_BIT,
    PACKET_ITEM,
    VERSION_BIT,
)
from anlan.drivers.types import FrameRefused, Garbage

_MARK = bytes([MARK])
_UNESCAPED = {1: ESCAPE, 2: MARK}
#: Shorter stretches between marks are counted as garbage and not reported one by one.
_SHORTEST = HEADER_2013 + 1


@dataclass(frozen=True, slots=True)
class Header:
    """The fixed fields. `size` is what they take, with the packet item; `serial_size` is 1 for some vendors."""

    message_id: str
    attributes: int
    protocol_version: int | None
    phone: str
    serial: int
    total: int | None
    number: int | None
    size: int

    @property
    def is_2019(self) -> bool:
        return bool(self.attributes & VERSION_BIT)

    @property
    def body_length(self) -> int:
        return self.attributes & LENGTH_MASK

    @property
    def encryption(self) -> int:
        return self.attributes >> 10 & 0x07


def unescape(content: bytes) -> bytes | None:
    """The bytes between two marks as they were meant; None for an escape that means nothing."""
    if ESCAPE not in content:
        return content
    out = bytearray()
    at = 0
    while at < len(content):
        byte = content[at]
        if byte == ESCAPE:
            at += 1
            meant = _UNESCAPED.get(content[at]) if at < len(content) else None
            if meant is None:
                return None
            byte = meant
        out.append(byte)
        at += 1
    return bytes(out)


def message_of(raw: bytes) -> bytes | None:
    """What a frame says, header to check byte, with or without its first mark; None for an escape that means nothing."""
    return unescape(raw.strip(_MARK))


def escape(message: bytes) -> bytes:
    """A whole frame of header, body and check byte."""
    return _MARK + message.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + _MARK


def xor_of(data: bytes) -> int:
    """The check byte: all bytes of header and body together."""
    total = 0
    for byte in data:
        total ^= byte
    return total


def read_header(message: bytes, *, serial_size: int = 2) -> Header | None:
    """Header of an unescaped message; None where it is too short for one."""
    if len(message) < HEADER_2013:
        return None
    message_id = message[:2].hex().upper()
    attributes = int.from_bytes(message[2:4], "big")
    is_2019 = bool(attributes & VERSION_BIT)
    base = HEADER_2019 if is_2019 else HEADER_2013
    has_item = bool(attributes & PACKET_BIT) and serial_size == 2
    size = base - 2 + serial_size + (PACKET_ITEM if has_item else 0)
    if len(message) < size:
        return None
    phone = message[5:15] if is_2019 else message[4:10]
    serial = int.from_bytes(message[base - 2 : base - 2 + serial_size], "big")
    total, number = (
        (int.from_bytes(message[base : base + 2], "big"), int.from_bytes(message[base + 2 : base + 4], "big"))
        if has_item
        else (None, None)
    )
    version = message[4] if is_2019 else None
    return Header(message_id, attributes, version, phone.hex(), serial, total, number, size)


def has_one_byte_serial(message: bytes) -> bool:
    """A vendor's report whose declared length fits only if its serial has one byte. `message` is unescaped, with its check byte."""
    header = read_header(message, serial_size=1)
    if header is None or header.message_id not in ONE_BYTE_SERIAL:
        return False
    return len(message) - header.size - 1 == header.body_length


def check(message: bytes | None, raw: bytes) -> FrameRefused | None:
    """What is wrong with an unescaped message, its check byte included. `raw` is the frame as it came."""
    if message is None:
        return FrameRefused("jt808.escape", "An escape 7D is followed by neither 01 nor 02.", raw)
    if len(message) < _SHORTEST:
        reason = f"Between the marks stand {len(message)} bytes; the shortest message has {_SHORTEST}."
        return FrameRefused("jt808.short", reason, raw)
    stated, computed = message[-1], xor_of(message[:-1])
    if stated != computed:
        reason = f"The check byte says {stated:02X}, the bytes give {computed:02X}."
        return FrameRefused("jt808.xor", reason, raw)
    if has_one_byte_serial(message):
        return None
    header = read_header(message[:-1])
    if header is None:
        return FrameRefused("jt808.length", "The message is shorter than its own header.", raw)
    actual = len(message) - header.size - 1
    if actual != header.body_length:
        reason = f"The header declares a body of {header.body_length} bytes, {actual} are there."
        return FrameRefused("jt808.length", reason, raw)
    return None


def already_unescaped(message: bytes) -> bytes | None:
    """The frame as it was on the wire, for a capture that a tool wrote down after unescaping it; a bare 7E inside proves that.

    None for everything else. Logs of others hold such frames (jt808-045); on the wire they do not occur.
    """
    if len(message) < _SHORTEST + 2 or message[0] != MARK or message[-1] != MARK:
        return None
    if MARK not in message[1:-1]:
        return None
    raw = escape(message[1:-1])
    return raw if check(message[1:-1], raw) is None else None


class Jt808Framer:
    """`_held` are the bytes behind the last mark; `_mark_is_free` tells whether that mark belongs to no frame yet."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._has_mark = False
        self._mark_is_free = False
        self._garbage = 0
        self._out: list[Framed] = []

    @property
    def held(self) -> int:
        return len(self._held)

    def feed(self, data: bytes) -> list[Framed]:
        first, *rest = data.split(_MARK)
        self._add(first)
        for part in rest:
            self._close_stretch()
            self._add(part)
        return self._taken()

    def flush(self) -> list[Framed]:
        if self._has_mark and len(self._held) >= _SHORTEST:
            raw = _MARK + bytes(self._held)
            reason = f"The frame breaks off after {len(raw)} bytes."
            self._out.append(FrameRefused("jt808.truncated", reason, raw))
        self._discard(len(self._held) + (self._has_mark and self._mark_is_free))
        self._held.clear()
        self._has_mark = self._mark_is_free = False
        return self._taken()

    def _add(self, part: bytes) -> None:
        """Bytes without a mark. What no frame can be long enough for is dropped, up to the next mark."""
        self._held += part
        if not self._has_mark or len(self._held) > MAX_FRAME - 2:
            self._discard(len(self._held) + (self._has_mark and self._mark_is_free))
            self._held.clear()
            self._has_mark = self._mark_is_free = False

    def _close_stretch(self) -> None:
        """A mark came: judge what stands before it."""
        content, self._held = bytes(self._held), bytearray()
        had_mark, was_free = self._has_mark, self._mark_is_free
        self._has_mark, self._mark_is_free = True, True
        if not had_mark:
            return
        if not content:
            self._discard(int(was_free))
            return
        raw = (_MARK if was_free else b"") + content + _MARK
        refused = check(unescape(content), raw)
        if refused is None:
            self._settle_garbage()
            self._out.append(RawFrame(raw))
            self._mark_is_free = False
            return
        if len(content) >= _SHORTEST:
            self._settle_garbage()
            self._out.append(refused)
        self._discard(len(content) + was_free)

    def _discard(self, count: int) -> None:
        self._garbage += count

    def _settle_garbage(self) -> None:
        if self._garbage:
            self._out.append(Garbage(self._garbage))
            self._garbage = 0

    def _taken(self) -> list[Framed]:
        self._settle_garbage()
        out, self._out = self._out, []
        return out
