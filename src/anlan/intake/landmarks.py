"""Find the place that somebody names on the phone: villages, townships, sites, enterprises, landmarks, stations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from anlan.intake.access import visible_landmarks
from anlan.intake.models import Landmark
from anlan.intake.refusals import NothingSaid
from anlan.intake.types import FoundPlace
from anlan.kernel.actor import Actor
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.sensing.models import Station
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

#: Places that are offered while somebody types. Engineering choice.
MOST = 20
_LEVELS = (
    DivisionLevel.TOWNSHIP,
    DivisionLevel.VILLAGE,
    DivisionLevel.HAMLET,
    DivisionLevel.SITE,
    DivisionLevel.ENTERPRISE,
)
_LABEL = re.compile(r"^(?P<name>.{1,80}?)（(?P<within>[^（）]{1,80})）$")


def find_places(actor: Actor, words: str, *, most: int = MOST) -> list[FoundPlace]:
    """Places whose name holds the words, the shortest name first: it is the nearest to what was typed."""
    words = words.strip()[:40]
    if not words:
        return []
    rows = (
        visible(actor)
        .filter(level__in=_LEVELS, name__contains=words, valid_to=None)
        .select_related("parent")
        .defer("geometry", "parent__geometry")
    )
    found = [_of_division(row) for row in rows.order_by("code")[: 3 * most]]
    for mark in visible_landmarks(actor).filter(name__contains=words).order_by("name", "pk")[:most]:
        found.append(FoundPlace(mark.name, "landmark", mark.division, mark.division.name, mark.lon, mark.lat))
    found += _stations(actor, words, most)
    return sorted(found, key=lambda one: (not one.name.startswith(words), len(one.name), one.label))[:most]


def _stations(actor: Actor, words: str, most: int) -> list[FoundPlace]:
    from anlan.accounts.access import narrow

    rows = narrow(Station.objects.filter(name__contains=words).select_related("division"), actor)
    rows = rows.defer("division__geometry").order_by("name", "pk")[:most]
    return [
        FoundPlace(row.name, "station", row.division, row.division.name, row.lon, row.lat) for row in rows
    ]


def _of_division(row: Division) -> FoundPlace:
    within = row.parent.name if row.parent is not None else ""
    return FoundPlace(row.name, str(row.level), row, within, row.lon, row.lat)


def resolve(actor: Actor, words: str) -> list[FoundPlace]:
    """The places that are meant: chosen from the list by their label, or named exactly, or the only one that fits.

    Words that name no place give nothing: they stay as they were said, and the place is looked for later.
    """
    words = words.strip()
    chosen = _LABEL.match(words)
    name = chosen["name"] if chosen else words
    found = find_places(actor, name, most=200)
    if chosen:
        return [one for one in found if one.label == words][:1]
    exact = [one for one in found if one.name == name]
    if not exact:
        exact = _named_inside(actor, words)
    divisions = {one.division.pk for one in exact}
    return exact[:1] if len(divisions) == 1 else exact


def _named_inside(actor: Actor, words: str) -> list[FoundPlace]:
    """A village or landmark whose name, with or without its last word, stands in what was said; the longest name wins."""
    if len(words) < 2:
        return []
    rows = visible(actor).filter(level__in=_LEVELS, valid_to=None).select_related("parent")
    names = rows.values_list("code", "name")
    hits = [(len(name), code) for code, name in names if _stem(name) in words]
    marks = [(len(one.name), one) for one in visible_landmarks(actor)[:2000] if one.name in words]
    if marks and max(marks, key=lambda pair: pair[0])[0] >= max((size for size, _code in hits), default=0):
        longest = max(size for size, _one in marks)
        return [
            FoundPlace(one.name, "landmark", one.division, one.division.name, one.lon, one.lat)
            for size, one in marks
            if size == longest
        ]
    if not hits:
        return []
    longest = max(size for size, _code in hits)
    codes = [code for size, code in hits if size == longest]
    return [
        _of_division(row)
        for row in rows.filter(pk__in=codes).defer("geometry", "parent__geometry").order_by("code")
    ]


def _stem(name: str) -> str:
    stem = re.sub(r"(?:社区居委会|村委会|社区|村|镇|乡)$", "", name)
    return stem if len(stem) >= 2 else name


def add_landmark(
    name: str, *, division: Division, lon: float | None, lat: float | None, by: Actor, at: datetime
) -> Landmark:
    """Name it, or say anew where it is."""
    from anlan.accounts.access import require

    require(by, Right.EDIT_DIRECTORY, division.path)
    if not name.strip():
        raise NothingSaid
    known = Landmark.objects.filter(division=division, name=name.strip()[:80]).first()
    if known is None:
        row = Landmark(name=name.strip()[:80], division=division, lon=lon, lat=lat)
        return row.record(by=by, at=at, kind="added")
    if (known.lon, known.lat, known.is_active) == (lon, lat, True):
        return known
    return known.change(by=by, at=at, kind="changed", lon=lon, lat=lat, is_active=True)


def names_for_list(actor: Actor, *, most: int = 600) -> Iterable[str]:
    """Labels for a list that works without scripts: townships and villages where the actor takes reports."""
    rows = (
        visible(actor, Right.TAKE_REPORTS)
        .filter(Q(level=DivisionLevel.VILLAGE) | Q(level=DivisionLevel.TOWNSHIP), valid_to=None)
        .values_list("name", "parent__name")
        .order_by("code")[:most]
    )
    return [f"{name}（{parent}）" if parent else name for name, parent in rows]
