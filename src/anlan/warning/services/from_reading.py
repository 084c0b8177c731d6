"""What a reading causes: a draft, an upgrade of what stands already, or the proposal to lift.

One *affair* is one binding (a rule on a station for certain villages) in one run. It has at most one draft that waits and
one warning in force. A village with its own thresholds has its own binding and therefore its own affair: it is never told
to leave because of another village's limit.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.journal.services import advance, change
from anlan.kernel.actor import Actor, rule
from anlan.sensing import queries as sensing
from anlan.sensing.models import Crossing
from anlan.warning import audience, texts
from anlan.warning.authority import authority, check_may_issue, county_of, kind_for
from anlan.warning.models import HazardWarning
from anlan.warning.services import permissions
from anlan.warning.services.common import (
    add_villages,
    announce_draft,
    store,
    village_rows,
    wording,
)
from anlan.warning.services.drafting import stage_for
from anlan.warning.services.issuing import issue
from anlan.warning.types import Concern

_OPEN = ("draft", "returned", "issued")


def draft_from_crossing(crossing: Crossing, *, at: datetime) -> HazardWarning | None:
    """React to a crossing; safe to repeat.

    0. A rule that warns of nothing by itself (an enterprise's alarm, a condition of another rule): nothing.
    1. Down: the open warnings of the affair are marked "may be lifted"; nobody is called, nothing ends.
    2. Late, or nothing new (at least as severe for all these villages): nothing, but a rise takes the mark away.
    3. A draft waits already: it is made more severe in place, so that a reviewer who saw the old one gets `StaleRow`.
    4. Else a new draft, which replaces the warning in force once it is issued.
    5. A valid pre-authorisation issues the draft at once; else the duty room is told and the review clock runs.
    """
    if not _warns(crossing):
        return None
    with transaction.atomic(savepoint=False):
        if crossing.direction == "down":
            _mark_fallen(crossing, at=at)
            return None
        if crossing.is_late or crossing.level is None:
            return None
        return _rise(crossing, at=at)


def _warns(crossing: Crossing) -> bool:
    return crossing.purpose == "warn" and bool(_hazard_of(crossing))


def _hazard_of(crossing: Crossing) -> str:
    """By the county's table of rules, else what the rule itself says; "" for a rule that warns of nothing."""
    return authority().hazard_by_rule.value.get(crossing.rule_id) or sensing.hazard_of(crossing)


def affair_of(crossing: Crossing) -> str:
    """The key of the affair that a crossing belongs to."""
    run = "" if crossing.exercise_id is None else f"{crossing.exercise_id}|"
    return f"{run}{crossing.binding}"


def _rise(crossing: Crossing, *, at: datetime) -> HazardWarning | None:
    by = rule(crossing.rule_id)
    stands = _standing(affair_of(crossing))
    known = audience.of_warning(village_rows(stands)) if stands else []
    concerns = audience.union(known, audience.of_crossing(crossing))
    assert crossing.level is not None  # the caller looked
    if stands is not None and stands.level <= crossing.level and len(concerns) == len(known):
        _unmark_fallen(stands, crossing, by=by, at=at)
        return stands
    level = crossing.level if stands is None else min(crossing.level, stands.level)
    if stands is not None and stands.state != "issued":
        draft = _revise(stands, crossing, level, concerns, known, by=by, at=at)
    else:
        draft = _draft(crossing, level, concerns, replaces=stands, by=by, at=at)
    return _issue_or_wait(draft, crossing, concerns, by=by, at=at)


def _standing(affair: str) -> HazardWarning | None:
    """The draft that waits, else the warning in force."""
    rows = {row.state: row for row in HazardWarning.objects.filter(affair=affair, state__in=_OPEN)}
    return rows.get("draft") or rows.get("returned") or rows.get("issued")


def _fields(
    crossing: Crossing, level: int, concerns: list[Concern], signature: str = ""
) -> dict[str, object]:
    """Everything about a warning that follows from the reading."""
    hazard_type = _hazard_of(crossing)
    kind = str(kind_for(level))
    check_may_issue(kind, hazard_type, level)
    county = county_of(crossing.station.division)
    said = wording(
        kind=kind,
        hazard_type=hazard_type,
        level=level,
        county=county,
        concerns=concerns,
        exercise_id=crossing.exercise_id,
        because=texts.reading_words(crossing),
        signature=signature,
    )
    return said | {
        "kind": kind,
        "hazard_type": hazard_type,
        "level": level,
        "stage": stage_for(hazard_type, level),
        "crossing": crossing,
        "rule_id": crossing.rule_id,
        "rule_version": crossing.rule_version,
        "cause_sentence": crossing.explanation_zh,
    }


def _draft(
    crossing: Crossing,
    level: int,
    concerns: list[Concern],
    *,
    replaces: HazardWarning | None,
    by: Actor,
    at: datetime,
) -> HazardWarning:
    draft = HazardWarning(
        affair=affair_of(crossing),
        division=county_of(crossing.station.division),
        replaces=replaces,
        exercise_id=crossing.exercise_id,
        **_fields(crossing, level, concerns),
    )
    return store(draft, concerns, by=by, at=at, cause=f"crossing:{crossing.pk}")


def _revise(
    draft: HazardWarning,
    crossing: Crossing,
    level: int,
    concerns: list[Concern],
    known: list[Concern],
    *,
    by: Actor,
    at: datetime,
) -> HazardWarning:
    """Make a waiting (or returned) draft say what the newer reading demands; its review clock is never set back."""
    fields = _fields(crossing, level, concerns) | {
        "drafted_by": by.ref,
        "drafted_by_person": None,
        "fell_crossing": None,
        "fell_at": None,
    }
    due = at + authority().review_within
    fields["review_due_at"] = min(draft.review_due_at or due, due)
    cause = f"crossing:{crossing.pk}"
    if draft.state == "returned":
        advance(draft, "draft", by=by, at=at, cause=cause, fields=fields | {"return_reason": ""})
    else:  # not `draft.change`: its `kind` is the entry's, and a warning has a field of that name
        change(draft, kind="revised", by=by, at=at, cause=cause, fields=fields)
    had = {concern.code for concern in known}
    add_villages(draft, [one for one in concerns if one.code not in had], by=by, at=at, cause=cause)
    return draft


def _issue_or_wait(
    draft: HazardWarning, crossing: Crossing, concerns: list[Concern], *, by: Actor, at: datetime
) -> HazardWarning:
    """An old reading that was read only now waits for a person, whatever was signed in advance."""
    newer = _newest_after(crossing)
    permission = None if newer is not None else permissions.covering(draft, concerns, at=at)
    if permission is not None:
        words = _fields(crossing, draft.level, concerns, signature=permissions.signature_of(permission))
        said = {key: words[key] for key in ("headline", "body", "recommended_action", "voice_text")}
        return issue(
            draft,
            by=by,
            at=at,
            signed_by=permission.signed_by,
            signed_by_person_id=permission.signed_by_person_id,
            permission=permission,
            **said,
        )
    announce_draft(draft, at=at)
    if newer is not None and newer.direction == "down":
        _mark_fallen(newer, at=at)
    return draft


def _newest_after(crossing: Crossing) -> Crossing | None:
    later = Crossing.objects.filter(
        binding=crossing.binding,
        exercise_id=crossing.exercise_id,
        phenomenon_time__gt=crossing.phenomenon_time,
    )
    return later.order_by("-phenomenon_time").first()


def _mark_fallen(crossing: Crossing, *, at: datetime) -> None:
    """Note on each open warning of the affair that its reading came down to a milder level, or below all of them."""
    by = rule(crossing.rule_id)
    rows = HazardWarning.objects.filter(affair=affair_of(crossing), state__in=_OPEN)
    for warning in rows.select_related("crossing", "division"):
        cause = warning.crossing
        milder = crossing.level is None or crossing.level > warning.level
        newer = cause is None or cause.phenomenon_time < crossing.phenomenon_time
        if milder and newer and warning.fell_crossing_id != crossing.pk:
            warning.change(
                by=by,
                at=at,
                kind="reading_fell",
                cause=f"crossing:{crossing.pk}",
                fell_crossing=crossing,
                fell_at=crossing.phenomenon_time,
            )


def _unmark_fallen(warning: HazardWarning, crossing: Crossing, *, by: Actor, at: datetime) -> None:
    fell = warning.fell_crossing
    if fell is None or crossing.level is None or crossing.level > warning.level:
        return
    if fell.phenomenon_time < crossing.phenomenon_time:
        warning.change(
            by=by,
            at=at,
            kind="reading_rose_again",
            cause=f"crossing:{crossing.pk}",
            fell_crossing=None,
            fell_at=None,
        )
