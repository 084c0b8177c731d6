"""Reading what the checks look at: from a stored draft, or from what the editor holds before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.places.models import Division
from anlan.warning import texts
from anlan.warning.authority import authority, hazard_words, issuing_tier, may_issue
from anlan.warning.checks import Case
from anlan.warning.models import HazardWarning, WarningKind, WarningText


def quick_case(draft: HazardWarning, *, places: int, at: datetime, **more: Any) -> Case:
    """What stops a draft, without reading who is reachable: a query or two."""
    speaker = draft.relayed_by or draft.issuer
    is_relay = draft.kind == WarningKind.RELAY
    own = draft.kind in authority().own_kinds.value and may_issue(draft.hazard_type, draft.level)
    others: list[str] = []
    if not draft._state.adding:
        for row in WarningText.objects.filter(warning=draft):
            others += [row.body, row.voice_text, row.plain_text, row.recommended_action]
    return Case(
        kind=draft.kind,
        hazard=hazard_words(draft.hazard_type)[0],
        level=draft.level,
        issuer=draft.issuer,
        headline=draft.headline,
        body=draft.body,
        recommended_action=draft.recommended_action,
        voice_text=draft.voice_text,
        places=places,
        parties=sum(len(people) for people in (draft.audience or {}).get("parties", {}).values()),
        at=at,
        expires_at=draft.expires_at,
        is_drill=draft.exercise_id is not None,
        drill_mark=texts.book().drill_mark,
        may_issue=is_relay or own,
        issuing_tier="" if is_relay else issuing_tier(draft.hazard_type, draft.level),
        units=texts.sent_length(speaker, draft.body),
        most_units=texts.MOST_SEGMENTS * texts.JOINED_SEGMENT,
        segments=texts.segments(speaker, draft.body),
        other_texts=tuple(others),
        shortest_validity=timedelta(minutes=authority().shortest_validity_min.value),
        spill_bound=authority().spill_over_share.value,
        has_area=bool(draft.area),
        **more,
    )


def full_case(draft: HazardWarning, places: Sequence[Division], *, at: datetime, **more: Any) -> Case:
    """Everything: also who is reachable, what else is in force, what carriers and queues say."""
    from anlan.warning.audience import unreachable_places

    speaker = draft.relayed_by or draft.issuer
    blocked, nearest = carriers_word(speaker, draft.body, at=at)
    more.setdefault("unreachable", tuple(unreachable_places(places, at=at)))
    written = {"zh"}
    if not draft._state.adding:
        written |= set(WarningText.objects.filter(warning=draft).values_list("language", flat=True))
        if draft.area:
            more.setdefault("spill_share", spill_share(draft.area))
    written |= set(more.pop("languages", ()))
    return quick_case(
        draft,
        places=len(places),
        at=at,
        languages_missing=tuple(code for code in authority().languages.value if code not in written),
        others_in_force=tuple(others_in_force(draft, places, at=at)),
        blocked=blocked,
        nearest_template=nearest,
        queue_seconds=queue_seconds(len(places)),
        **more,
    )


def others_in_force(draft: HazardWarning, places: Iterable[Division], *, at: datetime) -> list[str]:
    """Headlines of other warnings in force for the same hazard that share a place; what this one replaces is no other."""
    rows = HazardWarning.objects.filter(
        state="issued",
        hazard_type=draft.hazard_type,
        expires_at__gt=at,
        exercise_id=draft.exercise_id,
        villages__division__in=[place.code for place in places],
    )
    rows = rows.exclude(pk__in=[key for key in (draft.pk, draft.replaces_id) if key is not None])
    return list(dict.fromkeys(rows.order_by("level", "issued_at").values_list("headline", flat=True)))


def spill_share(area: str) -> float | None:
    """The share of an area (GeoJSON) outside the county; None where no boundary is known."""
    from shapely import from_geojson

    from anlan.warning import counting
    from anlan.warning.areas import square_km

    geometry = from_geojson(area)
    county = counting.count_index().county
    whole = square_km(geometry)
    if county is None or not whole:
        return None
    return round(square_km(geometry.difference(county)) / whole, 4)


def carriers_word(issuer: str, text: str, *, at: datetime) -> tuple[str | None, str]:
    """(why a carrier would block the text, the nearest filed template); (None, "") where it passes or nobody files."""
    try:
        from anlan.dissemination.services import filings
    except ImportError:
        return None, ""
    check = getattr(filings, "check", None)
    if check is None:
        return None, ""
    try:
        said: Any = check(f"【{issuer}】{text}", at=at)
    except TypeError:
        said = check(f"【{issuer}】{text}")
    if said is None or not getattr(said, "blocked", False):
        return None, ""
    return str(getattr(said, "why", "")), str(getattr(said, "nearest", "") or "")


def queue_seconds(seats: int) -> float | None:
    """How long handing over so many seats takes, as the queue says; None where it cannot tell."""
    try:
        from anlan.dissemination import eta
    except ImportError:
        return None
    estimate = getattr(eta, "estimate_seconds", None)
    return None if estimate is None else float(estimate(seats))
