"""What a phone page sends: read once, checked, and stored at most once however often it arrives."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_noop as noop

from anlan.directory.models import Person
from anlan.dissemination import services
from anlan.dissemination.models import CalloutSeat, Delivery
from anlan.dissemination.types import Meaning, Via
from anlan.field.refusals import NotANumberOfPeople, UnknownAnswer
from anlan.journal.models import Entry
from anlan.journal.services import note
from anlan.kernel.actor import Actor

#: What was done first, four choices: code → (words kept with the answer, msgid on the button).
MEASURES: dict[str, tuple[str, str]] = {
    "told": ("已通知危险区群众", noop("People in danger are told")),
    "moving": ("正在转移群众", noop("People are being moved")),
    "watching": ("已到现场巡查", noop("I am watching on the spot")),
    "need_help": ("需要支援", noop("We need help")),
}
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
_MAX_PEOPLE = 999_999


@dataclass(frozen=True, slots=True)
class Answer:
    """One form as it came. `key` is made with the page; the same one again is the same answer."""

    meaning: Meaning
    words: str
    households: int | None
    people: int | None
    key: str


def read_answer(form: QueryDict) -> Answer:
    """Raises `UnknownAnswer` or `NotANumberOfPeople`."""
    try:
        meaning = Meaning(form.get("meaning", ""))
    except ValueError:
        raise UnknownAnswer from None
    measure = MEASURES.get(form.get("measure", ""), ("", ""))[0]
    words = "；".join(part for part in (measure, form.get("words", "").strip()[:200]) if part)
    key = form.get("key", "")
    return Answer(
        meaning=meaning,
        words=words,
        households=_number(form.get("households", "")),
        people=_number(form.get("people", "")),
        key=key if _KEY.fullmatch(key) else "",
    )


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_PEOPLE:
        raise NotANumberOfPeople(value=text[:20])
    return int(text)


def take(
    seat: CalloutSeat,
    answer: Answer,
    *,
    via: Via,
    person: Person | None,
    delivery: Delivery | None = None,
    by: Actor,
    at: datetime,
) -> bool:
    """Store an answer unless its key was seen before; False for a repeat. One transaction."""
    with transaction.atomic():
        if answer.key and not _is_first(seat, answer.key, by=by, at=at):
            return False
        services.acknowledge(
            seat,
            meaning=answer.meaning,
            via=via,
            words=answer.words,
            person=person,
            delivery=delivery,
            households=answer.households,
            people=answer.people,
            by=by,
            at=at,
        )
    return True


def _is_first(seat: CalloutSeat, key: str, *, by: Actor, at: datetime) -> bool:
    """Leave a trace of the key in the journal; a form that a phone sends again finds it there."""
    name = hashlib.sha256(f"{seat.pk}:{key}".encode()).hexdigest()[:40]
    if Entry.objects.filter(subject_type="sent_form", subject_id=name).exists():
        return False
    note(
        kind="sent_form.taken",
        subject=("sent_form", name),
        payload={"seat": str(seat.pk)},
        by=by,
        at=at,
        path=seat.division.path,
        exercise_id=seat.exercise_id,
    )
    return True
