"""Filing: one value answers every open call that asks it; a correction keeps what was before, who changed it and why."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.datacalls.models import CallState, DataSeat, FigureDefinition, FigureKind, Filing, SeatState
from anlan.datacalls.queries import figures_of, given_for, latest_filings, village_sums
from anlan.datacalls.refusals import (
    CallOver,
    CorrectionNeedsReason,
    NilNotAllowed,
    NotATownship,
    NothingFiled,
    NothingGiven,
)
from anlan.datacalls.services.chasing import settle_alarm
from anlan.datacalls.types import Value
from anlan.datacalls.values import ZERO, read_value, shown, value_text
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor

_CLOSED = (SeatState.MISSED, SeatState.RELEASED)


@dataclass(frozen=True, slots=True)
class _Form:
    """What every filing of one form has in common."""

    why: str
    way: str
    key: str
    by: Actor
    at: datetime
    #: Set where somebody pressed “still so” instead of typing.
    confirms: bool = False


def file_values(
    seats: Sequence[DataSeat],
    values: Mapping[uuid.UUID, str],
    *,
    why: str = "",
    way: str = "page",
    key: str = "",
    by: Actor,
    at: datetime,
) -> list[Filing]:
    """Store what was typed, for every one of these seats that asks the figure; empty fields say nothing.

    A seat is filed once all its figures but texts have a value. The same form (`key`) twice changes nothing, and so does
    the same value; another value than before needs `why`.
    """
    if came_before(key, by):
        return []
    _check_open(seats)
    return _file(seats, values, _Form(why.strip()[:200], way, _key(key, by), by, at))


def _file(seats: Sequence[DataSeat], values: Mapping[uuid.UUID, str], form: _Form) -> list[Filing]:
    figures = {one.pk: one for seat in seats for one in figures_of(seat.call)}
    read = {pk: read_value(figures[pk], text) for pk, text in values.items() if pk in figures}
    told = {pk: value for pk, value in read.items() if value is not None}
    if not told:
        raise NothingFiled
    made: list[Filing] = []
    for seat in seats:
        made += _file_seat(seat, told, figures, form)
    return made


def file_nil(
    seats: Sequence[DataSeat],
    *,
    why: str = "",
    way: str = "page",
    key: str = "",
    by: Actor,
    at: datetime,
) -> list[Filing]:
    """零报告: nothing to report. Every number of the call is zero; texts and choices stay empty."""
    if came_before(key, by):
        return []
    _check_open(seats)
    form = _Form(why.strip()[:200], way, _key(key, by), by, at)
    made: list[Filing] = []
    for seat in seats:
        if not seat.call.allows_nil:
            raise NilNotAllowed(call=seat.call.title)
        zeros = {one.pk: Value(ZERO) for one in figures_of(seat.call) if one.is_number}
        rows = _rows(seat, zeros, {one.pk: one for one in figures_of(seat.call)}, form, is_nil=True)
        made += rows
        if seat.state != SeatState.NIL or rows:
            _move(seat, SeatState.NIL, bool(rows), form)
    return made


def confirm_given(
    seats: Sequence[DataSeat], *, way: str = "page", key: str = "", by: Actor, at: datetime
) -> list[Filing]:
    """With one key: what was given to others and is still valid is given to these calls too."""
    if came_before(key, by):
        return []
    values: dict[uuid.UUID, str] = {}
    for seat in seats:
        if not seat.is_open:
            continue
        for figure in figures_of(seat.call):
            given = given_for(seat, figure, at)
            if given is not None:
                values[figure.pk] = given.shown
    if not values:
        raise NothingGiven
    _check_open(seats)
    return _file(seats, values, _Form("", way, _key(key, by), by, at, confirms=True))


def sign_villages(seat: DataSeat, *, why: str = "", key: str = "", by: Actor, at: datetime) -> list[Filing]:
    """The township's own sign-off: what its villages have filed so far, added up, becomes its filing."""
    if seat.passed_on_at is None:
        raise NotATownship
    sums = village_sums(seat)
    if not sums:
        raise NothingFiled
    values = {figure.pk: value_text(Value(total)) for figure, total in sums}
    made = file_values([seat], values, why=why, way="villages", key=key, by=by, at=at)
    seat.change(by=by, at=at, kind="signed", signed_at=at)
    return made


