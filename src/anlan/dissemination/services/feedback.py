"""Answered is not acting and acting is not done: "done" without a word on what was done is chased until it comes (C-16)."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from django.conf import settings

from anlan.directory import queries as directory
from anlan.dissemination.audience import Reach, addresses_for
from anlan.dissemination.models import Callout, CalloutSeat, Delivery, DeliveryPurpose, SeatState
from anlan.dissemination.services.calling import for_seat
from anlan.dissemination.services.seats import cancel_queued
from anlan.dissemination.texts import compose
from anlan.dissemination.types import Meaning, Via
from anlan.dissemination.wake import wake_worker
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import BadSetting

if TYPE_CHECKING:
    from anlan.dissemination.services.answers import Answer

#: Seats of which something is known and the end is not.
UNDER_WAY = frozenset({SeatState.ANSWERED, SeatState.ACTING})
#: Who answers on these sees the question at once on the same page, or is a person at the desk: asked only when it is due.
_ASKED_ON_THE_PAGE = frozenset({Via.LINK, Via.PAGE, Via.TICK})


Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`feedback.json`: how long measures may be owed, and how soon somebody who rings back again is called again."""

    version: str
    source: str
    is_assumption: bool
    feedback_within_s: Seconds
    call_back_again_after_s: Seconds

    @property
    def feedback_within(self) -> timedelta:
        return timedelta(seconds=self.feedback_within_s)

    @property
    def call_back_again_after(self) -> timedelta:
        return timedelta(seconds=self.call_back_again_after_s)


def parameters() -> Parameters:
    """The county's `feedback.json` in the data folder, else the package's."""
    own = Path(settings.ANLAN_DATA) / "feedback.json"
    path = own if own.exists() else Path(__file__).parent.parent / "feedback.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> Parameters:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), Parameters)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file feedback.json of the package"
        ) from error


def fields_of(seat: CalloutSeat, said: Answer) -> dict[str, Any]:
    """What an answer tells about measures, as columns of the seat; a later number replaces an earlier one."""
    given: dict[str, Any] = {
        "households_moved": said.households,
        "people_moved": said.people,
        "households_refused": said.refused,
        "households_missing": said.missing,
        "moved_to": said.moved_to or None,
    }
    fields = {name: value for name, value in given.items() if value is not None}
    measures = list(dict.fromkeys([*seat.measures, *_measures(said)]))
    if measures != seat.measures:
        fields["measures"] = measures
    if said.measures and said.words:
        fields["measures_words"] = said.words
    return fields


def _measures(said: Answer) -> Sequence[str]:
    """Numbers of people who were moved are the measure "people moved"."""
    has_moved = any((said.households, said.people))
    return (*said.measures, "people_moved") if has_moved else said.measures


def is_known(seat: CalloutSeat, fields: dict[str, Any]) -> bool:
    """Whether it is known what was done there: a measure, or how many were moved (nobody is an answer too)."""
    told = {"measures": seat.measures, "households": seat.households_moved, "people": seat.people_moved}
    return bool(
        fields.get("measures", told["measures"])
        or fields.get("households_moved", told["households"]) is not None
        or fields.get("people_moved", told["people"]) is not None
    )


def is_missing(seat: CalloutSeat) -> bool:
    """Said to be done, asked what was done, and the time for it is over: the board shows "feedback missing"."""
    return seat.claimed_done_at is not None and seat.state in UNDER_WAY and seat.feedback_due_at is None


def owed_in(callout: Callout) -> int:
    """How many of its seats were answered and have not said what was done; none where nobody asks for it. One query."""
    return callout.seats.filter(state__in=UNDER_WAY).count() if callout.needs_feedback else 0


def amounts_to(seat: CalloutSeat, said: Answer, fields: dict[str, Any], *, at: datetime) -> Meaning:
    """How far the answer brings the seat; adds the claim to `fields` where measures are still owed.

    "Done" without measures counts as acting. Measures that come after such a claim complete it, unless their words leave
    doubt whether that is all.
    """
    if not seat.callout.needs_feedback or seat.state == SeatState.DONE:
        return said.meaning
    if said.meaning is Meaning.DONE and (not is_known(seat, fields) or said.is_open_ended):
        if seat.claimed_done_at is None:
            fields["claimed_done_at"] = at
            fields["feedback_due_at"] = at + parameters().feedback_within
        return Meaning.ACTING
    completes = said.gives_feedback and not said.is_open_ended and seat.claimed_done_at is not None
    return Meaning.DONE if completes else said.meaning


def ask_after(seat: CalloutSeat, said: Answer, *, by: Actor, at: datetime) -> None:
    """Ask whoever claimed "done" for the measures, once, on the way the answer came; on a page the question stands already."""
    if said.via not in _ASKED_ON_THE_PAGE:
        _ask(seat, _reach(seat, said.delivery, said.person.pk if said.person else None, at), by=by, at=at)


def chase(seat: CalloutSeat, *, by: Actor, at: datetime) -> None:
    """The deadline: ask if nobody was asked yet, else the board shows that the feedback is missing."""
    if seat.callout.state != "open" or was_asked(seat):
        seat.change(by=by, at=at, kind="feedback_missing", feedback_due_at=None)
        return
    due_at = at + parameters().feedback_within
    seat.change(by=by, at=at, kind="feedback_asked", feedback_due_at=due_at)
    calls = Delivery.objects.filter(seat=seat, purpose=DeliveryPurpose.CALL).select_related("person")
    last = None
    if seat.answered_by_id is not None:
        last = calls.filter(person_id=seat.answered_by_id).order_by("-id").first()
    _ask(seat, _reach(seat, last, seat.answered_by_id, at), by=by, at=at)


def was_asked(seat: CalloutSeat) -> bool:
    return Delivery.objects.filter(seat=seat, purpose=DeliveryPurpose.FEEDBACK).exists()


def stop_asking(seat: CalloutSeat, *, by: Actor, at: datetime, cause: str) -> None:
    """The measures came: what still asks for them does not leave."""
    asking = Delivery.objects.filter(seat=seat, purpose=DeliveryPurpose.FEEDBACK)
    cancel_queued(asking, by=by, at=at, cause=cause)


def _reach(seat: CalloutSeat, delivery: Delivery | None, person_id: Any, at: datetime) -> Reach | None:
    """A text message where one can be had, because it carries the link; else the way of the call."""
    name = delivery.person.name if delivery is not None and delivery.person is not None else ""
    if delivery is not None and delivery.channel in ("sms", "email"):
        return Reach(delivery.person_id, name, delivery.role, delivery.channel, delivery.address)
    role = delivery.role if delivery is not None else seat.trying_role
    points = directory.contact_points([person_id], at).get(person_id, []) if person_id else []
    for channel in ("sms", "email"):
        for address in addresses_for(points, channel):
            return Reach(person_id, name, role, channel, address)
    if delivery is None:
        return None
    return Reach(delivery.person_id, name, role, delivery.channel, delivery.address)


def _ask(seat: CalloutSeat, reach: Reach | None, *, by: Actor, at: datetime) -> None:
    if reach is None or was_asked(seat):
        return
    text = compose(
        f"feedback.{reach.channel}" if reach.channel in ("sms", "voice", "email") else "feedback.sms",
        issuer=seat.callout.issuer,
        village=seat.division.name,
    )
    delivery = for_seat(seat, reach, purpose=DeliveryPurpose.FEEDBACK, text=text, rung=seat.rung, at=at)
    record_all([delivery], by=by, at=at, kind="queued", cause=f"seat:{seat.pk}")
    wake_worker()
