"""What a person does about a warning of others: make the draft, set it aside with a reason, call it a duplicate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.warning.incoming.reasons import because
from anlan.warning.incoming.rules import table
from anlan.warning.models import IncomingMessage, IncomingWarning
from anlan.warning.refusals import IssuerMissing, NotADuplicate, NotDraftable, NoVillages
from anlan.warning.services import incoming_drafts as drafts
from anlan.warning.services.common import person_with, reason_given
from anlan.warning.services.drafting import known_level
from anlan.warning.services.incoming import announce_state, supersede, take

_DRAFTABLE = ("needs_person", "informed", "ignored", "received")


def paste(
    text: str, *, source: str, source_name: str, by: Actor, at: datetime, exercise_id: Any = None
) -> IncomingMessage:
    """What a person received by any way and pasted. The rules act on it as on everything else, in his sight."""
    county = places.county()
    if county is not None:
        person_with(by, Right.DRAFT, division=county)
    return take(
        text,
        source=source,
        source_name=source_name or by.name,
        sender=by.ref,
        is_listed=True,
        may_act=False,
        by=by,
        at=at,
        exercise_id=exercise_id,
    )


def make_draft(
    row: IncomingWarning,
    *,
    by: Actor,
    at: datetime,
    issuer: str = "",
    hazard: str = "",
    level: int | None = None,
    villages: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    with_callout: bool = False,
) -> IncomingWarning:
    """The relay of what was read, with what the person corrected; he counts as its drafter. A second person signs it.

    Corrections are kept beside what was read. Raises `NotDraftable`, `IssuerMissing`, `NoVillages`, `BadLevels`.
    """
    person_with(by, Right.DRAFT, division=row.division)
    if row.state not in _DRAFTABLE or row.action == "lift":
        raise NotDraftable
    corrected = _corrections(row, issuer, hazard, level, villages, expires_at)
    with transaction.atomic(savepoint=False):
        if corrected:
            row.change(by=by, at=at, kind="corrected", fields=corrected)
        problem = drafts.why_not(row)
        if problem:
            raise NotDraftable(why=problem)
        relay = drafts.relay(row, by=by, at=at)
        callout = drafts.callout(row, by=by, at=at, may_issue=False) if with_callout else None
        row.advance(
            "drafted" if callout is None else "called_out",
            by=by,
            at=at,
            draft=relay,
            callout_draft=callout,
            cause=f"warning:{relay.pk}",
        )
        supersede(row, by=by, at=at)
        announce_state(row, at=at)
    return row


def _corrections(
    row: IncomingWarning,
    issuer: str,
    hazard: str,
    level: int | None,
    villages: Iterable[str] | None,
    expires_at: datetime | None,
) -> dict[str, Any]:
    """The fields that the person set otherwise than they were read."""
    said = (issuer.strip() or row.issuer)[:120]
    if not said:
        raise IssuerMissing
    level = known_level(level if level is not None else row.level or 0)
    codes = list(row.villages) if villages is None else _villages(villages)
    if not codes:
        raise NoVillages
    found: dict[str, Any] = {
        "issuer": said,
        "level": level,
        "villages": codes,
        "hazard": hazard.strip()[:24] or row.hazard,
        "expires_at": expires_at or row.expires_at,
    }
    if not (found["hazard"] or row.hazard_words):
        raise NotDraftable(why=because("hazard_missing"))
    return {name: value for name, value in found.items() if getattr(row, name) != value}


def _villages(codes: Iterable[str]) -> list[str]:
    """Villages, also by the township or county that holds them."""
    found: set[str] = set()
    for place in places.villages_at(codes):
        if place.level == DivisionLevel.VILLAGE:
            found.add(place.code)
        else:
            found |= set(places.villages_below(place.path).values_list("code", flat=True))
    return sorted(found)


def ignore(row: IncomingWarning, *, reason: str, by: Actor, at: datetime) -> IncomingWarning:
    """Nothing is done about it; the reason stays."""
    person_with(by, Right.DRAFT, division=row.division)
    why = reason_given(reason)
    if "ignored" not in row.transitions[row.state]:
        raise NotDraftable
    with transaction.atomic(savepoint=False):
        row.advance("ignored", by=by, at=at, reason=why, once="")
        announce_state(row, at=at)
    return row


def mark_duplicate(
    row: IncomingWarning, first: IncomingWarning, *, by: Actor, at: datetime
) -> IncomingWarning:
    """A person says that two arrivals are one warning; the other one must be a first copy, not this one, of the same run."""
    person_with(by, Right.DRAFT, division=row.division)
    is_good = first.pk != row.pk and first.same_as_id is None and first.exercise_id == row.exercise_id
    if not is_good or "duplicate" not in row.transitions[row.state]:
        raise NotADuplicate
    where = str(first.message.source_name or first.message.get_source_display())
    with transaction.atomic(savepoint=False):
        row.advance("duplicate", by=by, at=at, same_as=first, once="", reason=because("same", where=where))
        announce_state(row, at=at)
    return row


def can_call_out(row: IncomingWarning) -> bool:
    """Whether the county has an own danger to call out about because of it."""
    return bool(table().callout_hazard_of(row.hazard))
