"""Drafts made by a person: an own call-out or risk notice, or the relay of another authority's warning."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.levels import Level
from anlan.vocab.posts import Right
from anlan.vocab.stages import stage_of
from anlan.warning import audience, texts
from anlan.warning.authority import authority, check_may_issue, county_of, kind_for
from anlan.warning.models import HazardWarning, WarningKind
from anlan.warning.refusals import BadLevels, IssuerMissing
from anlan.warning.services.common import announce_draft, person_with, speaker_of, store, wording
from anlan.warning.types import Concern


def draft_by_hand(
    *,
    hazard_type: str,
    level: int,
    villages: Iterable[str],
    by: Actor,
    at: datetime,
    kind: str = "",
    stage: str = "",
    because: str = "",
    body: str = "",
    recommended_action: str = "",
    expires_at: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
) -> HazardWarning:
    """An own call-out or risk notice; a second person reviews it.

    `because` is a clause for the template's text, like "接群众报告，". `body` and `recommended_action` replace those of the
    template; an own body is also what is spoken. `kind` and `stage` follow from the level unless they are given.
    """
    level = known_level(level)
    kind = kind or str(kind_for(level))
    check_may_issue(kind, hazard_type, level)
    concerns = audience.chosen(villages, by=by)
    county = _county(concerns)
    person_with(by, Right.DRAFT, division=county)
    said = wording(
        kind=kind,
        hazard_type=hazard_type,
        level=level,
        county=county,
        concerns=concerns,
        exercise_id=exercise_id,
        because=because,
    )
    draft = HazardWarning(
        kind=kind,
        hazard_type=hazard_type,
        level=level,
        stage=stage or stage_for(hazard_type, level),
        division=county,
        expires_at=expires_at,
        exercise_id=exercise_id,
        **(said | own_words(body, recommended_action)),
    )
    return _submit(draft, concerns, by=by, at=at)


def draft_relay(
    *,
    event_code: str,
    level: int,
    issuer: str,
    villages: Iterable[str],
    by: Actor,
    at: datetime,
    original_text: str = "",
    expires_at: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
) -> HazardWarning:
    """Pass on the warning of the authority that may issue it (`event_code` of R26, e.g. "11B03"), with its name and words."""
    if not issuer.strip():
        raise IssuerMissing
    concerns = audience.chosen(villages, by=by)
    county = _county(concerns)
    person_with(by, Right.DRAFT, division=county)
    said = wording(
        kind=WarningKind.RELAY,
        hazard_type=event_code,
        level=known_level(level),
        county=county,
        concerns=concerns,
        exercise_id=exercise_id,
        source=issuer.strip(),
    )
    draft = HazardWarning(
        kind=WarningKind.RELAY,
        hazard_type=event_code,
        level=level,
        division=county,
        cause_sentence=original_text.strip(),
        expires_at=expires_at,
        exercise_id=exercise_id,
        **said,
    )
    return _submit(draft, concerns, by=by, at=at)


def resubmit(
    draft: HazardWarning, *, by: Actor, at: datetime, body: str = "", recommended_action: str = ""
) -> HazardWarning:
    """Send a returned draft to review again, with changed words; whoever does it counts as its drafter."""
    person = person_with(by, Right.DRAFT, division=draft.division)
    changed = own_words(body, recommended_action)
    texts.check_length(speaker_of(draft), changed.get("body", draft.body))
    with transaction.atomic(savepoint=False):
        draft.advance(
            "draft",
            by=by,
            at=at,
            drafted_by=by.ref,
            drafted_by_person_id=person,
            review_due_at=at + authority().review_within,
            review_rung=0,
            return_reason="",
            **changed,
        )
        announce_draft(draft, at=at)
    return draft


def known_level(level: int) -> int:
    if level not in set(Level):
        raise BadLevels
    return int(level)


def stage_for(hazard_type: str, level: int) -> str:
    """The stage that goes with a level, for hazards that have stages."""
    stage = stage_of(Level(level))
    return str(stage) if stage and hazard_type in authority().staged_hazards.value else ""


def own_words(body: str, recommended_action: str) -> dict[str, str]:
    """The texts that a person wrote himself, as fields; an own body is spoken too."""
    fields = {"recommended_action": recommended_action.strip()} if recommended_action.strip() else {}
    return fields | ({"body": body.strip(), "voice_text": body.strip()} if body.strip() else {})


def _submit(draft: HazardWarning, concerns: list[Concern], *, by: Actor, at: datetime) -> HazardWarning:
    texts.check_length(speaker_of(draft), draft.body)
    with transaction.atomic(savepoint=False):
        store(draft, concerns, by=by, at=at)
        announce_draft(draft, at=at)
    return draft


def _county(concerns: list[Concern]) -> Division:
    return county_of(Division.objects.get(code=concerns[0].code))
