"""Several gateways share the stations: what belongs to another one is handed over a local socket and acknowledged when it is stored.

Stations may connect to any gateway: all listen on the same port. The receiving one takes frames apart, the owner of the station
stores and evaluates. A peer that does not answer counts as "not stored": nothing is acknowledged, the station sends again, and
what was stored after all is recognised as a repeat.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from anlan.gateway.intake import Submission
from anlan.sensing.hot.place import Place, owner_of
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawAttachment, RawFrame, Signal

_log = logging.getLogger(__name__)
_LENGTH = struct.Struct(">I")
_LARGEST = 64 << 20
#: Submissions that may wait for one peer; above it they are refused at once.
_WAITING = 20_000
_RETRY_S = 0.2

Done = Callable[[Sequence[int] | None], None]


class Handed(msgspec.Struct, array_like=True, frozen=True):
    """A submission on its way to its owner."""

    number: int
    received: float
    wall: float
    keys: list[StreamKey]
    times: list[int]
    values: list[int]
    frame: RawFrame | None
    frames: list[RawFrame]
    frame_rows: list[int]
    frame_clocks: list[tuple[int, bool]]
    heard: list[str]
    signals: list[tuple[str, str, float, dict[str, object]]]
    attachments: list[tuple[int, int | None, str, str, bytes]]
    clock_offset_s: int
    is_clock_wrong: bool
    doubtful: list[int]


class Answered(msgspec.Struct, array_like=True, frozen=True):
    """`verdicts` None: not stored."""

    number: int
    verdicts: list[int] | None


_encoder = msgspec.msgpack.Encoder()
_handed = msgspec.msgpack.Decoder(Handed)
_answered = msgspec.msgpack.Decoder(Answered)


class Peers:
    """One for a gateway; lives in the event loop. `take` stores what this gateway owns."""

    def __init__(self, place: Place, folder: Path, take: Callable[[Submission], None]) -> None:
        self._place = place
        self._folder = folder
        self._take = take
        self._lines: dict[int, _Line] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        path = socket_of(self._folder, self._place.shard)
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, path)
        for shard in range(self._place.gateways):
            if shard != self._place.shard:
                self._lines[shard] = _Line(socket_of(self._folder, shard))

    def submit(self, submission: Submission) -> None:
        """Store what is ours, hand over the rest; `done` is called once, when every part is known."""
        parts = split(submission, self._place.gateways)
        for shard, part in parts:
            if shard == self._place.shard:
                self._take(part)
            else:
                self._lines[shard].send(part)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in self._lines.values():
            line.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError):
            while True:
                handed = _handed.decode(await _read(reader))
                self._take(_submission_of(handed, _answer_to(handed.number, writer)))
                await writer.drain()
        writer.close()


class _Line:
    """The way to one peer. Answers come in any order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: dict[int, Done] = {}
        self._numbers = itertools.count()
        self._writer: asyncio.StreamWriter | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    def send(self, part: Submission) -> None:
        if self._writer is None or len(self._waiting) >= _WAITING:
            part.done(None)
            return
        number = next(self._numbers)
        self._waiting[number] = part.done
        _write(self._writer, _encoder.encode(_handed_of(number, part)))

    def close(self) -> None:
        self._task.cancel()
        self._lost()

    async def _run(self) -> None:
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                while True:
                    answer = _answered.decode(await _read(reader))
                    done = self._waiting.pop(answer.number, None)
                    if done is not None:
                        done(answer.verdicts)
            except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError):
                self._lost()
                await asyncio.sleep(_RETRY_S)

    def _lost(self) -> None:
        """Nobody knows what became of what was on its way: it is not acknowledged."""
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        waiting, self._waiting = self._waiting, {}
        for done in waiting.values():
            done(None)


def socket_of(folder: Path, shard: int) -> Path:
    return folder / f"gateway-{shard}.sock"


