"""One document of a connector: opened, mapped, handed to the writer; the answer comes after the commit.

1. The document is opened and mapped. What is wrong as a whole is refused as a whole; a bad row never costs a good one.
2. Rows of unregistered stations, or of stations that the connector may not speak for, are refused and told.
3. The good rows, the document itself and what happened are one submission; `stored` is False when nothing may be acknowledged.
4. What was learnt (units, zones) is kept after the commit.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anlan.drivers.jsonmap import (
    BadDocument,
    Cipher,
    Mapped,
    Mapping,
    Memory,
    RefusedRow,
    Sm4Cbc,
    map_document,
    open_document,
)
from anlan.drivers.types import Happening, Reading
from anlan.gateway.catalogue import ConnectorEntry
from anlan.gateway.connect.secrets import NoSecret, key_bytes
from anlan.gateway.connect.state import LinkState
from anlan.gateway.connect.store import ConnectStore
from anlan.gateway.counters import Counters
from anlan.gateway.intake import Submission, stored_value
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.engine.types import Verdict
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame

#: Above this a document is mapped in a thread, so that stations on other lines do not wait for it, bytes.
_LARGE = 32 << 10
#: Refused rows that an answer names.
_NAMED = 200
PROTOCOL = "json"


@dataclass(slots=True)
class Taken:
    """What became of one document. `stored` False: send it again. `is_refused`: nothing of it can ever be used."""

    stored: bool
    rows: int = 0
    duplicates: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    is_refused: bool = False
    newest: datetime | None = None
    #: Rows that the mapping looked at, good or bad.
    seen: int = 0


class Taker:
    """Lives in the event loop; one for each connector and version."""

    def __init__(
        self,
        entry: ConnectorEntry,
        mapping: Mapping,
        state: LinkState,
        desk: StationDesk,
        writer: Writer,
        counters: Counters,
        store: Callable[[], ConnectStore],
    ) -> None:
        self.entry, self.mapping, self.state = entry, mapping, state
        self._desk, self._writer, self._counters, self._store = desk, writer, counters, store
        self._memory: Memory | None = None
        self._kept = (0, 0)
        self._lock = asyncio.Lock()

    def now(self) -> datetime:
        """The time of the run."""
        return self._writer.clock.now()

    async def take(self, body: bytes, *, topic: str = "", document: object = None) -> Taken:
        """`document` set: `body` is only what is kept of it. Documents of one connector are mapped one after another."""
        now = self._writer.clock.now()
        self.state.new_day(now.astimezone(SHANGHAI).date().isoformat())
        self.state.last_message = now.isoformat()
        self.state.messages += 1
        try:
            async with self._lock:
                mapped = await self._map(body, topic, document, now)
                submission, refused = self._submission(mapped, body)
        except (BadDocument, NoSecret) as bad:
            code = bad.code if isinstance(bad, BadDocument) else "document.no_key"
            return self._all_refused(
                RefusedRow("$", code, str(bad)), now, is_final=isinstance(bad, BadDocument)
            )
        taken = await self._commit(submission)
        taken.seen = len(mapped.readings) + len(mapped.happenings) + len(mapped.refused)
        taken.refused = refused
        if taken.stored:
            self._note(taken, now)
            self._keep_memory()
        else:
            self.state.not_stored += len(submission.keys)
        return taken

    async def _map(self, body: bytes, topic: str, document: object, now: datetime) -> Mapped:
        if self._memory is None:
            self._memory = self._store().memory(self.entry.name, self.entry.version)
            self._kept = (len(self._memory.units), len(self._memory.zones))
        memory = self._memory

        def work() -> Mapped:
            found = open_document(self.mapping, body, self._cipher()) if document is None else document
            return map_document(self.mapping, found, arrival=now, topic=topic, memory=memory)

        return await asyncio.to_thread(work) if len(body) > _LARGE or self.mapping.sealed else work()

    def _cipher(self) -> Cipher | None:
        sealed = self.mapping.sealed
        return None if sealed is None else Sm4Cbc(key_bytes(sealed.key_secret), key_bytes(sealed.iv_secret))

    def _submission(self, mapped: Mapped, body: bytes) -> tuple[Submission, list[RefusedRow]]:
        now = self._writer.clock.now()
        submission = Submission(now, time.time(), lambda _verdicts: None)
        refused = list(mapped.refused)
        stations: set[str] = set()
        for reading in mapped.readings:
            problem = self._add(reading, submission, stations)
            if problem is not None and problem not in refused:  # an unknown station is told once a document
                refused.append(problem)
        for happening in mapped.happenings:
            code = self._code_of(happening.station, submission)
            if code is None:
                if _unknown(happening.station) not in refused:
                    refused.append(_unknown(happening.station))
                continue
            stations.add(code)
            moment = happening.phenomenon_time
            submission.signals.append(
                self._desk.signal(
                    "happening",
                    now,
                    station=code,
                    kind=happening.kind,
                    phenomenon_time=moment.isoformat() if moment else None,
                    fields=happening.fields,
                    protocol=PROTOCOL,
                    report=_report(self.entry.name, code, happening),
                )
            )
        submission.signals += [
            self._desk.signal("unit_changed", now, station=row.station, reason=row.reason)
            for row in refused
            if row.code == "unit.changed" and self._desk.knows(row.station)
        ][:1]
        submission.heard = frozenset(stations)
        if submission.keys or mapped.happenings:
            received = int(now.timestamp() * 1000)
            only = next(iter(stations)) if len(stations) == 1 else ""
            submission.frame = RawFrame(received, f"connect:{self.entry.name}", only, body)
        return submission, refused

    def _code_of(self, address: str, submission: Submission) -> str | None:
        """The station's code in this county; None for one that is not registered or not this connector's."""
        found = self._desk.resolve(PROTOCOL, address)
        if found is None:
            self._desk.note_unknown(address[:40], None, submission, PROTOCOL)
            return None
        return found.code if self.entry.may_speak_for(found.code) else None

    def _add(self, reading: Reading, submission: Submission, stations: set[str]) -> RefusedRow | None:
        code = self._code_of(reading.station, submission)
        if code is None:
            return _unknown(reading.station)
        value = stored_value(reading.quantity, reading.value)
        if value is None:
            return RefusedRow("$", "value.too_large", "The value is too large to be stored.", reading.station)
        stations.add(code)
        submission.add(StreamKey(code, reading.quantity), reading.phenomenon_time, value)
        return None

    async def _commit(self, submission: Submission) -> Taken:
        newest = max(submission.times, default=None)
        moment = None if newest is None else datetime.fromtimestamp(newest, submission.received.tzinfo)
        if not submission.keys and not submission.signals:
            return Taken(True, newest=moment)
        done: asyncio.Future[Sequence[int] | None] = asyncio.get_running_loop().create_future()
        submission.done = lambda verdicts: None if done.done() else done.set_result(verdicts)
        self._writer.submit(submission)
        verdicts = await done
        if verdicts is None:
            return Taken(False)
        duplicates = sum(verdict == Verdict.REPEATED for verdict in verdicts)
        return Taken(True, len(verdicts) - duplicates, duplicates, newest=moment)

    def _note(self, taken: Taken, now: datetime) -> None:
        self.state.rows += taken.rows
        self.state.duplicates += taken.duplicates
        self.state.refuse(taken.refused, now)
        for row in taken.refused:
            self._counters.rows_refused_by_code[row.code] += 1

    def _all_refused(self, row: RefusedRow, now: datetime, *, is_final: bool) -> Taken:
        """A missing key is mended on this side, so the document is to be sent again; anything else will never be better."""
        self.state.refuse([row], now)
        self._counters.rows_refused_by_code[row.code] += 1
        return Taken(stored=is_final, refused=[row], is_refused=is_final, seen=1)

    def _keep_memory(self) -> None:
        memory = self._memory
        if memory is None:
            return
        size = (len(memory.units), len(memory.zones))
        if size != self._kept:
            self._store().keep_memory(self.entry.name, self.entry.version, memory)
            self._kept = size


def _report(connector: str, station: str, happening: Happening) -> str:
    """Equal for the same event sent again, so that a repeat is told once."""
    moment = happening.phenomenon_time.isoformat() if happening.phenomenon_time else ""
    parts = [connector, station, happening.kind, moment, sorted(happening.fields.items())]
    return "json|" + hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _unknown(station: str) -> RefusedRow:
    return RefusedRow("$", "station.unknown", "No such station, or the connector does not cover it.", station)


def named(refused: Sequence[RefusedRow]) -> list[dict[str, str]]:
    """The refused rows for an answer; the rest is counted only."""
    return [row._asdict() for row in refused[:_NAMED]]
