"""The TCP listener: one driver session a connection, bounded on every side. An acknowledgement leaves only after the commit."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

from anlan.drivers.types import FrameAccepted, FrameRefused, Manifest, no_settings
from anlan.gateway.catalogue import Limits
from anlan.gateway.counters import Counters
from anlan.gateway.intake import Submission, stored_value
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.sensing.hot.refused import RefusedFrame
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame

#: Bytes of answers a peer may leave unread before it is cut.
_UNREAD_ANSWERS = 64 << 10


class StationListener:
    """All open connections and their bounds; `limits` is replaced when the catalogue changes."""

    def __init__(self, manifest: Manifest, desk: StationDesk, writer: Writer, counters: Counters) -> None:
        self.manifest = manifest
        self.desk = desk
        self.writer = writer
        self.counters = counters
        self.limits = Limits()
        self.links: set[StationLink] = set()
        self._per_address: Counter[str] = Counter()

    def admit(self, link: StationLink) -> bool:
        """Whether there is room for one more connection, in all and from this address."""
        has_room = len(self.links) < self.limits.connections
        if not has_room or self._per_address[link.address] >= self.limits.per_address:
            self.counters.connections_refused += 1
            return False
        self.counters.connections_opened += 1
        self.links.add(link)
        self._per_address[link.address] += 1
        return True

    def leave(self, link: StationLink) -> None:
        if link in self.links:
            self.links.discard(link)
            self._per_address[link.address] -= 1
            if not self._per_address[link.address]:
                del self._per_address[link.address]

    def sweep(self) -> None:
        """Once a second: cut who has said nothing for too long, and let sessions give up on missing parts."""
        now = time.monotonic()
        at = self.writer.clock.now()
        for link in list(self.links):
            if now - link.last_data > self.limits.idle_s:
                self.counters.connections_cut_idle += 1
                link.cut()
            else:
                link.take(link.session.expire(at))

    def close(self) -> None:
        for link in list(self.links):
            link.close()


class StationLink(asyncio.Protocol):
    """One connection."""

    __slots__ = ("_bytes_without_frame", "_has_ended", "_is_paused", "_listener", "_transport", "_waiting", "address", "last_data", "peer", "session")  # fmt: skip

    def __init__(self, listener: StationListener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self.session = listener.manifest.new_session(no_settings)
        self.address = ""
        self.peer = ""
        self.last_data = time.monotonic()
        self._bytes_without_frame = 0
        self._waiting = 0
        self._is_paused = False
        self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # a stream server hands out stream transports
        name = transport.get_extra_info("peername") or ("unknown", 0)
        self.address, self.peer = str(name[0]), f"{name[0]}:{name[1]}"
        if not self._listener.admit(self):
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.leave(self)
        self._transport = None
        self.take(self.session.close())

    def data_received(self, data: bytes) -> None:
        self.last_data = time.monotonic()
        self._bytes_without_frame += len(data)
        self.take(self.session.feed(data, self._listener.writer.clock.now()))
        if self._bytes_without_frame > self._listener.limits.bytes_without_frame:
            self._listener.counters.connections_cut_no_frame += 1
            self.cut()

    def eof_received(self) -> bool:
        """The station has said everything; what it sent is still stored and acknowledged before the line is closed."""
        self._has_ended = True
        return self._waiting > 0

    def take(self, outcomes: Sequence[object]) -> None:
        """Deal with each outcome; a bad one never closes the connection."""
        counters = self._listener.counters
        for outcome in outcomes:
            if isinstance(outcome, FrameAccepted):
                counters.frames += 1
                self._bytes_without_frame = 0
                self._accept(outcome)
            elif isinstance(outcome, FrameRefused):
                self._refuse(outcome.code, outcome.reason, outcome.raw)
            else:
                counters.garbage_bytes += getattr(outcome, "count", 0)

    def _refuse(self, code: str, reason: str, raw: bytes) -> None:
        self._listener.counters.refused_by_code[code] += 1
        received = int(self._listener.writer.clock.now().timestamp() * 1000)
        self._listener.writer.refused.add(RefusedFrame(received, self.peer, code, reason, raw))

    def _accept(self, accepted: FrameAccepted) -> None:
        """Hand a good frame to the writer. A frame of an unknown station is kept, and neither acknowledged nor refused:
        the station keeps its readings and sends them again once somebody has registered it."""
        listener, desk = self._listener, self._listener.desk
        now = listener.writer.clock.now()
        station = accepted.frame.station
        frame = RawFrame(int(now.timestamp() * 1000), f"tcp:{self.peer}", station, accepted.frame.raw)
        submission = Submission(now, time.time(), self._acknowledge(accepted.ack))
        if not desk.knows(station):
            listener.counters.frames_unknown_station += 1
            submission.done = self._acknowledge(None)
            if desk.note_unknown(station, frame, submission):
                self._submit(submission)
            return
        submission.heard = frozenset((station,))
        if accepted.is_keepalive:
            listener.counters.keepalives += 1
        else:
            self._add_readings(accepted, submission)
            if submission.keys or desk.is_new_report(accepted.duplicate_key):
                submission.frame = frame
        submission.signals += desk.clock_signals(station, accepted.frame.sent_at, now)
        self._submit(submission)

    def _add_readings(self, accepted: FrameAccepted, submission: Submission) -> None:
        for reading in accepted.readings:
            value = stored_value(reading.quantity, reading.value)
            if value is None:
                self._refuse(
                    "reading.value",
                    f"{reading.quantity} is no number that can be stored.",
                    accepted.frame.raw,
                )
            else:
                submission.add(StreamKey(reading.station, reading.quantity), reading.phenomenon_time, value)

    def _submit(self, submission: Submission) -> None:
        self._waiting += 1
        if self._waiting >= self._listener.limits.frames_waiting and not self._is_paused and self._transport:
            self._is_paused = True
            self._transport.pause_reading()
        self._listener.writer.submit(submission)

    def _acknowledge(self, ack: bytes | None) -> Callable[[Sequence[int] | None], None]:
        """Called in the event loop after the commit; None instead of verdicts means: not stored, say nothing."""

        def done(verdicts: Sequence[int] | None) -> None:
            self._waiting -= 1
            transport = self._transport
            if transport is None or transport.is_closing():
                return
            if self._is_paused and self._waiting <= self._listener.limits.frames_waiting // 2:
                self._is_paused = False
                transport.resume_reading()
            if verdicts is not None and ack:
                transport.write(ack)
                if transport.get_write_buffer_size() > _UNREAD_ANSWERS:
                    self._listener.counters.connections_cut_not_reading += 1
                    self.cut()
            if self._has_ended and self._waiting == 0:
                self.close()

        return done

    def cut(self) -> None:
        """Close at once, without waiting for the peer."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
