"""The library of texts: a new wording is proposed by one person and approved by another; the old one stays as a version."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from anlan.journal.refusals import NoSuchTransition
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.event_codes import event_code
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import Right
from anlan.warning import texts
from anlan.warning.models import ActionText, TextForm, TextState
from anlan.warning.refusals import NotYourOwn, SourceMissing, UnknownKey
from anlan.warning.services.common import person_with, reason_given
from anlan.warning.services.drafting import known_level

#: The package's texts are version 1.
FIRST_OWN_VERSION = 2
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def propose_text(
    *,
    hazard_type: str,
    level: int,
    audience: str,
    form: str,
    text: str,
    source: str,
    division: Division,
    by: Actor,
    at: datetime,
    language: str = "zh",
    is_verified: bool = False,
) -> ActionText:
    """Propose another wording; it holds once a second person approved it."""
    person = person_with(by, Right.DRAFT, division=division)
    _check_key(hazard_type, audience, form, language)
    if not source.strip():
        raise SourceMissing
    texts.check_template(text.strip(), form=form)
    key = {
        "hazard_type": hazard_type,
        "level": known_level(level),
        "audience": audience,
        "language": language,
        "form": form,
    }
    newest = ActionText.objects.filter(**key).aggregate(newest=Max("text_version"))["newest"]
    row = ActionText(
        **key,
        state=TextState.PROPOSED,
        text=text.strip(),
        text_version=max(FIRST_OWN_VERSION, (newest or 0) + 1),
        source=source.strip()[:200],
        is_verified=is_verified,
        division=division,
        proposed_by=by.ref,
        proposed_by_person_id=person,
        proposed_at=at,
    )
    return row.record(by=by, at=at, kind="proposed")


def approve_text(row: ActionText, *, by: Actor, at: datetime) -> ActionText:
    """A second person puts it into force; the former version of the same key retires."""
    person = person_with(by, Right.SIGN_OFF, division=row.division)
    _check_second_person(row, by)
    former = ActionText.objects.filter(
        state=TextState.IN_FORCE,
        hazard_type=row.hazard_type,
        level=row.level,
        audience=row.audience,
        language=row.language,
        form=row.form,
    ).first()
    with transaction.atomic(savepoint=False):
        if former is not None:
            former.advance(TextState.RETIRED, by=by, at=at, cause=f"action_text:{row.pk}")
        row.advance(
            TextState.IN_FORCE,
            by=by,
            at=at,
            decided_by=by.ref,
            decided_by_person_id=person,
            decided_at=at,
        )
    return row


def reject_text(row: ActionText, *, reason: str, by: Actor, at: datetime) -> ActionText:
    """A second person declines it, with a reason; its proposer may take it back himself."""
    person = person_with(by, Right.DRAFT, division=row.division)
    why = reason_given(reason)[:300]
    if row.state != TextState.PROPOSED:
        raise NoSuchTransition(old=row.state, new=TextState.REJECTED)
    return row.advance(
        TextState.REJECTED,
        by=by,
        at=at,
        decided_by=by.ref,
        decided_by_person_id=person,
        decided_at=at,
        reason=why,
    )


def retire_text(row: ActionText, *, reason: str, by: Actor, at: datetime) -> ActionText:
    """Take a text out of force; the package's own holds again."""
    person_with(by, Right.SIGN_OFF, division=row.division)
    why = reason_given(reason)[:300]
    if by.ref == row.proposed_by or by.person_id == row.proposed_by_person_id:
        raise NotYourOwn
    return row.advance(TextState.RETIRED, by=by, at=at, reason=why)


def _check_second_person(row: ActionText, by: Actor) -> None:
    if row.state != TextState.PROPOSED:
        raise NoSuchTransition(old=row.state, new=TextState.IN_FORCE)
    if by.ref == row.proposed_by or by.person_id == row.proposed_by_person_id:
        raise NotYourOwn


def _check_key(hazard_type: str, audience: str, form: str, language: str) -> None:
    known = hazard_type == "*" or hazard_type in set(HazardType) or _is_event(hazard_type)
    for value, is_known in (
        (hazard_type, known),
        (audience, audience in texts.AUDIENCES),
        (form, form in set(TextForm)),
        (language, bool(_LANGUAGE.fullmatch(language))),
    ):
        if not is_known:
            raise UnknownKey(value=value[:40])


def _is_event(code: str) -> bool:
    return bool(re.fullmatch(r"1[1-4][A-Z][0-9]{2}", code)) and event_code(code).zh != code
