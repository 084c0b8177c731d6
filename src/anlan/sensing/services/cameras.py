"""The register of cameras: by hand or workbook, and kept up to date by saved catalogues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from anlan.documents.gb28181 import Catalogue, CatalogueItem
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.access import visible
from anlan.places.coordinates import Box, check_point, county_box
from anlan.places.types import Division
from anlan.sensing import rights
from anlan.sensing.models import Camera, CameraState
from anlan.sensing.refusals import BadCameraCode, BadView, CameraTaken, NoStationName
from anlan.vocab.divisions import DivisionLevel

_CODE = re.compile(r"[0-9]{20}")
_STATES = {True: CameraState.ONLINE, False: CameraState.OFFLINE, None: CameraState.UNKNOWN}
#: No camera sees farther through air (engineering bound).
_MAX_RANGE_M = 30_000.0


class CameraDetails(TypedDict, total=False):
    """What may be changed on a camera; degrees clockwise from north, metres."""

    name: str
    division: Division
    lon: float | None
    lat: float | None
    azimuth_deg: float | None
    angle_deg: float | None
    range_m: float | None
    hazard_areas: list[str]
    shelter: str
    trade: str
    owner: str
    shared_with: str
    shared_until: date | None
    state: str
    is_active: bool


@dataclass(slots=True)
class CatalogueReport:
    """What a catalogue did to the register. `elsewhere` are cameras registered where the actor may not edit."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    elsewhere: int = 0
    #: Positions that lie far from the county and were left out.
    misplaced: int = 0
    others: int = 0
    announced: int = 0
    missing: int = 0


def register_camera(*, code: str, by: Actor, at: datetime, **details: Unpack[CameraDetails]) -> Camera:
    """Put a camera into the register. Name and division are needed."""
    camera = Camera(code=code, **details)
    check_camera(camera, county_box())
    if Camera.objects.filter(code=code).exists():
        raise CameraTaken(code=code)
    with transaction.atomic(savepoint=False):
        return camera.record(by=by, at=at, kind="registered")


def change_camera(camera: Camera, *, by: Actor, at: datetime, **details: Unpack[CameraDetails]) -> Camera:
    """Change what differs; nothing is written where nothing does."""
    different: dict[str, Any] = {  # columns differ in type
        name: value for name, value in details.items() if getattr(camera, name) != value
    }
    if not different:
        return camera
    kept = {name: getattr(camera, name) for name in ("code", *CameraDetails.__annotations__)}
    check_camera(Camera(**(kept | different)), county_box())
    with transaction.atomic(savepoint=False):
        return camera.change(by=by, at=at, kind="changed", fields=different)


def check_camera(camera: Camera, box: Box | None) -> None:
    """Raise a refusal unless everything on this unsaved camera is usable."""
    if not _CODE.fullmatch(camera.code):
        raise BadCameraCode(code=camera.code[:40])
    if not camera.name.strip():
        raise NoStationName
    for value, high in ((camera.azimuth_deg, 360), (camera.angle_deg, 360), (camera.range_m, _MAX_RANGE_M)):
        if value is not None and not 0 <= value <= high:
            raise BadView(value=f"{value:g}", high=f"{high:g}")
    if camera.lon is not None and camera.lat is not None:
        check_point(camera.lon, camera.lat, box)


def take_catalogue(catalogue: Catalogue, *, division: Division, by: Actor, at: datetime) -> CatalogueReport:
    """Bring the register up to date with what devices said: new cameras, names, places, who is on line.

    A camera without a civil code of ours is registered at `division`. What people entered (view, hazard areas, agreement)
    stays; a camera that the catalogue does not list stays as it is, for a catalogue is one platform's list among several.
    """
    work = _Catalogue(catalogue, division, by, at)
    with transaction.atomic(savepoint=False):
        work.carry_out()
    return work.report


class _Catalogue:
    """Everything that the items are compared with, read once."""

    def __init__(self, catalogue: Catalogue, division: Division, by: Actor, at: datetime) -> None:
        self.by, self.at, self.division = by, at, division
        self.report = CatalogueReport(
            others=catalogue.others, announced=catalogue.announced, missing=catalogue.missing
        )
        self.box = county_box()
        self.places = _civil_codes(by)
        codes = [item.code for item in catalogue.cameras]
        self.known = {one.code: one for one in _in_parts(codes)}
        self.new: list[Camera] = []
        self.different: list[tuple[Camera, dict[str, Any]]] = []  # columns differ in type
        self.seen: list[Camera] = []
        for item in catalogue.cameras:
            self._take(item)

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="registered")
        for camera, fields in self.different:
            camera.change(by=self.by, at=self.at, kind="changed", fields=fields)
        keys = [camera.pk for camera in self.seen]
        for start in range(0, len(keys), 400):
            Camera.objects.filter(pk__in=keys[start : start + 400]).update(last_seen=self.at)

    def _take(self, item: CatalogueItem) -> None:
        lon, lat = self._place(item)
        known = self.known.get(item.code)
        if known is not None and not self.by.can(rights.MANAGE_STATIONS, known.division.path):
            self.report.elsewhere += 1
            return
        said: dict[str, Any] = {"name": item.name, "state": _STATES[item.is_online].value}
        if lon is not None:
            said |= {"lon": lon, "lat": lat}
        if item.owner:
            said["owner"] = item.owner
        self._plan(item, known, said)

    def _plan(self, item: CatalogueItem, known: Camera | None, said: dict[str, Any]) -> None:
        if known is None:
            self.report.created += 1
            place = self.places.get(item.civil_code.ljust(12, "0"), self.division)
            self.new.append(Camera(code=item.code, division=place, **said))
        else:
            different = {name: value for name, value in said.items() if getattr(known, name) != value}
            self.report.changed += bool(different)
            self.report.unchanged += not different
            if different:
                self.different.append((known, different))
        if item.is_online:
            self.seen.append(known or self.new[-1])

    def _place(self, item: CatalogueItem) -> tuple[float | None, float | None]:
        if item.lon is None or item.lat is None:
            return None, None
        try:
            check_point(item.lon, item.lat, self.box)
        except Refusal:
            self.report.misplaced += 1
            return None, None
        return item.lon, item.lat


def _civil_codes(by: Actor) -> dict[str, Division]:
    levels = [DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE]
    places = visible(by, rights.MANAGE_STATIONS).filter(level__in=levels).defer("geometry")
    return {place.code: place for place in places}


def _in_parts(codes: Sequence[str]) -> list[Camera]:
    """The cameras with these codes; in parts, since a statement takes only so many values."""
    found: list[Camera] = []
    for start in range(0, len(codes), 400):
        part = Camera.objects.filter(code__in=codes[start : start + 400]).select_related("division")
        found += part.defer("division__geometry")
    return found