def split(submission: Submission, gateways: int) -> list[tuple[int, Submission]]:
    """The parts of a submission by owner; the frame goes with the first reading, and verdicts come back in the given order."""
    if submission.frames:  # all of one station
        return [(owner_of(submission.frames[0].station, gateways), submission)]
    owners = [owner_of(key.station, gateways) for key in submission.keys]
    first = owners[0] if owners else _owner_without_readings(submission, gateways)
    if all(owner == first for owner in owners):
        return [(first, submission)]
    shards = list(dict.fromkeys(owners))
    gathered = _Gathered(submission.done, owners, shards)
    parts, marked = [], frozenset(submission.doubtful)
    for shard in shards:
        chosen = [i for i, owner in enumerate(owners) if owner == shard]
        part = Submission(submission.received, submission.wall, gathered.of(shard))
        part.clock_offset_s = submission.clock_offset_s
        part.is_clock_wrong = submission.is_clock_wrong
        part.keys = [submission.keys[i] for i in chosen]
        part.times = [submission.times[i] for i in chosen]
        part.values = [submission.values[i] for i in chosen]
        part.doubtful = [at for at, i in enumerate(chosen) if i in marked]
        part.heard = frozenset(key.station for key in part.keys) & submission.heard
        if shard == first:
            part.frame, part.signals = submission.frame, submission.signals
            part.attachments = submission.attachments
        parts.append((shard, part))
    return parts


def _owner_without_readings(submission: Submission, gateways: int) -> int:
    station = next(iter(submission.heard), submission.frame.station if submission.frame else "")
    return owner_of(station, gateways)


class _Gathered:
    """Puts the verdicts of the parts together; one part that was not stored leaves the whole unacknowledged."""

    def __init__(self, done: Done, owners: list[int], shards: list[int]) -> None:
        self._done = done
        self._owners = owners
        self._open = set(shards)
        self._verdicts: dict[int, list[int]] = {}

    def of(self, shard: int) -> Done:
        def take(verdicts: Sequence[int] | None) -> None:
            self._open.discard(shard)
            if verdicts is not None:
                self._verdicts[shard] = list(verdicts)
            if not self._open:
                self._finish()

        return take

    def _finish(self) -> None:
        if len(self._verdicts) < len(set(self._owners)):
            self._done(None)
            return
        left = {shard: iter(verdicts) for shard, verdicts in self._verdicts.items()}
        self._done([next(left[owner]) for owner in self._owners])


def _handed_of(number: int, part: Submission) -> Handed:
    return Handed(
        number=number,
        received=part.received.timestamp(),
        wall=part.wall,
        keys=part.keys,
        times=part.times,
        values=part.values,
        frame=part.frame,
        frames=part.frames,
        frame_rows=part.frame_rows,
        frame_clocks=part.frame_clocks,
        heard=list(part.heard),
        signals=[(s.id, s.kind, s.at.timestamp(), s.body) for s in part.signals],
        attachments=[(a.received, a.t, a.station, a.media_type, bytes(a.data)) for a in part.attachments],
        clock_offset_s=part.clock_offset_s,
        is_clock_wrong=part.is_clock_wrong,
        doubtful=part.doubtful,
    )


def _submission_of(handed: Handed, done: Done) -> Submission:
    return Submission(
        received=datetime.fromtimestamp(handed.received, UTC),
        wall=handed.wall,
        done=done,
        keys=handed.keys,
        times=handed.times,
        values=handed.values,
        frame=handed.frame,
        frames=handed.frames,
        frame_rows=handed.frame_rows,
        frame_clocks=handed.frame_clocks,
        heard=frozenset(handed.heard),
        signals=[
            Signal(id_, kind, datetime.fromtimestamp(at, UTC), body) for id_, kind, at, body in handed.signals
        ],
        attachments=[RawAttachment(*fields) for fields in handed.attachments],
        clock_offset_s=handed.clock_offset_s,
        is_clock_wrong=handed.is_clock_wrong,
        doubtful=handed.doubtful,
    )


def _answer_to(number: int, writer: asyncio.StreamWriter) -> Done:
    def answer(verdicts: Sequence[int] | None) -> None:
        if not writer.is_closing():
            _write(writer, _encoder.encode(Answered(number, None if verdicts is None else list(verdicts))))

    return answer


def _write(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.write(_LENGTH.pack(len(message)) + message)


async def _read(reader: asyncio.StreamReader) -> bytes:
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > _LARGEST:
        raise ConnectionError("a message longer than any submission")
    return await reader.readexactly(length)
