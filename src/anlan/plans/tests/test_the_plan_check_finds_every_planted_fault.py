"""One thing is broken at a time; the check names exactly that and nothing else. A sound plan has no finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from anlan.plans.checking import Fault, Have, Held, Superior, World, add_months, check
from anlan.plans.content import Address, AddressKind, Contact, Content, Group, Need, NeedKind, Task
from anlan.plans.faultwords import FAULTS, SEVERITIES, fault_name, sentence, where_words
from anlan.plans.tests.planned import COUNTY, ROOM, TOWN, WATER, changed, clean, world

Plant = Callable[[Content], Content]


def test_a_sound_plan_has_no_finding() -> None:
    assert check(clean(), world()) == []


def holders(**other: Any) -> dict[str, Any]:
    seats = {(COUNTY if post != "department_duty" else WATER, post): held for post, held in other.items()}
    return {"holders": {**world().holders, **seats}}


def have(kind: str, code: str, registered: float, usable: float) -> dict[str, Any]:
    return {"have": {**world().have, (kind, code): Have(registered, usable)}}


def more(part: str, *rows: Any) -> Plant:
    return lambda content: msgspec.structs.replace(content, **{part: (*getattr(content, part), *rows)})


def set_(part: str, key: object, **fields: Any) -> Plant:
    return lambda content: changed(content, part, key, **fields)


def same(content: Content) -> Content:
    return content


def tasks_that_wait_for_each_other(content: Content) -> Content:
    return changed(content, "tasks", "watch", after=("move",))


NOBODY = Address(AddressKind.DEPARTMENT, code="999901000000-B99")
UNNAMED = Address(AddressKind.DEPARTMENT, name="住建部门")
BOSS = Address(AddressKind.COUNTY, post="commander")

PLANTED: list[tuple[str, str, Plant, dict[str, Any]]] = [
    ("post_empty", "stop", same, holders(commander=())),
    ("post_unreachable", "stop", same, holders(duty_leader=(Held("p2", "郑国安", works=False),))),
    ("dead_number", "warn", same, holders(department_duty=(Held("p4", "水一", works=False), Held("p5", "水二")))),
    ("places_empty", "stop", same, {"townships": (TOWN, "999901102000")}),
    ("stock_short", "warn", same, have("stock", "tent", 40, 40)),
    ("stock_short", "stop", same, have("stock", "tent", 0, 0)),
    ("team_short", "warn", same, have("team", "flood", 3, 1)),
    ("equipment_short", "warn", same, have("equipment", "boat", 4, 2)),
    ("vehicle_short", "stop", more("needs", Need("truck", NeedKind.VEHICLE, "运输车", code="truck")), {}),
    ("expert_short", "stop", more("needs", Need("water", NeedKind.EXPERT, "水利专家", code="water")), {}),
    ("need_unnamed", "note", more("needs", Need("what", NeedKind.STOCK, "")), {}),
    ("leaders_overlap", "warn", set_("groups", "relief", lead="chief"), {}),
    ("posts_overlap", "warn", same, holders(duty_leader=(Held("p1", "王建国"),))),
    ("task_no_limit", "warn", set_("tasks", "army", limit_min=0), {}),
    ("task_ring", "stop", tasks_that_wait_for_each_other, {}),
    ("task_ring", "stop", set_("tasks", "army", after=("army",)), {}),
    ("unknown_after", "stop", set_("tasks", "move", after=("gone",)), {}),
    ("after_opens_later", "stop", set_("tasks", "move", after=("army",)), {}),
    ("level_no_authority", "stop", set_("levels", 2, authority=()), {}),
    ("level_no_trigger", "warn", set_("levels", 4, triggers=()), {}),
    ("no_levels", "stop", lambda content: msgspec.structs.replace(content, levels=()), {}),
    ("bad_level", "stop", set_("tasks", "army", from_level=7), {}),
    ("group_no_lead", "stop", more("groups", Group("idle", "空组")), {}),
    ("group_no_members", "warn", set_("groups", "relief", members=()), {}),
    ("unknown_post", "stop", set_("groups", "relief", lead="gone"), {}),
    ("unknown_post", "stop", set_("tasks", "move", post="gone"), {}),
    ("unknown_group", "stop", set_("tasks", "watch", group="gone"), {}),
    ("unknown_need", "stop", set_("tasks", "watch", needs=("gone",)), {}),
    ("no_contacts", "warn", lambda content: msgspec.structs.replace(content, contacts=()), {}),
    ("contact_ring", "stop", set_("contacts", "room", above="water"), {}),
    ("unknown_above", "stop", set_("contacts", "water", above="gone"), {}),
    ("repeated", "stop", more("contacts", Contact("town", "柳河镇", ROOM, above="room")), {}),
    ("repeated", "stop", more("tasks", Task("army", "请求驻军支援", ROOM, from_level=2, limit_min=30)), {}),
    ("unknown_place", "stop", set_("tasks", "watch", owner=NOBODY), {}),
    ("place_unnamed", "stop", set_("contacts", "water", address=UNNAMED), {}),
    ("template", "warn", same, {"is_template": True}),
    ("review_overdue", "warn", same, {"review_due_on": date(2026, 6, 30)}),
    ("filing_overdue", "warn", same, {"filing_due_on": date(2026, 6, 1)}),
    ("drill_overdue", "warn", same, {"last_drill_on": date(2023, 6, 30)}),
    ("drill_overdue", "warn", same, {"printed_on": date(2023, 6, 1)}),
    ("superior_withdrawn", "warn", same, {"superiors": (Superior("s", "2025-0001", "市预案", is_withdrawn=True),)}),
    ("superior_changed", "warn", same, {"superiors": (Superior("s", "2025-0001", "市预案", changed_on=date(2026, 5, 1)),)}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "severity", "plant", "other"), PLANTED)
def test_a_planted_fault_is_found_once_and_nothing_else(
    code: str, severity: str, plant: Plant, other: dict[str, Any]
) -> None:
    found = check(plant(clean()), world(**other))
    assert [(one.code, one.severity) for one in found] == [(code, severity)]


def test_ten_faults_at_once_are_ten_findings() -> None:
    """Post without a person, dead number, stock short, overlapping leaders, no limit, ring, overdue review, no authority,
    unknown department, no precondition."""
    content = clean()
    content = changed(content, "groups", "relief", lead="chief")
    content = changed(content, "tasks", "army", limit_min=0, after=("gone",))
    content = changed(content, "tasks", "watch", after=("move",))
    content = changed(content, "levels", 2, authority=())
    content = more("contacts", Contact("fire", "消防", NOBODY, above="room"))(content)
    held = {**holders(duty_leader=(), county_duty=(Held("p3", "陈静", works=False),))}
    broken = world(**held, **have("stock", "tent", 1, 1), review_due_on=date(2026, 1, 1))
    found = [one.code for one in check(content, broken)]
    assert sorted(found) == sorted(
        ["post_empty", "post_unreachable", "stock_short", "leaders_overlap", "task_no_limit", "task_ring",
         "review_overdue", "level_no_authority", "unknown_place", "unknown_after"]
    )  # fmt: skip
    severities = [one.severity for one in check(content, broken)]
    assert severities == sorted(severities, key=list(SEVERITIES).index)


def test_the_ring_names_its_tasks_in_order() -> None:
    [fault] = check(tasks_that_wait_for_each_other(clean()), world())
    assert (
        sentence(fault.code, fault.params)[0]
        == "前置任务互相等待，谁也无法开始：转移群众 → 加密监测 → 转移群众。"
    )
    assert sentence(fault.code, fault.params)[1].endswith(": 转移群众 → 加密监测 → 转移群众.")


def test_a_fault_keeps_its_key_while_it_stays() -> None:
    once = check(clean(), world(**have("stock", "tent", 40, 40)))
    later = check(clean(), world(**have("stock", "tent", 30, 30)))
    assert once[0].key == later[0].key
    assert once[0].params != later[0].params


def test_a_post_used_by_many_tasks_is_named_once() -> None:
    found = check(clean(), world(**holders(department_duty=())))
    assert [(one.code, one.where) for one in found] == [("post_empty", "groups:rescue")]


def test_nobody_can_say_when_it_was_practised_so_nothing_is_claimed() -> None:
    assert check(clean(), world(knows_drills=False, printed_on=date(2010, 1, 1))) == []


def test_a_very_long_key_is_shortened_but_stays_its_own() -> None:
    rows = tuple(
        Task(f"{'x' * 60}{n}", "t", ROOM, limit_min=1, after=(f"{'x' * 60}{1 - n}",)) for n in (0, 1)
    )
    [fault] = check(msgspec.structs.replace(clean(), tasks=rows), world())
    assert fault.code == "task_ring"
    assert len(fault.key) <= 160


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 7, 1), 36, date(2029, 7, 1)),
        (date(2026, 12, 31), 6, date(2027, 6, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_years_and_half_years_are_counted_on_the_calendar(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_every_fault_has_words_in_both_languages_without_gaps() -> None:
    seen: dict[str, Fault] = {}
    for _code, _severity, plant, other in PLANTED:
        for fault in check(plant(clean()), world(**other)):
            seen[fault.code] = fault
    for code, fault in seen.items():
        zh, en = sentence(code, fault.params)
        assert "{" not in zh + en
        assert "“”" not in zh + en, code
        assert fault_name(code) != (code, code)
        assert all(where_words(fault.where)) or not fault.where
    never = FAULTS.keys() - seen.keys()
    assert never == {"trigger_no_value", "places_unreachable"}
    assert sentence("unknown_code", {}) == ("unknown_code", "unknown_code")
    assert "{" not in sentence("team_short", {})[0]


def test_an_empty_world_reports_and_never_breaks() -> None:
    assert {one.code for one in check(clean(), World(today=date(2026, 7, 1)))} >= {
        "unknown_place",
        "team_short",
    }
    assert {one.code for one in check(Content(), World(today=date(2026, 7, 1)))} == {
        "no_levels",
        "no_contacts",
    }


def test_on_the_last_day_nothing_is_overdue_yet() -> None:
    today = date(2026, 7, 1)
    dates = {"review_due_on": today, "filing_due_on": today, "last_drill_on": date(2023, 7, 1)}
    assert check(clean(), world(**dates)) == []
