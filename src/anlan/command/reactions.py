"""What the room does when something happens downstairs: groups follow the level; answers of experts and calls come in."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.command.models import ExpertCall, RoomCall
from anlan.command.services.asking import answer_expert
from anlan.command.services.calling import record_outcome
from anlan.command.services.deciding import command_by_plan
from anlan.command.services.groups import activation_of, close_groups_of_plan, open_groups_of_plan
from anlan.events.published import ActivationMoved, NoticeAnswered
from anlan.journal.reactions import react
from anlan.kernel.actor import system

_BY = system("command")
_OPENS = frozenset({"started", "raised"})
_CLOSES = frozenset({"lowered", "ended"})


@react("command.groups_of_the_level", ActivationMoved)
def on_activation(event: ActivationMoved, at: datetime) -> None:
    """Groups of the plan open with the level and with each rise, and somebody commands; a fall closes what it does not need."""
    if event.what not in _OPENS | _CLOSES:
        return
    activation = activation_of(event.activation_id)
    if activation is None:
        return
    if event.what in _CLOSES:
        close_groups_of_plan(activation, by=_BY, at=at)
    elif activation.state == "active":
        open_groups_of_plan(activation, by=_BY, at=at)
        command_by_plan(activation, by=_BY, at=at)


@react("command.notice_answered", NoticeAnswered)
def on_notice_answered(event: NoticeAnswered, at: datetime) -> None:
    """An expert replied in words, or whoever was called pressed a key."""
    kind, _colon, key = event.subject.partition(":")
    if kind == "expert_call":
        _advice(key, event, at)
    elif kind == "room_call":
        _outcome(key, event, at)


def _advice(key: str, event: NoticeAnswered, at: datetime) -> None:
    call = (
        ExpertCall.objects.select_related("incident", "incident__division").filter(pk=uuid.UUID(key)).first()
    )
    if call is None or call.state != "asked" or not event.words.strip():
        return
    answer_expert(call, advice=event.words, by=_BY, at=at, cause=f"delivery:{event.delivery_id}")


def _outcome(key: str, event: NoticeAnswered, at: datetime) -> None:
    rows = RoomCall.objects.select_related("incident", "incident__division")
    call = rows.filter(pk=uuid.UUID(key), outcome="").first()
    if call is not None:
        record_outcome(call, "answered", by=_BY, at=at, cause=f"delivery:{event.delivery_id}")
