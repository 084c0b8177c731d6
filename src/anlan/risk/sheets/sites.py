"""Rows of the two workbooks of sites: a new number is registered, a known one brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.directory.models import Person
from anlan.documents.imports import ImportReport, refuse_repeats
from anlan.documents.problems import Problem
from anlan.documents.workbook import SheetRow
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal
from anlan.places.access import visible
from anlan.places.coordinates import check_point, county_box
from anlan.places.models import Division
from anlan.places.services import differences, load_divisions
from anlan.places.types import DivisionRow
from anlan.risk import rights
from anlan.risk.models import ExposedSite, HazardSite
from anlan.risk.sites import (
    different,
    hazard_site_fields,
    site_fields,
    site_row,
)
from anlan.risk.types import HazardSiteDetails, SiteDetails
from anlan.vocab.divisions import DivisionLevel

_ABOVE = frozenset({DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE})


def apply_sites(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the sites of the rows; a row that is wrong is reported and left out."""
    unique, problems = refuse_repeats(rows, lambda row: row.text("场所代码"), "场所代码")
    report = ImportReport(problems=problems)
    places = {place.code: place for place in visible(by, rights.EDIT_ZONES).defer("geometry")}
    taken = set(Division.objects.values_list("code", flat=True)) - places.keys()
    known = {site.place_id: site for site in ExposedSite.objects.all()}
    box = county_box()
    good: list[tuple[DivisionRow, dict[str, Any]]] = []
    for row in unique:
        problem = _site_problem(row, places, taken, box)
        if problem is not None:
            report.problems.append(problem)
            continue
        details = _site(row)
        place = site_row(row.text("场所代码"), details, line=row.number)
        fields = site_fields(details)
        good.append((place, fields))
        site = known.get(place.code)
        if site is None:
            report.created += 1
        elif different(site, fields) or differences(places[place.code], place):
            report.changed += 1
        else:
            report.unchanged += 1
    if not dry_run:
        _store_sites(good, known, by=by, at=at)
    return report


def _store_sites(
    good: list[tuple[DivisionRow, dict[str, Any]]],
    known: dict[str, ExposedSite],
    *,
    by: Actor,
    at: datetime,
) -> None:
    load_divisions([place for place, _fields in good], by=by, at=at)
    places = Division.objects.in_bulk([place.code for place, _fields in good])
    fresh = []
    for place, fields in good:
        site = known.get(place.code)
        if site is None:
            fresh.append(ExposedSite(place=places[place.code], **fields))
        elif changed := different(site, fields):
            site.change(by=by, at=at, kind="changed", fields=changed)
    record_all(fresh, by=by, at=at, kind="registered")


def _site_problem(row: SheetRow, places: dict[str, Division], taken: set[str], box: Any) -> Problem | None:
    code, parent = row.text("场所代码"), places.get(row.text("上级代码"))
    if parent is None:
        return Problem(row.number, "上级代码", "row.unknown_division", {"code": row.text("上级代码")})
    if DivisionLevel(parent.level) not in _ABOVE:
        return Problem(row.number, "上级代码", "site.wrong_parent", {"parent": parent.name})
    if code in taken or (code in places and places[code].level != DivisionLevel.SITE):
        return Problem(row.number, "场所代码", "places.code_taken", {"code": code})
    return _point_problem(row, box)


def _point_problem(row: SheetRow, box: Any) -> Problem | None:
    lon, lat = row.get("经度", float), row.get("纬度", float)
    if lon is None or lat is None:
        return None
    try:
        check_point(lon, lat, box)
    except Refusal as refusal:
        return Problem(row.number, "经度", refusal.code, refusal.data)
    return None


def _site(row: SheetRow) -> SiteDetails:
    return SiteDetails(
        name=row.text("名称"),
        kind=row.text("类别"),
        parent=row.text("上级代码"),
        lon=row.get("经度", float),
        lat=row.get("纬度", float),
        people_day=row.get("白天人数", int),
        people_night=row.get("夜间人数", int),
        needing_help=row.get("需要帮助人数", int),
    )


def apply_hazard_sites(rows: Sequence[SheetRow], *, by: Actor, at: datetime, dry_run: bool) -> ImportReport:
    """Register or change the hazard sites of the rows; a watcher is named as he stands in the directory."""
    unique, problems = refuse_repeats(rows, lambda row: row.text("编号"), "编号")
    report = ImportReport(problems=problems)
    places = {place.code: place for place in visible(by, rights.EDIT_ZONES).defer("geometry")}
    known = {site.code: site for site in HazardSite.objects.select_related("division")}
    watchers = _watchers(unique, places)
    box = county_box()
    fresh: list[HazardSite] = []
    changes: list[tuple[HazardSite, dict[str, Any]]] = []
    for row in unique:
        site = known.get(row.text("编号"))
        problem = _hazard_site_problem(row, places, site, by, box)
        if problem is not None:
            report.problems.append(problem)
            continue
        place, watcher = places[row.text("区划代码")], row.text("监测人")
        person = watchers.get((watcher, place.code))
        if watcher and person is None:
            data = {"name": watcher, "place": place.name}
            report.warnings.append(Problem(row.number, "监测人", "hazard_site.unknown_watcher", data))
        fields = hazard_site_fields(_hazard_site(row, place, person))
        if site is None:
            report.created += 1
            fresh.append(HazardSite(code=row.text("编号"), **fields))
        elif changed := different(site, fields):
            report.changed += 1
            changes.append((site, changed))
        else:
            report.unchanged += 1
    if not dry_run:
        record_all(fresh, by=by, at=at, kind="registered")
        for site, changed in changes:
            site.change(by=by, at=at, kind="changed", fields=changed)
    return report


def _watchers(rows: Sequence[SheetRow], places: dict[str, Division]) -> dict[tuple[str, str], Any]:
    """People by (name, division) for the divisions of the rows; two of one name in one place name nobody."""
    codes = {row.text("区划代码") for row in rows} & places.keys()
    found: dict[tuple[str, str], Any] = {}
    for pk, name, code in Person.objects.filter(division_id__in=codes).values_list(
        "id", "name", "division_id"
    ):
        found[name, code] = None if (name, code) in found else pk
    return found


def _hazard_site_problem(
    row: SheetRow, places: dict[str, Division], site: HazardSite | None, by: Actor, box: Any
) -> Problem | None:
    if row.text("区划代码") not in places:
        return Problem(row.number, "区划代码", "row.unknown_division", {"code": row.text("区划代码")})
    if site is not None and not by.can(rights.EDIT_ZONES, site.division.path):
        return Problem(row.number, "编号", "zone.elsewhere", {"code": row.text("编号")})
    return _point_problem(row, box)


def _hazard_site(row: SheetRow, place: Division, watcher: Any) -> HazardSiteDetails:
    return HazardSiteDetails(
        name=row.text("名称"),
        kind=row.text("类别"),
        division=place,
        lon=row.need("经度", float),
        lat=row.need("纬度", float),
        threat_households=row.get("威胁户数", int),
        threat_people=row.get("威胁人数", int),
        watcher=watcher,
    )
