"""POST /v1/readings: a batch of readings from a source that holds a token. One bad row never costs a good one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from anlan.gateway.catalogue import Catalogue, Limits, Source
from anlan.gateway.counters import Counters
from anlan.gateway.http import Request, Response, refusal
from anlan.gateway.intake import Submission, stored_value
from anlan.gateway.stations import StationDesk
from anlan.gateway.writer import Writer
from anlan.kernel.clock import require_aware
from anlan.sensing.engine.types import Verdict
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame
from anlan.vocab.quantities import QUANTITIES

_PATH = "/v1/readings"
_YEARS = (1990, 2200)


class BatchIn(msgspec.Struct, forbid_unknown_fields=True):
    readings: list[msgspec.Raw]
    batch_id: str | None = None


class ReadingIn(msgspec.Struct, forbid_unknown_fields=True):
    """`time` carries its zone; `value` null means that the station said "no reading"."""

    station: str
    quantity: str
    time: datetime
    value: Decimal | None


class BadRow(NamedTuple):
    code: str
    reason: str


_batch = msgspec.json.Decoder(BatchIn)
_row = msgspec.json.Decoder(ReadingIn)


class ReadingsApi:
    """Lives in the event loop."""

    def __init__(self, desk: StationDesk, writer: Writer, counters: Counters) -> None:
        self._desk = desk
        self._writer = writer
        self._counters = counters
        self._limits = Limits()
        self._source_by_digest: dict[str, Source] = {}
        self._kinds: dict[str, str] = {}

    def use(self, catalogue: Catalogue) -> None:
        self._limits = catalogue.limits
        self._kinds = {station.code: station.kind for station in catalogue.stations}
        self._source_by_digest = {source.token_sha256.lower(): source for source in catalogue.sources}

    def check_door(self, request: Request) -> Response | None:
        """Before any body is read: address, method, token, room."""
        if request.target == "/v1/health":
            return None
        if request.target != _PATH:
            return refusal(404, "not_found", f"Send readings to {_PATH}.")
        if request.method != "POST":
            return refusal(405, "method.not_allowed", f"Use POST for {_PATH}.")
        if self._source_of(request) is None:
            return refusal(
                401, "token.unknown", "Send Authorization: Bearer with the token of a registered source."
            )
        if self._writer.rows_waiting > self._limits.rows_waiting:
            return refusal(503, "busy", "Too many readings are waiting to be stored.", retry_after_s=2)
        return None

    async def handle(self, request: Request) -> Response:
        if request.target == "/v1/health":
            return Response(
                200, {"ok": not self._counters.store_problem, "problem": self._counters.store_problem}
            )
        source = self._source_of(request)
        if source is None:  # the token was withdrawn while the body came in
            return refusal(
                401, "token.unknown", "Send Authorization: Bearer with the token of a registered source."
            )
        try:
            batch = _batch.decode(request.body)
        except msgspec.MsgspecError as error:
            return refusal(400, "batch.malformed", f"The body is no batch of readings: {error}.")
        except UnicodeDecodeError:
            return refusal(400, "batch.malformed", "The body is not UTF-8.")
        if len(batch.readings) > self._limits.max_rows:
            return refusal(
                413, "batch.too_many_rows", f"A batch has at most {self._limits.max_rows} readings."
            )
        return await self._store(batch, source, request)

    async def _store(self, batch: BatchIn, source: Source, request: Request) -> Response:
        done: asyncio.Future[Sequence[int] | None] = asyncio.get_running_loop().create_future()
        now = self._writer.clock.now()
        submission = Submission(now, time.time(), lambda verdicts: _resolve(done, verdicts))
        refused = self._add_rows(batch.readings, source, submission)
        stations = {key.station for key in submission.keys}
        if submission.keys:
            submission.heard = self._heard(stations, source)
            station = stations.pop() if len(stations) == 1 else ""
            received = int(now.timestamp() * 1000)
            submission.frame = RawFrame(received, f"http:{source.name}", station, bytes(request.body))
        if submission.keys or submission.signals:
            self._writer.submit(submission)
            verdicts = await done
            if verdicts is None:
                message = "Nothing of this batch was acknowledged; send it again."
                return refusal(503, "store.unavailable", message, retry_after_s=2)
        else:
            verdicts = []
        duplicates = sum(verdict == Verdict.REPEATED for verdict in verdicts)
        data = {"stored": len(verdicts) - duplicates, "duplicates": duplicates, "refused": refused}
        return Response(200, {"batch_id": batch.batch_id, **data})

    def _add_rows(
        self, rows: list[msgspec.Raw], source: Source, submission: Submission
    ) -> list[dict[str, object]]:
        """Put the good rows into `submission`; what comes back names the bad ones by index."""
        refused: list[dict[str, object]] = []
        for index, raw in enumerate(rows):
            problem = self._add_row(raw, source, submission)
            if problem is not None:
                self._counters.rows_refused_by_code[problem.code] += 1
                refused.append({"index": index, "code": problem.code, "reason": problem.reason})
        return refused

    def _add_row(self, raw: msgspec.Raw, source: Source, submission: Submission) -> BadRow | None:
        try:
            row = _row.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return BadRow("row.malformed", str(error))
        if row.time.tzinfo is None:
            return BadRow("time.no_zone", "Write the time with its zone, such as 2026-07-01T08:00:00+08:00.")
        if not _YEARS[0] <= row.time.year <= _YEARS[1]:
            return BadRow("time.impossible", f"The year lies outside {_YEARS[0]} to {_YEARS[1]}.")
        if row.quantity.partition("@")[0] not in QUANTITIES and not row.quantity.startswith("sl651:"):
            return BadRow("quantity.unknown", f"There is no quantity {row.quantity[:40]!r}.")
        if not (self._desk.knows(row.station) and source.may_speak_for(row.station)):
            self._note_unknown(row.station, source, submission)
            return BadRow("station.unknown", "No such station, or the token does not cover it.")
        if row.value is not None and not row.value.is_finite():
            return BadRow("value.not_a_number", "The value is not a finite number.")
        value = stored_value(row.quantity, row.value)
        if value is None:
            return BadRow("value.too_large", "The value is too large to be stored.")
        submission.add(StreamKey(row.station, row.quantity), require_aware(row.time), value)
        return None

    def _heard(self, stations: set[str], source: Source) -> frozenset[str]:
        if source.heard_kinds is None:
            return frozenset(stations)
        return frozenset(code for code in stations if self._kinds.get(code) in source.heard_kinds)

    def _note_unknown(self, station: str, source: Source, submission: Submission) -> None:
        if not self._desk.knows(station) and 0 < len(station) <= 40:
            frame = RawFrame(int(submission.received.timestamp() * 1000), f"http:{source.name}", station, b"")
            self._desk.note_unknown(station, frame, submission)
            submission.frame = None

    def _source_of(self, request: Request) -> Source | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return self._source_by_digest.get(hashlib.sha256(token.strip().encode("latin-1")).hexdigest())


def _resolve(done: asyncio.Future[Sequence[int] | None], verdicts: Sequence[int] | None) -> None:
    if not done.done():
        done.set_result(verdicts)
