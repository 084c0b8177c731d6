"""Before a rule is approved people see what it would have done over the readings that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from anlan.ruleset import load_pack
from anlan.ruleset.tables import CalendarStage, CalendarTable, CombinedTable, Member
from anlan.sensing import services
from anlan.sensing.hot.types import Point
from anlan.sensing.rules.inforce import Rule, Scope
from anlan.sensing.rules.preview import preview
from anlan.sensing.tests.world import T0, FakeHot, World
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag

STEP, DAY = timedelta(minutes=5), timedelta(days=1)


class Stored:
    """Readings of one station by quantity, five minutes apart from a start."""

    def __init__(self, start: datetime, values: dict[str, Sequence[float]]) -> None:
        self.start, self.values = start, values
        self.flags: dict[int, QualityFlag] = {}

    def series(self, station: str, quantity: str, start: datetime, end: datetime) -> list[Point]:
        listed = enumerate(self.values.get(f"{station}/{quantity}", ()))
        points = [
            Point(self.start + n * STEP, Decimal(str(v)), self.flags.get(n, QualityFlag.GOOD))
            for n, v in listed
        ]
        return [one for one in points if start <= one.phenomenon_time < end]


def storm(total: float) -> list[float]:
    """A dry day, one hour of rain, a dry day."""
    return [0.0] * 288 + [total / 12] * 12 + [0.0] * 288


def rain_rule(world: World) -> Rule:
    return Rule(load_pack("R12"), Scope(stations=[world.rain.code]))


def test_a_storm_of_last_year_is_listed_with_its_peak_and_its_time(world: World) -> None:
    stored = Stored(T0, {f"{world.rain.code}/rain_5min": storm(62.4)})
    found = preview(rain_rule(world), start=T0, end=T0 + 3 * DAY, reader=stored)
    (firing,) = found.firings
    assert (firing.level, firing.peak, firing.window_min) == (Level.ORANGE, Decimal("62.4"), 60)
    assert firing.peak_at == T0 + DAY + 11 * STEP
    assert (found.stations, found.covered, found.readings, found.is_cut) == (1, 1, 588, False)


def test_other_numbers_fire_at_other_times_and_flagged_readings_count_for_nothing(world: World) -> None:
    stored = Stored(T0, {f"{world.rain.code}/rain_5min": storm(62.4)})
    table = msgspec.structs.replace(load_pack("R12").rain, rise={"1": [90.0, None, None, None]})
    own = msgspec.structs.replace(load_pack("R12"), table=table)
    assert (
        preview(replace(rain_rule(world), pack=own), start=T0, end=T0 + 3 * DAY, reader=stored).firings == ()
    )
    stored.flags = {288 + n: QualityFlag.SPIKE for n in range(12)}
    assert preview(rain_rule(world), start=T0, end=T0 + 3 * DAY, reader=stored).firings == ()


def test_a_preview_that_runs_out_of_time_says_what_it_covered(world: World) -> None:
    found = preview(rain_rule(world), start=T0, end=T0 + 3 * DAY, reader=Stored(T0, {}), budget_s=-1)
    assert (found.stations, found.covered, found.is_cut) == (1, 0, True)
    year = preview(rain_rule(world), start=T0 - 900 * DAY, end=T0, reader=Stored(T0, {}))
    assert year.end - year.start == 366 * DAY
    assert year.first_reading is None


def test_a_calendar_is_replayed_season_by_season(world: World) -> None:
    stages = [CalendarStage("06-01", "07-01", 150.0), CalendarStage("07-02", "09-30", 148.0)]
    pack = msgspec.structs.replace(load_pack("R13C"), table=CalendarTable("stage", "m", stages))
    rule = Rule(pack, Scope(stations=[world.river.code]))
    stored = Stored(T0, {f"{world.river.code}/stage": [149.0] * 288 * 2})
    (firing,) = preview(rule, start=T0, end=T0 + 2 * DAY, reader=stored).firings
    assert firing.began == T0 + timedelta(hours=16)  # 2 July in Shanghai
    assert firing.ended is None


def test_a_combined_rule_is_replayed_over_what_its_members_really_did(world: World, hot: FakeHot) -> None:
    members = [Member(station=world.rain.code), Member(station=world.river.code)]
    pack = msgspec.structs.replace(load_pack("RC"), table=CombinedTable("all", members))
    steps: list[tuple[str, int | None, int]] = [
        (world.rain.code, 2, 0), (world.river.code, 3, 1), (world.rain.code, None, 2), (world.rain.code, 1, 3),
    ]  # fmt: skip
    for code, level, hours in steps:
        at = T0 + timedelta(hours=hours)
        hot.crossing(code, level=level, phenomenon_time=at.isoformat(), binding=f"R12:{code}")
    services.take_signals(hot, at=T0)
    found = preview(Rule(pack, path=world.county.path), start=T0, end=T0 + DAY)
    assert [(one.began, one.ended, one.level) for one in found.firings] == [
        (T0 + timedelta(hours=3), None, Level.YELLOW),
        (T0 + timedelta(hours=1), T0 + timedelta(hours=2), Level.YELLOW),
    ]


@pytest.mark.parametrize("rule_id", ["R10", "R14", "R11V", "R12F"])
def test_a_rule_whose_past_inputs_nobody_keeps_says_so(world: World, rule_id: str) -> None:
    assert not preview(Rule(load_pack(rule_id)), start=T0, end=T0 + DAY).is_possible


def test_a_preview_reads_what_is_really_stored(world: World, data: Any) -> None:
    found = preview(rain_rule(world), start=T0, end=T0 + DAY)
    assert (found.covered, found.readings) == (1, 0)
