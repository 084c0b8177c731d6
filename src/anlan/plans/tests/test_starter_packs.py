"""The starter packs as a county would open them: nothing dangling, nothing in circles, big enough to be real."""

from __future__ import annotations

from datetime import date

import pytest

from anlan.plans.checking import check
from anlan.plans.checktypes import World
from anlan.plans.content import AddressKind, Content, NeedKind, TriggerKind
from anlan.plans.departments import addresses_of, departments_for, instantiate, named
from anlan.plans.models import PlanKind
from anlan.plans.packs import CODES, Pack, field_command_table, starter_pack, starter_packs
from anlan.testing import County
from anlan.vocab.figures import FIGURES
from anlan.vocab.hazards import HazardType
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import PostKind
from anlan.vocab.skills import ASSET_CATEGORIES, ITEMS, SKILLS

#: What only the county's own people and things can put right; a template has none.
OF_THE_COUNTY = {
    "place_unnamed", "post_empty", "post_unreachable", "places_empty", "places_unreachable", "unknown_place",
    "team_short", "vehicle_short", "equipment_short", "stock_short", "expert_short", "template",
}  # fmt: skip
#: The fourteen departments that the demo county has.
DEPARTMENTS = (
    "应急管理局", "气象局", "水利局", "自然资源局", "公安局", "消防救援大队", "卫生健康局", "交通运输局", "教育体育局",
    "林业和草原局", "住房城乡建设局", "工业和信息化局", "供电公司", "融媒体中心",
)  # fmt: skip
TOWNSHIPS = 13

every_pack = pytest.mark.parametrize("pack", starter_packs(), ids=lambda pack: pack.code)


def opened(content: Content, level: int) -> int:
    """How many orders there are at a level, one for each of thirteen townships."""
    return sum(
        TOWNSHIPS if task.owner.kind is AddressKind.AFFECTED_TOWNSHIPS else 1
        for task in content.tasks
        if task.from_level >= level
    )


@every_pack
def test_the_plan_check_finds_no_fault_of_the_template_itself(pack: Pack) -> None:
    faults = check(pack.content, World(today=date(2026, 7, 1)))
    assert [(one.code, one.where, one.params) for one in faults if one.code not in OF_THE_COUNTY] == []


@every_pack
def test_every_code_of_a_pack_is_in_the_lists(pack: Pack) -> None:
    content = pack.content
    assert pack.kind in PlanKind.values
    assert set(pack.event_types) <= set(TYPES)
    assert set(pack.hazards) <= {*HazardType}
    assert {code for task in content.tasks for code in task.needs} <= set(SKILLS)
    stocks = {one.code for one in content.needs if one.kind is NeedKind.STOCK}
    assert stocks - {""} <= set(ITEMS)
    assert {one.code for one in content.needs} - {""} <= set(SKILLS) | set(ITEMS) | set(ASSET_CATEGORIES)
    assert {code for level in content.levels for code in level.authority} <= {*PostKind}
    assert {one.post for one in addresses_of(content)} - {""} <= {*PostKind}
    for level in content.levels:
        for one in level.triggers:
            assert one.kind is not TriggerKind.WARNING or (one.hazard in {*HazardType} and one.level)
            assert one.kind is not TriggerKind.FIGURE or (one.figure in FIGURES and one.at_least)
            assert one.kind is not TriggerKind.GRADE or one.grade


@every_pack
def test_every_task_has_both_limits_and_only_rules_are_named_as_source(pack: Pack) -> None:
    for task in pack.content.tasks:
        assert 0 < task.ack_min <= task.limit_min, task.key
        assert task.source == "" or task.source.startswith(("R04 ", "R05 ", "R06 ", "R08 ")), task.source
    assert "待县级确认" in pack.content.source


@every_pack
def test_a_warning_opens_the_level_of_its_colour_and_higher_levels_need_graver_ones(pack: Pack) -> None:
    levels = {one.level: one for one in pack.content.levels}
    assert list(levels) == sorted(levels, reverse=True)
    hazards: dict[str, list[int]] = {}
    for level in pack.content.levels:
        for one in level.triggers:
            if one.kind is TriggerKind.WARNING:
                hazards.setdefault(one.hazard, []).append(one.level)
    for colours in hazards.values():
        assert colours == sorted(colours, reverse=True)


def test_there_is_a_pack_for_each_kind_of_disaster_and_for_the_small_places() -> None:
    assert [pack.code for pack in starter_packs()] == list(CODES)
    assert {pack.kind for pack in starter_packs()} == {
        "overall",
        "special",
        "township",
        "village",
        "enterprise",
    }
    with pytest.raises(KeyError):
        starter_pack("../flood")


def test_a_flood_from_four_to_two_gives_a_hundred_and_eighty_tasks_to_fourteen_departments_and_the_townships() -> (
    None
):
    content = starter_pack("flood").content
    assert [opened(content, level) for level in (4, 3, 2, 1)] == [76, 135, 180, 201]
    owners = {task.owner.name for task in content.tasks if task.from_level >= 2 and task.owner.name}
    assert owners == set(DEPARTMENTS)


def test_departments_get_the_codes_of_the_county_and_strange_ones_keep_their_name() -> None:
    county = {
        f"云岭县{name}": f"999901000000-B{number:02}" for number, name in enumerate(DEPARTMENTS, start=1)
    }
    content = instantiate(starter_pack("flood"), county)
    assert named(content) == set()
    water = [task.owner for task in content.tasks if task.key == "sl1"]
    assert (water[0].code, water[0].name) == ("999901000000-B03", "水利局")
    assert named(instantiate(starter_pack("snow"), county)) == {"民政局", "农业农村局"}


@pytest.mark.parametrize(
    ("full", "is_found"),
    [
        ("云岭县住房和城乡建设局", True),
        ("住房城乡建设局", True),
        ("云岭县水利局", False),
        ("县住房城乡建设局", True),
    ],
)
def test_an_office_is_found_under_the_ways_its_name_is_written(full: str, is_found: bool) -> None:
    content = instantiate(starter_pack("production"), {full: "999901000000-B11"})
    assert any(one.code for one in addresses_of(content)) == (is_found or full == "云岭县水利局")
    codes = {one.code for one in addresses_of(content) if one.name == "住房城乡建设局"}
    assert codes == ({"999901000000-B11"} if is_found else {""})


def test_two_offices_of_like_name_are_not_guessed() -> None:
    content = instantiate(starter_pack("production"), {"云岭县水利局": "a", "石桥县水利局": "b"})
    assert "水利局" in named(content)


@pytest.mark.django_db
def test_departments_are_those_of_the_own_county(county: County) -> None:
    assert departments_for(county.divisions["Upper Willow"]) == {}


def test_more_groups_come_to_the_scene_the_higher_the_level() -> None:
    table = field_command_table()
    counts = [len(table.at_level(level)) for level in (4, 3, 2, 1)]
    assert counts == [4, 8, 11, 12]
    assert set(table.commander) == {"1", "2", "3", "4"}
    assert "待县级确认" in table.source
