"""Who is on duty in which room at a moment: by the roster, by the deputies of who is away, else by the posts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from anlan.directory import queries as directory
from anlan.directory.models import Shift
from anlan.directory.roster import on_shift_at
from anlan.directory.types import Holder
from anlan.duty.manning import duty_table
from anlan.duty.models import CheckIn
from anlan.duty.types import OnDuty
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import FACES, PostKind


def on_duty(divisions: Iterable[Division], *, at: datetime) -> dict[str, list[OnDuty]]:
    """Everybody on duty in the rooms of these divisions, leaders first. A handful of queries, whatever their number.

    Where a post has no shift its holders count: the A role, or whoever there is.
    """
    table = duty_table()
    places = list(divisions)
    found = directory.responsible([place.code for place in places], at, table.post_kinds())
    shifts, checks = _shifts(places, at)
    result: dict[str, list[OnDuty]] = {}
    for place in places:
        rule = table.room(place.level)
        kinds = rule.all_posts if rule is not None else []
        there = [one for kind in kinds for one in _of_post(found.get(place.code, []), kind)]
        leaders = set(rule.leader_posts) if rule is not None else set()
        result[place.code] = [_line(one, leaders, shifts, checks) for one in there]
    return result


def on_duty_now(division: Division, *, at: datetime) -> list[OnDuty]:
    """Everybody on duty in one room."""
    return on_duty([division], at=at)[division.code]


def current_shift(actor: Actor, *, at: datetime) -> Shift | None:
    """The shift that this person is on now; the one that began last where two overlap."""
    if actor.person_id is None:
        return None
    rows = Shift.objects.filter(on_shift_at(at), person_id=actor.person_id)
    return rows.select_related("post__division", "person").order_by("-starts_at", "-id").first()


def _of_post(holders: Sequence[Holder], kind: PostKind) -> list[Holder]:
    there = [one for one in holders if one.kind == kind and not one.is_off_duty]
    if any(one.is_on_shift or one.stands_in_for for one in there):
        return there
    first = [one for one in there if one.role == "A"]
    return first or there


def _shifts(
    places: Sequence[Division], at: datetime
) -> tuple[dict[tuple[uuid.UUID, uuid.UUID], uuid.UUID], dict[uuid.UUID, CheckIn]]:
    rows = Shift.objects.filter(on_shift_at(at), post__division__in=[place.pk for place in places])
    shifts = {(post, person): pk for pk, post, person in rows.values_list("pk", "post_id", "person_id")}
    checks = CheckIn.objects.filter(shift_id__in=list(shifts.values()))
    return shifts, {one.shift_id: one for one in checks}


def _line(
    one: Holder,
    leaders: set[PostKind],
    shifts: dict[tuple[uuid.UUID, uuid.UUID], uuid.UUID],
    checks: dict[uuid.UUID, CheckIn],
) -> OnDuty:
    face = FACES[PostKind(one.kind)]
    shift_id = shifts.get((one.post_id, one.person_id))
    check = checks.get(shift_id) if shift_id is not None else None
    return OnDuty(
        post_kind=one.kind,
        post_zh=face.zh,
        post_en=face.en,
        person_id=one.person_id,
        name=one.name,
        role=one.role,
        is_leader=one.kind in leaders,
        shift_id=shift_id,
        stands_in_for=one.stands_in_for,
        checked_in_at=None if check is None else check.checked_at,
        is_late=check is not None and bool(check.late_s),
        is_missing=check is not None and check.state == "missing",
    )
