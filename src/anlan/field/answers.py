"""What a phone page sends: read once, checked, and stored at most once however often it arrives."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
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
from anlan.risk.moves import Outcome
from anlan.vocab.measures import MEASURES as TAKEN

#: What is done first, four choices: code → (words kept with the answer, msgid on the button, measures that it is).
MEASURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "told": ("已通知危险区群众", noop("People in danger are told"), ("told",)),
    "moving": ("正在转移群众", noop("People are being moved"), ()),
    "watching": ("已到现场巡查", noop("I am watching on the spot"), ("watch",)),
    "need_help": ("需要支援", noop("We need help"), ()),
}
HELP = "need_help"
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
_MAX_PEOPLE = 999_999
_MAX_HOUSEHOLDS_A_FORM = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One form as it came. `key` is made with the page; the same one again is the same answer. `speaker` is set where
    somebody else than the person called filled it in."""

    meaning: Meaning
    words: str
    households: int | None
    people: int | None
    key: str
    refused: int | None = None
    missing: int | None = None
    measures: tuple[str, ...] = ()
    moved_to: str = ""
    speaker: str = ""
    asks_for_help: bool = False


def read_answer(form: QueryDict) -> Answer:
    """Raises `UnknownAnswer` or `NotANumberOfPeople`."""
    try:
        meaning = Meaning(form.get("meaning", ""))
    except ValueError:
        raise UnknownAnswer from None
    if meaning is Meaning.RANG_BACK:
        raise UnknownAnswer
    first, _label, done = MEASURES.get(form.get("measure", ""), ("", "", ()))
    taken = form.getlist("did")
    if not set(taken) <= TAKEN.keys():
        raise UnknownAnswer
    words = "；".join(part for part in (first, _text(form, "words", 200)) if part)
    return Answer(
        meaning=meaning,
        words=words,
        households=_number(form, "households"),
        people=_number(form, "people"),
        key=read_key(form),
        refused=_number(form, "refused"),
        missing=_number(form, "missing"),
        measures=tuple(dict.fromkeys([*done, *taken])),
        moved_to=_text(form, "place", 60),
        speaker=_text(form, "name", 20),
        asks_for_help=form.get("measure") == HELP,
    )


def read_outcomes(form: QueryDict) -> dict[uuid.UUID, str]:
    """Families and what became of them, from fields "h.<uuid>". Raises `UnknownAnswer`."""
    found: dict[uuid.UUID, str] = {}
    for name, value in form.items():
        if not name.startswith("h.") or not value:
            continue
        try:
            found[uuid.UUID(name[2:])] = Outcome(str(value))
        except ValueError:
            raise UnknownAnswer from None
    if len(found) > _MAX_HOUSEHOLDS_A_FORM:
        raise UnknownAnswer
    return found


def read_key(form: QueryDict) -> str:
    key = form.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def read_speaker(form: QueryDict) -> str:
    return _text(form, "name", 20)


def _text(form: QueryDict, name: str, most: int) -> str:
    return " ".join(form.get(name, "").split())[:most]


def _number(form: QueryDict, name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > _MAX_PEOPLE:
        raise NotANumberOfPeople(value=text[:20])
    return int(text)


def take(
    seats: Sequence[tuple[CalloutSeat, Delivery | None]],
    answer: Answer,
    *,
    via: Via,
    person: Person | None,
    by: Actor,
    at: datetime,
) -> bool:
    """Store one answer on each of these seats unless its key was seen before; False for a repeat. One transaction.

    Numbers and measures are of one place: a form that answers several carries none.
    """
    with transaction.atomic():
        fresh = [(seat, sent) for seat, sent in seats if is_first(seat, answer.key, by=by, at=at)]
        for seat, delivery in fresh:
            services.acknowledge(
                seat,
                meaning=answer.meaning,
                via=via,
                words=answer.words,
                person=None if answer.speaker else person,
                delivery=delivery,
                households=answer.households,
                people=answer.people,
                measures=answer.measures,
                moved_to=answer.moved_to,
                refused=answer.refused,
                missing=answer.missing,
                speaker=answer.speaker,
                asks_for_help=answer.asks_for_help,
                by=by,
                at=at,
            )
    return bool(fresh)


def is_first(seat: CalloutSeat, key: str, *, by: Actor, at: datetime) -> bool:
    """Leave a trace of the key in the journal; a form that a phone sends again finds it there. Without a key, always."""
    if not key:
        return True
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
