"""A warning in force is not edited: an update is a new draft that replaces it once a second person signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout
from anlan.kernel.actor import Actor
from anlan.vocab.posts import Right
from anlan.warning import audience as whom_module
from anlan.warning.authority import check_may_issue, kind_for
from anlan.warning.models import HazardWarning, WarningKind
from anlan.warning.refusals import NotInForce, UpdateWaiting, VillagesDropped
from anlan.warning.services.common import (
    announce_end,
    person_with,
    reason_given,
    village_rows,
    wording,
)
from anlan.warning.services.drafting import known_level, own_words, stage_for, submit, whom
from anlan.warning.services.ending import all_clear_of
from anlan.warning.texts import reading_words
from anlan.warning.types import Concern, Drawn, TextIn


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
    voice_text: str = "",
    headline: str = "",
    expires_at: datetime | None = None,
    area: str = "",
    area_source: str = "",
    audience: Mapping[str, Any] | None = None,
    texts: Iterable[TextIn] = (),
) -> HazardWarning:
    """Draft a new version: another level, more villages, other words. The old one stays in force until this is issued.

    A body that is still the old one's is written anew from the template, so that a new level never keeps old words; a milder
    level says from which level it came down. Left out, area and audience are the old one's. Nobody is dropped: everybody who
    heard of the old one hears of this one.
    """
    person_with(by, Right.DRAFT, division=warning.division)
    if warning.state != "issued":
        raise NotInForce
    if HazardWarning.objects.filter(replaces=warning, state__in=("draft", "returned")).exists():
        raise UpdateWaiting
    level = warning.level if level is None else known_level(level)
    kind = warning.kind if warning.kind == WarningKind.RELAY else str(kind_for(level))
    check_may_issue(kind, warning.hazard_type, level)
    known = whom_module.of_warning(village_rows(warning))
    drawn = _drawn(warning, area, area_source, audience)
    concerns, chosen = known, dict(warning.audience or {})
    if villages is not None or area or audience is not None:
        named = [one.code for one in known] if villages is None else list(villages)
        concerns, chosen = whom(named, drawn, by=by, at=at)
    _check_none_dropped(known, concerns)
    chosen = _with_former_parties(chosen, warning)
    crossing = warning.crossing
    said = wording(
        kind=kind,
        hazard_type=warning.hazard_type,
        level=level,
        county=warning.division,
        concerns=concerns,
        exercise_id=warning.exercise_id,
        because=because or (reading_words(crossing) if crossing is not None else ""),
        source=warning.issuer if kind == WarningKind.RELAY else "",
        former_level=warning.level,
    )
    is_old = body.strip() == warning.body
    own = own_words(
        "" if is_old else body,
        recommended_action,
        "" if is_old and voice_text.strip() == warning.voice_text else voice_text,
        headline=headline,
        is_drill=warning.exercise_id is not None,
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
        area=drawn.area,
        area_source=drawn.source[:80],
        audience=chosen,
        origin=warning.origin,
        **(said | own),
    )
    return submit(draft, concerns, written=texts, by=by, at=at, cause=f"warning:{warning.pk}")


def cancel_as_mistake(warning: HazardWarning, *, reason: str, by: Actor, at: datetime) -> HazardWarning:
    """End a warning that should never have gone out. Exactly those who were told hear that it was a mistake.

    This is no all-clear: nobody says that it is safe, only that the warning was wrong.
    """
    person_with(by, Right.SIGN_OFF, division=warning.division)
    if warning.state != "issued":
        raise NotInForce
    why = reason_given(reason)
    said = all_clear_of(warning, is_mistake=True)
    with transaction.atomic(savepoint=False):
        warning.change(by=by, at=at, kind="cancelled_as_mistake", was_mistake=True)
        warning.advance("lifted", by=by, at=at, end_reason=why, ended_at=at, ended_by=by.ref, expires_at=None)
        for update in HazardWarning.objects.filter(replaces=warning, state__in=("draft", "returned")):
            update.advance(
                "withdrawn",
                by=by,
                at=at,
                cause=f"warning:{warning.pk}",
                end_reason=why,
                ended_at=at,
                ended_by=by.ref,
                review_due_at=None,
                expires_at=None,
            )
            announce_end(update, at=at)
        callout = (
            None if warning.callout_id is None else Callout.objects.filter(pk=warning.callout_id).first()
        )
        if callout is not None:
            dissemination.lift_callout(callout, text=said.body, by=by, at=at, reason=why)
        announce_end(warning, at=at)
    return warning


def _drawn(warning: HazardWarning, area: str, source: str, audience: Mapping[str, Any] | None) -> Drawn:
    """What was drawn now, else what the old one had."""
    choice = (warning.audience or {}).get("spec") if audience is None else audience
    return Drawn(area, source, choice) if area else Drawn(warning.area, warning.area_source, choice)


def _with_former_parties(chosen: dict[str, Any], warning: HazardWarning) -> dict[str, Any]:
    """The people of the old one stay beside the new ones: they heard of it and must hear what became of it."""
    former: dict[str, list[str]] = (warning.audience or {}).get("parties", {})
    if not former:
        return chosen
    parties: dict[str, list[str]] = {code: list(people) for code, people in chosen.get("parties", {}).items()}
    for code, people in former.items():
        parties[code] = list(dict.fromkeys([*parties.get(code, []), *people]))
    return {**chosen, "parties": parties}


def _check_none_dropped(known: list[Concern], concerns: list[Concern]) -> None:
    """A village that silently falls out of a warning would never hear an all-clear."""
    kept = {concern.code for concern in concerns}
    dropped = [concern.name for concern in known if concern.code not in kept]
    if dropped:
        raise VillagesDropped(villages="、".join(dropped[:5]))
