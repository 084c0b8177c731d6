"""Pre-authorisation: a named person signs in advance, for one hazard, levels, an area and a time that ends."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan.kernel.actor import Actor
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning.authority import authority, check_may_issue, kind_for
from anlan.warning.models import HazardWarning, PreAuthorisation, WarningKind
from anlan.warning.refusals import AlreadyEnded, BadLevels, EndMissing, TooLong
from anlan.warning.services.common import person_with
from anlan.warning.services.drafting import known_level
from anlan.warning.types import Concern


def sign_pre_authorisation(
    *,
    name: str,
    hazard_type: str,
    worst_level: int,
    mildest_level: int,
    division: Division | str,
    valid_to: datetime | None,
    by: Actor,
    at: datetime,
    valid_from: datetime | None = None,
    exercise_id: uuid.UUID | None = None,
) -> PreAuthorisation:
    """Sign a permission. The end is mandatory and at most `longest_pre_authorisation_days` after the start."""
    if isinstance(division, str):
        division = places.division(division)
    person = person_with(by, Right.PRE_AUTHORISE, division=division)
    starts = valid_from or at
    if valid_to is None or valid_to <= max(starts, at):
        raise EndMissing
    longest = authority().longest_pre_authorisation_days.value
    if valid_to - starts > timedelta(days=longest):
        raise TooLong(days=longest)
    if known_level(worst_level) > known_level(mildest_level):
        raise BadLevels
    for level in range(worst_level, mildest_level + 1):
        check_may_issue(kind_for(level), hazard_type, level)
    permission = PreAuthorisation(
        name=name,
        signed_by=by.ref,
        signed_by_person_id=person,
        signed_at=at,
        hazard_type=hazard_type,
        worst_level=worst_level,
        mildest_level=mildest_level,
        division=division,
        valid_from=starts,
        valid_to=valid_to,
        exercise_id=exercise_id,
    )
    return permission.record(by=by, at=at, kind="signed")


def revoke_pre_authorisation(permission: PreAuthorisation, *, by: Actor, at: datetime) -> PreAuthorisation:
    """End a permission now; what was issued under it stays."""
    person_with(by, Right.PRE_AUTHORISE, division=permission.division)
    if permission.revoked_at is not None or permission.valid_to <= at:
        raise AlreadyEnded
    return permission.change(by=by, at=at, kind="revoked", revoked_at=at, revoked_by=by.ref)


def covering(draft: HazardWarning, concerns: Sequence[Concern], *, at: datetime) -> PreAuthorisation | None:
    """A permission valid at `at` for this hazard and level whose area holds every village; the newest one if several do."""
    if draft.kind == WarningKind.RELAY or not concerns:
        return None
    rows = PreAuthorisation.objects.filter(
        hazard_type=draft.hazard_type,
        worst_level__lte=draft.level,
        mildest_level__gte=draft.level,
        valid_from__lte=at,
        valid_to__gt=at,
        revoked_at=None,
        exercise_id=draft.exercise_id,
    ).select_related("division", "signed_by_person")
    codes = [concern.code for concern in concerns]
    paths = list(Division.objects.filter(code__in=codes).values_list("path", flat=True))
    for row in rows.order_by("-signed_at", "-id"):
        area = row.division.path
        if all(path == area or path.startswith(f"{area}/") for path in paths):
            return row
    return None


def signature_of(permission: PreAuthorisation) -> str:
    """Who signed, as the texts show it."""
    person = permission.signed_by_person
    return person.name if person is not None else permission.name
