"""Store, judge and evaluate a batch in one transaction. One thread owns an engine.

Steps of `commit`, and what a crash after each leaves:

1. New streams get their numbers (durable on their own; a number without readings is harmless).
2. Readings are flagged and split into fresh keys and keys that must be looked up.
3. Fresh keys are inserted, the others looked up one by one: new, repeated or corrected. Nothing is durable yet.
   Readings held back earlier that a fresh one confirms are released; streams with late or corrected readings are judged again.
4. The shard advances over fresh readings; streams with late or corrected readings are replayed from the open transaction.
5. Signals and raw frames join the transaction; it commits (see `hot.store` for several day files).
6. Only now the caller acknowledges.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from anlan.ruleset.quality import CONTINUITY, LIFTABLE
from anlan.sensing.engine.amending import Outcome, amended_signal, reflag_amended
from anlan.sensing.engine.announcer import Announcer, Cause
from anlan.sensing.engine.loader import Times, read_times, replay, replay_streams
from anlan.sensing.engine.memo import ParametersMemo
from anlan.sensing.engine.neighbours import doubt_lonely_rain
from anlan.sensing.engine.qualifier import RELOAD_S, Qualifier, Reflagged, as_reason, confirmed
from anlan.sensing.engine.quality import Findings, Released, names_of
from anlan.sensing.engine.shard import LONG_AGO, Readings, Shard, Step
from anlan.sensing.engine.suspects import Suspects
from anlan.sensing.engine.types import Amendment, EngineSettings, Incoming, Judged, RawOf, Verdict
from anlan.sensing.hot.files import rows_from
from anlan.sensing.hot.opening import open_store
from anlan.sensing.hot.rows import Bools, Ints, Rows
from anlan.sensing.hot.store import day_of
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import (
    ANCIENT_S,
    DAY_S,
    NO_VALUE,
    ODD_DAY,
    RawAttachment,
    RawFrame,
    Signal,
    StoreUnavailable,
)
from anlan.vocab.quality import IMPLAUSIBLE, UNUSABLE, QualityFlag

#: Flags whose numbers are kept for the sentence.
_EXPLAINED = LIFTABLE | QualityFlag.FUTURE
#: Above any time that is not dated ahead (the year 4147); keeps the runs of a batch apart in one sorted column.
_RUN = 1 << 36
_Verdicts = npt.NDArray[np.int8]


class Engine:
    """The writing end of a shard."""

    def __init__(self, root: Path, settings: EngineSettings, *, now: datetime) -> None:
        self.settings = settings
        self._root = root
        self.store, self.streams, self.latest = open_store(root, settings.exercise)
        self._must_reload = False
        self.signals_at_start = self._load(now)

    # -- start and reload

    def _load(self, now: datetime) -> list[Signal]:
        """Know again what was known; say what differs from what was last said."""
        self.streams.register(StreamKey(b.station, b.quantity) for b in self.settings.bindings)
        stream_of = {
            b.id: self.streams.number_by_key[StreamKey(b.station, b.quantity)] for b in self.settings.bindings
        }
        off = self.settings.hysteresis_switched_off_for_a_failing_drill
        self.shard = Shard(self.settings.bindings, stream_of, hysteresis=not off)
        self._announcer = Announcer(exercise=self.settings.exercise, late_after_s=self.settings.late_after_s)
        self._qualifier = Qualifier(self.settings, self.store)
        self._suspects = Suspects(self.settings.exercise)
        self._times = Times(0)
        self._resize()
        self._judge_again_if_parameters_changed(now)
        streams = np.array(sorted(self.streams.key_by_number), np.int64)
        bound = streams[self.shard.is_bound(streams)] if len(streams) else streams
        self._times = read_times(self.store, streams, bound, len(self._times.known))
        replay(self.store, self.shard, self._times.head[bound])
        self._qualifier.recall(self._times.known)
        said = list(self.store.signals())
        self._announcer.recall(said)
        self._amended = {signal.body.get("amendment") for signal in said if signal.kind == "amended"}
        self._must_reload = False
        return self._say_differences(now)

    def _judge_again_if_parameters_changed(self, now: datetime) -> None:
        """Flags of the last two days follow a change of ranges, of quality parameters and of maintenance windows."""
        memo = ParametersMemo(self._root, self.settings)
        changed = memo.streams_that_differ(self._qualifier, self.streams.key_by_number)
        if changed:
            moment = int(now.timestamp())
            since = dict.fromkeys(changed, moment - RELOAD_S)
            self._qualifier.requalify(since, moment + self.settings.future_after_s + 1, base_again=True)
            self.store.commit()
        memo.keep()

    def reconfigure(self, settings: EngineSettings, *, now: datetime) -> list[Signal]:
        """Use other rules of the same run: the shard is rebuilt from the store and differences are said."""
        self.settings = settings
        self._must_reload = True
        try:
            return self._load(now)
        except sqlite3.Error as error:
            self.store.abandon()
            raise _unavailable(error) from error

    def _say_differences(self, now: datetime) -> list[Signal]:
        moment = int(now.timestamp())
        numbers = range(len(self.shard.rules.bindings))
        cause = Cause(moment, moment * 1000, None)
        found = self._announcer.differences(self.shard, self._heard_of(numbers), cause, now)
        self.write_signals(found, now=now)
        return found

    def _heard_of(self, numbers: Sequence[int]) -> list[int]:
        """Bindings whose stream has a counted reading; about the others nothing is known and nothing is said."""
        first = self.shard.rules.first_line
        return [n for n in numbers if self.shard.head_t[self.shard.rules.stream[first[n]]] > LONG_AGO]

    def _resize(self) -> None:
        """Make room for stream numbers that appeared; capacity doubles so that this stays rare."""
        highest = max(self.streams.key_by_number, default=0)
        size = len(self._times.known)
        if highest < size:
            return
        larger = max(256, 2 * size, highest + 1)
        self.shard.resize(larger)
        self._times.resize(larger)
        self.latest.resize(larger)
        self._qualifier.resize(larger)
        if not size:
            self._qualifier.learn(self.streams.key_by_number)

    def numbers(self, keys: Sequence[StreamKey]) -> Ints:
        """Stream numbers, giving new ones where needed."""
        known = self.streams.number_by_key
        found = [known.get(key, -1) for key in keys]
        if -1 in found:
            try:
                self.streams.register(keys)
            except sqlite3.Error as error:
                raise _unavailable(error) from error
            self._resize()
            self._qualifier.learn({known[key]: key for key in keys})
            found = [known[key] for key in keys]
        return np.array(found, np.int64)

    # -- a batch

    def commit(
        self,
        incoming: Incoming,
        raws: Sequence[RawOf],
        *,
        now: datetime,
        more: Sequence[Signal] = (),
        attachments: Sequence[RawAttachment] = (),
    ) -> tuple[_Verdicts, list[Signal]]:
        """Store and evaluate a batch durably. Raises StoreUnavailable when nothing may be acknowledged."""
        try:
            if self._must_reload:
                self._load(now)
            return self._commit(incoming, raws, now, more, attachments)
        except (sqlite3.Error, StoreUnavailable) as error:
            self._must_reload = True
            self.store.abandon()
            raise _unavailable(error) from error

    def _commit(
        self,
        incoming: Incoming,
        raws: Sequence[RawOf],
        now: datetime,
        more: Sequence[Signal],
        attachments: Sequence[RawAttachment],
    ) -> tuple[_Verdicts, list[Signal]]:
        judged = self._judge(incoming, now)
        findings = self._judge_continuity(judged)
        verdicts = self._store_rows(judged)
        stored = verdicts != Verdict.REPEATED
        again, released = self._settle_doubts(judged, verdicts, findings)
        signals = self._evaluate(judged, incoming, verdicts, again, released, now)
        signals += self._explain_flags(judged, incoming, stored, findings, now)
        self._add_signals([*more, *signals], now)
        self._add_raws(raws, judged, stored)
        for attachment in attachments:
            day = attachment.received // (1000 * DAY_S)
            self.store.file_in_transaction(day).add_attachments([attachment])
        self.store.commit()
        self._note(judged, stored)
        return verdicts, signals

    def _judge(self, incoming: Incoming, now: datetime) -> Judged:
        """Flag the readings by themselves and find those whose key cannot be present yet."""
        t, s, v = incoming.t, incoming.s, incoming.v
        moment = int(now.timestamp())
        flag = self._qualifier.base_flags(t, s, v)
        if incoming.flag is not None:
            flag |= incoming.flag
        flag[t > moment + self.settings.future_after_s] |= int(QualityFlag.FUTURE)
        order = np.lexsort((t, s)) if not _is_sorted(s) else np.arange(len(s))
        stale = t < self._peaks_before(t, s, flag, order) - DAY_S
        future = (flag & int(QualityFlag.FUTURE)) != 0
        flag[(stale | (t < moment - ANCIENT_S)) & ~future] |= int(QualityFlag.STALE)
        day = day_of(t, flag, moment)
        fresh = (day != ODD_DAY) & (t > self._times.known[s])
        again = order[1:][(s[order][1:] == s[order][:-1]) & (t[order][1:] == t[order][:-1])]
        fresh[again] = False
        offset = incoming.clock_offset_s
        misdated = np.zeros(len(t), np.bool_) if offset is None else offset != 0
        return Judged(Rows(t, s, v, flag, incoming.received), day, fresh, misdated)

    def _judge_continuity(self, judged: Judged) -> Findings:
        """Steps, spikes, stuck values and lonely rain among the readings that are newer than what is known."""
        chosen = np.flatnonzero(judged.fresh)
        lonely = doubt_lonely_rain(
            self.shard,
            self._qualifier,
            judged.rows,
            chosen,
            self.streams.key_by_number,
            self.streams.number_by_key,
        )
        findings = self._qualifier.judge_fresh(judged.rows, chosen)
        findings.doubts.extend(lonely)
        return findings

    def _peaks_before(self, t: Ints, s: Ints, flag: Ints, order: Ints) -> Ints:
        """For each reading the newest time that counted in its stream before it arrived."""
        peak = self._times.peak[s]
        streams = s[order]
        if not (streams[1:] == streams[:-1]).any():
            return peak
        by_arrival = np.argsort(s, kind="stable")
        good = (flag[by_arrival] & int(IMPLAUSIBLE)) == 0
        run = np.cumsum(np.concatenate([[False], s[by_arrival][1:] != s[by_arrival][:-1]])) * _RUN
        times = run + np.where(good, np.clip(t[by_arrival], 0, _RUN - 1), 0)
        before = np.concatenate([[0], np.maximum.accumulate(times)[:-1]])
        inside = before >= run
        peak[by_arrival[inside]] = np.maximum((before - run)[inside], peak[by_arrival[inside]])
        return peak

    # -- storing

    def _store_rows(self, judged: Judged) -> _Verdicts:
        """Put the rows into the open transaction. The primary key has the last word on what is new."""
        verdicts = np.full(len(judged.rows.t), Verdict.STORED, np.int8)
        if not self._insert_fresh(judged):
            self.store.rollback()
            judged.fresh[:] = False
            judged.rows.flag[:] &= ~int(
                CONTINUITY | QualityFlag.CONFIRMED
            )  # judged again below, from what is really stored
        known = np.flatnonzero(~judged.fresh)
        for day in np.unique(judged.day[known]).tolist():
            mine = known[judged.day[known] == day]
            keys = judged.rows.t[mine].tolist(), judged.rows.s[mine].tolist()
            self.store.file_in_transaction(day).prefetch(*keys)
        for i in known.tolist():
            verdicts[i] = self._store_one(judged, i)
        return verdicts

    def _insert_fresh(self, judged: Judged) -> bool:
        """Insert the rows believed new; False when a key was there after all."""
        chosen = np.flatnonzero(judged.fresh)
        if not len(chosen):
            return True
        days = judged.day[chosen]
        for day in np.unique(days).tolist():
            rows = judged.rows.pick(chosen[days == day])
            rows = rows.pick(np.lexsort((rows.s, rows.t)))
            if self.store.file_in_transaction(day).insert(rows) != len(rows.t):
                return False
        return True

    def _store_one(self, judged: Judged, i: int) -> Verdict:
        """Look one key up; store it as new, recognise a repeat, or let the newer value win."""
        t, s, raw, flag, received = (int(column[i]) for column in judged.rows)
        v = None if raw == NO_VALUE else raw
        file = self.store.file_in_transaction(int(judged.day[i]))
        present = file.find(t, s)
        was_misdated = present is not None and bool(present[1] & int(QualityFlag.CLOCK))
        is_better = was_misdated and not judged.misdated[i]
        if present is not None and not is_better and (present[0] == v or file.was_superseded(t, s, v)):
            if not self.settings.deduplication_switched_off_for_a_failing_drill:
                return Verdict.REPEATED
            while file.find(t, s) is not None:
                t += 1
            judged.rows.t[i] = t
            present = None
        if present is None:
            file.insert(rows_from([(t, s, v, flag, received)]))
            return Verdict.STORED
        if judged.misdated[i] and not was_misdated:
            # A clock that is behind dates a reading where another one stands; that one keeps its place.
            judged.rows.flag[i] = flag | int(QualityFlag.CLOCK | QualityFlag.STALE)
            file.reflag_overruled(t, s, v, int(judged.rows.flag[i]), received)
            return Verdict.STORED
        flag |= int(QualityFlag.CORRECTED)
        judged.rows.flag[i] = flag
        file.correct(t, s, v, flag, received)
        return Verdict.CORRECTED

    # -- judging again

    def _settle_doubts(
        self, judged: Judged, verdicts: _Verdicts, findings: Findings
    ) -> tuple[Ints, list[Released]]:
        """Judge streams again that did not come in order; store the releases of the others.

        Returns the streams that rules must read again, and released readings of earlier batches.
        """
        rows, lines = judged.rows, self._qualifier.lines
        late = (verdicts != Verdict.REPEATED) & ~judged.fresh & (judged.day != ODD_DAY)
        late &= lines.is_judged[rows.s] & ((rows.flag & int(QualityFlag.STALE)) == 0)
        if len(judged.fresh) and not judged.fresh.any():
            late |= lines.is_judged[rows.s] & (judged.day != ODD_DAY)
        again = np.unique(rows.s[late])
        released = []
        for one in findings.released:
            if one.s not in again and one.row < 0:
                self._release(one)
                released.append(one)
        lines.end_batch(rows.s)
        if len(again):
            self._judge_again(judged, late, again, findings.released)
        return again, released

    def _release(self, one: Released) -> None:
        file = self.store.file_in_transaction(one.t // DAY_S)
        found = file.find(one.t, one.s)
        if found is not None:
            file.reflag(one.t, one.s, confirmed(found[1]))

    def _judge_again(self, judged: Judged, late: Bools, streams: Ints, released: Sequence[Released]) -> None:
        """From the earliest late reading, or from one that was released before it and is still flagged in the store."""
        rows = judged.rows
        earliest = np.full(len(streams), _RUN, np.int64)
        np.minimum.at(earliest, np.searchsorted(streams, rows.s[late]), rows.t[late])
        since = dict(zip(streams.tolist(), earliest.tolist(), strict=True))
        since |= {one.s: min(one.t, since[one.s]) for one in reversed(released) if one.s in since}
        mine = np.isin(rows.s, streams) & (judged.day != ODD_DAY)
        newest = int(max(self._times.known[streams].max(), rows.t[mine].max()))
        changes = self._qualifier.requalify(since, newest + 1)
        after = {(one.t, one.s): one for one in changes if not one.is_hidden}
        for i in np.flatnonzero(mine).tolist() if after else ():
            one = after.get((int(rows.t[i]), int(rows.s[i])))
            if one is not None and one.v == rows.v[i]:
                rows.flag[i] = one.after
        self._note_reflagged(changes)

    def _note_reflagged(self, changes: Sequence[Reflagged]) -> None:
        shown = [one for one in changes if not one.is_hidden]
        if shown:
            self.latest.note(rows_from([_row_of(one) for one in sorted(shown)]))

    # -- evaluating

    def _evaluate(
        self,
        judged: Judged,
        incoming: Incoming,
        verdicts: _Verdicts,
        judged_again: Ints,
        released: Sequence[Released],
        now: datetime,
    ) -> list[Signal]:
        rows = judged.rows
        timely = (
            (verdicts != Verdict.REPEATED)
            & ((rows.flag & int(QualityFlag.STALE)) == 0)
            & (judged.day != ODD_DAY)
        )
        timely &= self.shard.is_bound(rows.s)
        usable = timely & ((rows.flag & int(UNUSABLE)) == 0)
        disturbs = (verdicts == Verdict.CORRECTED) | (rows.t <= self.shard.head_t[rows.s])
        again = np.unique(rows.s[disturbs & (usable | (timely & (verdicts == Verdict.CORRECTED)))])
        again = np.union1d(again, judged_again[self.shard.is_bound(judged_again)]).astype(np.int64)
        chosen = np.flatnonzero(usable & ~np.isin(rows.s, again) if len(again) else usable)
        readings = Readings(rows.t[chosen], rows.s[chosen], rows.v[chosen], chosen)
        signals: list[Signal] = []
        for step in self.shard.advance(self._with_released(readings, released, again)):
            signals += self._say(step, judged, incoming, now)
        return signals + self._replay(judged, incoming, again, now)

    def _with_released(self, readings: Readings, released: Sequence[Released], again: Ints) -> Readings:
        """Readings of earlier batches that were confirmed now stand before the ones that confirmed them."""
        wanted = [one for one in released if one.s not in again and self.shard.is_bound(np.array([one.s]))[0]]
        if not wanted:
            return readings
        more = np.array([(one.t, one.s, one.v, one.by) for one in wanted], np.int64).T
        return Readings(*(np.concatenate([old, new]) for old, new in zip(readings, more, strict=True)))

    def _say(self, step: Step, judged: Judged, incoming: Incoming, now: datetime) -> list[Signal]:
        """What one round of readings changed, each with the reading that did it."""
        positions = step.changed.positions
        numbers = self.shard.rules.binding[step.changed.lines].tolist()
        moments = step.readings.t[positions].tolist()
        causes = step.readings.cause[positions].tolist()
        signals: list[Signal] = []
        for number, (t, cause) in dict(zip(numbers, zip(moments, causes, strict=True), strict=True)).items():
            why = Cause(t, int(judged.rows.received[cause]), float(incoming.wall[cause]))
            signals += self._announcer.differences(self.shard, [number], why, now)
        return signals

    def _explain_flags(
        self, judged: Judged, incoming: Incoming, stored: Bools, findings: Findings, now: datetime
    ) -> list[Signal]:
        """Keep the numbers behind each flag; ask a person where a flagged reading would have meant orange or red."""
        rows = judged.rows
        flagged = np.flatnonzero(stored & ((rows.flag & int(_EXPLAINED)) != 0))
        if not len(flagged):
            return []
        numbers = names_of(findings.doubts)
        moment = int(now.timestamp())
        reasons: dict[int, dict[str, object]] = {}
        for i in flagged.tolist():
            t, s, v, flag, _ = (int(column[i]) for column in rows)
            found = numbers.get(i, {}) | names_of(self._qualifier.base_doubt(i, t, s, v, flag)).get(i, {})
            if flag & int(QualityFlag.FUTURE):
                found["FUTURE"] = {"ahead_s": t - moment}
            if flag & int(QualityFlag.CLOCK) and incoming.clock_offset_s is not None:
                found["CLOCK"] = {"offset_s": int(incoming.clock_offset_s[i])}
            reasons[i] = found
            file = self.store.file_in_transaction(int(judged.day[i]))
            if found:  # a stream that was judged again has its reasons already
                file.add_reasons([(t, s, as_reason(found, flag))])
        return self._suspects.signals(
            self.shard, rows, judged.day, flagged, reasons, self.streams.key_by_number, now
        )

    def _replay(self, judged: Judged, incoming: Incoming, streams: Ints, now: datetime) -> list[Signal]:
        """Late or corrected readings: those streams are read again, and what changed by it is said."""
        if not len(streams):
            return []
        mine = np.isin(judged.rows.s, streams) & (judged.day != ODD_DAY)
        newest = int(max(self._times.peak[streams].max(), judged.rows.t[mine].max()))
        replay_streams(self.store, self.shard, streams, newest)
        return [
            signal
            for stream in streams.tolist()
            for signal in self._after_replay(judged, incoming, stream, now)
        ]

    def _after_replay(self, judged: Judged, incoming: Incoming, stream: int, now: datetime) -> list[Signal]:
        rows = judged.rows
        cause = int(np.flatnonzero(rows.s == stream)[-1])
        head = int(self.shard.head_t[stream])
        t = head if head > LONG_AGO else int(rows.t[cause])
        why = Cause(t, int(rows.received[cause]), float(incoming.wall[cause]))
        numbers = np.unique(self.shard.rules.binding[self.shard.rules.stream == stream])
        return self._announcer.differences(self.shard, numbers.tolist(), why, now)

    # -- what a person decided

    def amend(self, amendments: Sequence[Amendment], *, now: datetime) -> list[Signal]:
        """Apply what persons decided about stored readings, each once; rules follow. Raises StoreUnavailable.

        An amendment that is already applied is passed over; one whose reading is not here any more says so in its signal.
        """
        fresh = [one for one in amendments if one.id not in self._amended]
        if not fresh:
            return []
        try:
            if self._must_reload:
                self._load(now)
            signals = self._amend(fresh, now)
            self._add_signals(signals, now)
            self.store.commit()
        except (sqlite3.Error, StoreUnavailable) as error:
            self._must_reload = True
            self.store.abandon()
            raise _unavailable(error) from error
        self._amended |= {one.id for one in fresh}
        return signals

    def _amend(self, amendments: Sequence[Amendment], now: datetime) -> list[Signal]:
        since: dict[int, int] = {}
        signals = []
        for one in amendments:
            stream = self.streams.number_by_key.get(StreamKey(one.station, one.quantity))
            outcome = reflag_amended(self.store, stream, one)
            signals.append(amended_signal(one, outcome, self.settings.exercise, now))
            if outcome.is_applied and stream is not None:
                since[stream] = min(since.get(stream, one.t), one.t)
                self._note_amended(stream, one, outcome)
        if since:
            signals += self._follow(since, now)
        return signals

    def _note_amended(self, stream: int, one: Amendment, outcome: Outcome) -> None:
        if one.is_accepted and not outcome.after & int(IMPLAUSIBLE | QualityFlag.STALE):
            self._times.peak[stream] = max(int(self._times.peak[stream]), one.t)
        self.latest.note(rows_from([(one.t, stream, one.v, outcome.after, outcome.received)]))

    def _follow(self, since: dict[int, int], now: datetime) -> list[Signal]:
        """Judge and evaluate these streams again from a moment on; what changed by it is said."""
        streams = np.array(sorted(since), np.int64)
        newest = int(max(self._times.known[streams].max(), *since.values()))
        judged = {
            stream: moment for stream, moment in since.items() if self._qualifier.lines.is_judged[stream]
        }
        if judged:
            self._note_reflagged(self._qualifier.requalify(judged, newest + 1))
        bound = streams[self.shard.is_bound(streams)]
        if not len(bound):
            return []
        replay_streams(self.store, self.shard, bound, newest)
        moment = int(now.timestamp())
        signals: list[Signal] = []
        for stream in bound.tolist():
            head = int(self.shard.head_t[stream])
            cause = Cause(head if head > LONG_AGO else since[stream], moment * 1000, None)
            numbers = np.unique(self.shard.rules.binding[self.shard.rules.stream == stream])
            signals += self._announcer.differences(self.shard, numbers.tolist(), cause, now)
        return signals

    # -- signals, frames, memory

    def write_signals(self, signals: Sequence[Signal], *, now: datetime) -> None:
        """Store signals that no reading caused, such as a silent station. Raises StoreUnavailable."""
        if not signals:
            return
        try:
            self._add_signals(signals, now)
            self.store.commit()
        except (sqlite3.Error, StoreUnavailable) as error:
            self._must_reload = True
            self.store.abandon()
            raise _unavailable(error) from error

    def _add_signals(self, signals: Sequence[Signal], now: datetime) -> None:
        """Each signal into the file of its time where that is being written, else into the last one that is."""
        touched = [day for day in self.store.touched() if day != ODD_DAY]
        default = touched[-1] if touched else int(now.timestamp()) // DAY_S
        for signal in signals:
            moment = signal.body.get("phenomenon_time")
            day = int(datetime.fromisoformat(moment).timestamp()) // DAY_S if moment else default
            self.store.file_in_transaction(day if day in touched else default).add_signals([signal])

    def _add_raws(self, raws: Sequence[RawOf], judged: Judged, stored: Bools) -> None:
        days, has_repeats = judged.day.tolist(), not stored.all()
        by_day: dict[int, list[RawFrame]] = {}
        for frame, first, rows in raws:
            if rows and has_repeats and not stored[first : first + rows].any():
                continue
            day = days[first] if rows else frame.received // (1000 * DAY_S)
            by_day.setdefault(day, []).append(frame)
        for day, frames in by_day.items():
            self.store.file_in_transaction(day).add_raw(frames)

    def _note(self, judged: Judged, stored: Bools) -> None:
        """After the commit: remember the newest times and values."""
        beside = int(QualityFlag.CLOCK | QualityFlag.STALE)
        kept = stored & (judged.day != ODD_DAY) & ((judged.rows.flag & beside) != beside)
        rows = judged.rows if kept.all() else judged.rows.pick(kept)
        np.maximum.at(self._times.known, rows.s, rows.t)
        good = (rows.flag & int(IMPLAUSIBLE | QualityFlag.STALE)) == 0
        np.maximum.at(self._times.peak, rows.s[good], rows.t[good])
        self.latest.note(rows)

    def flush_latest(self) -> None:
        """Write the newest values for the pages; derived data, so a failure only makes pages older."""
        self.latest.flush()

    def close(self) -> None:
        self.flush_latest()
        self.latest.close()
        self.store.close()
        self.streams.close()


def _row_of(one: Reflagged) -> tuple[int, int, int | None, int, int]:
    return one.t, one.s, None if one.v == NO_VALUE else one.v, one.after, one.received


def _is_sorted(s: Ints) -> bool:
    return bool((s[1:] > s[:-1]).all())


def _unavailable(error: sqlite3.Error | StoreUnavailable) -> StoreUnavailable:
    """The store's own refusal passes as it is, so that its sentence does not quote itself."""
    return error if isinstance(error, StoreUnavailable) else StoreUnavailable(why=str(error))
