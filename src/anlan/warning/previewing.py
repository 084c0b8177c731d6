"""What a draft would be before it is one: its words, whom it reaches, its forms, and what the checks say. Stores nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.warning import cases, checks, spoken, texts
from anlan.warning.areas import Area
from anlan.warning.audience import Audience, AudienceSpec, resolve
from anlan.warning.authority import hazard_words, issuing_tier, kind_for, may_issue
from anlan.warning.models import HazardWarning, WarningKind
from anlan.warning.services.common import speaker_of, wording
from anlan.warning.services.drafting import own_words, stage_for
from anlan.warning.types import Concern

if TYPE_CHECKING:
    from anlan.warning import counting


@dataclass(frozen=True, slots=True)
class Preview:
    """`draft` was never stored. `decision` is what the table of issuing rights makes of it: issue, relay, notice or call-out."""

    draft: HazardWarning
    audience: Audience
    counts: counting.Counts
    forms: spoken.Forms
    findings: tuple[checks.Finding, ...]
    decision: str
    tier: str
    segments: int
    hazard: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the editor holds. `source` names the authority of a relay; `words` are what a person wrote himself."""

    hazard_type: str
    level: int
    words: dict[str, Any]
    source: str = ""
    because: str = ""
    stage: str = ""
    is_relay: bool = False
    languages: Iterable[str] = ()
    exercise_id: uuid.UUID | None = None
    replaces: HazardWarning | None = None


def preview(wanted: Wanted, spec: AudienceSpec, area: Area, *, hour: int, by: Actor, at: datetime) -> Preview:
    """Everything the page shows beside the form. `hour` is that of the county's clock for which people are counted."""
    found = resolve(spec, area, by=by, at=at, villages=area.codes)
    from anlan.warning import counting  # brings NumPy

    counts = counting.count(area, hour=hour, by=by)
    draft = _draft(wanted, found.places, area)
    speaker = speaker_of(draft)
    listed = list(Division.objects.filter(code__in=[one.code for one in found.places]).defer("geometry"))
    draft.audience = {"parties": {code: [str(one) for one in ids] for code, ids in found.parties.items()}}
    case = cases.full_case(
        draft,
        listed,
        at=at,
        unreachable=found.unreachable,
        spill_share=counts.spill_share,
        languages=wanted.languages,
    )
    is_drill = wanted.exercise_id is not None
    return Preview(
        draft=draft,
        audience=found,
        counts=counts,
        forms=texts.forms_of(speaker, draft.body, draft.recommended_action, is_drill=is_drill),
        findings=checks.findings(case),
        decision=decision(wanted.hazard_type, wanted.level, is_relay=wanted.is_relay),
        tier=issuing_tier(wanted.hazard_type, wanted.level),
        segments=texts.segments(speaker, draft.body),
        hazard=hazard_words(wanted.hazard_type),
    )


def decision(hazard_type: str, level: int, *, is_relay: bool) -> str:
    """What the county may do with this: "relay", "callout", "risk_notice", or "forbidden"."""
    if is_relay:
        return "relay"
    return str(kind_for(level)) if may_issue(hazard_type, level) else "forbidden"


def _draft(wanted: Wanted, concerns: Iterable[Concern], area: Area) -> HazardWarning:
    county = places.county()
    if wanted.replaces is not None:
        county = wanted.replaces.division
    if county is None:
        county = Division(code="", name="", path="", level="county")
    kind = str(WarningKind.RELAY if wanted.is_relay else kind_for(wanted.level))
    said = wording(
        kind=kind,
        hazard_type=wanted.hazard_type,
        level=wanted.level,
        county=county,
        concerns=list(concerns),
        exercise_id=wanted.exercise_id,
        because=wanted.because,
        source=wanted.source.strip() if wanted.is_relay else "",
        former_level=None if wanted.replaces is None else wanted.replaces.level,
    )
    words = wanted.words
    own = own_words(
        words.get("body", ""),
        words.get("recommended_action", ""),
        words.get("voice_text", ""),
        headline=words.get("headline", ""),
        is_drill=wanted.exercise_id is not None,
    )
    return HazardWarning(
        kind=kind,
        hazard_type=wanted.hazard_type,
        level=wanted.level,
        stage=wanted.stage or ("" if wanted.is_relay else stage_for(wanted.hazard_type, wanted.level)),
        division=county,
        expires_at=words.get("expires_at"),
        exercise_id=wanted.exercise_id,
        area=area.as_text(),
        area_source=area.source,
        replaces=wanted.replaces,
        **(said | own),
    )
