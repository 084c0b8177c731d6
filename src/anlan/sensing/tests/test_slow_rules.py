"""Rules that the worker evaluates: one crossing of every change, with every member's numbers, once, also after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from anlan.journal import clocks
from anlan.journal.deadlines import run_deadlines
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor
from anlan.kernel.clock import ManualClock
from anlan.ruleset.forecasts import ForecastValue, NoForecasts
from anlan.sensing import queries, services
from anlan.sensing.hot.types import Latest, Point
from anlan.sensing.models import BindingState, Crossing, RuleDefinition, RuleWork, Station, StationState
from anlan.sensing.rules import looks, series, work
from anlan.sensing.rules.forecast_source import use_forecast_reader
from anlan.sensing.tests.world import BY, T0, FakeHot, World
from anlan.vocab.quality import QualityFlag

PROPOSER, APPROVER = Actor("user:1"), Actor("user:2")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def now(data: Path) -> Any:
    manual = ManualClock(T0)
    former = clocks.set_wall_clock(manual)
    yield manual
    clocks.set_wall_clock(former)


class FakeReader:
    """A hot store of given readings: (station, quantity) to (moment, value) pairs."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], list[tuple[datetime, float]]] = {}
        self.heard_at: dict[str, datetime] = {}

    def series(
        self, station: str, quantity: str, start: datetime, end: datetime, exercise: str | None = None
    ) -> Sequence[Point]:
        found = self.stored.get((station, quantity), [])
        return [Point(t, Decimal(str(v)), QualityFlag.GOOD) for t, v in found if start <= t < end]

    def latest(self, stations: Sequence[str], *, exercise: str = "") -> dict[tuple[str, str], Latest]:
        return {
            key: Latest(Decimal(str(rows[-1][1])), rows[-1][0], rows[-1][0], QualityFlag.GOOD)
            for key, rows in self.stored.items()
            if key[0] in stations
        }

    def heard(self) -> dict[str, datetime]:
        return self.heard_at


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    fake = FakeReader()
    monkeypatch.setattr("anlan.sensing.queries.overview.hot_reader", lambda: fake)
    monkeypatch.setattr(series, "series_reader", lambda: fake)
    return fake


def approve(world: World, base: str, *, at: datetime = T0, **details: Any) -> RuleDefinition:
    rule = services.propose_rule(base, division=world.county, reason="x", by=PROPOSER, at=at, **details)
    return services.approve_rule(rule, effective_from=at, by=APPROVER, at=at)


def station(world: World, code: str, kind: str, **more: Any) -> Station:
    return Station(
        code=code, name=f"{code}站", kind=kind, division=world.upper_willow, lon=99.01, lat=25.0, **more
    ).record(by=BY, at=T0, kind="registered")  # fmt: skip


def two_of_two(world: World, **more: Any) -> RuleDefinition:
    members = [{"station": world.rain.code, "at_least": "3"}, {"station": world.river.code, "at_least": "3"}]
    table = {"mode": "all", "members": members}
    return approve(world, "RC", table=table, name_zh="雨大水也高", **more)


def cross(hot: FakeHot, code: str, level: int | None, at: datetime, **more: Any) -> None:
    binding = more.pop("binding", f"R12:{code}")
    direction = "up" if level else "down"
    hot.crossing(
        code, level=level, direction=direction, binding=binding, phenomenon_time=at.isoformat(), **more
    )
    services.take_signals(hot, at=at)


def of_rule(rule: RuleDefinition) -> list[Crossing]:
    return list(Crossing.objects.filter(rule_id=rule.rule_id).order_by("recorded_at", "id"))


def test_members_that_cross_wake_the_combined_rule_and_its_sentence_names_them_all(
    world: World, hot: FakeHot
) -> None:
    rule = two_of_two(world)
    run_deadlines(owner="test")
    cross(hot, world.rain.code, 2, T0)
    run_deadlines(owner="test")
    assert of_rule(rule) == []
    cross(hot, world.river.code, 3, T0, binding=f"R13:{world.river.code}", rule_id="R13")
    run_deadlines(owner="test")
    (crossing,) = of_rule(rule)
    assert (crossing.level, crossing.direction, crossing.purpose) == (3, "up", "warn")
    assert crossing.rule_version == rule.rule_version
    for name in (world.rain.name, world.river.name):
        assert name in crossing.explanation_zh
    assert "61.5" in crossing.explanation_zh
    assert verify().problems == []
    assert queries.villages_of_binding(crossing.binding) == []


