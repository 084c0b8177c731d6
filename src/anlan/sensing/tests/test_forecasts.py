"""Forecasts are kept as issued, apart from what was observed; rules use the newest one that was known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from anlan.documents.imports import import_kind, run_import
from anlan.journal import clocks
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor, grants
from anlan.kernel.clock import ManualClock
from anlan.sensing import services
from anlan.sensing.history.charts import history_chart
from anlan.sensing.models import ForecastIssue, Station
from anlan.sensing.queries.forecasts import (
    StoredForecasts,
    forecast_lines,
    forecasts_of_station,
    issues_of_station,
)
from anlan.sensing.rules.forecast_source import forecast_reader
from anlan.sensing.services.forecasts import BadForecast, Issue, take_forecast
from anlan.sensing.tests.world import BY, T0, World
from anlan.vocab.posts import Right

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(data: Path) -> Iterator[ManualClock]:
    manual = ManualClock(T0)
    former = clocks.set_wall_clock(manual)
    yield manual
    clocks.set_wall_clock(former)


def rain(
    *values: str, source: str = "市气象台", issued: Any = T0, hours: int = 1, start: Any = None
) -> Issue:
    first = start or issued
    return Issue(
        source,
        "rain",
        issued,
        [
            (first + n * hours * HOUR, first + (n + 1) * hours * HOUR, Decimal(value))
            for n, value in enumerate(values)
        ],
    )


def take(issue: Issue, *, station: Station | None = None, at: Any = None, **target: Any) -> ForecastIssue:
    return take_forecast(issue, station=station, by=BY, at=at or max(issue.issued_at, T0), **target)[0]


def read(station: Station, *, at: Any = T0, hours: int = 3) -> list[Decimal]:
    return [
        one.value for one in StoredForecasts().for_station(station.code, "rain", at, at + hours * HOUR, at=at)
    ]


def test_the_rules_ask_the_stored_forecasts(world: World) -> None:
    assert isinstance(forecast_reader(), StoredForecasts)


def test_a_newer_issue_replaces_the_older_as_a_whole_and_both_are_kept(world: World) -> None:
    take(rain("10", "20", "30"), station=world.rain)
    later = T0 + 20 * timedelta(minutes=1)
    take(rain("5", "6", issued=later, start=T0), station=world.rain)
    assert read(world.rain, at=T0) == [Decimal(10), Decimal(20), Decimal(30)]
    assert read(world.rain, at=later) == [Decimal(5), Decimal(6)]
    assert ForecastIssue.objects.count() == 2
    assert [row.issued_at for row in issues_of_station(world.rain, at=later)] == [later, T0]
    assert verify().ok


def test_a_forecast_that_came_late_was_not_known_before(world: World) -> None:
    take(rain("10"), station=world.rain, at=T0 + HOUR)
    assert read(world.rain, at=T0) == []
    assert read(world.rain, at=T0 + HOUR, hours=1) == [Decimal(10)]


def test_another_source_fills_only_the_hours_that_the_newest_leaves_open(world: World) -> None:
    take(rain("1", "2", "3", source="省气象台"), station=world.rain)
    later = T0 + timedelta(minutes=5)
    take(rain("9", issued=later, start=T0), station=world.rain, at=later)
    assert read(world.rain, at=later) == [Decimal(9), Decimal(2), Decimal(3)]


def test_the_forecast_of_the_nearest_area_above_serves_a_station_without_one(world: World) -> None:
    take(rain("40"), division=world.county)
    take(rain("7"), division=world.township)
    reader = StoredForecasts()
    found = reader.for_division(world.upper_willow.code, "rain", T0, T0 + HOUR, at=T0)
    assert [one.value for one in found] == [Decimal(7)]
    far = reader.for_division(world.far_village.code, "rain", T0, T0 + HOUR, at=T0)
    assert [one.value for one in far] == [Decimal(40)]


def test_the_same_issue_sent_twice_is_one_and_a_corrected_one_counts(world: World) -> None:
    first = take(rain("10"), station=world.rain)
    assert take(rain("10.0"), station=world.rain).pk == first.pk
    assert take(rain("10"), station=world.rain).pk == first.pk
    take(rain("12"), station=world.rain, at=T0 + timedelta(minutes=1))
    assert read(world.rain, at=T0 + timedelta(minutes=2)) == [Decimal(12)]


@pytest.mark.parametrize(
    "bad",
    [
        rain("-1"),
        rain(),
        rain("1", source=" "),
        rain("1", issued=T0 + HOUR),
        rain("1", issued=T0 - timedelta(days=60)),
        rain("NaN"),
        Issue("台", "rain", T0, [(T0 + HOUR, T0, Decimal(1))]),
        Issue("台", "rain", T0, [(T0, T0 + 2 * HOUR, Decimal(1)), (T0 + HOUR, T0 + 3 * HOUR, Decimal(1))]),
        Issue("台", "rain", T0, [(T0, T0 + HOUR, Decimal(1))], "cm"),
        Issue("台", "happiness", T0, [(T0, T0 + HOUR, Decimal(1))]),
        Issue("台", "rain", T0.replace(tzinfo=None), [(T0, T0 + HOUR, Decimal(1))]),
    ],
    ids=range(11),
)
def test_what_is_no_forecast_is_refused_with_its_reason(world: World, bad: Issue) -> None:
    with pytest.raises(BadForecast) as caught:
        take_forecast(bad, station=world.rain, by=BY, at=T0)
    assert str(caught.value.data["why"])
    assert not ForecastIssue.objects.exists()


def test_charts_draw_a_forecast_as_a_series_of_its_own_with_its_issue_time(world: World) -> None:
    take(rain("10", "20"), station=world.rain)
    chart = history_chart(world.rain, T0 - HOUR, T0 + 4 * HOUR)
    (drawn,) = [one for one in chart["series"] if one.get("phase") == "forecast"]
    assert [point[1] for point in drawn["points"]] == [10.0, 20.0]
    assert "07-01 00:00" in drawn["label"]


def test_a_neighbours_forecast_is_not_seen(world: World) -> None:
    take(rain("10"), station=world.rain)
    take(rain("10"), division=world.township)
    neighbour = Actor("user:2", grants=grants([Right.SEE], world.neighbour.path))
    mine = Actor("user:3", grants=grants([Right.SEE], world.township.path))
    assert forecast_lines(neighbour, at=T0) == []
    lines = forecast_lines(mine, at=T0)
    assert len(lines) == 2
    assert all(line.is_in_force and line.reach == HOUR for line in lines)
    assert len(forecasts_of_station(world.rain, at=T0)) == 1


# -- how they come in


def post(token: str, *forecasts: Any) -> tuple[int, Any]:
    answer = Client().post(
        "/api/forecasts",
        json.dumps({"forecasts": list(forecasts)}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.status_code, answer.json()


def sent(**changes: Any) -> dict[str, Any]:
    given = {
        "station": "00999A0001", "quantity": "rain", "issued_at": "2026-07-01T08:00:00+08:00", "unit": "mm",
        "values": [{"from": "2026-07-01T08:00:00+08:00", "to": "2026-07-01T11:00:00+08:00", "value": "25.5"}],
    }  # fmt: skip
    return {**given, **changes}


def test_a_source_sends_forecasts_with_its_token_and_a_bad_one_costs_no_good_one(world: World) -> None:
    token = services.create_source("市气象台", by=BY, at=T0)
    area = sent(division=world.township.code)
    del area["station"]
    status, said = post(token, sent(), sent(unit="cm"), area, sent(station="0000"), {"a": 1})
    assert (status, said["stored"], said["repeated"]) == (200, 2, 0)
    assert [(one["index"], one["code"]) for one in said["refused"]] == [
        (1, "forecast.bad"), (3, "forecast.unknown_target"), (4, "forecast.malformed"),
    ]  # fmt: skip
    assert post(token, sent())[1] == {"stored": 0, "repeated": 1, "refused": []}
    assert read(world.rain) == [Decimal("25.5")]


def test_a_source_of_one_station_speaks_neither_for_others_nor_for_areas(world: World) -> None:
    token = services.create_source("电站", stations=[world.river.code], by=BY, at=T0)
    area = sent(division=world.township.code)
    del area["station"]
    assert [one["code"] for one in post(token, sent(), area)[1]["refused"]] == ["forecast.unknown_target"] * 2


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_known_token_nothing_is_read(world: World, token: str) -> None:
    assert post(token, sent())[0] == 401


def test_a_body_that_is_no_batch_is_refused(world: World) -> None:
    token = services.create_source("市气象台", by=BY, at=T0)
    answer = Client().post(
        "/api/forecasts",
        b"\xff[",
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 400


def test_a_workbook_of_forecasts_becomes_issues_and_a_wrong_row_is_named(world: World) -> None:
    kind = import_kind("forecasts")
    sheet = (book := Workbook()).worksheets[0]
    sheet.append([column.header for column in kind.columns])
    for start, value in (("08:00", "25"), ("11:00", "10")):
        end = "11:00" if start == "08:00" else "14:00"
        row = [
            "市气象台",
            world.rain.code,
            "降雨",
            "2026-07-01 08:00",
            f"2026-07-01 {start}",
            f"2026-07-01 {end}",
            value,
        ]
        sheet.append(row)
    sheet.append(
        ["市气象台", "0000", "降雨", "2026-07-01 08:00", "2026-07-01 08:00", "2026-07-01 09:00", "1"]
    )
    file = BytesIO()
    book.save(file)
    who = Actor("user:1", grants=grants([Right.SEE, Right.JUDGE_READINGS], world.county.path))
    report = run_import(kind, file, by=who, at=T0, skip_bad=True)
    assert (report.created, [problem.row for problem in report.problems]) == (1, [4])
    assert read(world.rain, hours=6) == [Decimal(25), Decimal(10)]
    again = run_import(kind, file, by=who, at=T0, skip_bad=True)
    assert (again.created, again.unchanged) == (0, 1)
