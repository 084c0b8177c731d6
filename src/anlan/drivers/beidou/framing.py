"""Finds sentences in bytes: see anlan.drivers.framing for the rules. A sentence ends at the first line end behind its $."""

from __future__ import annotations

import re
from typing import NamedTuple

from anlan.drivers.beidou.layout import MAX_SENTENCE, STAR, START, SUM, TAIL
from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.types import FrameRefused, Garbage

_SLICE = 4096
#: Five letters by the 2.1 text; makers add sentences of three to six.
_NAME = re.compile(rb"\$[A-Z][A-Z0-9]{2,5}[,*]")
_DIGITS = re.compile(rb"[0-9A-Fa-f]{2}")


class _Line(NamedTuple):
    """What a line with a $ in it holds: a good sentence at an index, or why there is none."""

    good: int | None
    refused: FrameRefused | None


def xor_of(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value


def stated_sum(line: bytes) -> int | None:
    """The XOR that a line ending with *hh CR LF states; None where it does not end so."""
    tail = line[-SUM - len(TAIL) :]
    if not (tail.startswith(STAR) and _DIGITS.fullmatch(tail[1:SUM])):
        return None
    return int(tail[1:SUM], 16)


def read_line(line: bytes) -> _Line:
    """The good sentence of a line that begins with $ and ends with CR LF. One pass, however many $ there are.

    Noise in front may fit the sum as well, once in 256 times or when it repeats itself, so the last good start counts.
    """
    stated = stated_sum(line)
    if stated is None:
        return _Line(
            None, FrameRefused("beidou.no_sum", "The sentence does not end with * and two digits.", line)
        )
    value = 0
    for at in range(len(line) - SUM - len(TAIL) - 1, -1, -1):
        if line[at] == START[0] and value == stated and _NAME.match(line, at):
            return _Line(at, None)
        value ^= line[at]
    # The first byte is the $ itself, which the sum leaves out.
    computed = value ^ START[0]
    if computed != stated:
        reason = f"The XOR says {stated:02X}, the bytes give {computed:02X}."
        return _Line(None, FrameRefused("beidou.xor", reason, line))
    return _Line(
        None, FrameRefused("beidou.name", "No name of three to six letters stands behind the $.", line)
    )


class BeidouFramer:
    """Give it bytes in any cut; the same bytes give the same sentences and refusals."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._out: list[Framed] = []

    @property
    def held(self) -> int:
        """Bytes in the buffer."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Framed]:
        for at in range(0, len(data), _SLICE):
            self._buffer += data[at : at + _SLICE]
            while self._step():
                pass
        return self._taken()

    def flush(self) -> list[Framed]:
        """No more bytes will come: report what was begun, and forget it."""
        if self._buffer.startswith(START):
            left = bytes(self._buffer)
            reason = f"The sentence breaks off after {len(left)} bytes."
            self._out.append(FrameRefused("beidou.truncated", reason, left))
        self._drop(len(self._buffer))
        return self._taken()

    def _taken(self) -> list[Framed]:
        out, self._out = self._out, []
        return out

    def _step(self) -> bool:
        """Settle one stretch of the buffer; False when more bytes are needed."""
        start = self._buffer.find(START)
        if start != 0:
            self._drop(len(self._buffer) if start < 0 else start)
            return start > 0
        found = self._buffer.find(TAIL, max(self._searched - 1, 0))
        size = len(self._buffer) if found < 0 else found + len(TAIL)
        if size > MAX_SENTENCE:
            self._drop(1)
            return True
        if found < 0:
            self._searched = len(self._buffer)
            return False
        self._settle(bytes(self._buffer[:size]))
        return True

    def _settle(self, line: bytes) -> None:
        read = read_line(line)
        if read.good is None:
            if read.refused is not None:
                self._out.append(read.refused)
            self._drop(len(line))
            return
        if read.good:
            reason = f"The sentence breaks off after {read.good} bytes."
            self._out.append(FrameRefused("beidou.truncated", reason, line[: read.good]))
            self._drop(read.good)
        self._out.append(RawFrame(line[read.good :]))
        del self._buffer[: len(line) - read.good]
        self._searched = 0

    def _drop(self, count: int) -> None:
        if count:
            last = self._out[-1] if self._out else None
            if isinstance(last, Garbage):
                self._out[-1] = Garbage(last.count + count)
            else:
                self._out.append(Garbage(count))
            del self._buffer[:count]
        self._searched = max(self._searched - count, 0)
