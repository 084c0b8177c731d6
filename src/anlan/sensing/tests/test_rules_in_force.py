"""Rules are proposed by one person, approved by another, count from their date on, and the past keeps what it had."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.db import transaction

from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor
from anlan.kernel.clock import ManualClock
from anlan.ruleset import load_pack
from anlan.sensing import catalogue, queries, services
from anlan.sensing.models import RuleDefinition, Station
from anlan.sensing.refusals import BadRuleTable, NoReason, OwnRule, RetirementNotAsked, RuleForNobody
from anlan.sensing.tests.world import T0, World

PROPOSER, APPROVER = Actor("user:1"), Actor("user:2")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(data: Path) -> Any:
    manual = ManualClock(T0)
    former = clocks.set_wall_clock(manual)
    yield manual
    clocks.set_wall_clock(former)


def nothing_waits_for_a_commit() -> None:
    """The test's own transaction never ends; what earlier steps left waiting would hide what follows."""
    transaction.get_connection().run_on_commit.clear()


def rain_table(one_hour: list[float]) -> dict[str, Any]:
    """The shipped table with other one-hour numbers, blue to red."""
    table: dict[str, Any] = msgspec.to_builtins(load_pack("R12").rain)
    for key, value in zip("4321", one_hour, strict=True):
        table["rise"][key][0] = value
    return table


def proposed(world: World, **more: Any) -> RuleDefinition:
    details: dict[str, Any] = {
        "table": rain_table([20, 30, 40, 50]),
        "scope": {"stations": [world.rain.code]},
    }
    return services.propose_rule(
        "R12", division=world.county, reason="上柳沟汇流快", by=PROPOSER, at=T0, **details | more
    )


def first_column(station: Station, at: Any = None) -> list[float | None]:
    book = queries.rules_at(at) if at else queries.rules_now()
    (binding,) = book.bindings(station, [])
    return [binding.rise[key][0] for key in "4321"]


def test_a_proposal_changes_nothing_until_another_person_approves_it(world: World) -> None:
    rule = proposed(world)
    assert first_column(world.rain) == [35, 45, 60, 80]
    services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
    assert first_column(world.rain) == [20, 30, 40, 50]
    assert (rule.state, rule.rule_version, rule.approved_by) == ("in_force", "1.1", "user:2")
    assert verify().problems == []


def test_nobody_approves_returns_or_retires_his_own_proposal(world: World) -> None:
    rule = proposed(world)
    with pytest.raises(OwnRule):
        services.approve_rule(rule, effective_from=T0, by=PROPOSER, at=T0)
    with pytest.raises(OwnRule):
        services.return_rule(rule, reason="x", by=PROPOSER, at=T0)
    assert RuleDefinition.objects.get().state == "proposed"
    services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
    with pytest.raises(RetirementNotAsked):
        services.retire_rule(rule, by=APPROVER, at=T0)
    services.ask_retirement(rule, reason="站已改建", by=APPROVER, at=T0)
    with pytest.raises(OwnRule):
        services.retire_rule(rule, by=APPROVER, at=T0)
    services.retire_rule(rule, by=PROPOSER, at=T0 + HOUR)
    assert first_column(world.rain, T0 + HOUR) == [35, 45, 60, 80]


def test_a_rule_of_one_station_leaves_the_others_alone(world: World) -> None:
    other = services.register_station(
        code="00999A0002", name="下柳雨量站", kind=world.rain.kind, division=world.lower_willow,
        lon=99.02, lat=25.0, by=PROPOSER, at=T0,
    )  # fmt: skip
    services.approve_rule(proposed(world), effective_from=T0, by=APPROVER, at=T0)
    assert first_column(world.rain)[0] == 20
    assert first_column(other)[0] == 35


def test_the_narrower_rule_wins_and_ends_without_leaving_a_hole(world: World) -> None:
    wide = proposed(world, scope={}, table=rain_table([30, 40, 55, 75]))
    narrow = proposed(world)
    for rule in (narrow, wide):
        services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
    assert first_column(world.rain)[0] == 20
    services.ask_retirement(narrow, reason="撤回", by=PROPOSER, at=T0)
    services.retire_rule(narrow, by=APPROVER, at=T0)
    assert first_column(world.rain)[0] == 30


