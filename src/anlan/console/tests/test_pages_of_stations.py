"""The list and the page of stations."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.urls import reverse

from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN, RIVER, readings, store
from anlan.sensing import services as sensing
from anlan.sensing.models import Station
from anlan.testing import County
from anlan.vocab.quality import QualityFlag


def test_the_list_tells_value_sum_and_age(county: County, stations: dict[str, Station], data: Path) -> None:
    store(data, RAIN, "rain_5min", readings(["2.5"] * 12, until=county.now - timedelta(minutes=5)))
    text = county.client("Li").get(reverse("console:stations")).content.decode()
    assert "30.0 mm" in text
    at = (county.now - timedelta(minutes=5)).isoformat()
    assert f'data-age datetime="{at}"' in text
    assert "北坡雨量站" not in text


def test_the_list_narrows_by_text_kind_and_state(county: County, stations: dict[str, Station]) -> None:
    client, where = county.client("Chen"), reverse("console:stations")
    for query, kept in (
        ("?kind=river", {"柳河水位站"}),
        ("?q=0009", {"北坡雨量站"}),
        ("?q=%E4%B8%8A%E6%9F%B3%E6%9D%91", {"上柳雨量站", "柳河水位站"}),
        ("?state=silent", set()),
        ("?state=over", set()),
        ("?state=never&kind=rain", {"上柳雨量站", "北坡雨量站"}),
    ):
        text = client.get(where + query).content.decode()
        shown = {name for name in ("上柳雨量站", "柳河水位站", "北坡雨量站") if name in text}
        assert shown == kept, query


def test_the_rows_refresh_with_the_filters_of_the_page(county: County, stations: dict[str, Station]) -> None:
    text = county.client("Chen").get(reverse("console:stations") + "?kind=river").content.decode()
    assert f'hx-get="{reverse("console:stations_fragment")}?kind=river"' in text


def test_a_doubtful_value_is_struck_through_and_named(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    store(data, RIVER, "stage", [(county.now, "99.000", QualityFlag.RANGE)])
    text = county.client("Li").get(reverse("console:station", args=[RIVER])).content.decode()
    assert '<s class="flagged">99.000</s>' in text
    assert "out of plausible range" in text


def test_the_station_page_tells_rule_source_assumptions_and_crossings(
    county: County, stations: dict[str, Station]
) -> None:
    scenes.cross(county, stations[RAIN])
    text = county.client("Li").get(reverse("console:station", args=[RAIN])).content.decode()
    assert "Flash flood, measured rain by duration" in text
    assert "90 % of the number for 30 minutes" in text
    assert "hold_s" in text
    assert "1-hour rain of 61.5 mm has reached the orange threshold of 60 mm." in text
    river = county.client("Li").get(reverse("console:station", args=[RIVER])).content.decode()
    assert 'class="assumption"' in river
    assert "9.5 m" in river


def test_a_raw_frame_is_shown_with_what_the_driver_reads_from_it(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    garbage, json_batch = b"\x7e\x7e\x00", b'{"batch_id": "b1"}'
    store(data, RAIN, "rain_5min", readings(["1.0"], until=county.now), raws=[garbage, json_batch])
    text = county.client("Li").get(reverse("console:station", args=[RAIN])).content.decode()
    assert "10.0.0.9:4021" in text
    assert "batch_id" in text


def test_the_series_has_bars_their_rolling_sum_and_thresholds(
    county: County, stations: dict[str, Station], data: Path
) -> None:
    store(data, RAIN, "rain_5min", readings(["1.0"] * 24, until=county.now))
    where = reverse("console:station_series", args=[RAIN])
    found = county.client("Li").get(f"{where}?hours=6").json()
    bars, sums = found["series"]
    assert (bars["kind"], len(bars["points"])) == ("bar", 24)
    assert sums["points"][-1][1] == 12.0
    assert {60.0, 80.0} <= {line["value"] for line in found["thresholds"]}
    assert found["to"] - found["from"] == (6 * 3600 + 1) * 1000


def test_a_span_that_nobody_offers_is_a_day(county: County, stations: dict[str, Station]) -> None:
    found = county.client("Li").get(reverse("console:station_series", args=[RAIN]) + "?hours=999999").json()
    assert found["to"] - found["from"] == (24 * 3600 + 1) * 1000


def test_an_alarm_finds_the_page_by_the_stations_id(county: County, stations: dict[str, Station]) -> None:
    answer = county.client("Li").get(reverse("console:station_by_id", args=[stations[RAIN].pk]))
    assert answer["Location"] == reverse("console:station", args=[RAIN])


def test_a_pond_shows_its_kind_its_facts_and_its_values_by_name(county: County, data: Path) -> None:
    pond = sensing.register_station(
        code="WKK-1", name="青石尾矿库", kind="tailings_pond", division=county.divisions["Upper Willow"],
        lon=102.92, lat=27.41, attributes={"dam_height_m": 42.5}, protocol="json", address="pond/1",
        by=county.by, at=county.now,
    )  # fmt: skip
    store(data, pond.code, "phreatic_depth@P3", readings(["6.2"], until=county.now))
    store(data, pond.code, "freeboard", readings(["1.8"], until=county.now))
    page = county.client("Chen", language="zh-hans").get("/stations/at/WKK-1/").content.decode()
    for words in ("尾矿库", "坝高", "42.5 m", "pond/1", "浸润线埋深 · P3", "安全超高"):
        assert words in page
    drawn = county.client("Chen").get("/stations/at/WKK-1/series.json").json()
    assert {line["id"] for line in drawn["series"]} == {"phreatic_depth@P3", "freeboard"}
    listed = county.client("Chen", language="zh-hans").get("/stations/").content.decode()
    assert listed.count('value="tailings_pond"') == 1
    assert 'value="fireworks_store"' not in listed
    feature = county.client("Chen").get("/map/stations.json").json()["features"][0]["properties"]
    assert (feature["kind"], feature["kind_text"]) == ("other", "tailings pond")


def test_the_lock_of_a_sealed_mine_is_shown_in_words(county: County, data: Path) -> None:
    seal = sensing.register_station(
        code="FT-1", name="小黑山电子封条", kind="mine_e_seal", division=county.divisions["Upper Willow"],
        lon=102.92, lat=27.41, by=county.by, at=county.now,
    )  # fmt: skip
    store(data, seal.code, "lock_closed@1", readings(["0"], until=county.now))
    page = county.client("Chen", language="zh-hans").get("/stations/at/FT-1/").content.decode()
    assert "打开" in page
