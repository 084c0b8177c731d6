"""What people type about a case, read into what the verbs take; and what its form offers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_noop as noop

from anlan.console import incidentwords
from anlan.console.incidentforms import places_for
from anlan.incidents.models import Incident
from anlan.incidents.tags import known_tags
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound, Refusal
from anlan.places.access import access_division
from anlan.review.casetypes import CaseDetails
from anlan.review.models import CaseRecord, Review
from anlan.vocab.posts import Right

_TEXTS = ("title", "event_type", "place_words", "summary", "course", "lessons", "source")


class NoDay(Refusal):
    code = "console.no_day"
    text = noop("“%(value)s” is no date.")
    next_step = noop("Write it as 2026-07-01.")
    status = 400


class NoCasePlace(Refusal):
    code = "console.no_case_place"
    text = noop("Nobody said for which place the case is kept.")
    next_step = noop("Choose a place; cases from elsewhere are kept for the county.")
    status = 400


def details_of(
    given: QueryDict, actor: Actor, *, incident: Incident | None = None, review: Review | None = None
) -> CaseDetails:
    """The form as the verbs take it."""
    code = given.get("division", "")
    if not code:
        raise NoCasePlace
    try:
        place = access_division(actor, code, need=Right.REVIEW_INCIDENTS)
    except NotFound:
        raise NoCasePlace from None
    return CaseDetails(
        **{name: given.get(name, "")[:20_000] for name in _TEXTS},
        division=place,
        happened_on=_day(given.get("happened_on", "")),
        tags=tuple(given.getlist("tags")[:30]),
        incident=incident,
        review=review,
    )


def typed_of(details: CaseDetails | CaseRecord) -> dict[str, Any]:
    """A case as its form would send it unchanged."""
    found: dict[str, Any] = {name: getattr(details, name) for name in _TEXTS}
    day = details.happened_on
    return found | {
        "division": details.division.pk,
        "happened_on": day.isoformat() if day is not None else "",
        "tags": list(details.tags),
    }


def typed_again(given: QueryDict) -> dict[str, Any]:
    """What was sent, as it was typed."""
    return {**given.dict(), "tags": given.getlist("tags")}


def choices(actor: Actor) -> dict[str, Any]:
    """What the form offers."""
    return {
        "types": incidentwords.type_choices(),
        "places": places_for(actor, Right.REVIEW_INCIDENTS),
        "tags": tag_choices(),
    }


def tag_choices() -> list[tuple[str, str]]:
    return [(code, incidentwords.tag_word(code)) for code in known_tags()]


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NoDay(value=text[:40]) from None
