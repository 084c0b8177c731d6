"""Who is on duty: holders of posts as the roster has them at a moment. Shifts and absences change who is called, never rights.

- While a post has a shift, the people on shift are called and its other holders are off duty. A gap in a roster takes nobody
  off: without a shift at that moment the holders count as ever.
- Whoever is away is off duty; a deputy who is not away himself stands in with the same role.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from anlan.directory.models import Absence, Shift
from anlan.directory.types import Holder


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away, and who stands in."""

    person_id: uuid.UUID
    deputy_id: uuid.UUID | None
    deputy_name: str


def on_shift_at(at: datetime) -> Q:
    return Q(starts_at__lte=at, ends_at__gt=at, cancelled_at=None)


def away_at(at: datetime) -> Q:
    return Q(away_from__lte=at, away_to__gt=at, cancelled_at=None)


def away(at: datetime) -> dict[uuid.UUID, Away]:
    """Everybody who is away at `at`. One query; the one that begins last counts where two overlap."""
    rows = Absence.objects.filter(away_at(at)).order_by("away_from", "id")
    values = rows.values_list("person_id", "deputy_id", "deputy__name")
    return {person: Away(person, deputy, name or "") for person, deputy, name in values}


def by_roster(found: dict[str, list[Holder]], kinds: Sequence[str], at: datetime) -> dict[str, list[Holder]]:
    """The holders of each division with the roster's word on them. Two queries."""
    absent = away(at)
    shifts = _on_shift(kinds, at)
    if not absent and not shifts:
        return found
    return {code: _with_roster(held, shifts.get(code, []), absent) for code, held in found.items()}


def stand_in(holder: Holder, absent: dict[uuid.UUID, Away]) -> list[Holder]:
    """The holder marked as away, behind whoever stands in; or the holder alone when he is there."""
    gone = absent.get(holder.person_id)
    if gone is None:
        return [holder]
    marked = replace(holder, is_off_duty=True)
    if gone.deputy_id is None or gone.deputy_id in absent:
        return [marked]
    deputy = replace(
        holder, person_id=gone.deputy_id, name=gone.deputy_name, stands_in_for=holder.name, is_off_duty=False
    )
    return [deputy, marked]


def _on_shift(kinds: Sequence[str], at: datetime) -> dict[str, list[Holder]]:
    rows = Shift.objects.filter(on_shift_at(at), post__kind__in=list(kinds)).order_by(
        "role", "starts_at", "id"
    )
    values = rows.values_list(
        "post_id", "person_id", "person__name", "role", "post__kind", "post__division_id"
    )
    found: dict[str, list[Holder]] = defaultdict(list)
    for value in values:
        found[value[5]].append(Holder(*value, is_on_shift=True))
    return found


def _with_roster(
    held: Iterable[Holder], shifts: Sequence[Holder], absent: dict[uuid.UUID, Away]
) -> list[Holder]:
    manned = {one.post_id for one in shifts}
    there = {(one.post_id, one.person_id) for one in shifts}
    result = [one for holder in shifts for one in stand_in(holder, absent)]
    for holder in held:
        if (holder.post_id, holder.person_id) in there:
            continue
        off = replace(holder, is_off_duty=True) if holder.post_id in manned else holder
        result += [off] if off.is_off_duty else stand_in(off, absent)
    return sorted(result, key=lambda one: one.is_off_duty)
