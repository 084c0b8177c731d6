"""History and rain on pages: what is drawn, what the tables say, and what leaves the house."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from anlan.console.tests import scenes
from anlan.console.tests.scenes import FAR, RAIN, RIVER
from anlan.journal.models import Entry
from anlan.sensing.history import charts
from anlan.sensing.hot.types import Point
from anlan.sensing.models import Station
from anlan.testing import County
from anlan.vocab.quality import QualityFlag

HISTORY = f"/history/at/{RAIN}/"


def span(county: County, hours: float = 3) -> dict[str, str]:
    shanghai = timedelta(hours=8)
    start, end = county.now - timedelta(hours=hours) + shanghai, county.now + timedelta(minutes=1) + shanghai
    return {"from": f"{start:%Y-%m-%dT%H:%M}", "to": f"{end:%Y-%m-%dT%H:%M}"}


@pytest.fixture
def rain(county: County, data: Path, stations: dict[str, Station]) -> dict[str, Station]:
    """Two hours of rain at both rain stations, one reading of it doubtful, and a river that rose over its mark."""
    good = scenes.readings(["2.5"] * 24, until=county.now)
    doubtful = (county.now - timedelta(minutes=7), "55.0", QualityFlag.SPIKE)
    scenes.store(data, RAIN, "rain_5min", sorted([*good, doubtful]))
    scenes.store(data, FAR, "rain_5min", scenes.readings(["0.5"] * 24, until=county.now))
    scenes.store(data, RIVER, "stage", scenes.readings(["9.500", "10.250", "10.100"], until=county.now))
    return stations


def test_the_table_beside_the_chart_strikes_out_what_does_not_count(
    county: County, rain: dict[str, Station]
) -> None:
    text = county.client("Chen").get(HISTORY).content.decode()
    assert '<s class="flagged">55.0</s>' in text
    assert "isolated spike" in text
    drawn = county.client("Chen").get(HISTORY + "series.json").json()
    (bars,) = drawn["series"]
    assert (bars["kind"], len(bars["points"])) == ("bar", 25)
    assert sum(flag != 0 for _, _, flag in bars["points"]) == 1


def test_a_longer_span_is_drawn_by_hours_of_usable_readings(county: County, rain: dict[str, Station]) -> None:
    drawn = county.client("Chen").get(HISTORY + "series.json?span=14d").json()
    assert [value for _, value, _ in drawn["series"][0]["points"]] == [30.0, 30.0]
    text = county.client("Chen").get(HISTORY + "?span=1y").content.decode()
    assert "60.0 mm" in text


def test_the_marks_of_a_river_are_labelled_lines(county: County, rain: dict[str, Station]) -> None:
    drawn = county.client("Chen", language="zh-hans").get(f"/history/at/{RIVER}/series.json").json()
    assert [(line["label"], line["value"]) for line in drawn["thresholds"]] == [
        ("警戒水位", 10.0),
        ("保证水位", 11.0),
        ("历史最高", 12.0),
    ]


def test_a_forecast_is_a_series_of_its_own(
    county: County, rain: dict[str, Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forecast(
        station: Station, quantity: str, start: datetime, end: datetime
    ) -> list[tuple[datetime, list[Point]]]:
        points = [Point(county.now + timedelta(hours=1), Decimal("11.2"), QualityFlag.GOOD)]
        return [(county.now, points)] if quantity == "stage" else []

    monkeypatch.setattr(charts, "_FORECASTS", [forecast])
    drawn = county.client("Chen").get(f"/history/at/{RIVER}/series.json").json()
    assert [one.get("phase") for one in drawn["series"]] == [None, "forecast"]
    assert drawn["series"][1]["label"].startswith("stage · forecast")


def test_past_events_are_found_and_laid_over_one_another(
    county: County, data: Path, stations: dict[str, Station]
) -> None:
    for days in (30, 3):
        at = county.now - timedelta(days=days)
        scenes.store(data, RIVER, "stage", scenes.readings(["9.000", "10.500", "10.800", "9.900"], until=at))
    page = county.client("Chen").get(f"/history/at/{RIVER}/events/")
    assert page.content.decode().count('name="event"') == 2
    events = [row["event"].key for row in page.context["events"]]
    chosen = county.client("Chen").get(f"/history/at/{RIVER}/events/", {"event": events})
    assert "Hours from the peak" in chosen.content.decode()
    drawn = county.client("Chen").get(f"/history/at/{RIVER}/events.json", {"event": events}).json()
    assert drawn["axis"] == "offset"
    assert [max(value for _, value, _ in one["points"]) for one in drawn["series"]] == [10.8, 10.8]


def test_an_export_holds_flags_in_words_and_no_formula_and_is_in_the_journal(
    county: County, rain: dict[str, Station]
) -> None:
    Station.objects.filter(code=RAIN).update(name="=cmd|' /C calc'!A0")
    answer = county.client("Chen", language="zh-hans").post(
        HISTORY + "export/", {**span(county), "format": "csv"}
    )
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a file response
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [
        "测站编码",
        "测站名称",
        "要素",
        "单位",
        "观测时间（北京时间）",
        "数值",
        "质量标记",
        "计入统计",
    ]
    assert len(rows) == 26
    assert rows[1][1].startswith("'=cmd")
    assert [row[5:] for row in rows if row[5] == "55.0"] == [["55.0", "孤立尖峰", "否"]]
    entry = Entry.objects.get(kind="history.exported")
    assert '"rows":25' in entry.payload.replace(" ", "")
    assert RAIN in entry.payload
    assert entry.division_path == rain[RAIN].division.path


def test_an_excel_export_keeps_text_as_text(county: County, rain: dict[str, Station]) -> None:
    Station.objects.filter(code=RAIN).update(name="=1+1")
    answer = county.client("Chen").post(HISTORY + "export/", {**span(county), "format": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert sheet.max_row == 26


def test_a_parquet_export_is_made_by_the_reader(
    county: County, rain: dict[str, Station], tmp_path: Path
) -> None:
    body = {"station": [RAIN, FAR], **span(county), "format": "parquet"}
    answer = county.client("Chen").post("/history/export/", body)
    path = tmp_path / "out.parquet"
    path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    found = duckdb.execute(
        f"SELECT \"station code\", count(*), max(value) FROM '{path}' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert found == [(RAIN, 25, 55.0), (FAR, 24, 0.5)]
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_neighbours_station_in_a_list_is_as_if_it_did_not_exist(
    county: County, rain: dict[str, Station]
) -> None:
    body = {"station": [RAIN, FAR], **span(county), "format": "csv"}
    text = b"".join(county.client("Li").post("/history/export/", body).streaming_content).decode()  # type: ignore[attr-defined]
    assert RAIN in text
    assert FAR not in text
    assert county.client("Li").post("/history/export/", body | {"station": [FAR]}).status_code == 422
    assert Entry.objects.filter(kind="history.exported").count() == 1


def test_the_rain_page_adds_up_a_process_and_names_rivers_over_their_mark(
    county: County, rain: dict[str, Station]
) -> None:
    page = county.client("Chen").get("/rain/", {"kind": "since", "since": "2026-07-01T06:00"})
    found = page.context["found"]
    # 24 readings of 2.5 mm end at 08:00; the one of 06:00 fell before the process began.
    assert [(line.code, line.total) for line in found.rain] == [
        (RAIN, Decimal("57.5")),
        (FAR, Decimal("11.5")),
    ] or [(line.code, line.total) for line in found.rain] == [(RAIN, Decimal("60.0")), (FAR, Decimal("12.0"))]
    assert dict(found.counts)[50] == 1
    assert [(river.code, river.excess) for river in found.rivers] == [(RIVER, Decimal("0.250"))]
    text = page.content.decode()
    assert "still over" in text
    assert "柳河水位站" in text


def test_the_hydrological_day_ends_at_eight(county: County, rain: dict[str, Station]) -> None:
    """It is 08:00 in Shanghai: what fell until now belongs to the day that ends now."""
    ended = county.client("Chen").get("/rain/", {"kind": "hydro", "day": "2026-07-01"}).context["found"]
    running = county.client("Chen").get("/rain/").context["found"]
    assert (ended.rain[0].total, running.rain) == (Decimal("60.0"), ())


def test_a_reservoir_over_its_limit_shows_excess_and_spare_storage(
    county: County, data: Path, stations: dict[str, Station]
) -> None:
    attributes = {
        "flood_limit": [{"from": "06-01", "to": "09-30", "stage_m": 148.0}],
        "capacity_curve": [[140, 100], [150, 300], [155, 500]],
    }
    Station.objects.filter(code=RIVER).update(kind="reservoir", attributes=attributes)
    scenes.store(data, RIVER, "stage", scenes.readings(["149.000"], until=county.now))
    (line,) = county.client("Chen").get("/rain/").context["found"].reservoirs
    assert (line.excess_m, line.excess, line.spare) == (Decimal("1.000"), Decimal("20.0"), Decimal("220.0"))


def test_the_workbook_of_the_situation_says_what_the_page_says(
    county: County, rain: dict[str, Station]
) -> None:
    form = {"kind": "hydro", "day": "2026-07-01"}
    answer = county.client("Chen", language="zh-hans").post("/rain/export/", form)
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert book.sheetnames == ["概况", "雨量站", "面雨量", "河道超警", "水库汛限"]
    assert [cell.value for cell in book["雨量站"][2]][:4] == [RAIN, "上柳雨量站", "上柳村", 60]
    assert [cell.value for cell in book["面雨量"][2]][:4] == ["乡镇", "柳河镇", 1, 60]
    assert Entry.objects.filter(kind="history.exported").count() == 1
