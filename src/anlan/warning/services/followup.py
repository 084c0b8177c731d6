"""After a warning: was it right, what was missed, and may people go home."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime

from django.db import transaction

from anlan.accounts.access import require
from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.risk.types import DangerZone
from anlan.vocab.posts import Right
from anlan.warning.aftermath import return_words
from anlan.warning.models import (
    HazardWarning,
    MissedWarning,
    ReturnDecision,
    ReturnState,
    VerdictKind,
    WarningVerdict,
)
from anlan.warning.refusals import (
    BadLevels,
    CheckNeeded,
    NotEndedYet,
    NotHappenedYet,
    PersonNeeded,
    UnknownVerdict,
)
from anlan.warning.services.common import reason_given

BY = system("return")
_ENDED = ("lifted", "expired", "replaced")


def judge_warning(
    warning: HazardWarning, *, verdict: str, words: str, by: Actor, at: datetime
) -> WarningVerdict:
    """Somebody who may sign says afterwards whether it was right; a later judgement counts more than an earlier one."""
    require(by, Right.SIGN_OFF, warning.division.path)
    if by.person_id is None:
        raise PersonNeeded
    if warning.state not in _ENDED:
        raise NotEndedYet
    if verdict not in set(VerdictKind):
        raise UnknownVerdict(verdict=verdict)
    row = WarningVerdict(
        warning=warning,
        verdict=verdict,
        words=reason_given(words)[:300],
        judged_by=by.name or by.ref,
        judged_by_person_id=by.person_id,
        judged_at=at,
        exercise_id=warning.exercise_id,
    )
    return row.record(by=by, at=at, kind="judged", cause=f"warning:{warning.pk}")


def record_missed(
    *,
    hazard_type: str,
    level: int,
    division: Division,
    happened_at: datetime,
    words: str,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> MissedWarning:
    """Something happened of which nobody was warned in time; what has not happened yet cannot have been missed."""
    require(by, Right.DRAFT, division.path)
    if happened_at > at:
        raise NotHappenedYet
    if not 1 <= level <= 4:
        raise BadLevels
    row = MissedWarning(
        hazard_type=hazard_type,
        level=level,
        division=division,
        happened_at=happened_at,
        words=reason_given(words)[:300],
        told_by=by.name or by.ref,
        told_at=at,
        exercise_id=exercise_id,
    )
    return row.record(by=by, at=at)


def open_returns(warning: HazardWarning, *, at: datetime) -> list[ReturnDecision]:
    """After the all-clear: one open question for each danger zone of a village from which people were moved.

    A village without a zone is one question itself. Where nobody was moved there is nothing to decide.
    """
    if warning.callout_id is None or ReturnDecision.objects.filter(warning=warning).exists():
        return []
    moved = _moved(warning)
    zones = defaultdict(list)
    for zone in risk.zones_of(list(moved)):
        for code, seat in moved.items():
            if f"{zone.division.path}/".startswith(f"{seat.division.path}/"):
                zones[code].append(zone)
    rows = []
    for code, seat in moved.items():
        here: list[DangerZone | None] = [*zones[code]] or [None]
        for found in here:
            rows.append(
                ReturnDecision(
                    state=ReturnState.WAITING,
                    warning=warning,
                    division=seat.division,
                    zone=found,
                    zone_name="" if found is None else found.name,
                    households=seat.households_moved,
                    people=seat.people_moved,
                    exercise_id=warning.exercise_id,
                )
            )
    with transaction.atomic(savepoint=False):
        record_all(rows, by=BY, at=at, kind="opened", cause=f"warning:{warning.pk}")
    return rows


def decide_return(
    decision: ReturnDecision,
    *,
    may_return: bool,
    checked_by: str,
    checked_at: datetime,
    words: str,
    by: Actor,
    at: datetime,
) -> ReturnDecision:
    """A person with the right to sign decides after a check; everybody who was told of the warning there hears it."""
    require(by, Right.SIGN_OFF, decision.division.path)
    if by.person_id is None:
        raise PersonNeeded
    if not checked_by.strip() or not words.strip():
        raise CheckNeeded
    state = ReturnState.MAY_RETURN if may_return else ReturnState.NOT_YET
    place = decision.zone_name or decision.division.name
    with transaction.atomic(savepoint=False):
        told = 0
        seat = _seat(decision)
        if seat is not None:
            text = return_words(place, may_return=may_return, words=words.strip())
            told = len(dissemination.tell_those_told(seat, text=text, by=by, at=at))
        decision.advance(
            state,
            by=by,
            at=at,
            cause=f"warning:{decision.warning_id}",
            checked_by=checked_by.strip()[:120],
            checked_at=min(checked_at, at),
            words=words.strip()[:300],
            decided_by=by.name or by.ref,
            decided_by_person_id=by.person_id,
            decided_at=at,
            told=decision.told + told,
        )
    return decision


def _moved(warning: HazardWarning) -> dict[str, CalloutSeat]:
    """Seats of the warning's call-out, and of those it replaced, from which people were moved, by place."""
    found: dict[str, CalloutSeat] = {}
    callout = Callout.objects.filter(pk=warning.callout_id).first() if warning.callout_id else None
    while callout is not None:
        seats = callout.seats.filter(people_moved__gt=0).select_related("division", "callout")
        for seat in seats:
            found.setdefault(seat.division_id, seat)
        callout = callout.replaces
    return found


def _seat(decision: ReturnDecision) -> CalloutSeat | None:
    moved = _moved(decision.warning)
    return moved.get(decision.division_id)
