"""Lists, the station page, the chart and the map, as different people see them. The hot store is a real one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.sensing import access, maplayers, queries, services
from anlan.sensing.hot.latest import LatestTable
from anlan.sensing.hot.rows import Rows
from anlan.sensing.hot.store import HotStore
from anlan.sensing.hot.streams import StreamKey, StreamRegistry
from anlan.sensing.hot.types import NO_VALUE, RawFrame
from anlan.sensing.tests.world import BY, T0, FakeHot, World
from anlan.sensing.types import Condition
from anlan.vocab.levels import Level
from anlan.vocab.posts import Right
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of
from anlan.vocab.stages import Stage

RAIN, RIVER = "00999A0001", "0099020001"


def store(
    root: Path,
    station: str,
    quantity: str,
    readings: Sequence[tuple[datetime, str | None, QualityFlag]],
    *,
    exercise: str = "",
    raws: Sequence[bytes] = (),
) -> None:
    """Put readings where the gateway would."""
    hot = HotStore(root / "hot")
    streams = StreamRegistry(root / "hot" / "streams.db", exercise)
    streams.register([StreamKey(station, quantity)])
    number = streams.number_by_key[StreamKey(station, quantity)]
    latest = LatestTable(root / "hot" / "latest.db")
    latest.resize(number + 1)
    for time, value, flag in sorted(readings, key=lambda one: one[0]):
        t = int(time.timestamp())
        stored = NO_VALUE if value is None else quantity_of(quantity).to_stored(Decimal(value))
        columns = (t, number, stored, int(flag), t * 1000)
        rows = Rows(*(np.array([column], np.int64) for column in columns))
        hot.file_in_transaction(t // 86_400).insert(rows)
        latest.note(rows)
    if raws:
        moment = int(T0.timestamp())
        file = hot.file_in_transaction(moment // 86_400)
        file.add_raw([RawFrame(moment * 1000, "10.0.0.9:4021", station, data) for data in raws])
    hot.commit()
    latest.flush()
    for part in (hot, streams, latest):
        part.close()


def five_minutes(
    values: Sequence[str], *, until: datetime = T0
) -> list[tuple[datetime, str | None, QualityFlag]]:
    first = until - timedelta(minutes=5 * (len(values) - 1))
    return [(first + timedelta(minutes=5 * n), value, QualityFlag.GOOD) for n, value in enumerate(values)]


def names(actor: Actor) -> list[str]:
    return [line.code for line in queries.stations_for(actor, at=T0)]


def test_a_township_sees_its_own_stations_and_those_that_speak_for_its_villages(
    world: World, data: Path
) -> None:
    assert sorted(names(world.actor(world.township))) == [RIVER, RAIN]
    assert names(world.actor(world.neighbour)) == []
    services.link_station(world.river, world.far_village, by=BY, at=T0)
    assert names(world.actor(world.neighbour)) == [RIVER]
    assert names(world.actor(world.far_village)) == [RIVER]
    assert names(Actor(ref="user:2")) == []


def test_a_station_outside_the_jurisdiction_does_not_exist(world: World) -> None:
    with pytest.raises(NotFound):
        access.access_station(world.actor(world.neighbour), RAIN)
    with pytest.raises(NotFound):
        access.access_station(world.actor(world.county), "00FFFFFFFF")
    with pytest.raises(NotAllowed):
        access.access_station(world.actor(world.township), RAIN, need=Right.ADMINISTER)
    assert access.access_station(world.actor(world.township), RAIN) == world.rain


def test_an_ended_link_no_longer_opens_the_door(world: World) -> None:
    link = services.link_station(world.river, world.far_village, by=BY, at=T0)
    services.unlink_station(link, by=BY, at=T0)
    with pytest.raises(NotFound):
        access.access_station(world.actor(world.neighbour), RIVER)


def test_a_crossing_is_seen_with_its_station(world: World, hot: FakeHot) -> None:
    signal = hot.crossing()
    services.take_signals(hot, at=T0)
    from uuid import UUID

    assert access.access_crossing(world.actor(world.township), UUID(signal.id)).level == 2
    with pytest.raises(NotFound):
        access.access_crossing(world.actor(world.neighbour), UUID(signal.id))


def test_a_line_shows_newest_value_age_and_rolling_rain(world: World, data: Path) -> None:
    store(data, RAIN, "rain_5min", five_minutes(["1.5"] * 36))
    line = queries.station_line(world.rain, at=T0 + timedelta(seconds=30))
    assert line.newest is not None
    assert (line.newest.value, line.newest.unit, line.age) == (Decimal("1.5"), "mm", timedelta(seconds=30))
    assert line.rain_1h is not None
    assert line.rain_3h is not None
    assert (line.rain_1h.value, line.rain_1h.missing_slots) == (Decimal("18.0"), 0)
    assert (line.rain_3h.value, line.rain_3h.is_uncertain) == (Decimal("54.0"), False)
    assert line.condition is Condition.OK


def test_rain_over_midnight_is_one_sum(world: World, data: Path) -> None:
    until = T0 + timedelta(minutes=20)
    store(data, RAIN, "rain_5min", five_minutes(["1.0"] * 12, until=until))
    line = queries.station_line(world.rain, at=until)
    assert line.rain_1h is not None
    assert (line.rain_1h.value, line.rain_1h.missing_slots) == (Decimal("12.0"), 0)


def test_gaps_and_doubtful_readings_make_a_sum_uncertain(world: World, data: Path) -> None:
    readings = five_minutes(["2.0"] * 9)
    readings[0] = (readings[0][0], "500", QualityFlag.RANGE)
    readings[1] = (readings[1][0], None, QualityFlag.MISSING)
    store(data, RAIN, "rain_5min", readings)
    line = queries.station_line(world.rain, at=T0)
    assert line.rain_1h is not None
    assert (line.rain_1h.value, line.rain_1h.missing_slots, line.rain_1h.is_uncertain) == (
        Decimal("14.0"),
        5,
        True,
    )


def test_a_station_that_was_never_heard_says_so(world: World, data: Path) -> None:
    line = queries.station_line(world.rain, at=T0)
    assert (line.condition, line.newest, line.age, line.rain_1h) == (Condition.NEVER, None, None, None)


def test_readings_of_a_drill_are_not_shown_in_reality(world: World, data: Path, settings: Any) -> None:
    run = ExerciseRun.objects.create(scenario="storm", clock_start=T0, wall_start=T0)
    store(data, RAIN, "rain_5min", five_minutes(["9.0"] * 12), exercise=str(run.pk))
    assert queries.station_line(world.rain, at=T0).newest is None
    settings.ANLAN_EXERCISE = str(run.pk)
    line = queries.station_line(world.rain, at=T0)
    assert line.rain_1h is not None
    assert line.rain_1h.value == Decimal("108.0")


def test_the_worst_station_stands_first(world: World, data: Path, hot: FakeHot) -> None:
    hot.crossing(RIVER, binding=f"R13:{RIVER}", quantity="stage", level=3)
    hot.crossing(RAIN, level=1)
    hot.crossing(RAIN, binding=f"R12:{RAIN}:999901100201", level=2)
    services.take_signals(hot, at=T0)
    lines = queries.stations_for(world.actor(world.county), at=T0)
    assert [(line.code, line.level) for line in lines] == [(RAIN, Level.RED), (RIVER, Level.YELLOW)]


def test_a_silent_station_stands_before_one_that_reports(world: World, data: Path, hot: FakeHot) -> None:
    store(data, RIVER, "stage", [(T0, "9.2", QualityFlag.GOOD)])
    hot.add("silent", station=RAIN)
    services.take_signals(hot, at=T0)
    lines = queries.stations_for(world.actor(world.county), at=T0)
    assert [line.condition for line in lines] == [Condition.SILENT, Condition.OK]


def test_the_whole_list_costs_the_same_few_queries_for_any_number_of_stations(
    world: World, data: Path, django_assert_num_queries: Any
) -> None:
    from anlan.sensing.tests.world import rain_station

    for number in range(20):
        rain_station(f"00999B00{number:02d}", world.lower_willow)
    with django_assert_num_queries(2):
        assert len(queries.stations_for(world.actor(world.county), at=T0)) == 22


def test_villages_of_a_binding_are_those_it_speaks_for(world: World) -> None:
    own = {(60, Stage.PREPARE): 40.0}
    for station in (world.rain, world.river):
        services.link_station(station, world.lower_willow, by=BY, at=T0)
        services.link_station(station, world.upper_willow, thresholds=own, by=BY, at=T0)

    def villages(binding: str) -> list[str]:
        return [village.name for village in queries.villages_of_binding(binding)]

    assert villages(f"R12:{RAIN}") == ["下柳村"]
    assert villages(f"R12:{RAIN}:{world.upper_willow.code}") == ["上柳村"]
    assert villages(f"R13:{RIVER}") == ["上柳村", "下柳村"]
    assert villages("R12:00FFFFFFFF") == villages("nonsense") == []
    assert [village.name for village in queries.linked_villages(world.rain)] == ["上柳村", "下柳村"]


def test_the_page_names_villages_of_the_jurisdiction_and_counts_the_others(world: World, data: Path) -> None:
    own = {(60, Stage.EVACUATE_NOW): 55.0}
    services.link_station(world.rain, world.upper_willow, thresholds=own, by=BY, at=T0)
    services.link_station(world.rain, world.far_village, by=BY, at=T0)
    page = queries.station_page(world.rain, world.actor(world.township), at=T0)
    assert [(village.name, village.has_own_thresholds) for village in page.villages] == [("上柳村", True)]
    assert page.other_villages == 1
    one_hour = {(line.village, line.level): line.value for line in page.thresholds if line.window_min == 60}
    assert one_hour == {
        ("", Level.RED): 80,
        ("", Level.ORANGE): 60,
        ("", Level.YELLOW): 45,
        ("", Level.BLUE): 35,
        ("上柳村", Level.RED): 55.0,
    }
    assert all(line.is_verified for line in page.thresholds)


def test_the_page_shows_crossings_clock_and_frames(world: World, data: Path, hot: FakeHot) -> None:
    hot.crossing(level=3, phenomenon_time=(T0 - timedelta(hours=1)).isoformat())
    newest = hot.crossing(level=2, previous_level=3)
    hot.add("clock_offset", station=RAIN, offset_s=-400.0)
    services.take_signals(hot, at=T0)
    store(data, RAIN, "rain_5min", five_minutes(["1.0"]), raws=[b"\x7e\x7e\x00", b'{"value": 1}'])
    page = queries.station_page(world.rain, world.actor(world.county), at=T0)
    assert str(page.crossings[0].id) == newest.id
    assert [crossing.level for crossing in page.crossings] == [Level.ORANGE, Level.YELLOW]
    assert page.clock_offset_s == -400.0
    assert sorted(frame.hex for frame in page.frames) == ["7B 22 76 61 6C 75 65 22 3A 20 31 7D", "7E 7E 00"]
    assert all(frame.fields == {} for frame in page.frames)
    assert [value.value for value in page.latest] == [Decimal("1.0")]


def test_real_frames_are_taken_apart(world: World, data: Path, shared_vectors: Path) -> None:
    vectors = json.loads((shared_vectors / "sl651.json").read_text(encoding="utf-8"))
    good = next(one for one in vectors if one.get("decoded"))
    store(
        data, RAIN, "rain_5min", five_minutes(["1.0"]), raws=[bytes.fromhex(good["raw_hex"].replace(" ", ""))]
    )
    page = queries.station_page(world.rain, world.actor(world.county), at=T0)
    assert page.frames[0].fields["protocol"] == "sl651"


def test_the_chart_draws_bars_their_rolling_sum_and_the_thresholds_of_that_window(
    world: World, data: Path
) -> None:
    readings = five_minutes(["2.0"] * 24)
    readings[-2] = (readings[-2][0], "900", QualityFlag.RANGE)
    store(data, RAIN, "rain_5min", readings)
    start = T0 - timedelta(minutes=30)
    with translation.override("en"):
        drawn = queries.chart(world.rain, start, T0 + timedelta(seconds=1))
    bars, rolling = drawn["series"]
    assert (bars["id"], bars["kind"], bars["unit"], len(bars["points"])) == ("rain_5min", "bar", "mm", 7)
    assert bars["points"][0] == (int(start.timestamp() * 1000), 2.0, 0)
    assert bars["points"][-2][1:] == (900.0, int(QualityFlag.RANGE))
    assert [value for _, value, _ in rolling["points"]] == [24.0] * 5 + [22.0]
    assert [(line["level"], line["value"], line["series"]) for line in drawn["thresholds"]] == [
        (1, 80, "sum_60"),
        (2, 60, "sum_60"),
        (3, 45, "sum_60"),
        (4, 35, "sum_60"),
    ]
    assert "R12" in drawn["source"]
    assert rolling["label"] == "1 h rain"


def test_the_chart_of_a_river_shows_its_marks_and_missing_readings(world: World, data: Path) -> None:
    missing = (T0 - timedelta(minutes=5), None, QualityFlag.MISSING)
    store(data, RIVER, "stage", [missing, (T0, "9.812", QualityFlag.GOOD)])
    with translation.override("zh-hans"):
        drawn = queries.chart(world.river, T0 - timedelta(hours=1), T0 + timedelta(seconds=1))
    assert [point[1] for point in drawn["series"][0]["points"]] == [None, 9.812]
    assert drawn["series"][0]["label"] == "水位"
    assert [(line["value"], line["label"]) for line in drawn["thresholds"]] == [
        (12.0, "红色"),
        (11.0, "橙色"),
        (10.0, "黄色"),
        (9.5, "蓝色"),
    ]


def test_a_chart_of_years_is_cut_to_a_month(world: World, data: Path) -> None:
    drawn = queries.chart(world.river, T0 - timedelta(days=900), T0)
    assert drawn["to"] - drawn["from"] == 31 * 86_400_000


def test_the_map_gets_points_with_words_and_an_etag_that_follows_the_content(
    world: World, data: Path, hot: FakeHot
) -> None:
    store(data, RIVER, "stage", [(T0, "9.812", QualityFlag.GOOD)])
    actor = world.actor(world.county)

    def made() -> maplayers.MapLayer:
        with translation.override("en"):
            return maplayers.stations(actor, at=T0, url_of=lambda code: f"/stations/{code}/")

    first = made()
    assert made().etag == first.etag
    features = {one["properties"]["code"]: one for one in json.loads(first.body)["features"]}
    river = features[RIVER]["properties"]
    assert (river["state"], river["reading"], river["level"]) == ("ok", "9.81 m", None)
    assert river["read_at"] == "2026-07-01T00:00:00Z"
    assert river["url"] == f"/stations/{RIVER}/"
    assert features[RAIN]["properties"]["state"] == "silent"
    assert features[RAIN]["properties"]["state_text"] == "never heard"
    hot.crossing(RIVER, binding=f"R13:{RIVER}", level=1)
    services.take_signals(hot, at=T0)
    second = made()
    assert second.etag != first.etag
    assert "red Ⅰ · reporting" in second.body.decode()


def test_boundaries_are_simplified_kept_and_made_anew_when_one_changes(
    world: World, django_assert_num_queries: Any
) -> None:
    ring = [[99.0, 25.0], [99.1, 25.0], [99.1, 25.05], [99.10000001, 25.1], [99.0, 25.1], [99.0, 25.0]]
    shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
    world.township.change(by=BY, at=T0, kind="boundary", geometry=shape)
    actor = world.actor(world.township)
    first = json.loads(maplayers.divisions(actor).body)["features"]
    assert [one["properties"] for one in first] == [
        {"code": world.township.code, "name": "柳河镇", "level": "township"}
    ]
    assert len(first[0]["geometry"]["coordinates"][0]) == 5
    with django_assert_num_queries(1):
        maplayers.divisions(actor)
    assert json.loads(maplayers.divisions(world.actor(world.neighbour)).body)["features"] == []
    world.township.change(by=BY, at=T0, kind="renamed", name="新柳河镇")
    assert "新柳河镇" in maplayers.divisions(actor).body.decode()


def test_a_shape_smaller_than_the_tolerance_does_not_vanish() -> None:
    tiny = {
        "type": "Polygon",
        "coordinates": [[[99.0, 25.0], [99.000001, 25.0], [99.0, 25.000001], [99.0, 25.0]]],
    }
    assert maplayers.simplified(json.dumps(tiny))["type"] == "Polygon"
    assert maplayers.simplified(json.dumps(tiny))["coordinates"]
