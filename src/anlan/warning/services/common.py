"""What several verbs share: storing a draft with its villages, submitting it, and the checks of a person."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from anlan.accounts.access import require
from anlan.events.published import WarningDrafted, WarningEnded
from anlan.journal.services import announce, record_all
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning import cases, checks, spoken, texts
from anlan.warning.authority import authority, office
from anlan.warning.models import HazardWarning, WarningKind, WarningText, WarningVillage
from anlan.warning.refusals import CheckStops, PersonNeeded, ReasonMissing, UnknownKey
from anlan.warning.types import Concern, TextIn


def person_with(by: Actor, need: Right, *, division: Division) -> uuid.UUID:
    """The person behind the actor, who must hold the right for the division."""
    require(by, need, division.path)
    if by.person_id is None:
        raise PersonNeeded
    return by.person_id


def reason_given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def wording(
    *,
    kind: str,
    hazard_type: str,
    level: int,
    county: Division,
    concerns: Sequence[Concern],
    exercise_id: uuid.UUID | None,
    because: str = "",
    source: str = "",
    signature: str = "",
    former_level: int | None = None,
) -> dict[str, Any]:
    """Issuer and texts as fields of a warning."""
    speaker = relaying_office(county) if kind == WarningKind.RELAY else office(county, hazard_type)
    matter = texts.Matter(
        kind=kind,
        hazard_type=hazard_type,
        level=level,
        issuer=speaker,
        villages=[concern.name for concern in concerns],
        because=because,
        source=source,
        signature=signature,
        is_drill=exercise_id is not None,
        former_level=former_level,
    )
    said = texts.compose(matter)
    return {
        "issuer": source or speaker,
        "relayed_by": speaker if source else "",
        "headline": said.headline,
        "body": said.body,
        "recommended_action": said.recommended_action,
        "voice_text": said.voice,
    }


def relaying_office(county: Division) -> str:
    """Who passes other authorities' warnings on."""
    return office(county, "*")


def store(
    draft: HazardWarning, concerns: Sequence[Concern], *, by: Actor, at: datetime, cause: str = ""
) -> HazardWarning:
    """Insert a draft and its villages; its review clock starts now."""
    draft.state = "draft"
    draft.drafted_by, draft.drafted_by_person_id, draft.drafted_at = by.ref, by.person_id, at
    draft.review_due_at = at + authority().review_within
    draft.record(by=by, at=at, kind="drafted", cause=cause)
    add_villages(draft, concerns, by=by, at=at, cause=cause)
    return draft


def add_villages(
    warning: HazardWarning, concerns: Sequence[Concern], *, by: Actor, at: datetime, cause: str = ""
) -> None:
    rows = [
        WarningVillage(
            warning=warning,
            division_id=concern.code,
            because=concern.because,
            detail=concern.detail,
            exercise_id=warning.exercise_id,
        )
        for concern in concerns
    ]
    divisions = Division.objects.in_bulk([concern.code for concern in concerns])
    for row in rows:
        row.division = divisions[row.division_id]
    record_all(rows, by=by, at=at, cause=cause)


def add_texts(
    warning: HazardWarning, written: Iterable[TextIn], *, by: Actor, at: datetime
) -> list[WarningText]:
    """Store what was written in other languages and for other audiences; each carries the mark of an exercise."""
    is_drill = warning.exercise_id is not None
    rows = [
        WarningText(
            warning=warning,
            language=one.language,
            audience=one.audience,
            headline=(one.headline or warning.headline)[:200],
            body=spoken.marked(one.body.strip(), is_drill=is_drill),
            recommended_action=spoken.marked(one.recommended_action.strip(), is_drill=is_drill),
            voice_text=spoken.spoken_mark(one.voice_text.strip(), is_drill=is_drill),
            plain_text=spoken.marked(one.plain_text.strip(), is_drill=is_drill),
            exercise_id=warning.exercise_id,
        )
        for one in checked_texts(written)
    ]
    record_all(rows, by=by, at=at)
    return rows


def checked_texts(written: Iterable[TextIn]) -> list[TextIn]:
    """Those that say something, each language and audience once, with known audiences and plausible language codes."""
    found: dict[tuple[str, str], TextIn] = {}
    for one in written:
        if not any((one.body, one.recommended_action, one.voice_text, one.plain_text)):
            continue
        if one.audience not in texts.AUDIENCES:
            raise UnknownKey(value=one.audience)
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", one.language):
            raise UnknownKey(value=one.language)
        found[one.language, one.audience] = one
    return list(found.values())


def texts_for_callout(warning: HazardWarning) -> dict[str, dict[str, str]]:
    """What the call-out says in other languages ("en") and to other audiences ("zh:public")."""
    found = {}
    for row in WarningText.objects.filter(warning=warning).order_by("language", "audience"):
        key = row.language if row.audience == "post" else f"{row.language}:{row.audience}"
        said = {"text": row.body or row.plain_text, "voice_text": row.voice_text, "headline": row.headline}
        found[key] = {name: value for name, value in said.items() if value}
    return found


def announce_draft(draft: HazardWarning, *, at: datetime) -> None:
    """Tell the duty room that a draft waits."""
    announce(WarningDrafted(**facts(draft)), at=at, exercise_id=draft.exercise_id)


def announce_end(warning: HazardWarning, *, at: datetime) -> None:
    announce(
        WarningEnded(warning_id=str(warning.pk), state=warning.state), at=at, exercise_id=warning.exercise_id
    )


def facts(warning: HazardWarning) -> dict[str, Any]:
    """What the events about a warning carry."""
    return {
        "warning_id": str(warning.pk),
        "kind": str(warning.kind),
        "hazard_type": warning.hazard_type,
        "level": warning.level,
        "headline": warning.headline,
        "division": warning.division_id,
        "exercise_id": None if warning.exercise_id is None else str(warning.exercise_id),
    }


def speaker_of(warning: HazardWarning) -> str:
    """The office in whose name messages go out: the issuer, or the county's office that relays him."""
    return warning.relayed_by or warning.issuer


def village_rows(warning: HazardWarning) -> list[WarningVillage]:
    return list(warning.villages.select_related("division").order_by("division_id"))


def raise_stops(draft: HazardWarning, *, places: int, at: datetime) -> None:
    """Raise `CheckStops` where a check forbids this draft to go on, at submission and again at issue."""
    stopping = checks.stops(cases.quick_case(draft, places=places, at=at))
    if stopping:
        raise CheckStops(why=" ".join(finding.sentence() for finding in stopping))
