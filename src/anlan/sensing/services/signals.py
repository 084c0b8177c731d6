"""From the gateway's signals to facts in the main database, each exactly once.

1. The cursor is read and the signals after it are fetched; the main database is not locked meanwhile.
2. For each batch one transaction checks that nobody moved the cursor since, writes the facts, announces them and moves it.

A crash before the commit leaves nothing; a crash after it leaves the cursor behind the batch. A crossing also carries the
signal's own id, so that even a lost cursor could not double it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Protocol

import msgspec

from anlan.events.published import (
    CrossingRecorded,
    EnterpriseLimitCrossed,
    ReadingSuspected,
    StationFellSilent,
    StationHeardAgain,
)
from anlan.journal import clocks
from anlan.journal.models import Cursor, Entry
from anlan.journal.services import ORDINARY, announce, make_entry, note, record_all
from anlan.journal.turns import write_turn
from anlan.kernel.actor import rule, system
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import BindingState, Crossing, Station, StationState
from anlan.sensing.rules.work import wake
from anlan.sensing.services.commands import CommandBody, take_command_signal
from anlan.sensing.services.happenings import HappeningBody, record_happenings
from anlan.sensing.services.quality import AmendedBody, SuspectBody, take_amended

CURSOR = "sensing.signals"
#: Signals a transaction: small enough that other writers wait well under a second.
BATCH = 200

#: Values are kept with three decimals, in the journal as in the column.
_STORED = Decimal("0.001")

GATEWAY = system("gateway")


class SignalReader(Protocol):
    """What is needed of the hot store's reader."""

    def signals_after(self, cursor: dict[str, int]) -> Iterator[Signal]: ...


class _CrossingBody(msgspec.Struct, frozen=True):
    binding: str
    station: str
    quantity: str
    rule_id: str
    rule_version: str
    direction: str
    level: int | None
    previous_level: int | None
    value: Decimal
    phenomenon_time: datetime
    received_at: datetime
    window_min: int | None = None
    threshold: Decimal | None = None
    missing_slots: int = 0
    purpose: str = "warn"
    #: Null where a restart brought the change to light and no frame can be timed.
    received_wall: float | None = None
    is_late: bool = False
    explanation_zh: str = ""
    explanation_en: str = ""
    exercise: str | None = None


class _StationBody(msgspec.Struct, frozen=True):
    station: str
    last_heard: datetime | None = None
    offset_s: float | None = None
    exercise: str | None = None


class _BindingBody(msgspec.Struct, frozen=True):
    binding: str
    station: str = ""
    windows_min: list[int] = []
    exercise: str | None = None


class _UnknownBody(msgspec.Struct, frozen=True):
    code: str
    source: str = ""
    protocol: str = ""
    exercise: str | None = None


class _ConflictBody(msgspec.Struct, frozen=True):
    station: str
    peers: str = ""
    exercise: str | None = None


class _UnitBody(msgspec.Struct, frozen=True):
    station: str
    reason: str = ""
    exercise: str | None = None


_BODIES: dict[str, type[msgspec.Struct]] = {
    "unit_changed": _UnitBody,
    "crossing": _CrossingBody,
    "silent": _StationBody,
    "heard": _StationBody,
    "clock_offset": _StationBody,
    "uncertain": _BindingBody,
    "certain": _BindingBody,
    "unknown_station": _UnknownBody,
    "address_conflict": _ConflictBody,
    "happening": HappeningBody,
    "amended": AmendedBody,
    "suspect": SuspectBody,
    "command_sent": CommandBody,
    "command_answered": CommandBody,
    "command_failed": CommandBody,
    "command_uncertain": CommandBody,
}


def take_signals(reader: SignalReader, *, at: datetime) -> int:
    """Make facts of every signal after the cursor. `at` is the time of the run. Returns how many signals were taken."""
    taken = 0
    while True:
        seen = _position()
        signals = _in_order(reader.signals_after(dict(seen)))
        if not signals:
            return taken
        for start in range(0, len(signals), BATCH):
            batch = signals[start : start + BATCH]
            moved = _moved(seen, batch)
            if not _take_batch(batch, seen, moved, at):
                return taken
            taken, seen = taken + len(batch), moved


def _in_order(signals: Iterable[Signal]) -> list[Signal]:
    """In the given order, yet never a later number of a day before an earlier one: the cursor must not jump over any.

    Ids are made from the wall clock; after a clock was set back they and the numbers may disagree.
    """
    given = list(signals)
    by_day: dict[str, list[Signal]] = {}
    for signal in given:
        by_day.setdefault(signal.day, []).append(signal)
    waiting = {day: iter(sorted(of_day, key=lambda one: one.n)) for day, of_day in by_day.items()}
    return [next(waiting[signal.day]) for signal in given]


