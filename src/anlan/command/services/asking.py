"""Experts: asked by message, answered in words, chased when the answer does not come."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from anlan.command.models import ExpertCall
from anlan.command.refusals import UnknownChoice
from anlan.command.services._common import check_room, said
from anlan.dissemination.services import reach_person
from anlan.duty.parameters import alarms
from anlan.duty.services import clear_subject, raise_alarm
from anlan.events.published import ExpertCallMoved
from anlan.incidents.models import Incident
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.resources.models import Expert

#: An expert who was not heard is said to be late after this time, and again after each further one. Engineering choice, to be
#: confirmed by the county.
ANSWERS_WITHIN = timedelta(minutes=30)
WAYS = ("sms", "voice", "hand")


def ask_expert(
    incident: Incident, expert: Expert, *, question: str, via: str = "sms", by: Actor, at: datetime
) -> ExpertCall:
    """Ask by message or call. Where the expert has no address, or `via` is "hand", a person has to call."""
    check_room(incident)
    if via not in WAYS:
        raise UnknownChoice(given=via)
    words = said(question, _("The question"), most=1000)
    same = ExpertCall.objects.filter(incident=incident, expert=expert, question=words, state="asked").first()
    if same is not None:
        return same
    call = ExpertCall(
        state="asked",
        incident=incident,
        expert=expert,
        question=words,
        asked_at=at,
        asked_by_name=by.name[:60],
        via=via,
        rise_at=at + ANSWERS_WITHIN,
        exercise_id=incident.exercise_id,
    )
    call.record(by=by, at=at, kind="asked")
    _send(call, by=by, at=at)
    _tell(call, "asked", at)
    return call


def answer_expert(call: ExpertCall, *, advice: str, by: Actor, at: datetime, cause: str = "") -> ExpertCall:
    """The advice as it was given."""
    words = said(advice, _("The advice"))
    call.advance("answered", by=by, at=at, cause=cause, answered_at=at, advice=words, rise_at=None)
    _settle(call, "已答复", by=by, at=at)
    _tell(call, "answered", at)
    return call


def decline_expert(call: ExpertCall, *, why: str, by: Actor, at: datetime) -> ExpertCall:
    """The expert cannot advise; somebody else is asked."""
    reason = said(why, _("Why not"), most=300)
    call.advance("declined", by=by, at=at, declined_why=reason, rise_at=None)
    _settle(call, "无法答复", by=by, at=at)
    _tell(call, "declined", at)
    return call


def ask_again(call: ExpertCall, *, by: Actor, at: datetime) -> ExpertCall:
    """After a refusal, the same question to the same expert."""
    call.advance("asked", by=by, at=at, asked_at=at, rise_at=at + ANSWERS_WITHIN)
    _send(call, by=by, at=at)
    _tell(call, "asked", at)
    return call


def rise_late(call: ExpertCall, *, by: Actor, at: datetime) -> ExpertCall:
    """The time is over and nobody answered: said in the journal and announced, and again after each further wait."""
    call.change(by=by, at=at, kind="late", rise_at=at + ANSWERS_WITHIN)
    face, what = alarms().of("expert_late"), f"{call.expert.person.name} {call.question}"[:120]
    raise_alarm(
        face.kind,
        subject=f"expert_call:{call.pk}",
        text_zh=face.zh.format(what=what),
        text_en=face.en.format(what=what),
        level=call.incident.grade,
        division=call.incident.division,
        by=by,
        at=at,
        exercise_id=call.exercise_id,
    )
    _tell(call, "late", at)
    return call


def _send(call: ExpertCall, *, by: Actor, at: datetime) -> None:
    if call.via == "hand":
        return
    incident = call.incident
    text = f"【专家咨询】{incident.title}（{incident.place_words or incident.division.name}）：{call.question} 请直接回复意见。"
    made = reach_person(
        person_id=call.expert.person_id,
        subject=f"expert_call:{call.pk}",
        text=text,
        channels=(call.via,),
        role="expert",
        by=by,
        at=at,
        exercise_id=call.exercise_id,
    )
    if not made:
        call.change(by=by, at=at, kind="asked", via="hand")


def _settle(call: ExpertCall, reason: str, *, by: Actor, at: datetime) -> None:
    clear_subject(f"expert_call:{call.pk}", reason=reason, by=by, at=at, kinds=["expert_late"])


def _tell(call: ExpertCall, what: str, at: datetime) -> None:
    event = ExpertCallMoved(
        str(call.pk),
        incident_id=str(call.incident_id),
        what=what,
        division=call.incident.division_id,
        exercise_id=None if call.exercise_id is None else str(call.exercise_id),
    )
    announce(event, at=at, exercise_id=call.exercise_id)
