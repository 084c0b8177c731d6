"""What dispatch does when something happened below it."""

from __future__ import annotations

import uuid
from datetime import datetime

from anlan.directory.models import Person
from anlan.dispatch.models import Instruction, Via
from anlan.dispatch.services.answering import acknowledge_instruction
from anlan.events.published import NoticeAnswered
from anlan.journal.reactions import react
from anlan.kernel.actor import Actor

#: What counts as "received" in an answer by text message.
_RECEIVED = ("1", "收到", "签收")


@react("dispatch.notice_answered", NoticeAnswered)
def on_notice_answered(event: NoticeAnswered, at: datetime) -> None:
    """“1” to a message about orders acknowledges every order of that addressee which was out when it was sent."""
    kind, _colon, key = event.subject.partition(":")
    if kind != "orders" or not event.words.strip().startswith(_RECEIVED):
        return
    sent = datetime.fromisoformat(event.happened_at) if event.happened_at else at
    name = _name(event.person_id)
    by = Actor(ref=f"delivery:{event.delivery_id}", name=name)
    for row in _issued(key):
        if row.issued_at is not None and row.issued_at <= sent:
            acknowledge_instruction(
                row,
                by=by,
                by_name=name,
                via=Via.MESSAGE,
                at=max(sent, row.issued_at),
                words=event.words[:200],
            )


def _issued(key: str) -> list[Instruction]:
    incident, _colon, addressee = key.partition(":")
    rows = Instruction.objects.filter(incident_id=incident, state="issued")
    rows = (
        rows.filter(team_id=addressee)
        if _is_key(addressee)
        else rows.filter(addressee_id=addressee, team=None)
    )
    return list(rows.select_related("incident__division", "addressee", "team"))


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _name(person_id: str) -> str:
    found = Person.objects.filter(pk=person_id).first() if person_id else None
    return "" if found is None else found.name
