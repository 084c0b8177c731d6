"""A warning in force is not edited: an update is a new draft that replaces it once a second person signed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.warning import audience, texts
from anlan.warning.authority import check_may_issue, kind_for
from anlan.warning.models import HazardWarning, WarningKind
from anlan.warning.refusals import NotInForce, UpdateWaiting, VillagesDropped
from anlan.warning.services.common import (
    announce_draft,
    person_with,
    speaker_of,
    store,
    village_rows,
    wording,
)
from anlan.warning.services.drafting import known_level, own_words, stage_for
from anlan.warning.types import Concern


def update_warning(
    warning: HazardWarning,
    *,
    by: Actor,
    at: datetime,
    level: int | None = None,
    villages: Iterable[str] | None = None,
    stage: str = "",
    because: str = "",
    body: str = "",
    recommended_action: str = "",
    expires_at: datetime | None = None,
) -> HazardWarning:
    """Draft a new version: another level, more villages, other words. The old one stays in force until this is issued.

    A body that is still the old one's is written anew from the template, so that a new level never keeps old words.
    """
    person_with(by, Right.DRAFT, division=warning.division)
    if warning.state != "issued":
        raise NotInForce
    if HazardWarning.objects.filter(replaces=warning, state__in=("draft", "returned")).exists():
        raise UpdateWaiting
    level = warning.level if level is None else known_level(level)
    kind = warning.kind if warning.kind == WarningKind.RELAY else str(kind_for(level))
    check_may_issue(kind, warning.hazard_type, level)
    known = audience.of_warning(village_rows(warning))
    concerns = known if villages is None else audience.chosen(villages, by=by)
    _check_none_dropped(known, concerns)
    crossing = warning.crossing
    said = wording(
        kind=kind,
        hazard_type=warning.hazard_type,
        level=level,
        county=warning.division,
        concerns=concerns,
        exercise_id=warning.exercise_id,
        because=because or (texts.reading_words(crossing) if crossing is not None else ""),
        source=warning.issuer if kind == WarningKind.RELAY else "",
    )
    draft = HazardWarning(
        kind=kind,
        hazard_type=warning.hazard_type,
        level=level,
        stage=stage or stage_for(warning.hazard_type, level),
        affair=warning.affair,
        division=warning.division,
        crossing=crossing,
        rule_id=warning.rule_id,
        rule_version=warning.rule_version,
        cause_sentence=warning.cause_sentence,
        replaces=warning,
        expires_at=expires_at,
        exercise_id=warning.exercise_id,
        **(said | own_words("" if body.strip() == warning.body else body, recommended_action)),
    )
    texts.check_length(speaker_of(draft), draft.body)
    with transaction.atomic(savepoint=False):
        store(draft, concerns, by=by, at=at, cause=f"warning:{warning.pk}")
        announce_draft(draft, at=at)
    return draft


def _check_none_dropped(known: list[Concern], concerns: list[Concern]) -> None:
    """A village that silently falls out of a warning would never hear an all-clear."""
    kept = {concern.code for concern in concerns}
    dropped = [concern.name for concern in known if concern.code not in kept]
    if dropped:
        raise VillagesDropped(villages="、".join(dropped[:5]))
