"""What the desk's and the phone's page of "asked of me" have in common: which places, and what one form means."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anlan.datacalls import services
from anlan.datacalls.access import own_seats
from anlan.datacalls.models import DataSeat, Filing
from anlan.datacalls.queries import asked_of, waiting_for
from anlan.datacalls.types import AskedPlace
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound

_KEY = re.compile(r"[A-Za-z0-9-]{8,40}")
_FIELD = "f-"
#: Seats that one page shows; nobody owes so many.
_MOST = 200


@dataclass(frozen=True, slots=True)
class FiledForm:
    """One form as it came: `verb` is "file", "confirm" or "nil" (then `seat` says for which call)."""

    verb: str
    place: str
    seat: uuid.UUID | None
    values: Mapping[uuid.UUID, str]
    why: str
    key: str


def read_form(given: Mapping[str, str]) -> FiledForm:
    """Reads what a browser sent; what cannot be read is left out."""
    verb, _colon, seat = given.get("verb", "file").partition(":")
    key = given.get("key", "")
    values = {}
    for name, text in given.items():
        text = text.replace("\x00", "")
        figure = as_id(name[len(_FIELD) :]) if name.startswith(_FIELD) else None
        if figure is not None:
            values[figure] = str(text)[:2000]
    return FiledForm(
        verb=verb if verb in ("file", "confirm", "nil") else "file",
        place=given.get("place", "")[:24],
        seat=as_id(seat),
        values=values,
        why=given.get("why", "").replace("\x00", "")[:200],
        key=key if _KEY.fullmatch(key) else "",
    )


def pages_of(actor: Actor, *, at: datetime, exercise_id: uuid.UUID | None) -> list[AskedPlace]:
    """One page for each of the actor's own places that owes something."""
    by_place: dict[str, list[DataSeat]] = {}
    for seat in waiting_for(actor, exercise_id=exercise_id, limit=_MOST):
        by_place.setdefault(seat.division_id, []).append(seat)
    return [page for seats in by_place.values() if (page := asked_of(seats, at)) is not None]


def take(
    actor: Actor, form: FiledForm, *, way: str, at: datetime, exercise_id: uuid.UUID | None
) -> list[Filing]:
    """Do what the form says, for the open seats of the place that it names; a form that came before is taken already."""
    if services.came_before(form.key, actor):
        return []
    seats = own_seats(actor, form.place, exercise_id=exercise_id)
    if form.verb == "nil":
        if form.seat is None:
            raise NotFound
        if DataSeat.objects.filter(pk=form.seat, division_id=form.place, state="nil").exists():
            return []
        seats = [seat for seat in seats if seat.pk == form.seat]
        if not seats:
            raise NotFound
        return services.file_nil(seats, way=way, key=form.key, by=actor, at=at)
    if form.verb == "confirm":
        return services.confirm_given(seats, way=way, key=form.key, by=actor, at=at)
    return services.file_values(seats, form.values, why=form.why, way=way, key=form.key, by=actor, at=at)


def as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