def test_looking_again_makes_no_second_crossing_and_the_fall_waits_for_its_hold(
    world: World, hot: FakeHot, now: ManualClock
) -> None:
    rule = two_of_two(world)
    run_deadlines(owner="test")
    cross(hot, world.rain.code, 2, T0)
    cross(hot, world.river.code, 1, T0, binding=f"R13:{world.river.code}", rule_id="R13")
    run_deadlines(owner="test")
    RuleWork.objects.update(due_at=T0)
    run_deadlines(owner="test")
    assert [one.level for one in of_rule(rule)] == [2]
    now.advance(minutes=1)
    cross(hot, world.rain.code, None, T0 + MINUTE, previous_level=2)
    run_deadlines(owner="test")
    assert len(of_rule(rule)) == 1
    now.advance(minutes=29)
    RuleWork.objects.update(due_at=T0)
    run_deadlines(owner="test")
    assert len(of_rule(rule)) == 1
    now.advance(minutes=2)
    RuleWork.objects.update(due_at=T0)
    run_deadlines(owner="test")
    assert [(one.level, one.direction) for one in of_rule(rule)] == [(2, "up"), (None, "down")]
    assert BindingState.objects.get(binding=of_rule(rule)[0].binding).level is None


def test_a_worker_killed_in_the_middle_of_a_look_leaves_nothing_and_the_next_one_does_it_once(
    world: World, hot: FakeHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = two_of_two(world)
    run_deadlines(owner="test")
    cross(hot, world.rain.code, 2, T0)
    cross(hot, world.river.code, 2, T0, binding=f"R13:{world.river.code}", rule_id="R13")
    with monkeypatch.context() as patch:
        patch.setattr(work, "_mark_gaps", lambda *_args: (_ for _ in ()).throw(RuntimeError("killed")))
        run_deadlines(owner="dies")
    assert of_rule(rule) == []
    assert not BindingState.objects.filter(binding__startswith=rule.rule_id).exists()
    RuleWork.objects.update(lease_until=T0 - HOUR)
    run_deadlines(owner="lives")
    run_deadlines(owner="lives")
    assert len(of_rule(rule)) == 1


def test_a_silent_member_keeps_the_rule_from_being_called_safe(world: World) -> None:
    rule = two_of_two(world)
    world.rain.change(by=BY, at=T0, kind="silent", state=StationState.SILENT, state_since=T0)
    run_deadlines(owner="test")
    run_deadlines(owner="test")
    state = BindingState.objects.get(binding__startswith=rule.rule_id)
    assert state.is_uncertain
    assert Entry.objects.filter(kind="binding.uncertain").count() == 1


def test_a_rule_that_ends_lets_go_of_what_it_had_reached(world: World, hot: FakeHot) -> None:
    rule = two_of_two(world)
    run_deadlines(owner="test")
    cross(hot, world.rain.code, 2, T0)
    cross(hot, world.river.code, 2, T0, binding=f"R13:{world.river.code}", rule_id="R13")
    run_deadlines(owner="test")
    rule.refresh_from_db()
    services.ask_retirement(rule, reason="x", by=PROPOSER, at=T0)
    services.retire_rule(rule, by=APPROVER, at=T0)
    assert [one.level for one in of_rule(rule)] == [2, None]
    assert not RuleWork.objects.filter(evaluator="combined").exists()


def test_a_pond_takes_its_points_from_their_own_thresholds_and_counts_the_offline_ones(
    world: World, store: FakeReader
) -> None:
    pond = station(world, "POND01", "tailings_pond")
    table = {
        "quantity": "phreatic_depth",
        "unit": "m",
        "below": {"2": 6.6, "1": 6.0},
        "points": ["A", "B", "C"],
    }
    rule = approve(world, "R14L", table=table, scope={"stations": ["POND01"]})
    for point in ("A", "B"):
        store.stored["POND01", f"phreatic_depth@{point}"] = [(T0, 6.2)]
        BindingState.objects.create(
            binding=f"{rule.rule_id}:POND01:phreatic_depth@{point}:low", station=pond, level=2, level_since=T0
        )
    run_deadlines(owner="test")
    run_deadlines(owner="test")
    crossing = Crossing.objects.get(rule_id="R14")
    assert (crossing.level, crossing.purpose) == (1, "enterprise")
    assert "离线1个" in crossing.explanation_zh
    assert RuleWork.objects.get(key="R14:POND01").is_incomplete


def weather(store: FakeReader, code: str, until: datetime) -> None:
    for back in range(24 * 12):
        moment = until - back * HOUR
        for quantity, value in (("rain_1h", 0.0), ("air_temperature", 31.0), ("relative_humidity", 20.0), ("wind_speed", 9.0)):  # fmt: skip
            store.stored.setdefault((code, quantity), []).insert(0, (moment, value))


def test_fire_weather_says_incomplete_until_the_county_names_the_ground_cover(
    world: World, store: FakeReader
) -> None:
    station(world, "FIRE01", "fire_danger")
    weather(store, "FIRE01", T0 - MINUTE)
    work.plan_work(T0)
    run_deadlines(owner="test")
    found = RuleWork.objects.get(key="R10:FIRE01")
    assert (found.is_incomplete, found.level) == (True, None)
    assert "缺地被物绿化覆盖" in found.said_zh
    approve_cover(world)
    run_deadlines(owner="test")
    crossing = Crossing.objects.get(rule_id="R10")
    assert (crossing.level, crossing.value) == (1, Decimal(115))  # 20 + 20 + 50 + 25 − 0
    assert "115" in crossing.explanation_zh
    assert "由未达阈值变为红色" in crossing.explanation_zh


def approve_cover(world: World) -> None:
    import msgspec

    from anlan.ruleset import load_pack

    table = msgspec.to_builtins(load_pack("R10").table) | {"cover_now": "none"}
    approve(world, "R10", table=table)


def test_wet_soil_moves_the_gateways_thresholds_and_the_change_is_journaled(
    world: World, store: FakeReader
) -> None:
    import msgspec

    from anlan.ruleset import load_pack

    table: dict[str, Any] = msgspec.to_builtins(load_pack("R12").table)
    table["soil"] = {"dry": table["rise"], "wet": {"1": [50, 80, 100, 140]}}
    approve(world, "R12", table=table, scope={"stations": [world.rain.code]})
    rows = store.stored.setdefault((world.rain.code, "rain_5min"), [])
    for slot in range(16 * 288):
        rows.insert(0, (T0 - slot * 5 * MINUTE, 0.1))
    run_deadlines(owner="test")
    run_deadlines(owner="test")
    assert RuleWork.objects.get(evaluator="soil").memory["soil"] == "wet"
    (binding,) = queries.rules_now().bindings(world.rain, [])
    assert binding.rise == {"1": [50, 80, 100, 140]}
    assert Entry.objects.filter(kind="soil_state.changed").count() == 1


def test_a_sealed_mine_that_falls_silent_alarms_and_maintenance_holds_the_alarm_back(
    world: World, store: FakeReader, now: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    station(world, "SEAL01", "mine_e_seal", attributes={"mine_state": "停产整顿"})
    store.heard_at["SEAL01"] = T0
    work.plan_work(T0)
    monkeypatch.setattr(looks, "in_maintenance", lambda _station, _at: True)
    now.advance(minutes=11)
    run_deadlines(owner="test")
    assert not Crossing.objects.exists()
    assert "检修期" in RuleWork.objects.get(evaluator="seal").said_zh
    RuleWork.objects.update(due_at=T0)
    run_deadlines(owner="test")
    assert Entry.objects.filter(kind="seal.suppressed").count() == 1
    monkeypatch.setattr(looks, "in_maintenance", lambda _station, _at: False)
    now.advance(minutes=1)
    run_deadlines(owner="test")
    crossing = Crossing.objects.get(rule_id="R32")
    assert (crossing.level, crossing.purpose, crossing.value) == (1, "enterprise", Decimal(12))


def test_a_seal_that_was_never_connected_is_no_tampering(
    world: World, store: FakeReader, now: ManualClock
) -> None:
    station(world, "SEAL02", "mine_e_seal", attributes={"mine_state": "停产整顿"})
    work.plan_work(T0)
    now.advance(minutes=30)
    run_deadlines(owner="test")
    assert not Crossing.objects.exists()
    assert "从未接入" in RuleWork.objects.get(evaluator="seal").said_zh


class Tomorrow(NoForecasts):
    def for_station(
        self, station: str, quantity: str, start: datetime, end: datetime, *, at: datetime
    ) -> Sequence[ForecastValue]:
        return [ForecastValue(at - HOUR, start, end, Decimal(60))]


def test_a_forecast_counts_with_what_fell_and_the_sentence_tells_them_apart(
    world: World, store: FakeReader
) -> None:
    rows = store.stored.setdefault((world.rain.code, "rain_5min"), [])
    rows += [(T0 - slot * 5 * MINUTE, 1.0) for slot in reversed(range(36))]
    rule = approve(world, "R12F", scope={"stations": [world.rain.code]})
    former = use_forecast_reader(Tomorrow())
    try:
        run_deadlines(owner="test")
        run_deadlines(owner="test")
    finally:
        use_forecast_reader(former)
    (crossing,) = of_rule(rule)
    assert (crossing.level, crossing.value) == (3, Decimal(96))
    assert "实测3小时雨量36毫米，加预报3小时雨量60毫米" in crossing.explanation_zh


def test_the_plan_is_the_same_however_often_it_is_made(world: World) -> None:
    two_of_two(world)
    with transaction.atomic():
        work.plan_work(T0)
    before = set(RuleWork.objects.values_list("key", flat=True))
    work.plan_work(T0)
    assert set(RuleWork.objects.values_list("key", flat=True)) == before
    assert RuleWork.objects.count() == len(before)