def test_a_rule_waits_for_its_date_and_the_worker_then_rewrites_the_catalogue(
    world: World, now: ManualClock, django_capture_on_commit_callbacks: Any
) -> None:
    rule = proposed(world)
    services.approve_rule(rule, effective_from=T0 + HOUR, by=APPROVER, at=T0)
    assert (rule.state, first_column(world.rain)[0]) == ("approved", 35)
    catalogue.write_catalogue()
    nothing_waits_for_a_commit()
    now.advance(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        run_deadlines(owner="test")
    assert RuleDefinition.objects.get().state == "in_force"
    written = (settings.ANLAN_DATA / "catalogue.json").read_text()
    assert '"rule_version":"1.1"' in written
    assert verify().problems == []


def test_a_replay_of_a_past_moment_shows_the_version_then_in_force(world: World) -> None:
    first = proposed(world)
    services.approve_rule(first, effective_from=T0 + HOUR, by=APPROVER, at=T0)
    second = proposed(world, replaces=first, table=rain_table([10, 15, 20, 25]))
    services.approve_rule(second, effective_from=T0 + 3 * HOUR, by=APPROVER, at=T0 + 2 * HOUR)
    moments = [T0, T0 + HOUR, T0 + 3 * HOUR - timedelta(seconds=1), T0 + 3 * HOUR]
    assert [first_column(world.rain, at)[0] for at in moments] == [35, 20, 20, 10]
    assert queries.rules_at(T0 + HOUR).bindings(world.rain, [])[0].rule_version == "1.1"


def test_an_approved_replacement_that_never_comes_leaves_the_old_one_in_force(world: World) -> None:
    first = proposed(world)
    services.approve_rule(first, effective_from=T0, by=APPROVER, at=T0)
    second = proposed(world, replaces=first, table=rain_table([10, 15, 20, 25]))
    services.approve_rule(second, effective_from=T0 + HOUR, by=APPROVER, at=T0)
    services.ask_retirement(second, reason="撤回", by=PROPOSER, at=T0)
    services.retire_rule(second, by=APPROVER, at=T0)
    assert first_column(world.rain, T0 + 2 * HOUR)[0] == 20


@pytest.mark.parametrize(
    ("base", "table"),
    [
        ("R12", {"quantity": "rain_5min", "unit": "mm", "windows_min": [7], "rise": {}}),
        ("R12", {"expression": "a > b"}),
        ("R15", {"quantity": "tank_level", "unit": "m", "above": {"3": 9, "1": 8}}),
        ("R15", {"quantity": "tank_level", "unit": "m", "above": {"3": 2}, "below": {"3": 3}}),
        ("R13C", {"quantity": "stage", "unit": "m", "stages": [{"first": "02-30", "last": "03-01", "limit_m": 1}]}),
        ("RC", {"mode": "all", "members": []}),
        ("RS", {"silent_after_s": 5}),
        ("RS", {"ranges": {"stage": [9, 1]}}),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_run_are_refused_when_they_are_proposed(
    world: World, base: str, table: dict[str, Any]
) -> None:
    with pytest.raises(BadRuleTable):
        services.propose_rule(base, division=world.county, reason="x", table=table, by=PROPOSER, at=T0)
    assert not RuleDefinition.objects.exists()


def test_a_proposal_names_its_reason_and_stations_of_its_own_area(world: World) -> None:
    with pytest.raises(NoReason):
        services.propose_rule("R12", division=world.county, reason=" ", by=PROPOSER, at=T0)
    with pytest.raises(RuleForNobody):
        services.propose_rule(
            "R12",
            division=world.neighbour,
            reason="x",
            scope={"stations": [world.rain.code]},
            by=PROPOSER,
            at=T0,
        )


def test_the_silence_limit_and_ranges_of_a_station_go_through_the_same_two_persons(world: World) -> None:
    rule = services.propose_rule(
        "RS", division=world.county, reason="卫星信道每小时一报", by=PROPOSER, at=T0,
        scope={"stations": [world.rain.code]},
        table={"silent_after_s": 7200, "ranges": {"rain_5min": [0, 40]}, "mandatory": ["owner"]},
    )  # fmt: skip
    services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
    entries = {one["code"]: one for one in catalogue.build()["stations"]}
    assert entries[world.rain.code]["silent_after_s"] == 7200
    assert list(entries[world.rain.code]["ranges"]["rain_5min"]) == [0, 40]
    assert entries[world.river.code]["silent_after_s"] == 1800
    assert queries.mandatory_fields(world.rain) == ["owner"]
    assert queries.mandatory_fields(world.river) == []


def test_a_changed_parameter_is_the_countys_and_says_what_was_shipped(world: World) -> None:
    rule = proposed(world, parameters={"hold_s": 3600})
    services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
    pack = queries.rule_pack("R12", "1.1")
    assert pack is not None
    assert (pack.number("hold_s"), pack.parameters["hold_s"].source) == (3600, "本县确定")
    assert "1800" in pack.parameters["hold_s"].reason
    assert not pack.verified
    with pytest.raises(BadRuleTable):
        proposed(world, parameters={"made_up": 1})


def test_the_flood_limit_of_a_reservoir_moves_with_the_season_and_the_catalogue_follows(
    world: World, now: ManualClock, django_capture_on_commit_callbacks: Any
) -> None:
    table = {
        "quantity": "stage", "unit": "m", "design_m": 155.0, "check_m": 157.0,
        "stages": [
            {"first": "06-01", "last": "07-01", "limit_m": 150.0},
            {"first": "07-02", "last": "09-30", "limit_m": 148.0},
        ],
    }  # fmt: skip
    rule = services.propose_rule(
        "R13C", division=world.county, reason="批复的调度方案", table=table, by=PROPOSER, at=T0,
        scope={"stations": [world.river.code]},
    )  # fmt: skip
    assert rule.rule_id == "R13C.1"
    nothing_waits_for_a_commit()
    with django_capture_on_commit_callbacks(execute=True):
        services.approve_rule(rule, effective_from=T0, by=APPROVER, at=T0)
        run_deadlines(owner="test")
    path = settings.ANLAN_DATA / "catalogue.json"
    assert '"4":[150.001]' in path.read_text()
    nothing_waits_for_a_commit()
    now.advance(hours=16)  # 2 July 00:00 in Shanghai
    with django_capture_on_commit_callbacks(execute=True):
        run_deadlines(owner="test")
    assert '"4":[148.001]' in path.read_text()
