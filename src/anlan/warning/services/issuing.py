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
from anlan.kernel.actor import Actor, grants
from anlan.vocab.posts import Right
from anlan.warning import areas, audience, texts
from anlan.warning.authority import authority, check_may_issue
from anlan.warning.capping import identifier_for
from anlan.warning.models import HazardWarning, PreAuthorisation
from anlan.warning.refusals import NoVillages
from anlan.warning.services.common import (
    announce_end,
    facts,
    raise_stops,
    speaker_of,
    texts_for_callout,
    village_rows,
)


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
    rows = audience.by_danger(village_rows(draft))
    villages = [row.division for row in rows]
    if not villages:
        raise NoVillages
    if permission is None:
        raise_stops(draft, places=len(villages), at=at)
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
            audience=_audience_now(draft, at=at),
            cap_identifier=identifier_for(draft, at=at),
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
    """Call everybody concerned. What the former warning's call-out does depends on what changed:

    - worse, or other words at the same level: everybody is called again, the new call-out takes over from the old one;
    - the same level, stage and advice for more places: the running call-out takes in the new places, nobody else is called again;
    - milder: the running call-out goes on; who answered is told and not called again, who is silent is called on.
    """
    running = _running(former)
    cause = f"warning:{draft.pk}"
    new: dict[str, Any] = {
        "villages": villages,
        "parties": parties_of(draft),
        "by": by,
        "at": at,
        "cause": cause,
    }
    if former is not None and running is not None and _covers(villages, former):
        if _is_wider(draft, former, villages):
            return dissemination.widen_callout(running, **new, **_said(draft))
        if draft.level > former.level:
            return dissemination.ease_callout(
                running, **new, level=draft.level, notice=draft.body, **_said(draft)
            )
    return dissemination.open_callout(
        **new,
        **_said(draft),
        issuer=speaker_of(draft),
        level=draft.level,
        hazard_type=draft.hazard_type,
        division=draft.division,
        ladder_name=dissemination.choose_ladder(
            str(draft.kind), draft.level, draft.hazard_type, at, division=draft.division
        ),
        exercise_id=draft.exercise_id,
        replaces=_former_callout(former),
    )


def _said(draft: HazardWarning) -> dict[str, Any]:
    """What a call-out says about this warning."""
    return {
        "subject": f"warning:{draft.pk}",
        "title": draft.headline,
        "text": draft.body,
        "voice_text": draft.voice_text,
        "expires_at": draft.expires_at,
        "audience": draft.audience or {},
        "texts": texts_for_callout(draft),
    }


def _audience_now(draft: HazardWarning, *, at: datetime) -> dict[str, Any]:
    """The stored audience with its people as they are now: whoever took a post since is called, beside those named then."""
    stored: dict[str, Any] = draft.audience or {}
    spec = audience.read_spec(stored.get("spec"))
    if not spec.names_people:
        return stored
    everywhere = Actor(ref="system:issuing", grants=grants([Right.DRAFT], draft.division.path))
    codes = frozenset(row.division_id for row in village_rows(draft))
    area = areas.Area(areas.read_area(draft.area, None) if draft.area else None, codes)
    found = audience.resolve(spec, area, by=everywhere, at=at, villages=codes)
    parties: dict[str, list[str]] = {code: list(people) for code, people in stored.get("parties", {}).items()}
    known = {person for people in parties.values() for person in people}
    for code, people in found.parties.items():
        parties.setdefault(code, []).extend(str(one) for one in people if str(one) not in known)
    return {**stored, "parties": {code: people for code, people in parties.items() if people}}


def parties_of(draft: HazardWarning) -> dict[str, list[uuid.UUID]]:
    """Single people who are called, by the place they belong to, as the audience names them."""
    named: dict[str, list[str]] = (draft.audience or {}).get("parties", {})
    return {code: [uuid.UUID(person) for person in people] for code, people in named.items()}


def _former_callout(former: HazardWarning | None) -> Callout | None:
    if former is None or former.callout_id is None:
        return None
    return Callout.objects.select_related("division").filter(pk=former.callout_id).first()


def _running(former: HazardWarning | None) -> Callout | None:
    """The former warning's call-out while it is open; one that was closed is followed by a new one."""
    callout = _former_callout(former)
    return callout if callout is not None and callout.state == "open" else None


def _covers(villages: list[Any], former: HazardWarning) -> bool:
    """Whether every place of the former warning is in this one; else its seats would be left without words."""
    return {row.division_id for row in village_rows(former)} <= {village.pk for village in villages}


def _is_wider(draft: HazardWarning, former: HazardWarning, villages: list[Any]) -> bool:
    """More places or people, and nothing that those who were called have to hear anew."""
    same_words = (draft.level, draft.stage, draft.hazard_type, draft.recommended_action)
    if same_words != (former.level, former.stage, former.hazard_type, former.recommended_action):
        return False
    return len(villages) > len(village_rows(former)) or parties_of(draft) != parties_of(former)


def _announce_issued(warning: HazardWarning, permission: PreAuthorisation | None, *, at: datetime) -> None:
    name = ""
    if permission is not None:
        person = permission.signed_by_person
        name = person.name if person is not None else permission.name
    announce(WarningIssued(**facts(warning), authorised_by=name), at=at, exercise_id=warning.exercise_id)
