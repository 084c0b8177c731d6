"""Area and audience: what is counted, who gets a seat, who is called as a person, who cannot be reached."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from shapely.geometry import box, mapping

from anlan.directory import services as directory
from anlan.directory.models import ContactKind, HoldingRole
from anlan.dissemination.models import Callout
from anlan.kernel.refusals import Refusal
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.risk.models import DangerZone
from anlan.risk.services import register_household
from anlan.risk.sites import register_hazard_site, register_site
from anlan.risk.types import HazardSiteDetails, HouseholdDetails, SiteDetails
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind
from anlan.warning.areas import Area
from anlan.warning.audience import AudienceSpec, read_spec, resolve
from anlan.warning.counting import count
from anlan.warning.models import HazardWarning
from anlan.warning.refusals import VillagesDropped
from anlan.warning.services import draft_by_hand, sign_off, update_warning
from anlan.warning.tests.storm import ORANGE, RED, Storm

AROUND_UPPER = box(102.91, 27.403, 102.93, 27.42)
EVERYWHERE = box(102.85, 27.35, 103.0, 27.5)


@pytest.fixture
def full(storm: Storm) -> Storm:
    """A school with a keeper, a mine, a slope and two families in and near Upper Willow."""
    county, by, at = storm.county, storm.county.by, storm.now
    upper = county.divisions["Upper Willow"]
    school = SiteDetails("上柳小学", "school", upper.code, 102.921, 27.411, 210, 0, 12)
    site = register_site(f"{upper.code}-S01", school, by=by, at=at)
    keeper = directory.create_person("校长孙", division=site.place, by=by, at=at)
    directory.set_contact(keeper, kind=ContactKind.MOBILE, value="10000000051", by=by, at=at)
    post = directory.ensure_post(PostKind.SITE_KEEPER, division=site.place, by=by, at=at)
    directory.appoint(post, keeper, role=HoldingRole.A, by=by, at=at)
    mine = DivisionRow(
        f"{upper.code}-Q01", "青石矿业", upper.code, DivisionLevel.ENTERPRISE, lon=102.922, lat=27.412
    )
    load_divisions([mine], by=by, at=at)
    register_hazard_site(
        "DZ-1", HazardSiteDetails("后山滑坡", "landslide", upper, 102.92, 27.412, 3, 11), by=by, at=at
    )
    zone = DangerZone.objects.get(code="WQ-001")
    register_household(
        zone, HouseholdDetails("郭老人", 2, "10000000061", True, "赵春兰", 102.92, 27.41), by=by, at=at
    )
    register_household(
        zone, HouseholdDetails("李家", 4, "10000000062", False, "", 102.92, 27.41), by=by, at=at
    )
    return storm


def found(storm: Storm, spec: AudienceSpec, geometry: object = AROUND_UPPER) -> object:
    return resolve(spec, Area(geometry), by=storm.county.actor("Chen"), at=storm.now)


def test_an_area_is_counted_by_day_and_by_night(full: Storm) -> None:
    chen = full.county.actor("Chen")
    day, night = (count(Area(AROUND_UPPER), hour=hour, by=chen) for hour in (10, 2))
    assert (day.villages, day.people, day.households) == (1, 400, 100)
    assert (day.people_at_sites, night.people_at_sites) == (210, 0)
    assert (day.schools, day.sites, day.enterprises, day.hazard_sites) == (1, 1, 1, 1)
    assert (day.needing_help, day.families_in_zones) == (13, 2)
    assert day.spill_km2 is None


def test_a_part_of_a_village_counts_it_and_what_lies_outside_the_county_is_told(full: Storm) -> None:
    county = full.county
    for place, shape in (
        (county.division, EVERYWHERE),
        (county.divisions["Upper Willow"], box(102.91, 27.40, 102.95, 27.44)),
    ):
        west, south, east, north = shape.bounds
        place.change(
            by=county.by, at=full.now, kind="changed", geometry=json.dumps(mapping(shape)),
            min_lon=west, min_lat=south, max_lon=east, max_lat=north,
        )  # fmt: skip
    chen = county.actor("Chen")
    corner = count(Area(box(102.94, 27.43, 102.96, 27.45)), hour=10, by=chen)
    assert corner.villages == 1
    assert corner.people == 0
    small = count(Area(box(102.9401, 27.4301, 102.9404, 27.4304)), hour=10, by=chen)
    assert small.village_codes == (county.divisions["Upper Willow"].code,)
    outside = count(Area(box(102.95, 27.40, 103.05, 27.42)), hour=10, by=chen)
    assert outside.spill_share == pytest.approx(0.5, abs=0.01)


def test_the_neighbours_people_are_not_counted_for_whom_they_are_not_his(full: Storm) -> None:
    nobody = full.county.actor("Li")
    assert count(Area(EVERYWHERE), hour=10, by=nobody).villages == 0


def test_sites_and_enterprises_have_seats_like_villages(full: Storm) -> None:
    warning = draft_by_hand(
        hazard_type="flash_flood", level=RED, villages=[], by=full.county.actor("Chen"), at=full.now,
        area=Area(AROUND_UPPER).as_text(), area_source="drawn",
        audience={"tiers": ["village"], "kinds": ["school", "enterprise"]},
    )  # fmt: skip
    reasons = dict(warning.villages.values_list("division__name", "because"))
    assert reasons == {"上柳村": "zone", "上柳小学": "site", "青石矿业": "site"}
    sign_off(warning, by=full.county.actor("Wang"), at=full.now)
    seats = Callout.objects.get(subject=f"warning:{warning.pk}").seats.order_by("id")
    assert next(seat.division.name for seat in seats) == "上柳村"
    assert {seat.division.name for seat in seats} == {"上柳村", "上柳小学", "青石矿业"}


def test_people_are_called_by_post_label_skill_and_as_helpers(full: Storm) -> None:
    county, at = full.county, full.now
    zhou = county.people["Zhou"]
    directory.set_labels(zhou, labels=["geohazard_watcher"], skills=["急救"], by=county.by, at=at)
    spec = AudienceSpec(tiers=("village",), groups=("needs_assistance",))
    helped = found(full, spec)
    assert helped.party_names == ("赵春兰",)  # type: ignore[attr-defined]
    upper = county.divisions["Upper Willow"].code
    assert helped.parties == {upper: (county.people["Zhao"].pk,)}  # type: ignore[attr-defined]
    everywhere = found(full, AudienceSpec(labels=("geohazard_watcher",)), EVERYWHERE)
    assert everywhere.party_names == ("周平",)  # type: ignore[attr-defined]
    by_skill = found(full, AudienceSpec(skills=("急救",)), AROUND_UPPER)
    assert by_skill.party_names == ()  # type: ignore[attr-defined]
    by_post = found(full, AudienceSpec(posts=("information_officer",)))
    assert set(by_post.party_names) == {"赵春兰", "钱进"}  # type: ignore[attr-defined]


def test_a_village_nobody_of_which_can_be_reached_is_named(full: Storm) -> None:
    for name in ("Zhao", "Qian"):
        for contact in full.county.people[name].contacts.all():
            directory.end_contact(contact, by=full.county.by, at=full.now)
    later = full.now + timedelta(seconds=1)
    reached = resolve(AudienceSpec(), Area(AROUND_UPPER), by=full.county.actor("Chen"), at=later)
    assert reached.unreachable == ("上柳村",)


def test_whoever_took_a_post_since_the_draft_is_called(full: Storm) -> None:
    county = full.county
    warning = draft_by_hand(
        hazard_type="flash_flood", level=RED, villages=[], by=county.actor("Chen"), at=full.now,
        area=Area(AROUND_UPPER).as_text(), audience={"labels": ["forest_ranger"]},
    )  # fmt: skip
    assert warning.audience["parties"] == {}
    directory.set_labels(
        county.people["Qian"], labels=["forest_ranger"], skills=[], by=county.by, at=full.now
    )
    sign_off(warning, by=county.actor("Wang"), at=full.now)
    warning.refresh_from_db()
    assert warning.audience["parties"] == {
        county.divisions["Upper Willow"].code: [str(county.people["Qian"].pk)]
    }
    people = Callout.objects.get(subject=f"warning:{warning.pk}").seats.exclude(party=None)
    assert [seat.party for seat in people] == [county.people["Qian"]]


def test_an_update_keeps_everybody_of_the_old_one_and_drops_nobody(full: Storm) -> None:
    county, at = full.county, full.now
    lower = county.divisions["Lower Willow"].code
    draft = draft_by_hand(
        hazard_type="flash_flood", level=ORANGE, villages=[lower], by=county.actor("Chen"), at=at,
        area=Area(AROUND_UPPER).as_text(), audience={"tiers": ["village"], "posts": ["information_officer"]},
    )  # fmt: skip
    issued = sign_off(draft, by=county.actor("Wang"), at=at)
    with pytest.raises(VillagesDropped):
        update_warning(
            issued, villages=[lower], audience={"tiers": []}, area="", by=county.actor("Chen"), at=at
        )
    worse = update_warning(issued, level=RED, by=county.actor("Chen"), at=at)
    assert worse.audience["parties"] == issued.audience["parties"]
    assert worse.area == issued.area


@pytest.mark.parametrize("wrong", [{"posts": ["king"]}, {"tiers": "village"}, {"colour": ["red"]}, [1]])
def test_an_audience_that_is_not_in_the_lists_is_refused(wrong: object) -> None:
    with pytest.raises(Refusal):
        read_spec(wrong)


def test_the_area_goes_into_the_row_as_geojson(full: Storm) -> None:
    warning = draft_by_hand(
        hazard_type="flash_flood", level=RED, villages=[], by=full.county.actor("Chen"), at=full.now,
        area=Area(AROUND_UPPER).as_text(), area_source="drawn",
    )  # fmt: skip
    stored = HazardWarning.objects.get(pk=warning.pk)
    assert json.loads(stored.area)["type"] == "Polygon"
    assert stored.area_source == "drawn"
