"""Finds SL 651 frames in a stream of bytes: see anlan.drivers.framing for the rules that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.sl651.crc import RunningCrc, crc16
from anlan.drivers.sl651.layout import (
    DOWN,
    END_BYTES,
    HEADER,
    MAX_FRAME,
    MAX_LENGTH,
    START,
    TRAILER,
    UP,
    BodyStart,
)
from anlan.drivers.types import FrameRefused, Garbage

#: Bytes looked at in one go, so that one huge read does not make one huge buffer.
_SLICE = 4096
_BODY_STARTS = frozenset(map(int, BodyStart))
_ENDS = frozenset(map(int, END_BYTES))


def declared_size(header: bytes | bytearray, at: int = 0) -> int | None:
    """Whole size in bytes of the frame whose header begins at `at`; None where that is no header."""
    nibble = header[at + 11] >> 4
    if nibble not in (UP, DOWN) or header[at + 13] not in _BODY_STARTS:
        return None
    return HEADER + ((header[at + 11] & 0x0F) << 8 | header[at + 12]) + TRAILER


class _Candidate(NamedTuple):
    """A frame start with a plausible header. Ordered by end, so that frames are judged in the order in which they complete."""

    end: int
    start: int


@dataclass(frozen=True, slots=True)
class _Failed:
    start: int
    end: int
    refused: FrameRefused


class Sl651Framer:
    """Positions are counted from the first byte ever fed; `_base` is the position of `_buffer[0]`.

    While frames come one after the other, whole and good, they are cut out by their length fields alone (`_cut_plainly`). The
    first byte that does not fit goes, with all behind it, the way that can resynchronise. Both give the same.
    """

    def __init__(self, *, max_length: int = MAX_LENGTH) -> None:
        self._max_size = HEADER + max_length + TRAILER
        self._buffer = bytearray()
        self._sums = RunningCrc(MAX_FRAME)
        self._base = 0
        self._scanned = 0
        self._accounted = 0
        self._waiting: list[_Candidate] = []
        self._failed: list[_Failed] = []
        self._reported_to = 0
        self._out: list[Framed] = []
        #: The beginning of a frame that nothing speaks against yet; only while `_buffer` is empty.
        self._begun = b""

    @property
    def held(self) -> int:
        """Bytes kept until more come."""
        return len(self._buffer) + len(self._begun)

    def feed(self, data: bytes) -> list[Framed]:
        if not self._buffer:
            data = self._cut_plainly(self._begun + data if self._begun else data)
        self._search(data)
        return self._taken()

    def _cut_plainly(self, data: bytes) -> bytes:
        """Take the good frames at the front, keep a frame begun behind them; returns what must be searched."""
        at, available = 0, len(data)
        self._begun = b""
        while available - at >= HEADER:
            kind = data[at + 11]
            end = at + HEADER + ((kind & 0x0F) << 8 | data[at + 12]) + TRAILER
            is_header = (
                data.startswith(START, at) and kind >> 4 in (UP, DOWN) and data[at + 13] in _BODY_STARTS
            )
            if not is_header or end - at > self._max_size or data.find(START, at + 1, end) >= 0:
                return data[at:]
            if end > available:
                break
            stated = data[end - 2] << 8 | data[end - 1]
            if data[end - 3] not in _ENDS or crc16(data[at : end - 2]) != stated:
                return data[at:]
            self._out.append(RawFrame(data[at:end]))
            at = end
        left = data[at:]
        if left and (not START.startswith(left[:2]) or left.find(START, 1) >= 0):
            return left
        self._begun = left
        return b""

    def _search(self, data: bytes) -> None:
        for at in range(0, len(data), _SLICE):
            chunk = data[at : at + _SLICE]
            self._buffer += chunk
            self._sums.append(chunk)
            self._find_starts()
            self._judge_complete()
            self._forget_settled()

    def flush(self) -> list[Framed]:
        begun, self._begun = self._begun, b""
        self._search(begun)
        end = self._base + len(self._buffer)
        starts = [candidate.start for candidate in self._waiting]
        if self._buffer[self._scanned - self._base :].startswith(START):
            starts.append(self._scanned)
        self._give_up(starts, before=end)
        self._emit_failed(before=end)
        self._account(end, end)
        self._waiting.clear()
        self._scanned = end
        self._trim(end)
        return self._taken()

    def _taken(self) -> list[Framed]:
        out, self._out = self._out, []
        return out

    def _find_starts(self) -> None:
        buffer, base = self._buffer, self._base
        at = self._scanned - base
        while True:
            found = buffer.find(START, at)
            if found < 0:
                last = len(buffer) - 1 if buffer.endswith(START[:1]) else len(buffer)
                self._scanned = base + max(at, last)
                return
            if found + HEADER > len(buffer):
                self._scanned = base + found
                return
            size = declared_size(buffer, found)
            if size is not None and size <= self._max_size:
                heappush(self._waiting, _Candidate(base + found + size, base + found))
            at = found + 1

    def _judge_complete(self) -> None:
        available = self._base + len(self._buffer)
        while self._waiting and self._waiting[0].end <= available:
            candidate = heappop(self._waiting)
            refused = self._refusal(candidate)
            if refused is None:
                self._accept(candidate)
            else:
                self._failed.append(_Failed(candidate.start, candidate.end, refused))

    def _refusal(self, candidate: _Candidate) -> FrameRefused | None:
        start, end = candidate.start - self._base, candidate.end - self._base
        buffer = self._buffer
        if buffer[end - TRAILER] not in END_BYTES:
            length = end - start - HEADER - TRAILER
            reason = f"The length field says {length} bytes, but no end byte stands behind them."
            return FrameRefused("sl651.length", reason, bytes(buffer[start:end]))
        stated = buffer[end - 2] << 8 | buffer[end - 1]
        computed = self._sums.of(start, end - 2)
        if stated != computed:
            reason = f"The check sum says {stated:04X}, the bytes give {computed:04X}."
            return FrameRefused("sl651.crc", reason, bytes(buffer[start:end]))
        return None

    def _accept(self, good: _Candidate) -> None:
        """Take the frame; what began before it and still waits was no frame or was cut off."""
        self._give_up([other.start for other in self._waiting if other.start < good.start], before=good.start)
        self._emit_failed(before=good.start)
        self._failed.clear()
        self._account(good.start, good.end)
        self._out.append(RawFrame(bytes(self._buffer[good.start - self._base : good.end - self._base])))
        self._waiting = [other for other in self._waiting if other.start >= good.end]
        heapify(self._waiting)
        self._scanned = max(self._scanned, good.end)
        self._reported_to = min(self._reported_to, good.end)

    def _give_up(self, starts: list[int], *, before: int) -> None:
        """The earliest of the unfinished is reported as cut off; the others lie within it."""
        if not starts:
            return
        start = min(starts)
        raw = bytes(self._buffer[start - self._base : before - self._base])
        reason = f"The frame breaks off after {len(raw)} bytes."
        self._failed.append(_Failed(start, before, FrameRefused("sl651.truncated", reason, raw)))

    def _emit_failed(self, *, before: int) -> None:
        """Report failures that begin before a position, one for each stretch of bytes."""
        for failed in sorted(self._failed, key=lambda each: each.start):
            if self._reported_to <= failed.start < before:
                self._out.append(failed.refused)
                self._reported_to = failed.end
        self._failed = [failed for failed in self._failed if failed.start >= before]

    def _forget_settled(self) -> None:
        """Drop bytes that no candidate can need. A failure is reported once nothing earlier could still swallow it."""
        keep = min((candidate.start for candidate in self._waiting), default=self._scanned)
        keep = min(keep, self._scanned)
        if self._failed:
            self._emit_failed(before=keep)
        self._account(keep, keep)
        self._trim(keep)

    def _account(self, start: int, end: int) -> None:
        """Bytes up to `start` belonged to no frame; those up to `end` are settled."""
        if start > self._accounted:
            self._out.append(Garbage(start - self._accounted))
        self._accounted = max(self._accounted, end)

    def _trim(self, position: int) -> None:
        count = position - self._base
        if count > 0:
            del self._buffer[:count]
            self._sums.drop(count)
            self._base = position
