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
    blocked, nearest = carriers_word(speaker, draft.body)
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
        queue_seconds=queue_seconds(draft, len(places), at=at),
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


def carriers_word(issuer: str, text: str) -> tuple[str | None, str]:
    """(why a carrier may block the text, the nearest filed template); (None, "") where it passes or nothing is filed."""
    from anlan.dissemination.services import filings

    said = filings.check(f"【{issuer}】{text}")
    if not said.may_be_blocked:
        return None, ""
    bad = next(one for one in said.routes if one.fit not in (filings.Fit.FITS, filings.Fit.NO_FILING_KNOWN))
    return f"{bad.route}: {bad.fit.value}", bad.template


def queue_seconds(draft: HazardWarning, seats: int, *, at: datetime) -> float | None:
    """How long the first messages to so many seats take beside what waits already, by SMS."""
    from anlan.dissemination import forecast

    left = forecast.eta("sms", extra=seats, priority=draft.level, exercise_id=draft.exercise_id, at=at)
    return left.total_seconds()
