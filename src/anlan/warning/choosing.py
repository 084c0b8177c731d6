"""From what a person picked (drawn, circle, divisions, zones, a saved area, downstream of a station) to one area."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anlan.accounts.access import narrow
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places.access import within
from anlan.places.coordinates import county_box
from anlan.places.models import Division
from anlan.places.queries import villages_below
from anlan.risk.access import visible_zones
from anlan.sensing import queries as sensing
from anlan.sensing.access import visible_stations
from anlan.vocab.posts import Right
from anlan.warning.areas import Area, circle, joined, read_area
from anlan.warning.models import SavedArea

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: About 30 m: an outline made of divisions travels in every message about the warning.
OUTLINE_DEGREES = 0.0003


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that may say where; several together are added up. `circle` is (longitude, latitude, kilometres)."""

    geometry: str = ""
    circle: tuple[float, float, float] | None = None
    divisions: Sequence[str] = ()
    villages: Sequence[str] = ()
    zones: Sequence[str] = ()
    saved: str = ""
    downstream: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(
            (
                self.geometry.strip(),
                self.circle,
                self.divisions,
                self.villages,
                self.zones,
                self.saved,
                self.downstream,
            )
        )


def area_of(choice: Choice, *, by: Actor) -> Area:
    """One area of everything chosen, in the actor's jurisdiction. What does not exist for him raises `NotFound`.

    Divisions with a boundary give an outline and the names below them; without one only names. The villages downstream of a
    station are names: water knows no outline.
    """
    box = county_box()
    shapes: list[BaseGeometry] = []
    codes: set[str] = set(choice.villages)
    sources: list[str] = []
    if choice.geometry.strip():
        shapes.append(read_area(choice.geometry, box))
        sources.append("drawn")
    if choice.circle is not None:
        lon, lat, km = choice.circle
        shapes.append(circle(lon, lat, 1000 * km, box))
        sources.append("circle")
    if choice.divisions:
        outlines, named = _divisions(choice.divisions, by)
        shapes += outlines
        codes |= named
        sources.append("divisions")
    if choice.zones:
        shapes += _zones(choice.zones, by)
        sources.append("zones")
    if choice.saved:
        shapes.append(_saved(choice.saved, by))
        sources.append(f"saved:{choice.saved}")
    if choice.downstream:
        codes |= _downstream(choice.downstream, by)
        sources.append(f"downstream:{choice.downstream}")
    return Area(joined(shapes), frozenset(codes), "+".join(sources)[:80])


def saved_areas(by: Actor) -> list[SavedArea]:
    """Areas that were saved in the actor's jurisdiction, by name."""
    rows = SavedArea.objects.filter(is_active=True).select_related("saved_by_person", "division")
    return list(narrow(rows, by, need=Right.DRAFT).order_by("name"))


def _divisions(wanted: Sequence[str], by: Actor) -> tuple[list[BaseGeometry], set[str]]:
    from shapely import from_geojson, simplify

    rows = list(Division.objects.filter(within(by, "path", Right.DRAFT), code__in=list(wanted)))
    if len(rows) != len(set(wanted)):
        raise NotFound
    outlines = [simplify(from_geojson(row.geometry), OUTLINE_DEGREES) for row in rows if row.geometry]
    plain = [row for row in rows if not row.geometry]
    return outlines, {village.code for row in plain for village in villages_below(row.path)}


def _zones(wanted: Sequence[str], by: Actor) -> list[BaseGeometry]:
    from shapely import from_geojson

    rows = list(visible_zones(by).filter(code__in=list(wanted)))
    if len(rows) != len(set(wanted)):
        raise NotFound
    return [from_geojson(row.geometry) for row in rows]


def _saved(key: str, by: Actor) -> BaseGeometry:
    from shapely import from_geojson

    try:
        row = narrow(SavedArea.objects.filter(is_active=True), by, need=Right.DRAFT).get(pk=uuid.UUID(key))
    except (ValueError, SavedArea.DoesNotExist):
        raise NotFound from None
    return from_geojson(row.geometry)


def _downstream(code: str, by: Actor) -> set[str]:
    station = visible_stations(by).filter(code=code).first()
    if station is None:
        raise NotFound
    found = {
        one.division.code for one in sensing.downstream_of(station) if by.can(Right.DRAFT, one.division.path)
    }
    if not found:
        raise NotFound
    return found
