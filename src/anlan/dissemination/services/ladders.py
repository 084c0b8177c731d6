"""A county's ladders and their use: proposed by one person, put into force by another. Running call-outs keep their copy."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db import transaction
from django.db.models import Max

from anlan.dissemination import ladders
from anlan.dissemination.ladders import Ladder, county
from anlan.dissemination.models import LadderAssignment, LadderVersion
from anlan.dissemination.refusals import (
    BadLadder,
    LadderNeedsSecondPerson,
    LadderNotProposed,
    LadderStillUsed,
    UnknownLadder,
)
from anlan.dissemination.services.seats import require_person, require_reason
from anlan.kernel.actor import Actor
from anlan.places.models import Division

R = TypeVar("R", LadderVersion, LadderAssignment)

_NAME = re.compile(r"[a-z][a-z0-9_]{2,58}")
_PROPOSED, _IN_FORCE = "proposed", "in_force"


def choose(
    kind: str, level: int | None, hazard_type: str, at: datetime, *, division: Division | None = None
) -> str:
    """The name of the ladder for a warning of this kind, level and hazard at this hour of the run's clock."""
    return county.choose(kind, level, hazard_type, at, division=division).name


def propose_ladder(
    body: dict[str, Any], *, division: Division, reason: str, by: Actor, at: datetime
) -> LadderVersion:
    """A new version of a county's ladder, or a new ladder; it counts once another person approved it.

    What a county enters is its own word: it is no longer marked as a preset that nobody confirmed.
    """
    require_person(by)
    why = require_reason(reason)
    ladder = ladders.from_plain(body)
    if not _NAME.fullmatch(ladder.name):
        raise BadLadder(why="its short name needs 3 to 59 small letters, digits or underlines")
    rows = LadderVersion.objects.filter(division=division, name=ladder.name)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    version = LadderVersion(
        state=_PROPOSED,
        name=ladder.name,
        number=number,
        division=division,
        body=plain(ladder),
        reason=why[:500],
        proposed_by=by.ref,
        proposed_by_person_id=by.person_id,
        proposed_at=at,
    )
    return version.record(by=by, at=at, kind=_PROPOSED)


def approve_ladder(
    version: LadderVersion,
    *,
    effective_from: datetime | None = None,
    words: str = "",
    by: Actor,
    at: datetime,
) -> LadderVersion:
    """A second person puts it into force, at once or from a moment on; the versions before it retire when it counts."""
    _check_second(version, by)
    since = max(effective_from or at, at)
    with transaction.atomic(savepoint=False):
        version.advance(_IN_FORCE, effective_from=since, **_approval(words, by, at))
        older = LadderVersion.objects.filter(
            division_id=version.division_id, name=version.name, state=_IN_FORCE, number__lt=version.number
        ).select_related("division")
        # One that still counts until `since` stays; the next approval ends it. The latest beginning wins in any case.
        for row in older if since == at else older.filter(effective_from__gt=at):
            row.advance("retired", by=by, at=at, cause=f"ladder:{version.pk}", retired_at=at)
    return version


def retire_ladder(version: LadderVersion, *, reason: str, by: Actor, at: datetime) -> LadderVersion:
    """End a county's version; the shipped form of the same name counts again. Not by whoever proposed it."""
    why = require_reason(reason)
    _check_other(version, by)
    if version.state != _IN_FORCE:
        raise LadderNotProposed
    uses = LadderAssignment.objects.filter(ladder_name=version.name, state=_IN_FORCE)
    if version.name not in ladders.presets() and uses.exists():
        raise LadderStillUsed(name=version.name)
    return version.advance("retired", by=by, at=at, retired_at=at, decision=why[:500])


def propose_assignment(
    *,
    division: Division,
    ladder_name: str,
    kind: str = "",
    level: int | None = None,
    hazard_type: str = "",
    from_hour: str = "",
    to_hour: str = "",
    reason: str,
    by: Actor,
    at: datetime,
) -> LadderAssignment:
    """Say which ladder is used for a kind, level, hazard and hours of the day; left out means "any"."""
    require_person(by)
    why = require_reason(reason)
    if ladder_name not in county.known_names(division, at):
        raise UnknownLadder(name=ladder_name, known=", ".join(county.known_names(division, at)))
    if bool(from_hour) != bool(to_hour):
        raise BadLadder(why="hours of the day need a beginning and an end")
    if from_hour:
        ladders.check_hours(ladders.Hours(from_hour, to_hour))
    row = LadderAssignment(
        state=_PROPOSED,
        division=division,
        kind=kind,
        level=level,
        hazard_type=hazard_type,
        from_hour=from_hour,
        to_hour=to_hour,
        ladder_name=ladder_name,
        reason=why[:500],
        proposed_by=by.ref,
        proposed_by_person_id=by.person_id,
        proposed_at=at,
    )
    return row.record(by=by, at=at, kind=_PROPOSED)


def approve_assignment(
    row: LadderAssignment, *, words: str = "", by: Actor, at: datetime
) -> LadderAssignment:
    """A second person puts it into force; a row about exactly the same ends."""
    _check_second(row, by)
    with transaction.atomic(savepoint=False):
        row.advance(_IN_FORCE, **_approval(words, by, at))
        same = LadderAssignment.objects.filter(
            division_id=row.division_id, kind=row.kind, level=row.level, hazard_type=row.hazard_type,
            from_hour=row.from_hour, to_hour=row.to_hour, state=_IN_FORCE,
        )  # fmt: skip
        for older in same.exclude(pk=row.pk).select_related("division"):
            older.advance("retired", by=by, at=at, cause=f"ladder_assignment:{row.pk}", retired_at=at)
    return row


def retire_assignment(row: LadderAssignment, *, reason: str, by: Actor, at: datetime) -> LadderAssignment:
    """End a use; the package's line counts again. Not by whoever proposed it."""
    why = require_reason(reason)
    _check_other(row, by)
    if row.state != _IN_FORCE:
        raise LadderNotProposed
    return row.advance("retired", by=by, at=at, retired_at=at, decision=why[:500])


def send_back(row: R, *, reason: str, by: Actor, at: datetime) -> R:
    """The second person says why it does not come into force."""
    why = require_reason(reason)
    _check_second(row, by)
    return row.advance("returned", by=by, at=at, decision=why[:500])


def plain(ladder: Ladder) -> dict[str, Any]:
    """The form that a page edits and a row keeps: not expanded, so that a repeat stays a repeat."""
    body: dict[str, Any] = msgspec.to_builtins(ladder)
    return body


def _check_second(row: R, by: Actor) -> None:
    if row.state != _PROPOSED:
        raise LadderNotProposed
    _check_other(row, by)


def _check_other(row: R, by: Actor) -> None:
    """The same account, or the same person with another account, is not a second person."""
    require_person(by)
    if by.ref == row.proposed_by or by.person_id == row.proposed_by_person_id:
        raise LadderNeedsSecondPerson


def _approval(words: str, by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "by": by,
        "at": at,
        "approved_by": by.ref,
        "approved_by_person_id": by.person_id,
        "approved_at": at,
        "decision": words.strip()[:500],
    }
