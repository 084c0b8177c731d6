"""Plotting (标绘): place, move, label and remove marks on the shared map.

Whoever moves a mark says which version he held: of two people who drag one mark at once the second is told.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.command.geometry import CHINA, Box, checked
from anlan.command.models import PlotMark, Scene
from anlan.command.plotrefusals import MarkGone, MarkMoved, RoomClosed, UnknownSymbol
from anlan.incidents.models import Incident, IncidentState
from anlan.incidents.refusals import OnlyTheCount
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotFound
from anlan.places.models import Division
from anlan.vocab.symbols import SYMBOLS, Symbol

#: How far from the county a mark may lie, degrees; about 100 km. Rivers come from somewhere.
AROUND_DEG = 1.0
#: What may be drawn on: anything that still happens or is looked at afterwards before it is closed.
_OPEN = frozenset({IncidentState.RECEIVED, IncidentState.VERIFIED})


def place_mark(
    incident: Incident,
    *,
    symbol: str,
    geometry: Any,
    by: Actor,
    by_name: str,
    at: datetime,
    label: str = "",
    style: dict[str, Any] | None = None,
    scene: Scene | None = None,
    uid: str = "",
    key: uuid.UUID | None = None,
) -> PlotMark:
    """Draw a mark. `geometry` is GeoJSON in WGS84 degrees, text or decoded; sent twice with one `key` it is drawn once."""
    if key is not None and (known := PlotMark.objects.filter(pk=key).first()) is not None:
        if known.incident_id != incident.pk:
            raise NotFound
        return known
    _check_open(incident)
    face = _symbol(symbol)
    return PlotMark(
        id=key or uuid7(),
        incident=incident,
        scene=scene,
        symbol=symbol,
        geometry=checked(geometry, face, inside=box_of(incident)),
        label=label.strip()[:80],
        style=style or {},
        placed_by=by.ref[:120],
        placed_by_name=by_name.strip()[:60],
        placed_at=at,
        uid=uid[:80],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="placed")


def move_mark(
    mark: PlotMark, *, geometry: Any, by: Actor, at: datetime, version: int | None = None
) -> PlotMark:
    """Give it another place or form; `version` is the one that whoever moves it had before him. Raises `MarkMoved`."""
    _check_held(mark, version)
    text = checked(geometry, _symbol(mark.symbol), inside=box_of(mark.incident))
    if text == mark.geometry:
        return mark
    return _change(mark, kind="moved", by=by, at=at, geometry=text, moved_at=at)


def relabel_mark(
    mark: PlotMark, *, label: str, by: Actor, at: datetime, version: int | None = None
) -> PlotMark:
    """Write other words beside it."""
    _check_held(mark, version)
    if label.strip()[:80] == mark.label:
        return mark
    return _change(mark, kind="relabelled", by=by, at=at, label=label.strip()[:80])


def remove_mark(
    mark: PlotMark, *, by: Actor, by_name: str, at: datetime, version: int | None = None
) -> PlotMark:
    """Take it off the map; replay still shows it in its time. Removed twice it stays removed."""
    if mark.removed_at is not None:
        return mark
    _check_held(mark, version)
    return _change(mark, kind="removed", by=by, at=at, removed_at=at, removed_by_name=by_name.strip()[:60])


def box_of(incident: Incident) -> Box:
    """Where its marks may lie: around its county, where the place of that is known."""
    county = Division.objects.filter(code=incident.division.path.split("/")[0]).defer("geometry").first()
    if county is None:
        return CHINA
    points = [(county.min_lon, county.min_lat), (county.max_lon, county.max_lat), (county.lon, county.lat)]
    known = [(lon, lat) for lon, lat in points if lon is not None and lat is not None]
    if not known:
        return CHINA
    lons, lats = [lon for lon, _lat in known], [lat for _lon, lat in known]
    return Box(min(lons) - AROUND_DEG, min(lats) - AROUND_DEG, max(lons) + AROUND_DEG, max(lats) + AROUND_DEG)


def _symbol(code: str) -> Symbol:
    face = SYMBOLS.get(code)
    if face is None:
        raise UnknownSymbol(given=code[:40])
    return face


def _check_open(incident: Incident) -> None:
    if incident.is_restricted:
        raise OnlyTheCount
    if incident.state not in _OPEN:
        raise RoomClosed


def _check_held(mark: PlotMark, version: int | None) -> None:
    if mark.removed_at is not None:
        raise MarkGone(name=mark.removed_by_name or "—")
    if version is not None and version != mark.version:
        raise MarkMoved
    _check_open(mark.incident)


def _change(mark: PlotMark, *, kind: str, by: Actor, at: datetime, **fields: Any) -> PlotMark:
    try:
        return mark.change(by=by, at=at, kind=kind, fields=fields)
    except StaleRow:
        raise MarkMoved from None
