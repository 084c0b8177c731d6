"""A station's device: stores what it measured, sends it, and forgets it only when it was acknowledged."""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from simulator.seeds import stream
from simulator.sl651 import frames
from simulator.sl651.frames import AckReader, Address
from simulator.storm.clock import AnyClock
from simulator.storm.faults import Fault
from simulator.storm.reports import Report
from simulator.storm.tally import Tally

#: A frame is sent this often before the line is closed and tried again later.
ATTEMPTS = 3
ACK_TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 3.0
#: Wait between connection attempts: first, factor, longest (wall seconds).
BACKOFF_S, BACKOFF_GROWTH, BACKOFF_MOST_S = 0.2, 1.6, 1.5
#: Pause between the pieces of a split frame, wall seconds.
PIECE_PAUSE_S = 0.01
#: A flapping line drops after this many frames.
FLAP_EVERY = 2
KEEPALIVE_EVERY_S = 300


class LineDown(Exception):
    """The connection is gone or does not answer."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One encoded frame that waits in the device's store."""

    report: Report
    serial: int
    raw: bytes


@dataclass(slots=True)
class Rtu:
    """One device; ``play`` feeds it the script while ``deliver`` empties its store into the line."""

    address: Address
    reports: Sequence[Report]
    host: str
    port: int
    clock: AnyClock
    tally: Tally
    faults: frozenset[Fault] = frozenset()
    skew: timedelta = timedelta()
    seed: int = 0
    dies: bool = False
    _store: deque[Parcel] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _written: bool = False
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _acks: AckReader = field(default_factory=AckReader)
    _serial: int = 0
    _sent: int = 0
    _rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._rng = stream(self.seed, "rtu", self.address.station)
        self._serial = (
            self._rng.randint(0xFF00, 0xFFFF) if self._rng.random() < 0.1 else self._rng.randint(1, 0xFFFF)
        )

    @property
    def waiting(self) -> int:
        """Frames in the store."""
        return len(self._store)

    async def run(self) -> None:
        """Report the whole script and return when all of it is acknowledged; then the line is closed."""
        writing = asyncio.create_task(self._write())
        try:
            await self._deliver()
        finally:
            writing.cancel()
            self._close()

    async def keep_alive(self) -> None:
        """After the script: a keep-alive every five simulated minutes, so that the station is not silent."""
        while not self.dies:
            await self.clock.wait_until(self.clock.now_s() + KEEPALIVE_EVERY_S)
            self._store.append(
                self._parcel(Report(self.address.station, frames.KEEPALIVE, self.clock.now_s()))
            )
            await self._deliver()

    async def _write(self) -> None:
        for report in self.reports:
            await self.clock.wait_until(report.due_s)
            if Fault.GLUED in self.faults:
                keepalive = Report(report.station, frames.KEEPALIVE, report.due_s)
                self._store.append(self._parcel(keepalive))
            self._store.append(self._parcel(report))
            self._wake.set()
        self._written = True
        self._wake.set()

    def _parcel(self, report: Report) -> Parcel:
        serial = self._serial
        self._serial = serial % 0xFFFF + 1
        sent = self.clock.now() + self.skew + timedelta(seconds=report.skew_s)
        raw = self.address.uplink(report.function, serial=serial, sent=sent, elements=report.elements)
        return Parcel(report, serial, raw)

    async def _deliver(self) -> None:
        """Empty the store in order; on a dead line keep everything and try again later."""
        pause_s = BACKOFF_S
        while self._store or not self._is_done():
            if not self._store:
                self._wake.clear()
                await self._wake.wait()
                continue
            try:
                await self._send_next()
                pause_s = BACKOFF_S
            except (LineDown, OSError, TimeoutError):
                self._close()
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * BACKOFF_GROWTH, BACKOFF_MOST_S)

    def _is_done(self) -> bool:
        return self._written or not self.reports

    async def _send_next(self) -> None:
        """Send the oldest frame (or two in one write), await the answer, and only then drop it from the store."""
        await self._connect()
        group = list(self._store)[: 2 if Fault.GLUED in self.faults else 1]
        for _ in range(ATTEMPTS):
            await self._transmit(group)
            if Fault.FLAPPING in self.faults and self._flaps():
                raise LineDown
            try:
                await asyncio.wait_for(self._await_acks(group), ACK_TIMEOUT_S)
            except TimeoutError:
                self.tally.faults["resent_without_ack"] += len(group)
                continue
            for parcel in group:
                self._store.remove(parcel)
                self.tally.report_acked(parcel.report)
            return
        raise LineDown

    def _flaps(self) -> bool:
        """Drop the line after some frames; every other time before the answer was read."""
        self._sent += 1
        if self._sent % FLAP_EVERY:
            return False
        self.tally.faults["connection_flapped"] += 1
        return True

    async def _transmit(self, group: list[Parcel]) -> None:
        raw = b"".join(parcel.raw for parcel in group)
        if len(group) > 1:
            self.tally.faults["frames_glued"] += 1
        for fault in sorted(self.faults):
            raw = self._with_fault(fault, raw)
        pieces = self._rng.randint(2, 4) if Fault.SPLIT in self.faults else 1
        for piece in frames.cut(raw, pieces):
            if pieces > 1:
                await asyncio.sleep(PIECE_PAUSE_S)
            await self._put(piece)
        self.tally.faults["frames_split"] += pieces > 1
        for parcel in group:
            self.tally.report_sent(parcel.report)

    def _with_fault(self, fault: Fault, raw: bytes) -> bytes:
        if self._rng.random() < 0.4:
            return raw
        if fault is Fault.WRONG_CRC:
            self.tally.faults["wrong_crc_copies"] += 1
            return frames.spoiled(raw) + raw
        if fault is Fault.GARBAGE:
            self.tally.faults["garbage_before_frame"] += 1
            noise = bytes(
                self._rng.choice([0x7E, 0x00, 0xFF, 0x0D, 0x30]) for _ in range(self._rng.randint(1, 9))
            )
            return noise.replace(frames.START, b"\x7e\x55") + b"\x00" + frames.torn(raw) + raw
        if fault is Fault.DUPLICATE:
            self.tally.faults["duplicate_frames"] += 1
            return raw + raw
        return raw

    async def _connect(self) -> None:
        if self._writer is not None and not self._writer.is_closing():
            return
        self._acks = AckReader()
        opening = asyncio.open_connection(self.host, self.port)
        self._reader, self._writer = await asyncio.wait_for(opening, CONNECT_TIMEOUT_S)

    async def _put(self, data: bytes) -> None:
        if self._writer is None:
            raise LineDown
        self._writer.write(data)
        await self._writer.drain()

    async def _await_acks(self, group: list[Parcel]) -> None:
        """Read until every frame of the group was accepted; late answers to older frames are ignored.

        A keep-alive is one-way: the centre need not answer it.
        """
        answerable = (parcel for parcel in group if parcel.report.function != frames.KEEPALIVE)
        wanted = {(parcel.report.function, parcel.serial) for parcel in answerable}
        while wanted:
            data = await self._reader.read(4096) if self._reader is not None else b""
            if not data:
                raise LineDown
            answers = [ack for ack in self._acks.feed(data) if ack.accepted]
            wanted -= {(ack.function, ack.serial) for ack in answers}

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
