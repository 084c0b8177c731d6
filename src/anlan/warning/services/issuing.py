"""Issuing: the one place where a warning comes into force and its call-out is opened."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout
from anlan.events.published import WarningIssued
from anlan.journal.services import announce
from anlan.kernel.actor import Actor
from anlan.warning import texts
from anlan.warning.authority import authority, check_may_issue
from anlan.warning.models import HazardWarning, PreAuthorisation
from anlan.warning.refusals import NoVillages
from anlan.warning.services.common import announce_end, facts, speaker_of, village_rows


def issue(
    draft: HazardWarning,
    *,
    by: Actor,
    at: datetime,
    signed_by: str,
    signed_by_person_id: uuid.UUID | None,
    permission: PreAuthorisation | None = None,
    **said: Any,
) -> HazardWarning:
    """Bring a draft into force.

    1. What it replaces ends first (at most one warning of an affair is in force).
    2. The draft advances; of two who sign at once one gets `StaleRow` and everything of his is rolled back.
    3. The call-out opens in the same transaction; its first messages leave after commit.
    """
    check_may_issue(draft.kind, draft.hazard_type, draft.level)
    villages = [row.division for row in village_rows(draft)]
    if not villages:
        raise NoVillages
    texts.check_length(speaker_of(draft), said.get("body", draft.body))
    expires_at = draft.expires_at if draft.expires_at and draft.expires_at > at else None
    with transaction.atomic(savepoint=False):
        former = _end_former(draft, by=by, at=at)
        draft.advance(
            "issued",
            by=by,
            at=at,
            signed_by=signed_by,
            signed_by_person_id=signed_by_person_id,
            issued_at=at,
            pre_authorisation=permission,
            expires_at=expires_at or at + authority().validity(draft.level),
            review_due_at=None,
            **said,
        )
        callout = _open_callout(draft, villages, former, by=by, at=at)
        draft.change(by=by, at=at, kind="callout_opened", callout_id=callout.pk)
        _announce_issued(draft, permission, at=at)
    return draft


def _end_former(draft: HazardWarning, *, by: Actor, at: datetime) -> HazardWarning | None:
    """End the warning that this one replaces, if it is still in force."""
    if draft.replaces_id is None:
        return None
    former = HazardWarning.objects.select_related("division").get(pk=draft.replaces_id)
    if former.state == "issued":
        former.advance(
            "replaced",
            by=by,
            at=at,
            cause=f"warning:{draft.pk}",
            ended_at=at,
            ended_by=by.ref,
            expires_at=None,
        )
        announce_end(former, at=at)
    return former


def _open_callout(
    draft: HazardWarning, villages: list[Any], former: HazardWarning | None, *, by: Actor, at: datetime
) -> Callout:
    """Everybody concerned is called (again, if something is replaced); the former call-out hands over to this one."""
    replaces = None
    if former is not None and former.callout_id is not None:
        replaces = Callout.objects.get(pk=former.callout_id)
    return dissemination.open_callout(
        subject=f"warning:{draft.pk}",
        title=draft.headline,
        text=draft.body,
        voice_text=draft.voice_text,
        issuer=speaker_of(draft),
        level=draft.level,
        hazard_type=draft.hazard_type,
        division=draft.division,
        villages=villages,
        ladder_name=authority().ladder_by_kind.value.get(str(draft.kind), ""),
        by=by,
        at=at,
        exercise_id=draft.exercise_id,
        expires_at=draft.expires_at,
        replaces=replaces,
        cause=f"warning:{draft.pk}",
    )


def _announce_issued(warning: HazardWarning, permission: PreAuthorisation | None, *, at: datetime) -> None:
    name = ""
    if permission is not None:
        person = permission.signed_by_person
        name = person.name if person is not None else permission.name
    announce(WarningIssued(**facts(warning), authorised_by=name), at=at, exercise_id=warning.exercise_id)
