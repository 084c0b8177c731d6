"""The one door to data calls: who asks sees the whole board, who is asked sees his own seat."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import QuerySet

from anlan.accounts.access import require, within
from anlan.datacalls.models import DataCall, DataSeat, FigureDefinition, of_run
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places.models import Division
from anlan.vocab.posts import Right


def visible_calls(actor: Actor) -> QuerySet[DataCall]:
    """Calls that the actor's county or department asks, the newest first."""
    rows = DataCall.objects.filter(within(actor, "division__path")).select_related("division")
    return rows.defer("division__geometry").order_by("-opened_at", "-id")


def access_call(actor: Actor, call_id: uuid.UUID, *, need: Right = Right.SEE) -> DataCall:
    call = visible_calls(actor).filter(pk=call_id).first()
    if call is None:
        raise NotFound
    require(actor, need, call.division.path)
    return call


def visible_seats(actor: Actor) -> QuerySet[DataSeat]:
    """Seats of the actor's places, and of the calls that his county or department asks."""
    rows = DataSeat.objects.filter(within(actor, "division__path") | within(actor, "call__division__path"))
    return rows.select_related("call", "call__division", "division").defer(
        "division__geometry", "call__division__geometry"
    )


def access_seat(actor: Actor, seat_id: uuid.UUID, *, need: Right = Right.SEE) -> DataSeat:
    seat = visible_seats(actor).filter(pk=seat_id).first()
    if seat is None:
        raise NotFound
    require(actor, need, seat.division.path)
    return seat


def access_chased_seat(actor: Actor, seat_id: uuid.UUID) -> DataSeat:
    """A seat that the actor may chase: the asking desk, or the township that passed it on."""
    seat = access_seat(actor, seat_id)
    if actor.can(Right.CALL_FOR_DATA, seat.call.division.path):
        return seat
    if seat.parent is not None and actor.can(Right.FILE_DATA, seat.parent.division.path):
        return seat
    raise NotAllowed


def own_places(actor: Actor) -> list[Division]:
    """The places for which the actor files himself: where his posts sit, not what lies below them."""
    rows = Division.objects.filter(path__in=actor.where(Right.FILE_DATA))
    return list(rows.defer("geometry").order_by("code"))


def own_seats(actor: Actor, code: str, *, exercise_id: uuid.UUID | None) -> list[DataSeat]:
    """Open seats of one of the actor's own places; a place that is not his does not exist."""
    place = next((one for one in own_places(actor) if one.code == code), None)
    if place is None:
        raise NotFound
    rows = DataSeat.objects.filter(
        division=place, state__in=["asked", "late"], exercise_id=exercise_id
    ).select_related("call", "call__division", "division")
    return list(rows.defer("division__geometry", "call__division__geometry").order_by("due_at", "pk"))


def visible_figures(actor: Actor) -> QuerySet[FigureDefinition]:
    """The register of the actor's county as it is in the run at hand, the names in order."""
    rows = FigureDefinition.objects.filter(
        within(actor, "division__path"), of_run(clocks.default_exercise_id())
    )
    return rows.order_by("name", "pk")


def access_figure(actor: Actor, figure_id: uuid.UUID) -> FigureDefinition:
    figure = visible_figures(actor).filter(pk=figure_id).select_related("division").first()
    if figure is None:
        raise NotFound
    require(actor, Right.CALL_FOR_DATA, figure.division.path)
    return figure


def may_ask(actor: Actor) -> list[Division]:
    """The county, and the departments in whose name its desk may ask."""
    rows = Division.objects.filter(
        within(actor, "path", Right.CALL_FOR_DATA), level__in=["county", "department"], valid_to=None
    )
    return list(rows.defer("geometry").order_by("path"))


def late_since(seat: DataSeat, at: datetime) -> datetime | None:
    """From when a seat is late by the true times, also before anybody marked it."""
    return seat.due_at if seat.is_open and at > seat.due_at else None
