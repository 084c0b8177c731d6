"""Who is responsible where, and how they are reached, at any moment past or present."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from anlan.directory.models import Contact, ContactKind, Holding, Post
from anlan.directory.numbers import mask
from anlan.directory.types import ContactPoint, Holder, Named
from anlan.kernel.refusals import Refusal

__all__ = [
    "contact_points",
    "held_at",
    "holders",
    "holders_of",
    "in_use_at",
    "mask",
    "people_with_number",
    "post_history",
    "responsible",
]

_KIND_ORDER = {kind.value: order for order, kind in enumerate(ContactKind)}


def held_at(at: datetime) -> Q:
    """Holdings whose interval [held_from, held_to) holds the moment."""
    return Q(held_from__lte=at) & (Q(held_to=None) | Q(held_to__gt=at))


def in_use_at(at: datetime) -> Q:
    """Contacts whose interval [used_from, used_to) holds the moment."""
    return Q(used_from__lte=at) & (Q(used_to=None) | Q(used_to__gt=at))


def holders(kind: str, division_codes: Iterable[str], at: datetime) -> dict[str, list[Holder]]:
    """Who holds posts of one kind in each division at `at`, A before B, the longest there first. One query."""
    return _holders([kind], division_codes, at)


def holders_of(post_ids: Iterable[uuid.UUID], at: datetime) -> dict[uuid.UUID, list[Holder]]:
    """Who holds each of these posts at `at`. One query."""
    found: dict[uuid.UUID, list[Holder]] = {post_id: [] for post_id in post_ids}
    for holder in _read(Holding.objects.filter(post_id__in=list(found)), at):
        found[holder.post_id].append(holder)
    return found


def _holders(kinds: Sequence[str], division_codes: Iterable[str], at: datetime) -> dict[str, list[Holder]]:
    found: dict[str, list[Holder]] = {code: [] for code in division_codes}
    rows = Holding.objects.filter(post__kind__in=list(kinds), post__division_id__in=list(found))
    for holder in _read(rows, at):
        found[holder.division_code].append(holder)
    return found


def _read(rows: QuerySet[Holding], at: datetime) -> Iterable[Holder]:
    values = (
        rows.filter(held_at(at))
        .order_by("role", "held_from", "id")
        .values_list("post_id", "person_id", "person__name", "role", "post__kind", "post__division_id")
    )
    return (Holder(*value) for value in values)


def contact_points(person_ids: Iterable[uuid.UUID], at: datetime) -> dict[uuid.UUID, list[ContactPoint]]:
    """How each person is reached at `at`: mobiles, then landlines, then mail. One query."""
    found: dict[uuid.UUID, list[ContactPoint]] = {person_id: [] for person_id in person_ids}
    rows = (
        Contact.objects.filter(in_use_at(at), person_id__in=list(found))
        .order_by("used_from", "id")
        .values_list("person_id", "kind", "value", "verified_at", "id")
    )
    for person_id, kind, value, verified_at, contact_id in rows:
        known = verified_at if verified_at is not None and verified_at <= at else None
        found[person_id].append(ContactPoint(kind, value, known, contact_id))
    for points in found.values():
        points.sort(key=lambda point: _KIND_ORDER[point.kind])
    return found


def responsible(division_codes: Iterable[str], at: datetime, kinds: Iterable[str]) -> dict[str, list[Holder]]:
    """Holders of posts of these kinds in each division at `at`, with their contact points, as the roster has them. Four queries.

    Within a division they come in the order of `kinds`, A before B; whoever is on shift first, whoever is off duty last.
    """
    from anlan.directory.roster import by_roster

    wanted = list(kinds)
    found = by_roster(_holders(wanted, division_codes, at), wanted, at)
    points = contact_points({holder.person_id for held in found.values() for holder in held}, at)
    return {
        code: [
            replace(holder, points=tuple(points[holder.person_id]))
            for holder in sorted(held, key=lambda one: (wanted.index(one.kind), one.is_off_duty))
        ]
        for code, held in found.items()
    }


def people_with_number(value: str, at: datetime) -> list[Named]:
    """Everybody who uses this number at `at`, whatever form it is written in; nobody for what is no number."""
    from anlan.directory.numbers import landline, mobile

    forms = set()
    for form in (mobile, landline):
        try:
            forms.add(form(value))
        except Refusal:
            continue
    rows = (
        Contact.objects.filter(in_use_at(at), value__in=forms)
        .exclude(kind=ContactKind.EMAIL)
        .order_by("person__name", "person_id")
        .values_list("person_id", "person__name", "person__division_id")
        .distinct()
    )
    return [Named(*row) for row in rows]


def post_history(post: Post) -> QuerySet[Holding]:
    """Everybody who ever held the post, the latest first."""
    return post.holdings.select_related("person").order_by("-held_from", "-id")
