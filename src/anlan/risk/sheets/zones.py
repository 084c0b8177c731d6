"""Rows of the danger-zone workbook: a new number is defined, a known one brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anlan.documents.imports import ImportReport, refuse_repeats
from anlan.documents.problems import Problem
from anlan.documents.workbook import SheetRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.access import visible
from anlan.places.coordinates import county_box
from anlan.places.types import Division
from anlan.risk import rights
from anlan.risk.models import DangerZone
from anlan.risk.services import check_zone, zone_fields
from anlan.risk.types import ZoneDetails
from anlan.vocab.hazards import HazardType

if TYPE_CHECKING:
    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry

HAZARDS = {"山洪": HazardType.FLASH_FLOOD, "洪水": HazardType.RIVER_FLOOD, "地质灾害": HazardType.GEOHAZARD}


def apply_zones(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Define or change the danger zones of these rows; a row that is wrong is reported and left out."""
    rows, problems = refuse_repeats(rows, lambda row: row.text("编号"), "编号")
    work = _Zones(by, at, problems)
    for row in rows:
        work.take(row)
    if not dry_run:
        work.carry_out()
    return work.report


class _Zones:
    """Everything that the rows are compared with, read once."""

    def __init__(self, by: Actor, at: datetime, problems: list[Problem]) -> None:
        self.by, self.at = by, at
        self.report = ImportReport(problems=problems)
        self.box = county_box()
        self.divisions = {place.code: place for place in visible(by, rights.EDIT_ZONES)}
        self.known = {zone.code: zone for zone in DangerZone.objects.select_related("division")}
        self.shapes: dict[str, BaseGeometry] = {}
        self.new: list[DangerZone] = []
        self.different: list[tuple[DangerZone, dict[str, Any]]] = []

    def take(self, row: SheetRow) -> None:
        code, division = row.text("编号"), self.divisions.get(row.text("区划代码"))
        if division is None:
            self._wrong(row, "区划代码", "row.unknown_division", code=row.text("区划代码"))
            return
        known = self.known.get(code)
        if known is not None and not self.by.can(rights.EDIT_ZONES, known.division.path):
            self._wrong(row, "编号", "zone.elsewhere", code=code)
            return
        details = _details(row, division)
        try:
            check_zone(details, self.box)
        except Refusal as refusal:
            self._wrong(row, "边界", refusal.code, **refusal.data)
            return
        if not self._lies_in(division, details.boundary):
            warning = Problem(row.number, "边界", "zone.outside_division", {"name": division.name})
            self.report.warnings.append(warning)
        self._plan(code, known, zone_fields(details))

    def carry_out(self) -> None:
        record_all(self.new, by=self.by, at=self.at, kind="defined")
        for zone, fields in self.different:
            zone.change(by=self.by, at=self.at, kind="changed", fields=fields)

    def _plan(self, code: str, known: DangerZone | None, fields: dict[str, Any]) -> None:
        if known is None:
            self.report.created += 1
            self.new.append(DangerZone(code=code, **fields))
            return
        different = {name: value for name, value in fields.items() if getattr(known, name) != value}
        if different:
            self.report.changed += 1
            self.different.append((known, different))
        else:
            self.report.unchanged += 1

    def _lies_in(self, division: Division, boundary: Polygon) -> bool:
        """Whether the middle of the zone lies in its division; true where no boundary is known."""
        from shapely import from_geojson, prepare

        if not division.geometry:
            return True
        if division.code not in self.shapes:
            self.shapes[division.code] = from_geojson(division.geometry)
            prepare(self.shapes[division.code])
        return bool(self.shapes[division.code].covers(boundary.representative_point()))

    def _wrong(self, row: SheetRow, column: str, problem: str, /, **data: object) -> None:
        self.report.problems.append(Problem(row.number, column, problem, data))


def _details(row: SheetRow, division: Division) -> ZoneDetails:
    from shapely.geometry import Polygon

    return ZoneDetails(
        name=row.text("名称"),
        hazard_type=row.need("灾种", HazardType),
        division=division,
        boundary=row.need("边界", Polygon),
        household_count=row.get("户数", int),
        people_count=row.get("人口", int),
    )
