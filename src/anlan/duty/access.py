"""The one door to alarms, rooms, roll calls, handovers and the rest of the duty room."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from anlan.accounts.access import find, narrow, require, within
from anlan.duty.models import (
    Alarm,
    CalendarFeed,
    CarriedNote,
    CheckIn,
    DutyRoom,
    Handover,
    Outage,
    RollCall,
    RollCallSeat,
    RoomLink,
    ShiftSwap,
    SpecialPeriod,
)
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right

T = TypeVar("T")


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms of the actor's divisions; one without a place belongs to the desk of the county, which drafts."""
    place = within(actor, "division__path")
    if actor.can_somewhere(Right.DRAFT):
        place |= Q(division=None)
    rows = Alarm.objects.filter(place).select_related("division", "leader_called", "confirmed_by_person")
    return rows.defer("division__geometry")


def access_alarm(actor: Actor, alarm_id: uuid.UUID, need: Right = Right.CONFIRM_ALARM) -> Alarm:
    alarm = visible_alarms(actor).filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound
    if not may_confirm(actor, alarm, need):
        raise NotAllowed
    return alarm


def may_confirm(actor: Actor, alarm: Alarm, need: Right = Right.CONFIRM_ALARM) -> bool:
    """One without a place is confirmed where the right to draft is held too: at a desk of the county."""
    places = actor.where(Right.DRAFT) if alarm.division is None else (alarm.division.path,)
    return any(actor.can(need, place) for place in places)


def visible_outages(actor: Actor) -> QuerySet[Outage]:
    """What is or was cut in the jurisdiction: open ones first, then the latest."""
    rows = narrow(Outage.objects.select_related("division").defer("division__geometry"), actor)
    return rows.order_by(F("until").desc(nulls_first=True), "-since")


def access_outage(actor: Actor, outage_id: uuid.UUID, *, need: Right = Right.CONFIRM_ALARM) -> Outage:
    return find(Outage.objects.select_related("division"), actor, outage_id, need=need)


def visible_rooms(actor: Actor) -> QuerySet[DutyRoom]:
    """Duty rooms of the jurisdiction that are open, the county first."""
    rows = DutyRoom.objects.filter(within(actor, "division__path"), closed_at=None)
    return rows.select_related("division").defer("division__geometry").order_by("division__path")


def access_room(actor: Actor, room_id: uuid.UUID, *, need: Right = Right.SEE) -> DutyRoom:
    return find(_rooms(), actor, room_id, need=need)


def own_room(actor: Actor) -> DutyRoom | None:
    """The room that a person works in first: of the highest place where he reports, else the first that he sees."""
    rooms = list(visible_rooms(actor)[:200])
    own = actor.where(Right.REPORT)
    return next((room for room in rooms if room.division.path in own), rooms[0] if rooms else None)


def visible_swaps(actor: Actor) -> QuerySet[ShiftSwap]:
    """Swaps of shifts of the jurisdiction, and one's own wherever they are."""
    mine = Q(pk__in=[])
    if actor.person_id is not None:
        mine = Q(asker_id=actor.person_id) | Q(colleague_id=actor.person_id)
    rows = ShiftSwap.objects.filter(within(actor, "shift__post__division__path") | mine)
    return rows.select_related(
        "shift__post__division", "shift__person", "asker", "colleague", "other_shift", "decided_by_person"
    )


def access_swap(actor: Actor, swap_id: uuid.UUID) -> ShiftSwap:
    return _known(visible_swaps(actor).filter(pk=swap_id).first())


def visible_periods(actor: Actor) -> QuerySet[SpecialPeriod]:
    """Periods of the jurisdiction, and those of the places above it: they apply there too."""
    above = {code for path in actor.where() for code in path.split("/")}
    rows = SpecialPeriod.objects.filter(
        within(actor, "division__path") | Q(division_id__in=above, state__in=("approved", "stopped"))
    )
    return rows.select_related("division", "proposed_by_person").order_by("-starts_at", "-id")


def access_period(actor: Actor, period_id: uuid.UUID) -> SpecialPeriod:
    rows = SpecialPeriod.objects.select_related("division")
    return find(rows, actor, period_id, need=Right.MANAGE_DUTY)


def visible_roll_calls(actor: Actor) -> QuerySet[RollCall]:
    """Roll calls of the jurisdiction; one that is still to come only for those who may plan it there."""
    planned = within(actor, "division__path", Right.MANAGE_DUTY)
    rows = RollCall.objects.filter(within(actor, "division__path") & (~Q(state="planned") | planned))
    return rows.select_related("division").order_by("-starts_at", "-id")


def access_roll_call(actor: Actor, roll_call_id: uuid.UUID, *, need: Right = Right.SEE) -> RollCall:
    row = _known(visible_roll_calls(actor).filter(pk=roll_call_id).first())
    require(actor, need, row.division.path)
    return row


def access_roll_seat(actor: Actor, seat_id: uuid.UUID) -> RollCallSeat:
    """A seat of a roll call that one may call oneself."""
    rows = RollCallSeat.objects.select_related("roll_call__division", "room__division", "person")
    return find(rows, actor, seat_id, need=Right.MANAGE_DUTY, path_field="roll_call__division__path")


def seat_by_token(token: str) -> RollCallSeat | None:
    """The seat behind a link in a message: whoever holds it answers."""
    rows = RollCallSeat.objects.select_related("roll_call__division", "room__division", "person")
    return rows.filter(token=token).first()


def access_link(actor: Actor, link_id: uuid.UUID, *, need: Right = Right.REPORT) -> RoomLink:
    rows = RoomLink.objects.select_related("room__division")
    return find(rows, actor, link_id, need=need, path_field="room__division__path")


def access_check_in(actor: Actor, check_id: uuid.UUID, *, need: Right = Right.MANAGE_DUTY) -> CheckIn:
    rows = CheckIn.objects.select_related("room__division", "person", "shift__post__division")
    return find(rows, actor, check_id, need=need, path_field="room__division__path")


def access_handover(actor: Actor, handover_id: uuid.UUID, *, need: Right = Right.SEE) -> Handover:
    rows = Handover.objects.select_related("room__division", "given_by", "taken_by")
    return find(rows, actor, handover_id, need=need, path_field="room__division__path")


def access_carried_note(actor: Actor, note_id: uuid.UUID) -> CarriedNote:
    rows = CarriedNote.objects.select_related("room__division")
    return find(rows, actor, note_id, need=Right.REPORT, path_field="room__division__path")


def visible_feeds(actor: Actor) -> QuerySet[CalendarFeed]:
    """One's own links, and those to rooms that one manages."""
    mine = Q(pk__in=[])
    if actor.person_id is not None:
        mine = Q(person_id=actor.person_id) | Q(made_for_id=actor.person_id)
    rows = CalendarFeed.objects.filter(within(actor, "room__division__path", Right.MANAGE_DUTY) | mine)
    return rows.select_related("room__division", "person", "made_for").order_by("-made_at")


def access_feed(actor: Actor, feed_id: uuid.UUID) -> CalendarFeed:
    return _known(visible_feeds(actor).filter(pk=feed_id).first())


def _rooms() -> QuerySet[DutyRoom]:
    return DutyRoom.objects.select_related("division")


def _known(found: T | None) -> T:
    if found is None:
        raise NotFound
    return found