def _check_open(seats: Iterable[DataSeat]) -> None:
    listed = list(seats)
    if not listed:
        raise NothingFiled
    for seat in listed:
        if seat.call.state == CallState.CANCELLED or seat.state in _CLOSED:
            raise CallOver(call=seat.call.title)


def _file_seat(
    seat: DataSeat,
    told: Mapping[uuid.UUID, Value],
    figures: Mapping[uuid.UUID, FigureDefinition],
    form: _Form,
) -> list[Filing]:
    asked = figures_of(seat.call)
    rows = _rows(seat, {one.pk: told[one.pk] for one in asked if one.pk in told}, figures, form)
    if not rows:
        return []
    have = {pk for (_seat, pk) in latest_filings([seat.pk])}
    is_whole = all(one.pk in have for one in asked if one.kind != FigureKind.TEXT)
    if is_whole:
        _move(seat, SeatState.FILED, True, form)
    else:
        seat.change(by=form.by, at=form.at, kind="partly_filed", filed_by=form.by.ref)
    return rows


def _rows(
    seat: DataSeat,
    told: Mapping[uuid.UUID, Value],
    figures: Mapping[uuid.UUID, FigureDefinition],
    form: _Form,
    *,
    is_nil: bool = False,
) -> list[Filing]:
    """New filings for what differs from the latest; recorded at once."""
    former = {pk: row for (_seat, pk), row in latest_filings([seat.pk]).items()}
    rows = []
    for pk, value in told.items():
        before = former.get(pk)
        if before is not None and (before.number, before.words) == (value.number, value.words):
            continue
        if before is not None and not form.why:
            raise CorrectionNeedsReason(
                figure=figures[pk].name, former=shown(before), value=value_text(value)
            )
        rows.append(_filing(seat, figures[pk], value, before, form, is_nil=is_nil))
    record_all([row for row in rows if row.replaces_id is None], by=form.by, at=form.at, kind="filed")
    record_all([row for row in rows if row.replaces_id is not None], by=form.by, at=form.at, kind="corrected")
    return rows


def _filing(
    seat: DataSeat,
    figure: FigureDefinition,
    value: Value,
    before: Filing | None,
    form: _Form,
    *,
    is_nil: bool,
) -> Filing:
    given = given_for(seat, figure, form.at) if before is None else None
    # Typed anew it is a new value, also where it is the same number; in one form for two calls it is one.
    is_shared = (
        given is not None
        and given.shown == value_text(value)
        and (form.confirms or given.filing.recorded_at == form.at)
    )
    return Filing(
        seat=seat,
        figure=figure,
        division=seat.division,
        number=value.number,
        words=value.words,
        is_nil=is_nil,
        as_of=given.filing.as_of if given is not None and is_shared else form.at,
        recorded_at=form.at,
        filed_by=form.by.ref,
        filed_by_name=form.by.name[:60],
        way=form.way,
        replaces=before,
        why=form.why if before is not None else "",
        shared_from=given.filing if given is not None and is_shared else None,
        key=form.key,
        exercise_id=seat.exercise_id,
    )


def _move(seat: DataSeat, state: str, is_changed: bool, form: _Form) -> None:
    """Lateness is the true time of the first filing against the deadline, whatever ran in between."""
    is_first = seat.first_filed_at is None
    fields: dict[str, Any] = {
        "filed_at": form.at,
        "filed_by": form.by.ref,
        "filed_by_name": form.by.name[:60],
    }
    if is_first:
        fields |= {"first_filed_at": form.at, "is_late": form.at > seat.due_at, "remind_at": None}
    elif is_changed:
        fields["corrections"] = seat.corrections + 1
    was_late = seat.state == SeatState.LATE
    if seat.state == state:
        seat.change(by=form.by, at=form.at, kind="refiled", fields=fields)
    else:
        seat.advance(state, by=form.by, at=form.at, **fields)
    if was_late and seat.parent_id is None:
        settle_alarm(seat.call, by=form.by, at=form.at)


def _key(key: str, by: Actor) -> str:
    return f"{by.ref}:{key}"[:64] if key else ""


def came_before(key: str, by: Actor) -> bool:
    """Whether this person's form with this key was taken already."""
    return bool(key) and Filing.objects.filter(key=_key(key, by)).exists()
