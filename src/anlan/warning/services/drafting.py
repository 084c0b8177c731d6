"""Drafts made by a person: an own call-out or risk notice, or the relay of another authority's warning."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.levels import Level
from anlan.vocab.posts import Right
from anlan.vocab.stages import stage_of
from anlan.warning import areas, audience, spoken, texts
from anlan.warning.authority import authority, check_may_issue, county_of, kind_for
from anlan.warning.models import HazardWarning, WarningKind
from anlan.warning.refusals import BadLevels, IssuerMissing
from anlan.warning.services.common import (
    add_texts,
    announce_draft,
    person_with,
    raise_stops,
    speaker_of,
    store,
    village_rows,
    wording,
)
from anlan.warning.types import Concern, Drawn, TextIn


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
    voice_text: str = "",
    headline: str = "",
    expires_at: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
    area: str = "",
    area_source: str = "",
    audience: Mapping[str, Any] | None = None,
    texts: Iterable[TextIn] = (),
    origin: str = "",
) -> HazardWarning:
    """An own call-out or risk notice; a second person reviews it.

    `because` is a clause for the template's text, like "接群众报告，". `body`, `recommended_action`, `voice_text` and `headline`
    replace those of the template; an own body without an own `voice_text` is also what is spoken. `kind` and `stage` follow
    from the level unless they are given. `villages` may name sites and enterprises too. `area` is GeoJSON of what was drawn,
    `audience` an `audience.AudienceSpec` as JSON; both together with `villages` say who is called.
    """
    level = known_level(level)
    kind = kind or str(kind_for(level))
    check_may_issue(kind, hazard_type, level)
    drawn = Drawn(area, area_source, audience)
    concerns, chosen = _whom(villages, drawn, by=by, at=at)
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
    own = own_words(body, recommended_action, voice_text, headline=headline, is_drill=exercise_id is not None)
    draft = HazardWarning(
        kind=kind,
        hazard_type=hazard_type,
        level=level,
        stage=stage or stage_for(hazard_type, level),
        division=county,
        expires_at=expires_at,
        exercise_id=exercise_id,
        area=drawn.area,
        area_source=drawn.source[:80],
        audience=chosen,
        origin=origin,
        **(said | own),
    )
    return submit(draft, concerns, written=texts, by=by, at=at)


def draft_relay(
    *,
    event_code: str,
    level: int,
    issuer: str,
    villages: Iterable[str],
    by: Actor,
    at: datetime,
    original_text: str = "",
    body: str = "",
    recommended_action: str = "",
    voice_text: str = "",
    expires_at: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
    area: str = "",
    area_source: str = "",
    audience: Mapping[str, Any] | None = None,
    texts: Iterable[TextIn] = (),
    origin: str = "",
) -> HazardWarning:
    """Pass on the warning of the authority that may issue it (`event_code` of R26, e.g. "11B03"), with its name and words."""
    if not issuer.strip():
        raise IssuerMissing
    drawn = Drawn(area, area_source, audience)
    concerns, chosen = _whom(villages, drawn, by=by, at=at)
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
    own = own_words(body, recommended_action, voice_text, is_drill=exercise_id is not None)
    draft = HazardWarning(
        kind=WarningKind.RELAY,
        hazard_type=event_code,
        level=level,
        division=county,
        cause_sentence=original_text.strip(),
        expires_at=expires_at,
        exercise_id=exercise_id,
        area=drawn.area,
        area_source=drawn.source[:80],
        audience=chosen,
        origin=origin,
        **(said | own),
    )
    return submit(draft, concerns, written=texts, by=by, at=at)


def resubmit(
    draft: HazardWarning,
    *,
    by: Actor,
    at: datetime,
    body: str = "",
    recommended_action: str = "",
    voice_text: str = "",
    expires_at: datetime | None = None,
) -> HazardWarning:
    """Send a returned draft to review again, with changed words; whoever does it counts as its drafter."""
    person = person_with(by, Right.DRAFT, division=draft.division)
    changed: dict[str, Any] = dict(
        own_words(body, recommended_action, voice_text, is_drill=draft.exercise_id is not None)
    )
    if expires_at is not None:
        changed["expires_at"] = expires_at
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
        raise_stops(draft, places=len(village_rows(draft)), at=at)
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


def own_words(
    body: str,
    recommended_action: str,
    voice_text: str = "",
    *,
    headline: str = "",
    is_drill: bool = False,
) -> dict[str, str]:
    """The texts that a person wrote himself, as fields, with the mark of an exercise; an own body is spoken too."""
    body, voice_text = body.strip(), voice_text.strip()
    fields: dict[str, str] = {}
    if recommended_action.strip():
        fields["recommended_action"] = recommended_action.strip()
    if headline.strip():
        fields["headline"] = headline.strip()[:200]
    if body:
        fields["body"] = spoken.marked(body, is_drill=is_drill)
    if voice_text or body:
        fields["voice_text"] = spoken.spoken_mark(voice_text or body, is_drill=is_drill)
    return fields


def submit(
    draft: HazardWarning,
    concerns: list[Concern],
    *,
    by: Actor,
    at: datetime,
    written: Iterable[TextIn] = (),
    cause: str = "",
) -> HazardWarning:
    """Store a draft with its places and texts and start its review; what the checks stop is not stored."""
    texts.check_length(speaker_of(draft), draft.body)
    raise_stops(draft, places=len(concerns), at=at)
    with transaction.atomic(savepoint=False):
        store(draft, concerns, by=by, at=at, cause=cause)
        add_texts(draft, written, by=by, at=at)
        announce_draft(draft, at=at)
    return draft


def whom(
    villages: Iterable[str], drawn: Drawn, *, by: Actor, at: datetime
) -> tuple[list[Concern], dict[str, Any]]:
    """Places and the audience to store: the choice, and the people it named when it was drafted."""
    if drawn.audience is None and not drawn.area:
        return audience.chosen(villages, by=by), {}
    named = list(villages)
    spec = audience.read_spec(drawn.audience)
    geometry = areas.read_area(drawn.area, None) if drawn.area else None
    if named:
        audience.chosen(named, by=by)  # refuses what lies outside the jurisdiction
    codes = frozenset(named)
    found = audience.resolve(spec, areas.Area(geometry, codes), by=by, at=at, villages=named)
    if not found.places:
        return audience.chosen(named, by=by), {}
    parties = {code: [str(person) for person in people] for code, people in found.parties.items()}
    return list(found.places), {"spec": spec.as_json(), "parties": parties}


_whom = whom


def _county(concerns: list[Concern]) -> Division:
    return county_of(Division.objects.get(code=concerns[0].code))
