"""What the worker's evaluators say, by the tests that the domain rules state (R10, R12, R13, R14) and around their edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from anlan.ruleset import (
    StageMarks,
    combined,
    fireweather,
    forecasts,
    inversevelocity,
    load_pack,
    load_packs,
    pond,
)
from anlan.ruleset.antecedent import SoilWanted, antecedent_index, soil_state
from anlan.ruleset.calendars import excess_m, next_change, stage_on
from anlan.ruleset.combined import MemberState
from anlan.ruleset.compiling import Moment, StationFacts, compile_rule, id_sums
from anlan.ruleset.fireweather import FireWeather, assess, grade_of
from anlan.ruleset.forecasts import ForecastValue
from anlan.ruleset.holding import Standing, step
from anlan.ruleset.inversevelocity import Wanted
from anlan.ruleset.pond import PondPoint
from anlan.ruleset.tables import (
    CalendarStage,
    CalendarTable,
    CombinedTable,
    Curve,
    FireTable,
    ForecastTable,
    IdCurveTable,
    InverseTable,
    LimitsTable,
    PondTable,
    RainTable,
    SoilColumns,
)
from anlan.vocab.levels import Level

RED, ORANGE, YELLOW, BLUE = Level
FIRE = load_pack("R10").table_as(FireTable)
POND = load_pack("R14").table_as(PondTable)


def test_every_pack_says_where_its_numbers_come_from_and_what_nobody_confirmed() -> None:
    for pack in load_packs().values():
        assert pack.source
        assert pack.verified or pack.verified_note
        assert all(one.source and (one.verified or one.reason) for one in pack.parameters.values())
        assert not (pack.is_template and pack.verified)


@pytest.mark.parametrize(
    ("htz", "grade"), [(25, 1), (26, 2), (50, 2), (51, 3), (72, 3), (73, 4), (90, 4), (91, 5)]
)
def test_the_grade_of_fire_weather_follows_the_printed_edges(htz: int, grade: int) -> None:
    assert grade_of(htz, FIRE.grades_up_to) == grade


def test_the_hottest_driest_windiest_day_on_bare_ground_is_grade_five() -> None:
    result = assess(FireWeather(25.1, 24, 10, 8, "none"), FIRE)
    assert (result.htz, result.grade) == (130, 5)
    assert fireweather.judge(FireWeather(25.1, 24, 10, 8, "none"), FIRE).level is RED


@pytest.mark.parametrize(("value", "points"), [(5.0, 0), (5.1, 4), (10.0, 4), (25.0, 16), (25.1, 20)])
def test_points_of_temperature_follow_the_table(value: float, points: int) -> None:
    assert assess(FireWeather(value, 65, 0, 0, "none"), FIRE).points["temperature"] == points


@pytest.mark.parametrize("gap", range(5))
def test_a_missing_factor_makes_the_data_incomplete_and_never_a_low_grade(gap: int) -> None:
    whole: list[object] = [30.0, 20.0, 10, 8, "none"]
    whole[gap] = None
    verdict = fireweather.judge(FireWeather(*whole), FIRE)  # type: ignore[arg-type]  # one None on purpose
    assert verdict.level is None
    assert verdict.is_incomplete
    assert "资料不全" in verdict.zh


@pytest.mark.parametrize(
    ("levels", "item"),
    [
        ([BLUE] * 3, BLUE),
        ([BLUE] * 4, YELLOW),
        ([YELLOW] * 2, YELLOW),
        ([YELLOW] * 3, ORANGE),
        ([ORANGE], ORANGE),
        ([ORANGE] * 2, RED),
        ([RED, None, None], RED),
        ([None, None], None),
        ([BLUE] * 4 + [YELLOW] * 2, YELLOW),
    ],
)
def test_points_make_the_level_of_their_item(levels: list[Level | None], item: Level | None) -> None:
    assert pond.of_points(levels, POND) is item


@pytest.mark.parametrize(
    ("levels", "whole"),
    [([BLUE] * 3, BLUE), ([BLUE] * 4, YELLOW), ([BLUE] * 4 + [YELLOW] * 2, ORANGE), ([ORANGE] * 2, RED)],
)
def test_four_blue_items_count_as_one_yellow_item_of_the_pond(
    levels: list[Level | None], whole: Level
) -> None:
    assert pond.of_items(levels, POND) is whole


def test_an_offline_point_is_left_out_and_counted() -> None:
    points = [
        PondPoint("S", "phreatic", "P1", ORANGE),
        PondPoint("S", "phreatic", "P2", ORANGE, is_offline=True),
        PondPoint("S", "beach", "B1", None, is_offline=True),
    ]
    verdict = pond.judge(points, POND)
    assert (verdict.level, verdict.is_incomplete) == (ORANGE, True)
    assert "离线2个" in verdict.zh
    assert "干滩离线" in verdict.zh


def test_helper_thresholds_of_a_pond_follow_the_standard() -> None:
    factor = Decimal(str(load_pack("R14").number("phreatic_orange_factor")))
    assert pond.phreatic_orange(Decimal(6), factor) == Decimal("6.6")
    assert pond.bank_slope_orange(Decimal(100), Decimal("0.8")) == Decimal(80)


@pytest.mark.parametrize(
    ("capacity", "height", "grade"), [(50, 20, 5), (100, 20, 4), (1000, 29, 4), (50, 65, 4), (50_000, 200, 1)]
)
def test_the_grade_of_a_pond_is_the_higher_or_one_below_it(
    capacity: float, height: float, grade: int
) -> None:
    assert pond.grade_of_pond(capacity, height) == grade


def member(name: str, level: Level | None, at_least: Level = BLUE, *, gap: bool = False) -> MemberState:
    return MemberState(name, name, level, at_least, gap, f"{name}说", f"{name} says")


@pytest.mark.parametrize(
    ("mode", "needed", "level"), [("all", 0, None), ("any", 0, RED), ("n_of", 2, YELLOW), ("n_of", 3, None)]
)
def test_all_any_and_so_many_of_the_members(mode: str, needed: int, level: Level | None) -> None:
    members = [member("A", YELLOW), member("B", RED), member("C", None)]
    table = CombinedTable(mode, [], needed=needed)  # type: ignore[arg-type]  # the literal of the row
    verdict = combined.judge(members, table)
    assert verdict.level is level
    assert all(name in verdict.zh and name in verdict.en for name in "ABC")


def test_a_member_milder_than_asked_for_does_not_count() -> None:
    table = CombinedTable("all", [], result="2")
    assert combined.judge([member("A", YELLOW, ORANGE)], table).level is None
    assert combined.judge([member("A", RED, ORANGE)], table).level is ORANGE


def test_a_member_with_gaps_leaves_the_whole_uncertain() -> None:
    table = CombinedTable("all", [])
    verdict = combined.judge([member("A", RED), member("B", None, gap=True)], table)
    assert verdict.is_incomplete
    assert combined.judge([], table).level is None


WANTED = Wanted(minimum_points=5, minimum_r_squared=0.9, minimum_velocity=0.1)
HOURS_LEFT = InverseTable("displacement", "mm", {"4": 168, "3": 72, "2": 24, "1": 6})


def accelerating(failure_h: float, until_h: int) -> list[tuple[int, float]]:
    """Displacement whose 1/v falls to zero at `failure_h`: x = -c ln(tf - t)."""
    import math

    return [(3600 * hour, -500 * math.log(failure_h - hour)) for hour in range(until_h + 1)]


def test_a_slope_that_accelerates_to_failure_is_timed_within_an_hour() -> None:
    found = inversevelocity.fit(accelerating(50, 30), WANTED)
    assert found is not None
    assert found.r_squared > 0.999
    assert found.failure_at == pytest.approx(50 * 3600, abs=3600)
    verdict = inversevelocity.judge("G1", accelerating(50, 30), HOURS_LEFT, WANTED, 30 * 3600)
    assert verdict.level is ORANGE
    assert "估算" in verdict.zh


def test_a_steady_or_noisy_slope_is_given_no_time() -> None:
    steady = [(3600 * hour, 2.0 * hour) for hour in range(20)]
    assert inversevelocity.judge("G1", steady, HOURS_LEFT, WANTED, 20 * 3600).level is None
    few = accelerating(50, 3)
    assert "不作失稳预测" in inversevelocity.judge("G1", few, HOURS_LEFT, WANTED, 3 * 3600).zh


SOIL = SoilWanted(decay=0.5, dry_below=10, wet_from=40)


@pytest.mark.parametrize(
    ("daily", "index", "state"),
    [
        ([20, 20], "15", "normal"),
        ([80], "40", "wet"),
        ([19, 0], "9.5", "dry"),
        ([19, None], "9.5", "normal"),
    ],
)
def test_antecedent_rain_makes_the_soil_dry_normal_or_wet(
    daily: list[int | None], index: str, state: str
) -> None:
    rain = [None if one is None else Decimal(one) for one in daily]
    found = soil_state(rain, SOIL)
    assert (found.rain_index, found.state) == (Decimal(index), state)
    assert antecedent_index([], 0.5) == 0


def test_wet_soil_takes_the_column_of_wet_soil() -> None:
    pack = load_pack("R12")
    wet = {"1": [50.0, 80.0, 100.0, 140.0]}
    table = RainTable("rain_5min", "mm", [60, 180, 360, 1440], pack.rain.rise, SoilColumns({}, wet))  # type: ignore[arg-type]  # level keys
    own = msgspec.structs.replace(pack, table=table)
    (binding,) = compile_rule(own, StationFacts("S", "rain"), Moment(date(2026, 7, 1), "wet"))
    assert binding.rise == wet
    (usual,) = compile_rule(own, StationFacts("S", "rain"), Moment(date(2026, 7, 1)))
    assert usual.rise["1"] == [80, 120, 150, 200]


def test_a_curve_becomes_the_sums_it_means() -> None:
    table = IdCurveTable("rain_5min", "mm", [60, 240], {"1": Curve(60.0, 0.5)})
    assert id_sums(table) == {"1": [60.0, 120.0]}  # 60·1^0.5 and 60·4^0.5


CALENDAR = CalendarTable(
    "stage",
    "m",
    [CalendarStage("05-01", "06-30", 150.0), CalendarStage("07-01", "09-30", 148.0)],
    design_m=155.0,
    check_m=157.0,
)


@pytest.mark.parametrize(
    ("day", "limit"), [("2026-04-30", None), ("2026-05-01", 150.0), ("2026-07-01", 148.0)]
)
def test_the_flood_limit_follows_the_calendar(day: str, limit: float | None) -> None:
    stage = stage_on(CALENDAR.stages, date.fromisoformat(day))
    assert (stage.limit_m if stage else None) == limit


def test_a_reservoir_over_its_limit_says_by_how_much_and_the_edges_move_with_the_season() -> None:
    assert excess_m(CALENDAR, Decimal("148.35"), date(2026, 7, 1)) == Decimal("0.35")
    assert excess_m(CALENDAR, Decimal("148"), date(2026, 7, 1)) is None
    assert next_change(CALENDAR.stages, date(2026, 6, 1)) == date(2026, 7, 1)
    pack = msgspec.structs.replace(load_pack("R13C"), table=CALENDAR)
    june, july, winter = (
        compile_rule(pack, StationFacts("S", "reservoir"), Moment(day))[0].rise
        for day in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 1))
    )
    assert june == {"4": [150.001], "2": [155.0], "1": [157.0]}
    assert july["4"] == [148.001]
    assert winter == {"2": [155.0], "1": [157.0]}


def test_a_season_may_pass_the_turn_of_the_year() -> None:
    winter = [CalendarStage("11-01", "03-31", 120.0)]
    days = [date(2026, 12, 31), date(2026, 1, 1), date(2026, 4, 1)]
    assert [stage_on(winter, day) is not None for day in days] == [True, True, False]


def test_four_limits_high_and_low_of_every_point_of_a_tank() -> None:
    table = LimitsTable("tank_level", "m", {"3": 8.0, "1": 9.0}, {"3": 1.0, "1": 0.5}, ["T1", "T2"])
    pack = msgspec.structs.replace(load_pack("R15"), table=table)
    found = compile_rule(pack, StationFacts("S", "major_hazard"), Moment(date(2026, 7, 1)))
    assert sorted((one.quantity, one.evaluator) for one in found) == [
        ("tank_level@T1", "below"),
        ("tank_level@T1", "level"),
        ("tank_level@T2", "below"),
        ("tank_level@T2", "level"),
    ]
    assert {one.purpose for one in found} == {"enterprise"}


def test_a_pond_of_known_grade_is_watched_for_its_least_freeboard_and_beach() -> None:
    facts = StationFacts("S", "tailings_pond", attributes={"pond_grade": "三等", "dam_method": "上游式"})
    found = compile_rule(load_pack("R14M"), facts, Moment(date(2026, 7, 1)))
    assert {one.quantity: one.rise for one in found} == {
        "freeboard": {"1": [0.699]},
        "dry_beach_length": {"1": [69.999]},
    }
    assert compile_rule(load_pack("R14M"), StationFacts("S", "tailings_pond"), Moment(date(2026, 7, 1))) == []


@pytest.mark.parametrize(("state", "count"), [("关闭", 1), ("生产", 0), ("", 0)])
def test_people_going_in_alarm_only_at_a_sealed_mine(state: str, count: int) -> None:
    facts = StationFacts("S", "mine_e_seal", attributes={"mine_state": state})
    assert len(compile_rule(load_pack("R32"), facts, Moment(date(2026, 7, 1)))) == count


def test_an_edge_at_the_datum_is_the_stage_itself() -> None:
    pack = load_pack("R13")
    edge = msgspec.structs.replace(pack.stage.edges["3"], mark="datum", offset_m=9.2)
    table = msgspec.structs.replace(pack.stage, edges={"3": edge})
    own = msgspec.structs.replace(pack, table=table)
    (binding,) = compile_rule(own, StationFacts("S", "river", StageMarks()), Moment(date(2026, 7, 1)))
    assert binding.rise == {"3": [9.2]}


T = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
SUMS = ForecastTable("rain_5min", "mm", 3, 3, {"3": 75, "2": 100})


def hourly(count: int, mm: int) -> list[ForecastValue]:
    return [
        ForecastValue(T, T + timedelta(hours=n), T + timedelta(hours=n + 1), Decimal(mm))
        for n in range(count)
    ]


def test_observed_and_forecast_rain_reach_a_level_together_and_are_told_apart() -> None:
    span = (T, T + timedelta(hours=3))
    verdict = forecasts.judge("上柳站", Decimal(40), False, hourly(3, 20), SUMS, span)
    assert (verdict.level, verdict.value, verdict.is_incomplete) == (ORANGE, Decimal(100), False)
    assert "实测3小时雨量40毫米" in verdict.zh
    assert "预报3小时雨量60毫米" in verdict.zh


def test_a_forecast_that_ends_too_early_is_incomplete_and_never_safe() -> None:
    span = (T, T + timedelta(hours=3))
    verdict = forecasts.judge("上柳站", Decimal(10), False, hourly(2, 5), SUMS, span)
    assert (verdict.level, verdict.is_incomplete) == (None, True)
    assert forecasts.ahead(hourly(1, 20), T + timedelta(minutes=30), T + timedelta(hours=1))[0] == Decimal(10)


def walk(looks: list[tuple[int, Level | None]], *, rise: int = 0, hold: int = 600) -> list[int]:
    standing, found = Standing(), []
    for now, seen in looks:
        standing = step(standing, seen, now, rise_hold_s=rise, hold_s=hold)
        found.append(standing.level)
    return found


def test_a_level_is_left_only_after_the_hold_and_steps_down_through_the_milder_one() -> None:
    assert walk([(0, RED), (100, YELLOW), (699, YELLOW), (700, YELLOW), (800, None), (1400, None)]) == [
        1, 1, 1, 3, 3, 0,
    ]  # fmt: skip


def test_a_level_is_reached_only_when_it_lasted() -> None:
    assert walk([(0, RED), (200, ORANGE), (300, RED), (599, RED), (600, RED)], rise=300) == [0, 0, 2, 2, 1]


def test_a_look_with_gaps_never_brings_a_level_down() -> None:
    standing = step(Standing(), RED, 0, rise_hold_s=0, hold_s=60)
    for now in (100, 200, 300):
        standing = step(standing, None, now, rise_hold_s=0, hold_s=60, is_incomplete=True)
    assert standing.level == 1
