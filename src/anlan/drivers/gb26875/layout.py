"""Bytes of a GB/T 26875.3-2011 frame: 40 40, serial 2, version 2, time 6, source 6, destination 6, length 2, command 1, data, sum, 23 23.

Numbers are little-endian. Source: protocols.md, verified there on messages that none of us wrote.
"""

from __future__ import annotations

from enum import IntEnum

from anlan.drivers.candidates import Layout
from anlan.drivers.types import FrameRefused

START = b"\x40\x40"
END = b"\x23\x23"
#: Up to the command.
HEADER = 27
TRAILER = 3
MAX_DATA = 1024
MAX_FRAME = HEADER + MAX_DATA + TRAILER


class Command(IntEnum):
    CONTROL = 1
    SEND = 2
    CONFIRM = 3
    REQUEST = 4
    ANSWER = 5
    DENY = 6


#: What only a centre says.
DOWN = frozenset({Command.CONTROL, Command.REQUEST})


def data_length(frame: bytes | bytearray, at: int = 0) -> int:
    return frame[at + 24] | frame[at + 25] << 8


def declared_size(buffer: bytearray, at: int) -> int | None:
    """Whole size of the frame whose header begins at an index; None where its data would be longer than the standard allows."""
    length = data_length(buffer, at)
    return HEADER + length + TRAILER if length <= MAX_DATA else None


def sum_of(frame: bytes) -> int:
    """From the serial to the last byte of the data, modulo 256."""
    return sum(frame[2:-TRAILER]) & 0xFF


def judge(raw: bytes) -> FrameRefused | None:
    """What is wrong with bytes of the declared size."""
    if raw[-2:] != END:
        reason = f"Behind {data_length(raw)} bytes of data the end 23 23 does not stand."
        return FrameRefused("gb26875.tail", reason, raw)
    stated, computed = raw[-TRAILER], sum_of(raw)
    if stated != computed:
        reason = f"The check sum says {stated:02X}, the bytes give {computed:02X}."
        return FrameRefused("gb26875.sum", reason, raw)
    return None


LAYOUT = Layout("gb26875", START, HEADER, MAX_FRAME, declared_size, overlap=64)