def _moved(seen: dict[str, int], signals: Sequence[Signal]) -> dict[str, int]:
    return seen | {signal.day: signal.n for signal in signals}


def _position() -> dict[str, int]:
    cursor = Cursor.objects.filter(name=CURSOR).first()
    return dict(cursor.position) if cursor else {}


def _take_batch(signals: Sequence[Signal], seen: dict[str, int], moved: dict[str, int], at: datetime) -> bool:
    """False when another worker has moved the cursor meanwhile; then nothing is written."""
    with write_turn():
        # On SQLite the transaction itself excludes other writers; on PostgreSQL the row lock does.
        cursor, _ = Cursor.objects.select_for_update().get_or_create(name=CURSOR)
        if cursor.position != seen:
            return False
        _Batch(signals, at).write()
        cursor.position = moved
        cursor.save(update_fields=["position"])
    return True


def take_signals_of_a_drill(signals: Sequence[Signal], *, at: datetime) -> None:
    """Facts from what a drill plays; no cursor moves, for the gateway does not know of them. Joins the caller's transaction."""
    if signals:
        _Batch(signals, at).write()


class _Batch:
    """The signals of one transaction with the stations that they name."""

    def __init__(self, signals: Sequence[Signal], at: datetime) -> None:
        self.at = at
        self.run = clocks.default_exercise_id()
        self.decoded = [(signal, self._decode(signal)) for signal in signals]
        codes = {getattr(body, "station", "") for _, body in self.decoded}
        rows = Station.objects.filter(code__in=codes).select_related("division")
        self.stations = {station.code: station for station in rows}
        self.gaps: dict[tuple[str, uuid.UUID | None], BindingState] = {}
        self.notes: list[Entry] = []

    def write(self) -> None:
        """Facts in the order of the signals; crossings, gaps and notes are gathered, so that a restart of many stations
        costs a handful of statements and no crossing waits behind them."""
        verbs: dict[str, Callable[[Signal, Any], None]] = {
            "silent": self._fall_silent,
            "heard": self._hear,
            "clock_offset": self._note_clock,
            "unit_changed": self._note_unit,
            "uncertain": self._note_gap,
            "certain": self._note_gap,
            "unknown_station": self._note_unknown,
            "address_conflict": self._note_conflict,
            "amended": self._take_amended,
            "suspect": self._note_suspect,
            "command_sent": self._move_command,
            "command_answered": self._move_command,
            "command_failed": self._move_command,
            "command_uncertain": self._move_command,
        }
        for signal, body in self.decoded:
            if body is None:
                self._note_unreadable(signal)
            elif signal.kind not in ("crossing", "happening"):
                verbs[signal.kind](signal, body)
        self._store_gaps()
        self._record_happenings()
        self._record_crossings()
        Entry.objects.bulk_create(self.notes, batch_size=400)

    def _decode(self, signal: Signal) -> Any:
        """The typed body; None for a kind or a body that this release does not understand."""
        try:
            uuid.UUID(signal.id)
            return msgspec.convert(signal.body, _BODIES[signal.kind], strict=False)
        except (KeyError, ValueError):
            return None

    def _run_of(self, body: Any) -> uuid.UUID | None:
        return uuid.UUID(body.exercise) if body.exercise else self.run

    def _record_crossings(self) -> None:
        fresh = list(self._new_crossings())
        for (rule_id, _), group in groupby(fresh, key=lambda one: (one.rule_id, one.exercise_id)):
            record_all(list(group), by=rule(rule_id), at=self.at)
        for crossing in fresh:
            event = CrossingRecorded(crossing_id=str(crossing.pk))
            level = crossing.level or ORDINARY
            announce(event, at=self.at, exercise_id=crossing.exercise_id, priority=level)
            if crossing.purpose == "enterprise":
                crossed = EnterpriseLimitCrossed(crossing_id=str(crossing.pk))
                announce(crossed, at=self.at, exercise_id=crossing.exercise_id, priority=level)
        _settle_levels(fresh)
        for run in {crossing.exercise_id for crossing in fresh}:
            codes = {one.station.code for one in fresh if one.exercise_id == run}
            wake(codes, at=self.at, exercise_id=run)

    def _new_crossings(self) -> Iterator[Crossing]:
        wanted = [(signal, body) for signal, body in self.decoded if isinstance(body, _CrossingBody)]
        ids = [uuid.UUID(signal.id) for signal, _ in wanted]
        known = set(Crossing.objects.filter(pk__in=ids).values_list("pk", flat=True))
        for signal, body in wanted:
            pk = uuid.UUID(signal.id)
            if pk in known:
                continue
            known.add(pk)
            station = self.stations.get(body.station)
            if station is None:
                self._note_unknown(signal, _UnknownBody(code=body.station, exercise=body.exercise))
                continue
            yield self._crossing(pk, station, body)

    def _crossing(self, pk: uuid.UUID, station: Station, body: _CrossingBody) -> Crossing:
        return Crossing(
            id=pk,
            station=station,
            exercise_id=self._run_of(body),
            window_min=body.window_min or None,
            received_wall=body.received_wall or 0.0,
            recorded_at=self.at,
            value=body.value.quantize(_STORED),
            threshold=None if body.threshold is None else body.threshold.quantize(_STORED),
            **{name: getattr(body, name) for name in _CROSSING_FIELDS},
        )

    def _fall_silent(self, signal: Signal, body: _StationBody) -> None:
        station = self._moved(signal, body, StationState.SILENT, kind="silent")
        if station is not None:
            event = StationFellSilent(station_id=str(station.pk))
            announce(event, at=self.at, exercise_id=self._run_of(body))

    def _hear(self, signal: Signal, body: _StationBody) -> None:
        known = self.stations.get(body.station)
        was_silent = known is not None and known.state == StationState.SILENT
        station = self._moved(signal, body, StationState.REPORTING, kind="heard")
        if station is not None and was_silent:
            event = StationHeardAgain(station_id=str(station.pk))
            announce(event, at=self.at, exercise_id=self._run_of(body))

    def _moved(self, signal: Signal, body: _StationBody, state: StationState, *, kind: str) -> Station | None:
        """The station if its state changed; None for an unknown one, and for a signal that is older than its state."""
        station = self.stations.get(body.station)
        if station is None:
            self._note_unknown(signal, _UnknownBody(code=body.station, exercise=body.exercise))
            return None
        is_old = station.state_since is not None and signal.at < station.state_since
        if is_old or station.state == state:
            return None
        return station.change(
            by=GATEWAY, at=self.at, kind=kind, cause=signal.id, state=state, state_since=signal.at
        )

    def _note_clock(self, signal: Signal, body: _StationBody) -> None:
        station = self.stations.get(body.station)
        if station is None:
            self._note_unknown(signal, _UnknownBody(code=body.station, exercise=body.exercise))
            return
        payload = {"offset_s": body.offset_s, "seen_at": signal.at}
        self._note("station.clock_offset", ("station", str(station.pk)), payload, body, signal, station)

    def _note_unit(self, signal: Signal, body: _UnitBody) -> None:
        """A sender names another unit than before; its readings are refused until somebody saved the connector anew."""
        station = self.stations.get(body.station)
        if station is not None:
            payload = {"reason": body.reason, "seen_at": signal.at}
            self._note("station.unit_changed", ("station", str(station.pk)), payload, body, signal, station)

    def _note_conflict(self, signal: Signal, body: _ConflictBody) -> None:
        """Two live lines take turns for one station: shown on its page, for it cannot be decided here which is the true one."""
        station = self.stations.get(body.station)
        if station is not None:
            payload = {"peers": body.peers, "seen_at": signal.at}
            self._note(
                "station.address_conflict", ("station", str(station.pk)), payload, body, signal, station
            )

    def _move_command(self, signal: Signal, body: CommandBody) -> None:
        take_command_signal(signal, body, at=self.at)

    def _take_amended(self, signal: Signal, body: AmendedBody) -> None:
        take_amended(signal, body, at=self.at)

    def _note_suspect(self, signal: Signal, body: SuspectBody) -> None:
        """A flagged reading that would have meant orange or red: noted, and the duty room is told to look."""
        station = self.stations.get(body.station)
        if station is None:
            self._note_unknown(signal, _UnknownBody(code=body.station, exercise=body.exercise))
            return
        self._note("station.suspect", ("station", str(station.pk)), signal.body, body, signal, station)
        event = ReadingSuspected(
            station_id=str(station.pk),
            quantity=body.quantity,
            phenomenon_time=body.phenomenon_time.isoformat(),
            value=body.value,
            level=body.would_reach,
            reason_zh=body.reason_zh,
            reason_en=body.reason_en,
        )
        announce(event, at=self.at, exercise_id=self._run_of(body), priority=body.would_reach)

    def _record_happenings(self) -> None:
        wanted = [
            (s, body, self._run_of(body)) for s, body in self.decoded if isinstance(body, HappeningBody)
        ]
        if wanted:
            record_happenings(wanted, self.stations, at=self.at)

    def _note_gap(self, signal: Signal, body: _BindingBody) -> None:
        station = self.stations.get(body.station) or _station_of_binding(body.binding)
        if station is None:
            self._note_unknown(
                signal, _UnknownBody(code=body.station or body.binding, exercise=body.exercise)
            )
            return
        is_uncertain = signal.kind == "uncertain"
        state = self._gap(body, station)
        was_uncertain = state.is_uncertain
        state.is_uncertain, state.uncertain_windows_min = is_uncertain, body.windows_min
        if is_uncertain == was_uncertain:
            return
        state.uncertain_since = signal.at if is_uncertain else None
        self._note(f"binding.{signal.kind}", ("binding", body.binding), signal.body, body, signal, station)

    def _gap(self, body: _BindingBody, station: Station) -> BindingState:
        """The present state of a binding; all of the batch are read with the first."""
        if not self.gaps:
            wanted = {one.binding for _, one in self.decoded if isinstance(one, _BindingBody)}
            known = BindingState.objects.filter(binding__in=wanted)
            self.gaps = {(state.binding, state.exercise_id): state for state in known}
        key = (body.binding, self._run_of(body))
        if key not in self.gaps:
            self.gaps[key] = BindingState(binding=key[0], exercise_id=key[1], station=station)
        return self.gaps[key]

    def _store_gaps(self) -> None:
        """One statement for the new states and one for the changed ones."""
        fresh = [state for state in self.gaps.values() if state.pk is None]
        changed = [state for state in self.gaps.values() if state.pk is not None]
        fields = ["is_uncertain", "uncertain_since", "uncertain_windows_min"]
        BindingState.objects.bulk_update(changed, fields, batch_size=200)
        BindingState.objects.bulk_create(fresh, batch_size=400)

    def _note_unknown(self, signal: Signal, body: _UnknownBody) -> None:
        """Once per code and run; the gateway counts the frames."""
        subject = ("unknown_station", body.code[:64])
        run = self._run_of(body)
        known = Entry.objects.filter(subject_type=subject[0], subject_id=subject[1], exercise_id=run)
        is_new = all((one.subject_id, one.exercise_id) != (subject[1], run) for one in self.notes)
        if is_new and not known.exists():
            payload = {"code": body.code, "source": body.source, "signal": signal.kind}
            if body.protocol:
                payload["protocol"] = body.protocol
            self._note("unknown_station.heard", subject, payload, body, signal)

    def _note_unreadable(self, signal: Signal) -> None:
        payload = {"kind": signal.kind[:40], "day": signal.day, "n": signal.n}
        subject = ("signal", signal.id[:64])
        note(
            kind="signal.unreadable",
            subject=subject,
            payload=payload,
            by=GATEWAY,
            at=self.at,
            exercise_id=self.run,
        )

    def _note(
        self,
        kind: str,
        subject: tuple[str, str],
        payload: dict[str, Any],
        body: Any,
        signal: Signal,
        station: Station | None = None,
    ) -> None:
        self.notes.append(
            make_entry(
                kind=kind,
                subject=subject,
                payload=payload,
                by=GATEWAY,
                at=self.at,
                path=station.journal_path() if station else "",
                exercise_id=self._run_of(body),
                cause=signal.id,
            )
        )


_CROSSING_FIELDS = tuple(
    name
    for name in _CrossingBody.__struct_fields__
    if name not in ("station", "exercise", "value", "threshold", "window_min", "received_wall")
)


def _station_of_binding(binding: str) -> Station | None:
    """`R12:CODE` or `R12:CODE:DIVISION`."""
    code = binding.split(":")[1] if ":" in binding else ""
    return Station.objects.filter(code=code).select_related("division").first()


def _settle_levels(crossings: Iterable[Crossing]) -> None:
    """Keep the present level of each binding beside the facts."""
    newest = {(crossing.binding, crossing.exercise_id): crossing for crossing in crossings}
    for (binding, exercise_id), crossing in newest.items():
        BindingState.objects.update_or_create(
            binding=binding,
            exercise_id=exercise_id,
            defaults={
                "station": crossing.station,
                "level": crossing.level,
                "level_since": crossing.phenomenon_time,
            },
        )
