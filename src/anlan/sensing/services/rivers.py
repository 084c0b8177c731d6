"""Taking a river network from lines that are drawn in the direction of flow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.sensing.models import RiverReach
from anlan.sensing.rivers import Course, nearest_course


def load_network(features: Sequence[dict[str, Any]], *, by: Actor, at: datetime) -> int:
    """Replace the network by these GeoJSON lines (WGS84, source first). Returns how many reaches join another one.

    A line whose last point lies close to another one flows into it. Reaches that were replaced stay, switched off.
    """
    reaches = [
        RiverReach(
            name=str((feature.get("properties") or {}).get("name") or "")[:80],
            line=line,
            length_m=round(Course(line).length_m),
        )
        for feature in features
        for line in _lines(feature["geometry"])
        if len(line) > 1
    ]
    same = sorted((one.name, one.line) for one in RiverReach.objects.filter(is_active=True))
    if same == sorted((one.name, one.line) for one in reaches):
        return sum(one.downstream_id is not None for one in RiverReach.objects.filter(is_active=True))
    _join(reaches)
    with transaction.atomic(savepoint=False):
        for old in RiverReach.objects.filter(is_active=True):
            old.change(by=by, at=at, kind="replaced", is_active=False)
        record_all(_mouth_first(reaches), by=by, at=at, kind="loaded")
    return sum(one.downstream_id is not None for one in reaches)


def _lines(geometry: dict[str, Any]) -> list[list[list[float]]]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    return [[[float(point[0]), float(point[1])] for point in part] for part in parts]


def _join(reaches: Sequence[RiverReach]) -> None:
    courses = [(one, Course(one.line)) for one in reaches]
    for one in reaches:
        others = [(other, course) for other, course in courses if other is not one]
        found = nearest_course(tuple(one.line[-1]), others)
        if found is not None and not _flows_into(found[0], one):
            one.downstream, one.joins_at_m = found[0], round(found[1])


def _flows_into(upper: RiverReach, lower: RiverReach) -> bool:
    """Whether following `upper` down comes to `lower`; two lines never flow into each other."""
    here: RiverReach | None = upper
    while here is not None:
        if here is lower:
            return True
        here = here.downstream
    return False


def _mouth_first(reaches: Sequence[RiverReach]) -> list[RiverReach]:
    """A reach stands after the one that it flows into."""

    def depth(one: RiverReach) -> int:
        return 0 if one.downstream is None else 1 + depth(one.downstream)

    return sorted(reaches, key=depth)
