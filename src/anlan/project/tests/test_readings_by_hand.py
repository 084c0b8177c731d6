"""A person is a station too: what somebody read is stored by the gateway, judged and evaluated, and keeps its author."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from anlan.duty.models import Alarm
from anlan.journal.deadlines import run_reactions
from anlan.journal.verify import verify
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.project import hand
from anlan.project.tests.test_a_station_falls_silent import on_duty
from anlan.sensing import hand as tokens
from anlan.sensing import services
from anlan.sensing.catalogue import build, write_catalogue
from anlan.sensing.hot.reader import HotReader
from anlan.sensing.models import Crossing, ManualReading, Station, StationHappening
from anlan.sensing.refusals import SourceNameTaken
from anlan.sensing.services import manual
from anlan.testing import County
from anlan.vocab.quality import QualityFlag

GAUGE = "SC-0001"


@pytest.fixture
def gauge(county: County, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Station:
    """A staff gauge in Upper Willow with a warning stage of 10 m, which speaks for Lower Willow too."""
    settings.ANLAN_DATA = tmp_path
    for name in ("ANLAN_GATEWAY_HTTP_PORT", "ANLAN_GATEWAY_TCP_PORT"):
        monkeypatch.setenv(name, "0")
    row = services.register_station(
        code=GAUGE, name="上柳人工水尺", kind="stage_by_hand", division=county.divisions["Upper Willow"],
        lon=102.92, lat=27.41, warning_stage=Decimal(10), guaranteed_stage=Decimal(11), historic_max_stage=Decimal(12), by=county.by, at=county.now,
    )  # fmt: skip
    services.link_station(row, county.divisions["Lower Willow"], by=county.by, at=county.now)
    write_catalogue()
    return row


def read(
    county: County, gauge: Station, value: str = "10.40", who: str = "Zhao", **given: Any
) -> ManualReading:
    by: Actor = county.actor(who)
    moment = given.pop("phenomenon_time", county.now)
    return manual.record_reading(
        gauge, quantity="stage", value=value, phenomenon_time=moment, by=by, at=county.now, **given
    )


def deliver(county: County, base: str) -> int:
    county.clock.advance(seconds=120)
    return manual.deliver_due(partial(hand.send, base=base), owner="worker-1")


@contextmanager
def gateway(county: County, data: Path) -> Iterator[str]:
    write_catalogue()
    with on_duty(data, county.clock) as running:
        yield f"http://127.0.0.1:{running.ports['http']}"


def stored(data: Path, county: County) -> list[tuple[str, int]]:
    span = timedelta(days=40)
    points = HotReader(data / "hot").series(GAUGE, "stage", county.now - span, county.now + span)
    return [(str(one.value), int(one.flag)) for one in points]


def test_a_stage_read_by_a_person_crosses_the_same_threshold_as_a_sensors(
    transactional_db: None, county: County, gauge: Station, tmp_path: Path
) -> None:
    row = read(county, gauge)
    assert (row.state, row.author_name) == ("waiting", "赵春兰")
    with gateway(county, tmp_path) as base:
        assert deliver(county, base) == 1
        assert stored(tmp_path, county) == [("10.400", 0)]
        services.take_signals(HotReader(tmp_path / "hot"), at=county.now)
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("stored", None)
    crossing = Crossing.objects.get()
    assert (crossing.station, crossing.level, crossing.rule_id) == (gauge, 3, "R13")
    assert verify().ok


def test_a_worker_killed_after_the_gateway_stored_it_hands_over_a_repeat_and_nothing_is_doubled(
    transactional_db: None, county: County, gauge: Station, tmp_path: Path
) -> None:
    read(county, gauge, "9.10")
    with gateway(county, tmp_path) as base:

        def cut_off(token: str, readings: Sequence[dict[str, Any]]) -> manual.Answer:
            assert hand.send(token, readings, base=base).is_stored
            raise SystemExit

        with pytest.raises(SystemExit):
            manual.deliver_due(cut_off, owner="worker-1")
        assert ManualReading.objects.get().state == "waiting"
        deliver(county, base)
        assert stored(tmp_path, county) == [("9.100", 0)]
    assert ManualReading.objects.get().state == "stored"


def test_while_the_gateway_is_away_the_reading_waits_and_says_so(county: County, gauge: Station) -> None:
    read(county, gauge)
    assert deliver(county, "http://127.0.0.1:9") == 0
    row = ManualReading.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.due_at is not None
    assert row.due_at > county.now
    assert "gateway" in row.outcome


def test_an_implausible_reading_is_stored_with_its_flag_and_counts_for_nothing(
    transactional_db: None, county: County, gauge: Station, tmp_path: Path
) -> None:
    read(county, gauge, "9999")
    with gateway(county, tmp_path) as base:
        deliver(county, base)
        ((_value, flag),) = stored(tmp_path, county)
        services.take_signals(HotReader(tmp_path / "hot"), at=county.now)
    assert flag & QualityFlag.RANGE
    assert not Crossing.objects.exists()


def test_the_same_reading_entered_twice_is_one_and_another_value_is_a_correction(
    county: County, gauge: Station
) -> None:
    at = county.now
    first = read(county, gauge, "9.5", phenomenon_time=at)
    assert read(county, gauge, "9.50", phenomenon_time=at).pk == first.pk
    assert read(county, gauge, "9.6", phenomenon_time=at).pk != first.pk
    assert ManualReading.objects.count() == 2


def test_who_reported_by_phone_is_kept_beside_who_entered_it(county: County, gauge: Station) -> None:
    row = read(county, gauge, who="Chen", reporter="王二柱", words="电话报告")
    assert (row.author_name, row.reporter, row.words) == ("陈静", "王二柱", "电话报告")
    with pytest.raises(manual.NobodySaid):
        read(county, gauge, "9.9", who="Chen", reporter=" ")


def test_a_village_officer_records_only_for_stations_in_or_linked_to_the_village(
    county: County, gauge: Station
) -> None:
    read(county, gauge, "9.1", who="Zhao")
    read(county, gauge, "9.2", who="Zhou")
    with pytest.raises(NotFound):
        read(county, gauge, "9.3", who="Wu")
    with pytest.raises(NotAllowed):
        read(county, gauge, "9.4", who="He")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"value": "很高"}, manual.BadValue),
        ({"value": "NaN"}, manual.BadValue),
        ({"value": "1e30"}, manual.BadValue),
        ({"value": ""}, manual.BadValue),
    ],
)
def test_what_is_no_number_is_refused(
    county: County, gauge: Station, given: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        read(county, gauge, **given)
    assert not ManualReading.objects.exists()


def test_a_reading_of_tomorrow_or_of_last_year_is_refused(county: County, gauge: Station) -> None:
    for away in (timedelta(hours=1), -timedelta(days=40)):
        with pytest.raises(manual.BadTime):
            read(county, gauge, phenomenon_time=county.now + away)
    with pytest.raises(manual.NoSuchReading):
        manual.record_reading(
            gauge,
            quantity="rain_day",
            value="1",
            phenomenon_time=county.now,
            by=county.actor("Zhao"),
            at=county.now,
        )


def test_a_patrol_that_finds_something_rings_with_its_words_once(county: County, gauge: Station) -> None:
    zhao, at = county.actor("Zhao"), county.now
    for _again in range(2):
        manual.report_patrol(gauge, is_abnormal=True, words="堤脚渗水", key="form-0001", by=zhao, at=at)
    run_reactions(owner="worker-1")
    alarm = Alarm.objects.get()
    assert "巡查发现异常" in alarm.text_zh
    assert "堤脚渗水" in alarm.text_zh
    (row,) = StationHappening.objects.all()
    assert (row.kind, row.fields["author"]) == ("patrol_abnormal", "赵春兰")
    with pytest.raises(manual.NoFinding):
        manual.report_patrol(gauge, is_abnormal=True, words=" ", key="form-0002", by=zhao, at=at)


def test_a_patrol_point_keeps_normal_and_abnormal_as_readings(county: County, gauge: Station) -> None:
    point = services.register_station(
        code="XC-1", name="北沟巡查点", kind="patrol", division=county.divisions["Upper Willow"], lon=102.92, lat=27.41,
        by=county.by, at=county.now,
    )  # fmt: skip
    zhao = county.actor("Zhao")
    manual.report_patrol(point, is_abnormal=False, words="", key="a", by=zhao, at=county.now)
    county.clock.advance(seconds=3600)
    manual.report_patrol(point, is_abnormal=True, words="新裂缝", key="b", by=zhao, at=county.now)
    assert [int(row.value) for row in ManualReading.objects.order_by("phenomenon_time")] == [0, 1]
    assert StationHappening.objects.count() == 1


def test_the_token_is_made_once_for_its_owner_only_and_the_catalogue_holds_its_digest(
    county: County, gauge: Station, tmp_path: Path
) -> None:
    assert [one["name"] for one in build()["sources"]] == []
    read(county, gauge)
    first = tokens.token(tmp_path)
    assert tokens.ensure_token(tmp_path) == first
    assert (tmp_path / "hand.token").stat().st_mode & 0o777 == 0o600
    (entry,) = build()["sources"]
    assert first not in str(entry)
    assert "stage_by_hand" in entry["heard_kinds"]
    assert "river" not in entry["heard_kinds"]
    with pytest.raises(SourceNameTaken):
        services.create_source("hand", by=county.by, at=county.now)
