"""A framer for protocols whose header tells the length: see anlan.drivers.framing for the rules that it keeps.

A protocol brings its start mark, the size that a header declares, and a judge for whole candidates. Positions are counted from the
first byte ever fed; `_base` is the position of `_buffer[0]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias

from anlan.drivers.framing import Framed, RawFrame
from anlan.drivers.types import FrameRefused, Garbage

#: Bytes looked at in one go, so that one huge read does not make one huge buffer.
_SLICE = 4096

#: The whole size in bytes of the frame whose header begins at an index of the buffer; None where that is no header.
SizeOf: TypeAlias = Callable[[bytearray, int], int | None]
#: None for a good candidate, or why it is refused.
Judge: TypeAlias = Callable[[bytes], FrameRefused | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the framer must know of a protocol.

    `overlap` bounds the work: of more false starts that overlap than this, the earliest is forgotten, so that a byte is judged at
    most so often. It must be more than a good frame can hold of them.
    """

    protocol: str
    start: bytes
    #: Bytes from the start mark on that `size_of` needs.
    header: int
    max_frame: int
    size_of: SizeOf
    overlap: int


class _Candidate(NamedTuple):
    """A start with a plausible header. Ordered by end, so that candidates are judged in the order in which they complete."""

    end: int
    start: int


class _Failed(NamedTuple):
    start: int
    end: int
    refused: FrameRefused


class CandidateFramer:
    """Give it bytes in any cut; the same bytes give the same frames and refusals."""

    def __init__(self, layout: Layout, judge: Judge) -> None:
        self._layout = layout
        self._judge = judge
        self._buffer = bytearray()
        self._base = 0
        self._scanned = 0
        self._accounted = 0
        self._waiting: list[_Candidate] = []
        self._failed: list[_Failed] = []
        self._reported_to = 0
        self._out: list[Framed] = []

    @property
    def held(self) -> int:
        """Bytes in the buffer."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Framed]:
        for at in range(0, len(data), _SLICE):
            self._buffer += data[at : at + _SLICE]
            self._find_starts()
            self._judge_until(self._base + len(self._buffer))
            self._forget_settled()
        return self._taken()

    def flush(self) -> list[Framed]:
        """No more bytes will come: report what was begun, and forget it."""
        end = self._base + len(self._buffer)
        starts = [candidate.start for candidate in self._waiting]
        if self._buffer[self._scanned - self._base :].startswith(self._layout.start):
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
        mark, header = self._layout.start, self._layout.header
        while True:
            at = self._scanned - self._base
            found = self._buffer.find(mark, at)
            if found < 0:
                self._scanned = self._base + max(at, len(self._buffer) - _begun(self._buffer, mark))
                return
            if found + header > len(self._buffer):
                self._scanned = self._base + found
                return
            self._scanned = self._base + found + 1
            size = self._layout.size_of(self._buffer, found)
            if size is not None and size <= self._layout.max_frame:
                self._consider(_Candidate(self._base + found + size, self._base + found))

    def _consider(self, candidate: _Candidate) -> None:
        """Add a candidate. What is complete by the end of its header is judged first, however the bytes came."""
        self._judge_until(candidate.start + self._layout.header)
        if self._scanned > candidate.start + 1:
            return  # it lies inside a frame that has just been taken
        if len(self._waiting) >= self._layout.overlap:
            self._waiting.remove(min(self._waiting, key=lambda each: each.start))
            heapify(self._waiting)
        heappush(self._waiting, candidate)

    def _judge_until(self, available: int) -> None:
        while self._waiting and self._waiting[0].end <= available:
            candidate = heappop(self._waiting)
            raw = bytes(self._buffer[candidate.start - self._base : candidate.end - self._base])
            refused = self._judge(raw)
            if refused is None:
                self._accept(candidate, raw)
            else:
                self._failed.append(_Failed(candidate.start, candidate.end, refused))

    def _accept(self, good: _Candidate, raw: bytes) -> None:
        """Take the frame; what began before it and still waits was no frame or was cut off."""
        self._give_up([other.start for other in self._waiting if other.start < good.start], before=good.start)
        self._emit_failed(before=good.start)
        self._failed.clear()
        self._account(good.start, good.end)
        self._out.append(RawFrame(raw))
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
        self._failed.append(
            _Failed(start, before, FrameRefused(f"{self._layout.protocol}.truncated", reason, raw))
        )

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
            self._base = position


def _begun(buffer: bytearray, mark: bytes) -> int:
    """How many bytes at the end of the buffer may be the beginning of a start mark."""
    return next((size for size in range(len(mark) - 1, 0, -1) if buffer.endswith(mark[:size])), 0)
