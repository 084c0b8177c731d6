"""Scenes of an incident: opened, described, moved through their phases and up and down in priority."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from anlan.command.geometry import checked_point
from anlan.command.models import Scene
from anlan.command.plotrefusals import SceneMoved
from anlan.command.refusals import AlreadyClosed
from anlan.command.services._common import check_room, said
from anlan.command.services.plotting import box_of
from anlan.incidents.models import Incident
from anlan.incidents.refusals import BadPoint
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import Actor
from anlan.places.models import Division

PHASES = ("reported", "working", "controlled", "closed")


def open_scene(
    incident: Incident,
    *,
    name: str,
    division: Division | None = None,
    sector: str = "",
    place_words: str = "",
    lon: float | None = None,
    lat: float | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Scene:
    """A further scene, behind the others in priority. The same name twice is one scene."""
    check_room(incident)
    title = said(name, _("The name of the scene"), most=80)
    check_point(lon, lat)
    same = Scene.objects.filter(incident=incident, name=title).exclude(state="closed").first()
    if same is not None:
        return same
    found = Scene.objects.filter(incident=incident).aggregate(number=Max("number"), last=Max("priority"))
    return Scene(
        state="reported",
        incident=incident,
        number=(found["number"] or 0) + 1,
        name=title,
        sector=sector.strip()[:40],
        priority=(found["last"] or 0) + 1,
        division=division or incident.division,
        place_words=place_words.strip()[:160],
        lon=lon,
        lat=lat,
        note=note.strip()[:2000],
        opened_at=at,
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="reported")


def edit_scene(scene: Scene, *, by: Actor, at: datetime, **fields: Any) -> Scene:
    """Describe it better; `fields` are name, sector, place_words, note, lon, lat, division."""
    check_room(scene.incident)
    check_point(fields.get("lon", scene.lon), fields.get("lat", scene.lat))
    if "name" in fields:
        fields["name"] = said(fields["name"], _("The name of the scene"), most=80)
    changed = {name: value for name, value in fields.items() if getattr(scene, name) != value}
    return scene.change(by=by, at=at, kind="edited", fields=changed) if changed else scene


def place_scene(scene: Scene, *, geometry: Any, by: Actor, at: datetime, version: int | None = None) -> Scene:
    """Put it where it really is; `version` is the one that whoever drags it had before him. Raises `SceneMoved`, `AlreadyClosed`."""
    check_room(scene.incident)
    if scene.state == "closed":
        raise AlreadyClosed(what=scene.name)
    if version is not None and version != scene.version:
        raise SceneMoved
    lon, lat = checked_point(geometry, inside=box_of(scene.incident))
    if (lon, lat) == (scene.lon, scene.lat):
        return scene
    try:
        return scene.change(by=by, at=at, kind="placed", lon=lon, lat=lat)
    except StaleRow:
        raise SceneMoved from None


def move_scene(scene: Scene, to: str, *, why: str = "", by: Actor, at: datetime) -> Scene:
    """To the next phase. Closing needs a reason; a closed one that flares up again works again."""
    check_room(scene.incident)
    fields: dict[str, Any] = {}
    if to == "closed":
        fields = {"closed_at": at, "closed_why": said(why, _("Why the scene is closed"), most=300)}
    elif scene.state == "closed":
        fields = {"closed_at": None}
    return scene.advance(to, by=by, at=at, **fields)


def order_scene(scene: Scene, *, up: bool, by: Actor, at: datetime) -> Scene:
    """One place up or down among the open scenes; at the end it stays where it is."""
    if scene.state == "closed":
        raise AlreadyClosed(what=scene.name)
    others = Scene.objects.filter(incident=scene.incident).exclude(state="closed").exclude(pk=scene.pk)
    if up:
        other = others.filter(priority__lte=scene.priority).order_by("-priority", "-number").first()
    else:
        other = others.filter(priority__gte=scene.priority).order_by("priority", "number").first()
    if other is None:
        return scene
    mine, theirs = scene.priority, other.priority
    if mine == theirs:
        theirs = max(1, mine - 1) if up else mine + 1
    scene.change(by=by, at=at, kind="moved", priority=theirs)
    if other.priority != mine:
        other.change(by=by, at=at, kind="moved", priority=mine)
    return scene


def check_point(lon: float | None, lat: float | None) -> None:
    """Both or neither, in degrees."""
    if lon is None and lat is None:
        return
    if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadPoint
