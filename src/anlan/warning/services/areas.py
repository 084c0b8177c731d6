"""Areas that are drawn once and used again."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.actor import Actor
from anlan.places.coordinates import county_box
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning.areas import Area, read_area
from anlan.warning.models import SavedArea
from anlan.warning.refusals import NameMissing, SavedAreaTaken
from anlan.warning.services.common import person_with


def save_area(*, name: str, geometry: str, division: Division, by: Actor, at: datetime) -> SavedArea:
    """Keep an area under a name; `geometry` is GeoJSON or pasted points and is checked like a drawn one."""
    person = person_with(by, Right.DRAFT, division=division)
    called = name.strip()[:80]
    if not called:
        raise NameMissing
    checked = read_area(geometry, county_box())
    if SavedArea.objects.filter(division=division, name=called, is_active=True).exists():
        raise SavedAreaTaken(name=called)
    row = SavedArea(
        name=called,
        division=division,
        geometry=Area(checked).as_text(),
        saved_by=by.ref,
        saved_by_person_id=person,
        saved_at=at,
    )
    return row.record(by=by, at=at, kind="saved")


def put_area_away(area: SavedArea, *, by: Actor, at: datetime) -> SavedArea:
    """It is no longer offered; warnings that used it keep their own copy."""
    person_with(by, Right.DRAFT, division=area.division)
    return area.change(by=by, at=at, kind="put_away", is_active=False) if area.is_active else area
