"""The doors: a call-out is seen by whoever has it, or one of its seats, in the jurisdiction; it is run where it is at home."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.directory.models import Contact
from anlan.dissemination.models import (
    Callout,
    CalloutSeat,
    ContactTest,
    Delivery,
    LadderAssignment,
    LadderVersion,
    Outlet,
)
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def visible_callouts(actor: Actor) -> QuerySet[Callout]:
    """Call-outs of the jurisdiction, and those that call a village in it."""
    own_seat = CalloutSeat.objects.filter(within(actor, "division__path"), callout=OuterRef("pk"))
    return Callout.objects.filter(within(actor, "division__path") | Exists(own_seat))


def visible_seats(callout: Callout, actor: Actor) -> QuerySet[CalloutSeat]:
    return narrow(CalloutSeat.objects.filter(callout=callout), actor)


def access_callout(actor: Actor, callout_id: uuid.UUID, *, need: Right = Right.SEE) -> Callout:
    """One call-out. Anything beyond looking needs the whole of it in the jurisdiction: a township does not close the county's."""
    callout = (
        visible_callouts(actor)
        .select_related("division")
        .defer("division__geometry")
        .filter(pk=callout_id)
        .first()
    )
    if callout is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, callout.division.path)
    return callout


def access_seat(actor: Actor, seat_id: uuid.UUID, *, need: Right = Right.SEE) -> CalloutSeat:
    """One seat: its own township may work on it."""
    return find(CalloutSeat.objects.select_related("callout", "division"), actor, seat_id, need=need)


def visible_tests(actor: Actor) -> QuerySet[ContactTest]:
    """Contact tests of the jurisdiction, the latest first."""
    return narrow(ContactTest.objects.select_related("division"), actor).order_by("-starts_at", "-id")


def access_test(actor: Actor, test_id: uuid.UUID, *, need: Right = Right.SEE) -> ContactTest:
    return find(ContactTest.objects.select_related("division"), actor, test_id, need=need)


def dead_numbers(actor: Actor) -> QuerySet[Contact]:
    """Numbers in use where nothing arrives, those of the jurisdiction, the longest dead first (L-01, L-02)."""
    rows = Contact.objects.filter(failed_at__isnull=False, used_to=None).select_related("person__division")
    return narrow(rows, actor, path_field="person__division__path").order_by("failed_at", "id")


def visible_ladders(actor: Actor) -> QuerySet[LadderVersion]:
    """Versions of ladders that were made for places of the jurisdiction."""
    rows = LadderVersion.objects.filter(within(actor, "division__path"))
    return rows.select_related("division", "proposed_by_person", "approved_by_person")


def visible_assignments(actor: Actor) -> QuerySet[LadderAssignment]:
    rows = LadderAssignment.objects.filter(within(actor, "division__path"))
    return rows.select_related("division", "proposed_by_person", "approved_by_person")


def access_ladder(actor: Actor, version_id: uuid.UUID, *, need: Right = Right.SEE) -> LadderVersion:
    """One version of a county's ladder."""
    return find(visible_ladders(actor), actor, version_id, need=need)


def access_assignment(actor: Actor, row_id: uuid.UUID, *, need: Right = Right.SEE) -> LadderAssignment:
    """One line of a county's table of uses."""
    return find(visible_assignments(actor), actor, row_id, need=need)


def access_outlet(actor: Actor, outlet_id: uuid.UUID, *, need: Right = Right.SEE) -> Outlet:
    """One loudspeaker, display, group, partner or hand tool."""
    return find(Outlet.objects.select_related("division", "keeper"), actor, outlet_id, need=need)


def access_hand_task(actor: Actor, delivery_id: uuid.UUID, *, need: Right = Right.SEE) -> Delivery:
    """One delivery to an outlet: whoever may run call-outs there confirms it."""
    rows = Delivery.objects.filter(outlet__isnull=False).select_related(
        "outlet__division", "outlet__keeper", "broadcast"
    )
    return find(rows, actor, delivery_id, need=need, path_field="outlet__division__path")
