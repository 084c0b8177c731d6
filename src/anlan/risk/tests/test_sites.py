"""Sites where people gather and hazard sites: registered, imported, closed, seen by who may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from anlan.documents.imports import import_kind
from anlan.documents.workbook import SheetRow, read_sheet
from anlan.journal.models import Entry
from anlan.kernel.refusals import Refusal
from anlan.places.models import Division
from anlan.risk import maplayers, queries
from anlan.risk.access import visible_hazard_sites, visible_sites
from anlan.risk.models import ExposedSite, HazardSite
from anlan.risk.sites import close_site, register_hazard_site, register_site
from anlan.risk.types import HazardSiteDetails, SiteDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db
UPPER = "999901101201"
SCHOOL = SiteDetails("上柳小学", "school", UPPER, 102.92, 27.41, 210, 0, 12)


def sheet(tmp_path: Path, kind: str, header: list[str], *rows: list[Any]) -> list[SheetRow]:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (header, *rows):
        page.append(row)
    book.save(tmp_path / "book.xlsx")
    found = read_sheet(tmp_path / "book.xlsx", import_kind(kind).columns)
    return list(found.rows)


def test_a_site_is_a_place_of_its_own_and_is_changed_only_where_it_differs(county: County) -> None:
    by, at = county.by, county.now
    site = register_site(f"{UPPER}-S01", SCHOOL, by=by, at=at)
    assert (site.place.level, site.place.path.split("/")[-2]) == ("site", UPPER)
    before = Entry.objects.count()
    register_site(f"{UPPER}-S01", SCHOOL, by=by, at=at)
    assert Entry.objects.count() == before
    close_site(site, by=by, at=at)
    assert not queries.sites().exists()
    assert Division.objects.filter(pk=site.place_id).exists()


@pytest.mark.parametrize(
    ("code", "details", "refusal"),
    [
        (f"{UPPER}-S02", SiteDetails(" ", "school", UPPER), "site.no_name"),
        (f"{UPPER}-S02", SiteDetails("塔", "tower", UPPER), "site.unknown_kind"),
        (f"{UPPER}-S02", SiteDetails("塔", "school", "999901000000"), "site.wrong_parent"),
        (UPPER, SiteDetails("塔", "school", UPPER), "site.code_taken"),
        (f"{UPPER}-S02", SiteDetails("塔", "school", UPPER, 27.41, 102.92), "coordinates.swapped"),
    ],
)
def test_a_site_that_cannot_be_is_refused(
    county: County, code: str, details: SiteDetails, refusal: str
) -> None:
    with pytest.raises(Refusal) as refused:
        register_site(code, details, by=county.by, at=county.now)
    assert refused.value.code == refusal
    assert not ExposedSite.objects.exists()


def test_each_township_sees_its_own(county: County) -> None:
    by, at = county.by, county.now
    register_site(f"{UPPER}-S01", SCHOOL, by=by, at=at)
    upper = county.divisions["Upper Willow"]
    register_hazard_site("DZ-1", HazardSiteDetails("后山", "landslide", upper, 102.92, 27.41), by=by, at=at)
    mine, neighbour = county.actor("Li"), county.actor("Liu")
    assert (visible_sites(mine).count(), visible_hazard_sites(mine).count()) == (1, 1)
    assert (visible_sites(neighbour).count(), visible_hazard_sites(neighbour).count()) == (0, 0)
    assert len(maplayers.sites(mine)["features"]) == 2
    assert maplayers.sites(neighbour)["features"] == []


def test_the_workbooks_make_sites_and_name_their_watchers(county: County, tmp_path: Path) -> None:
    by, at = county.actor("Chen"), county.now
    header = ["场所代码", "上级代码", "名称", "类别", "经度", "纬度", "白天人数", "夜间人数", "需要帮助人数"]
    good = [f"{UPPER}-S01", UPPER, "上柳小学", "学校", 102.92, 27.41, 210, 0, 12]
    swapped = [f"{UPPER}-S02", "888801000000", "别处", "学校", 102.92, 27.41, 1, 1, 1]
    rows = sheet(tmp_path, "sites", header, good, swapped)
    report = import_kind("sites").apply(rows, by=by, at=at, dry_run=True)
    assert (report.created, len(report.problems)) == (1, 1)
    assert not ExposedSite.objects.exists()
    import_kind("sites").apply(rows, by=by, at=at, dry_run=False)
    again = import_kind("sites").apply(rows, by=by, at=at, dry_run=False)
    assert (again.created, again.unchanged) == (0, 1)
    header = ["编号", "名称", "类别", "区划代码", "经度", "纬度", "威胁户数", "威胁人数", "监测人"]
    named = ["DZ-1", "后山滑坡", "滑坡", UPPER, 102.92, 27.41, 6, 23, "赵春兰"]
    unknown = ["DZ-2", "前山崩塌", "崩塌", UPPER, 102.92, 27.41, None, None, "无此人"]
    rows = sheet(tmp_path, "hazard_sites", header, named, unknown)
    report = import_kind("hazard_sites").apply(rows, by=by, at=at, dry_run=False)
    assert (report.created, len(report.warnings)) == (2, 1)
    assert HazardSite.objects.get(code="DZ-1").watcher == county.people["Zhao"]
    assert HazardSite.objects.get(code="DZ-2").watcher is None


def test_a_hazard_site_that_was_judged_anew_changes_its_kind(county: County) -> None:
    by, at = county.by, county.now
    details = HazardSiteDetails("后山", "landslide", county.divisions["Upper Willow"], 102.92, 27.41)
    register_hazard_site("H-1", details, by=by, at=at)
    row = register_hazard_site("H-1", replace(details, kind="debris_flow"), by=by, at=at)
    assert HazardSite.objects.get().kind == row.kind == "debris_flow"
