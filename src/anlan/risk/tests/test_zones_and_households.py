"""Danger zones, who lives in them, who may look, and the two workbooks."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.utils import translation
from openpyxl import Workbook
from shapely.geometry import Polygon, box

from anlan.documents.imports import ImportReport, import_kind, run_import, write_kind_template
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.coordinates import FarFromCounty, SwappedCoordinates
from anlan.risk import access, geometry, maplayers, queries, refusals, services
from anlan.risk.models import DangerZone, Household
from anlan.risk.types import HouseholdDetails, ZoneDetails
from anlan.testing import County
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import Right

RING = "102.92 27.41;102.93 27.41;102.93 27.42;102.92 27.42;102.92 27.41"
ZONE: dict[str, Any] = {
    "编号": "SH-001",
    "名称": "上柳村河边",
    "灾种": "山洪",
    "区划代码": "999901101201",
    "边界": RING,
    "户数": 2,
    "人口": 7,
}
HOME: dict[str, Any] = {
    "危险区编号": "SH-001",
    "户主": "郭小明",
    "人数": 4,
    "电话": "10000000012",
    "需要帮助": "是",
    "帮扶责任人": "赵春兰",
    "经度": None,
    "纬度": None,
}


def details(county: County, village: str, boundary: Polygon, **given: Any) -> ZoneDetails:
    fields: dict[str, Any] = {"name": f"{village} 河边", "hazard_type": HazardType.FLASH_FLOOD}
    return ZoneDetails(division=county.divisions[village], boundary=boundary, **fields | given)


def zone(county: County, code: str, village: str, west: float, south: float, **given: Any) -> DangerZone:
    shape = box(west, south, west + 0.01, south + 0.01)
    return services.define_zone(code, details(county, village, shape, **given), by=county.by, at=county.now)


def family(zone: DangerZone, head: str, county: County, **given: Any) -> Household:
    fields: dict[str, Any] = {"members": 3, "phone": "10000000012"}
    return services.register_household(
        zone, HouseholdDetails(head=head, **fields | given), by=county.by, at=county.now
    )


def load(county: County, kind: str, *rows: dict[str, Any], by: Any = None, **options: bool) -> ImportReport:
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    headers = list(dict.fromkeys(header for row in rows for header in row))
    made.active.append(headers)
    for row in rows:
        made.active.append([row.get(header) for header in headers])
    made.save(file)
    return run_import(import_kind(kind), file, by=by or county.by, at=county.now, **options)


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


def test_zones_are_found_by_village_and_by_whatever_lies_above_it(county: County) -> None:
    zone(county, "A", "Upper Willow", 102.92, 27.41)
    zone(county, "B", "North Slope", 102.96, 27.46)

    def found(*names: str) -> list[str]:
        return [one.code for one in queries.zones_of(county.divisions[name].code for name in names)]

    assert found("Upper Willow") == ["A"]
    assert found("Lower Willow") == found() == []
    assert found("Willow River") == ["A"]
    assert found("Yunling") == found("Upper Willow", "North Slope") == ["A", "B"]
    assert list(queries.zones_of(["000000000000"])) == []


def test_a_point_touches_the_outline_not_only_its_box(county: County) -> None:
    triangle = Polygon([(102.92, 27.41), (102.94, 27.41), (102.92, 27.43)])
    services.define_zone("T", details(county, "Upper Willow", triangle), by=county.by, at=county.now)
    assert [one.code for one in queries.zones_at(102.921, 27.411)] == ["T"]
    assert [one.code for one in queries.zones_at(102.93, 27.41)] == ["T"]  # on the edge
    assert queries.zones_at(102.939, 27.429) == []  # in the box, outside the outline


def test_an_area_touches_zones_that_overlap_it(county: County) -> None:
    zone(county, "A", "Upper Willow", 102.92, 27.41)
    zone(county, "B", "North Slope", 102.96, 27.46)
    assert [one.code for one in queries.zones_touching(box(102.90, 27.40, 102.925, 27.415))] == ["A"]
    assert [one.code for one in queries.zones_touching(box(102.0, 27.0, 103.0, 28.0))] == ["A", "B"]
    assert queries.zones_touching(Polygon()) == []


def test_a_dissolved_zone_is_found_no_more_and_takes_no_family(county: County) -> None:
    gone = zone(county, "A", "Upper Willow", 102.92, 27.41)
    services.dissolve_zone(gone, by=county.by, at=county.now)
    assert queries.zones_at(102.925, 27.415) == []
    assert not queries.zones_of([county.divisions["Upper Willow"].code]).exists()
    with pytest.raises(refusals.DissolvedZone):
        family(gone, "郭小明", county)
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("102.9 27.4;102.91 27.4;102.91 27.41", refusals.BoundaryNotClosed),
        ("102.9 27.4;102.91 27.4;102.9 27.4", refusals.TooFewPoints),
        ("102.9 27.4;102.91 27.41;102.91 27.4;102.9 27.41;102.9 27.4", refusals.BoundaryCrossesItself),
        ("102.9 27.4;102.91 27.4;102.92 27.4;102.9 27.4", refusals.BoundaryCrossesItself),
        ("102.9 27.4;here;102.9 27.4", refusals.NotABoundary),
        ("102.9 27.4 5;102.91 27.4;102.91 27.41;102.9 27.4", refusals.NotABoundary),
        ("nan 27.4;102.91 27.4;102.91 27.41;nan 27.4", refusals.NotABoundary),
        ("", refusals.TooFewPoints),
    ],
)
def test_an_outline_that_is_none_is_refused(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        geometry.parse_boundary(text)


def test_full_width_separators_are_understood() -> None:
    polygon = geometry.parse_boundary("102.9，27.4；102.91，27.4；102.91，27.41；102.9，27.4；")
    assert polygon.area == pytest.approx(0.00005)


@pytest.mark.parametrize(
    ("code", "boundary", "name", "refusal"),
    [
        ("A", box(102.92, 27.41, 102.93, 27.42), "河边", refusals.ZoneCodeTaken),
        ("B", box(27.41, 102.92, 27.42, 102.93), "河边", SwappedCoordinates),
        ("B", box(102.92, 27.41, 105.93, 27.42), "河边", FarFromCounty),
        ("B", box(102.92, 27.41, 102.93, 27.42), " ", refusals.NoName),
    ],
)
def test_a_zone_that_cannot_be_is_refused_and_nothing_is_stored(
    county: County, code: str, boundary: Polygon, name: str, refusal: type[Refusal]
) -> None:
    zone(county, "A", "Upper Willow", 102.92, 27.41)
    entries = Entry.objects.count()
    with pytest.raises(refusal):
        services.define_zone(
            code, details(county, "Upper Willow", boundary, name=name), by=county.by, at=county.now
        )
    assert (DangerZone.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_family_is_registered_once_changed_and_can_come_back(county: County) -> None:
    home = zone(county, "A", "Upper Willow", 102.92, 27.41)
    first = family(home, "郭小明", county)
    with pytest.raises(refusals.HouseholdTwice):
        family(home, "郭小明", county)
    with pytest.raises(refusals.NoMembers):
        family(home, "钱进", county, members=0)
    services.change_household(
        first, HouseholdDetails("郭小明", 5, "10000000012"), by=county.by, at=county.now
    )
    services.move_household_away(first, by=county.by, at=county.now)
    assert not queries.households_in(home).exists()
    again = family(home, "郭小明", county, members=2)
    assert (again.pk, again.members, again.is_active) == (first.pk, 2, True)
    assert verify().problems == []


def test_registered_and_surveyed_people_are_counted_apart(county: County) -> None:
    one = zone(county, "A", "Upper Willow", 102.92, 27.41, household_count=9, people_count=30)
    two = zone(county, "B", "North Slope", 102.96, 27.46)
    family(one, "郭小明", county, members=4, needs_assistance=True)
    family(one, "钱进", county, members=2)
    total = queries.count_in([one, two])
    assert (total.households, total.people, total.needing_help) == (2, 6, 1)
    assert (total.surveyed_households, total.surveyed_people) == (9, 30)
    by_zone = queries.counts_by_zone([one, two])
    assert (by_zone["A"].people, by_zone["B"].people, by_zone["B"].surveyed_people) == (6, 0, None)


def test_every_look_at_a_list_of_families_is_journaled_and_numbers_need_a_right(county: County) -> None:
    home = zone(county, "A", "Upper Willow", 102.92, 27.41)
    family(home, "郭小明", county)
    shown = access.look_at_households(county.actor("Li"), home, at=county.now)
    masked = access.look_at_households(county.actor("Zhao"), home, at=county.now)
    assert [line.phone for line in shown] == ["10000000012"]
    assert [line.phone for line in masked] == ["100****0012"]
    looks = Entry.objects.filter(kind="household_list.looked_at").order_by("id")
    assert [json.loads(look.payload)["numbers_shown"] for look in looks] == [True, False]
    assert looks[0].actor == county.actor("Li").ref
    assert not any("10000000012" in look.payload or "郭小明" in look.payload for look in looks)


def test_who_has_no_right_to_see_leaves_no_trace_of_a_look(county: County) -> None:
    home = zone(county, "A", "Upper Willow", 102.92, 27.41)
    with pytest.raises(NotAllowed):
        access.look_at_households(county.actor("Guo"), home, at=county.now)
    assert not Entry.objects.filter(kind="household_list.looked_at").exists()


def test_a_neighbour_finds_no_zone_and_no_family(county: County) -> None:
    home = zone(county, "A", "Upper Willow", 102.92, 27.41)
    resident = family(home, "郭小明", county)
    liu = county.actor("Liu")
    assert list(access.visible_zones(liu)) == []
    with pytest.raises(NotFound):
        access.access_zone(liu, home.pk)
    with pytest.raises(NotFound):
        access.access_household(liu, resident.pk)
    assert access.access_zone(county.actor("Li"), home.pk, need=Right.EDIT_DIRECTORY) == home
    with pytest.raises(NotAllowed):
        access.access_household(county.actor("Zhao"), resident.pk)


def test_the_map_shows_the_zones_of_the_jurisdiction(county: County) -> None:
    zone(county, "A", "Upper Willow", 102.92, 27.41)
    zone(county, "B", "North Slope", 102.96, 27.46)
    with translation.override("en"):
        shown = maplayers.zones(county.actor("Li"), url_of=lambda pk: f"/zones/{pk}/")
    assert [one["properties"]["name"] for one in shown["features"]] == ["Upper Willow 河边"]
    assert shown["features"][0]["properties"]["state_text"] == "flash flood"
    assert shown["features"][0]["geometry"]["type"] == "Polygon"


def test_zones_and_families_are_imported_changed_and_left_alone(county: County) -> None:
    assert (load(county, "zones", ZONE).created, DangerZone.objects.count()) == (1, 1)
    second = HOME | {"户主": "钱进", "电话": None}
    report = load(county, "households", HOME, second)
    assert (report.created, report.ok) == (2, True)
    report = load(county, "households", HOME | {"人数": 5}, second)
    assert (report.created, report.changed, report.unchanged) == (0, 1, 1)
    report = load(county, "zones", ZONE, ZONE | {"编号": "SH-002"})
    assert (report.created, report.unchanged) == (1, 1)
    guo = Household.objects.get(head="郭小明")
    assert (guo.members, guo.needs_assistance, guo.helper) == (5, True, "赵春兰")
    assert verify().problems == []


def test_a_new_number_of_the_only_family_of_that_name_is_no_second_family(county: County) -> None:
    load(county, "zones", ZONE)
    load(county, "households", HOME)
    report = load(county, "households", HOME | {"电话": "10000000099"})
    assert (report.created, report.changed) == (0, 1)
    assert Household.objects.get().phone == "10000000099"


def test_two_families_of_one_name_stay_two(county: County) -> None:
    load(county, "zones", ZONE)
    report = load(county, "households", HOME, HOME | {"电话": "10000000099"})
    assert report.created == 2
    report = load(county, "households", HOME, HOME | {"电话": "10000000099"})
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)


@pytest.mark.parametrize("kind", ["zones", "households"])
def test_a_dry_run_writes_nothing(county: County, kind: str) -> None:
    load(county, "zones", ZONE)
    entries = Entry.objects.count()
    row = {"zones": ZONE | {"编号": "SH-002"}, "households": HOME}[kind]
    report = load(county, kind, row, dry_run=True)
    assert (report.created, report.stored, report.ok) == (1, False, True)
    assert Entry.objects.count() == entries
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"区划代码": "999901101999"}, "区划代码", "row.unknown_division"),
        ({"边界": "102.92 27.41;102.93 27.41;102.93 27.42"}, "边界", "zone.not_closed"),
        ({"边界": "102.92 27.41;102.93 27.42;102.93 27.41;102.92 27.42;102.92 27.41"}, "边界", "zone.crosses_itself"),
        ({"边界": "27.41 102.92;27.42 102.92;27.42 102.93;27.41 102.92"}, "边界", "coordinates.swapped"),
        ({"边界": "东边到河"}, "边界", "zone.not_a_boundary"),
        ({"灾种": "雪崩"}, "灾种", "cell.not_allowed"),
        ({"编号": "SH-001"}, "编号", "row.twice"),
    ],
)  # fmt: skip
def test_a_bad_zone_row_is_named_and_nothing_is_stored(
    county: County, spoilt: dict[str, Any], column: str, code: str
) -> None:
    report = load(county, "zones", ZONE, ZONE | {"编号": "SH-002"} | spoilt)
    assert problems(report) == [(3, column, code)]
    assert not DangerZone.objects.exists()
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_a_zone_outside_its_village_is_imported_with_a_warning(county: County) -> None:
    far = {
        "type": "Polygon",
        "coordinates": [[[102.8, 27.3], [102.81, 27.3], [102.81, 27.31], [102.8, 27.3]]],
    }
    county.divisions["Upper Willow"].change(
        by=county.by, at=county.now, kind="boundary", geometry=json.dumps(far)
    )
    report = load(county, "zones", ZONE)
    assert (report.ok, report.created) == (True, 1)
    assert [(one.row, one.code) for one in report.warnings] == [(2, "zone.outside_division")]
    assert "上柳村" in report.warnings[0].sentence("zh")


@pytest.mark.parametrize(
    ("spoilt", "column", "code"),
    [
        ({"危险区编号": "SH-009"}, "危险区编号", "household.unknown_zone"),
        ({"危险区编号": None}, "危险区编号", "cell.required"),
        ({"人数": 0}, "人数", "cell.out_of_range"),
        ({"电话": "12"}, "电话", "household.bad_phone"),
        ({"需要帮助": "也许"}, "需要帮助", "cell.not_allowed"),
        ({"经度": 102.92}, "经度", "household.half_a_point"),
        ({"经度": 27.41, "纬度": 102.92}, "经度", "coordinates.swapped"),
        ({"户主": "郭小明"}, "户主", "row.twice"),
    ],
)
def test_a_bad_household_row_is_named_and_nothing_is_stored(
    county: County, spoilt: dict[str, Any], column: str, code: str
) -> None:
    load(county, "zones", ZONE)
    report = load(county, "households", HOME, HOME | {"户主": "钱进"} | spoilt)
    assert problems(report) == [(3, column, code)]
    assert not Household.objects.exists()
    for language in ("zh", "en"):
        assert "%(" not in report.problems[0].sentence(language)


def test_a_township_imports_into_its_own_villages_only(county: County) -> None:
    liu, li = county.actor("Liu"), county.actor("Li")
    assert problems(load(county, "zones", ZONE, by=liu)) == [(2, "区划代码", "row.unknown_division")]
    assert load(county, "zones", ZONE, by=li).created == 1
    assert problems(load(county, "households", HOME, by=liu)) == [(2, "危险区编号", "household.unknown_zone")]
    stolen = ZONE | {"区划代码": "999901102201"}
    assert problems(load(county, "zones", stolen, by=liu)) == [(2, "编号", "zone.elsewhere")]
    assert DangerZone.objects.get().division.name == "上柳村"


@pytest.mark.parametrize("kind", ["zones", "households"])
def test_a_template_filled_with_nothing_is_read_without_complaint(county: County, kind: str) -> None:
    file = io.BytesIO()
    write_kind_template(import_kind(kind), file)
    report = run_import(import_kind(kind), file, by=county.by, at=county.now)
    assert (report.ok, report.created) == (True, 0)
