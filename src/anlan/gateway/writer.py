"""The one thread that writes: gathers what waits, commits it once, then lets the listeners acknowledge."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from anlan.gateway.catalogue import Catalogue
from anlan.gateway.counters import Counters
from anlan.gateway.intake import EXERCISE_MARK, Submission
from anlan.kernel import bell
from anlan.kernel.clock import Clock
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.silence import SilenceWatch
from anlan.sensing.engine.types import Incoming, RawOf, Verdict
from anlan.sensing.hot.opening import open_refused
from anlan.sensing.hot.place import place_of_readings
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import RawFrame, Signal, StoreUnavailable
from anlan.vocab.quality import QualityFlag

_log = logging.getLogger(__name__)
#: Readings in one transaction; large enough that one flush to disk is shared by many.
_ROWS_A_COMMIT = 20_000
_TICK_S = 0.2
_FLUSH_S = 1.0
#: After a full disk, how long to refuse at once before trying again.
_PAUSE_S = 0.5


class Writer:
    """Owns the engine. `submit`, `reconfigure` and `stop` may be called from the event loop."""

    def __init__(
        self, data: Path, catalogue: Catalogue, counters: Counters, *, last_alive: datetime | None
    ) -> None:
        self._place = place_of_readings()
        self._root = self._place.root_of(data)
        self._bell = data / "run" / "worker.sock"
        self._counters = counters
        self._waiting: deque[Submission] = deque()
        self.rows_waiting = 0
        self._wake = threading.Condition()
        self._is_stopping = False
        self._next_catalogue: Catalogue | None = None
        self._refuse_until = 0.0
        self._flushed_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        #: Where submissions go; several gateways put their exchange here.
        self.route: Callable[[Submission], None] = self.take
        self._horizon: datetime | None = None
        self.clock: Clock = catalogue.clock()
        self._open(self._mine(catalogue), last_alive)
        self.refused = open_refused(self._root)
        self._thread = threading.Thread(target=self._run, name="writer")

    # -- from the event loop

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def submit(self, submission: Submission) -> None:
        """Have it stored by the gateway that owns its stations."""
        self.route(submission)

    def take(self, submission: Submission) -> None:
        """Store it here."""
        if self._horizon is not None and submission.received < self._horizon:
            # It was on its way from another gateway; whoever passes readings on must not find it behind their place.
            submission.received = self._horizon
        with self._wake:
            self._waiting.append(submission)
            self.rows_waiting += len(submission.keys)
            self._wake.notify()

    def begin_horizon(self, moment: datetime) -> None:
        """From now on nothing is stored as received before this moment, but for what waits already."""
        self._horizon = moment

    def reconfigure(self, catalogue: Catalogue) -> None:
        """Use a new catalogue before the next batch."""
        with self._wake:
            self._next_catalogue = self._mine(catalogue)
            self._wake.notify()

    def _mine(self, catalogue: Catalogue) -> Catalogue:
        """The stations that this gateway stores and watches; with one gateway all."""
        if self._place.gateways == 1:
            return catalogue
        mine = [st for st in catalogue.stations if self._place.owner_of(st.code) == self._place.shard]
        return msgspec.structs.replace(catalogue, stations=mine)

    def stop(self) -> None:
        """Store what waits and close. Returns when the thread has ended."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()
        self.refused.close()
        self._engine.close()

    # -- in the writer's thread

    def _open(self, catalogue: Catalogue, last_alive: datetime | None) -> None:
        now = self.clock.now()
        settings = catalogue.engine_settings()
        self._engine = Engine(self._root, settings, now=now)
        #: What became of commands before this process started; see `downlink`.
        self.errands = [one for one in self._engine.store.signals() if one.kind.startswith("command_")]
        self._silence = SilenceWatch(settings.exercise)
        deaf_s = max(0.0, (now - last_alive).total_seconds()) if last_alive else 0.0
        self._silence.recall(self._engine.store.signals(), self._engine.latest.heard(), deaf_s=deaf_s)
        self._use(catalogue)
        if self._engine.signals_at_start:
            bell.ring(self._bell)

    def _use(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        after_s = {station.code: station.silent_after_s for station in catalogue.stations}
        self._silence.watch(after_s, now=self.clock.now())
        self._amend(catalogue)

    def _amend(self, catalogue: Catalogue) -> None:
        """Put into force what persons decided about readings; what was applied before is passed over."""
        mine = {station.code for station in catalogue.stations}
        wanted = [one for one in catalogue.amendments if one.station in mine]
        if wanted and self._engine.amend(wanted, now=self.clock.now()):
            bell.ring(self._bell)

    def _run(self) -> None:
        while True:
            batch, catalogue, is_stopping = self._take()
            try:
                if catalogue is not None:
                    self._switch_or_retry(catalogue)
                if batch:
                    self._store(batch)
                elif not is_stopping:
                    self._watch_silence()
                self._flush_now_and_then()
            except (
                Exception
            ):  # the thread must live: a batch that fails is not acknowledged, the next is tried
                _log.exception("gateway.writer_failed")
                self._answer([(submission, None) for submission in batch])
            if is_stopping and not self._waiting:
                return

    def _take(self) -> tuple[list[Submission], Catalogue | None, bool]:
        with self._wake:
            if not self._waiting and not self._is_stopping and self._next_catalogue is None:
                self._wake.wait(_TICK_S)
            batch: list[Submission] = []
            rows = 0
            while self._waiting and rows < _ROWS_A_COMMIT:
                batch.append(self._waiting.popleft())
                rows += len(batch[-1].keys)
            self.rows_waiting -= rows
            catalogue, self._next_catalogue = self._next_catalogue, None
            return batch, catalogue, self._is_stopping

    def _switch_or_retry(self, catalogue: Catalogue) -> None:
        try:
            self._switch(catalogue)
        except (StoreUnavailable, sqlite3.Error) as error:
            self._pause(error if isinstance(error, StoreUnavailable) else StoreUnavailable(why=str(error)))
            time.sleep(_PAUSE_S)
            with self._wake:
                self._next_catalogue = self._next_catalogue or catalogue

    def _switch(self, catalogue: Catalogue) -> None:
        """A change of rules rebuilds the shard from the store; a change of run opens another set of streams."""
        before, after = self._catalogue.engine_settings(), catalogue.engine_settings()
        clock = catalogue.clock()
        if before.exercise != after.exercise:
            self._engine.close()
            self.clock = clock
            self._open(catalogue, None)
            return
        self.clock = clock
        if before != after and self._engine.reconfigure(after, now=clock.now()):
            bell.ring(self._bell)
        self._use(catalogue)

    def _store(self, batch: list[Submission]) -> None:
        began = time.perf_counter()
        if began < self._refuse_until:
            self._refuse(batch)
            return
        now = self.clock.now()
        more = [signal for submission in batch for signal in submission.signals]
        more += self._silence.heard({code for submission in batch for code in submission.heard}, now)
        try:
            verdicts, signals = self._commit(batch, more, now)
        except StoreUnavailable as error:
            self._pause(error)
            self._refuse(batch)
            return
        self._silence.confirm(more)
        for code in {code for submission in batch for code in submission.heard}:
            self._engine.latest.note_heard(code, int(now.timestamp() * 1000))
        self._count(verdicts, len(more) + len(signals), began)
        self._answer(list(zip(batch, verdicts, strict=True)))
        if more or signals:
            bell.ring(self._bell)

    def _commit(
        self, batch: list[Submission], more: list[Signal], now: datetime
    ) -> tuple[list[list[int]], list[Signal]]:
        """One transaction for everything in `batch`; verdicts come back by submission."""
        keys = [key for submission in batch for key in submission.keys]
        frames = any(submission.frame or submission.frames for submission in batch)
        attachments = [one for submission in batch for one in submission.attachments]
        if not keys and not frames and not attachments:
            self._engine.write_signals(more, now=now)
            return [[] for _ in batch], []
        incoming, raws = _columns(batch, self._engine, keys)
        verdicts, signals = self._engine.commit(incoming, raws, now=now, more=more, attachments=attachments)
        ends = np.cumsum([len(submission.keys) for submission in batch])[:-1]
        return [part.tolist() for part in np.split(verdicts, ends)], signals

    def _watch_silence(self) -> None:
        now = self.clock.now()
        signals = self._silence.check(now)
        if not signals or time.perf_counter() < self._refuse_until:
            return
        try:
            self._engine.write_signals(signals, now=now)
        except StoreUnavailable as error:
            self._pause(error)
            return
        self._silence.confirm(signals)
        self._counters.signals += len(signals)
        bell.ring(self._bell)

    def _flush_now_and_then(self) -> None:
        now = time.perf_counter()
        if now - self._flushed_at < _FLUSH_S:
            return
        self._flushed_at = now
        self._engine.flush_latest()
        self.refused.flush()
        self._watch_silence()

    def _pause(self, error: StoreUnavailable) -> None:
        self._refuse_until = time.perf_counter() + _PAUSE_S
        self._counters.store_problem = error.sentence()
        _log.error("gateway.store_unavailable", extra={"why": error.data.get("why")})

    def _refuse(self, batch: Sequence[Submission]) -> None:
        self._counters.not_stored += sum(len(submission.keys) for submission in batch)
        self._answer([(submission, None) for submission in batch])

    def _count(self, verdicts: list[list[int]], signals: int, began: float) -> None:
        flat = [verdict for part in verdicts for verdict in part]
        duplicates, corrections = flat.count(Verdict.REPEATED), flat.count(Verdict.CORRECTED)
        self._counters.accepted += len(flat) - duplicates
        self._counters.duplicates += duplicates
        self._counters.corrections += corrections
        self._counters.signals += signals
        self._counters.commits += 1
        self._counters.last_commit_ms = round((time.perf_counter() - began) * 1000, 3)
        self._counters.store_problem = ""

    def _answer(self, answers: list[tuple[Submission, list[int] | None]]) -> None:
        if self._loop is None or not answers:
            return
        try:
            self._loop.call_soon_threadsafe(_call_all, [(s.done, verdicts) for s, verdicts in answers])
        except RuntimeError:
            _log.info("gateway.answer_after_close", extra={"count": len(answers)})


def _call_all(answers: list[tuple[Callable[[Sequence[int] | None], None], list[int] | None]]) -> None:
    for done, verdicts in answers:
        done(verdicts)


def _marked(frames: list[RawFrame], exercise: str) -> list[RawFrame]:
    """Frames of an exercise lie beside those of reality; whoever passes frames on must tell them apart."""
    mark = EXERCISE_MARK + exercise
    return [RawFrame(f.received, f.source + mark, f.station, f.data) for f in frames] if exercise else frames


def _known_flags(batch: list[Submission], firsts: list[int]) -> dict[str, Any]:
    """Flags of readings whose station's clock is off or that their device marked, and offsets of send times; {} for none. (Any: keywords of `Incoming`.)"""
    marked = [
        first + at for first, submission in zip(firsts, batch, strict=True) for at in submission.doubtful
    ]
    clocks = [clock for submission in batch for clock in _clocks_of(submission)]
    if not any(offset for offset, _, _ in clocks) and not marked:
        return {}
    offset, wrong, rows = np.array(clocks, np.int64).T
    flag = np.repeat(np.where(wrong, int(QualityFlag.CLOCK), 0), rows)
    flag[np.array(marked, np.int64)] |= int(QualityFlag.DEVICE)
    return {"flag": flag, "clock_offset_s": np.repeat(offset, rows)}


def _clocks_of(submission: Submission) -> list[tuple[int, bool, int]]:
    """Offset of the send time, whether the clock is wrong, and how many readings that concerns."""
    if not submission.frame_clocks:
        return [(submission.clock_offset_s, submission.is_clock_wrong, len(submission.keys))]
    counted = zip(submission.frame_clocks, submission.frame_rows, strict=True)
    return [(*clock, rows) for clock, rows in counted]


def _columns(batch: list[Submission], engine: Engine, keys: list[StreamKey]) -> tuple[Incoming, list[RawOf]]:
    counts = [len(submission.keys) for submission in batch]
    firsts = np.cumsum([0, *counts[:-1]]).tolist()
    received = np.array([int(s.received.timestamp() * 1000) for s in batch], np.int64)
    incoming = Incoming(
        t=np.array([t for submission in batch for t in submission.times], np.int64),
        s=engine.numbers(keys),
        v=np.array([v for submission in batch for v in submission.values], np.int64),
        received=np.repeat(received, counts),
        wall=np.repeat(np.array([submission.wall for submission in batch]), counts),
        **_known_flags(batch, firsts),
    )
    exercise = engine.settings.exercise
    raws: list[RawOf] = []
    for submission, first, count in zip(batch, firsts, counts, strict=True):
        if submission.frame is not None:
            raws.append(RawOf(_marked([submission.frame], exercise)[0], first, count))
        for frame, rows in zip(_marked(submission.frames, exercise), submission.frame_rows, strict=True):
            raws.append(RawOf(frame, first, rows))
            first += rows
    return incoming, raws
