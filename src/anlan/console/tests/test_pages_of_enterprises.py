"""The enterprise answers on its page, the regulator sees and closes on the board; readings by hand and forecasts at the desk."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.accounts.services import create_account
from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN
from anlan.console.tests.test_enterprise_alarms import Plant, plant
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.directory.models import Person
from anlan.duty.models import Alarm
from anlan.journal.deadlines import run_reactions
from anlan.sensing.models import ForecastIssue, MaintenanceWindow, ManualReading, Station
from anlan.sensing.services.forecasts import Issue, take_forecast
from anlan.testing import PASSWORD, County

__all__ = ["plant"]


@pytest.fixture
def manager(plant: Plant) -> Client:
    """The safety manager of the pond, signed in."""
    county, person = plant.county, Person.objects.get(name="唐山")
    county.people["Tang"] = person
    county.users["Tang"] = create_account(
        person, username="tang", password=PASSWORD, must_change=False, by=county.by, at=county.now
    )
    return county.client("Tang")


@pytest.fixture
def gauges(county: County, tmp_path: Path, settings: Any) -> dict[str, Station]:
    settings.ANLAN_DATA = tmp_path
    return scenes.build_stations(county)


def act(client: Client, plant: Plant, verb: str, **form: str) -> int:
    address = reverse("console:act_on_enterprise_alarm", args=[plant.alarm().pk])
    return client.post(address, {"verb": verb, **form}).status_code


def text(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, answer.content.decode()[-800:]
    return answer.content.decode()


def test_the_enterprise_finds_its_alarm_on_its_pages_and_answers_it_step_by_step(
    plant: Plant, manager: Client
) -> None:
    plant.crosses(2)
    for name in ("console:enterprise_alarms", "console:today", "field:home"):
        assert "北坡矿业" in text(manager, name)
    assert act(manager, plant, "acknowledge") == 302
    assert act(manager, plant, "explain", cause="排渗管堵塞", measure="") == 422
    assert act(manager, plant, "explain", cause="排渗管堵塞", measure="已疏通") == 302
    assert act(manager, plant, "restore", restored_at="2026-07-01T08:00") == 302
    assert plant.alarm().state == "restored"
    page = text(manager, "console:enterprise_alarm", plant.alarm().pk)
    assert "排渗管堵塞" in page
    assert "Close the alarm" not in page


def test_an_answer_sent_twice_is_refused_and_changes_nothing(plant: Plant, manager: Client) -> None:
    plant.crosses(2)
    assert act(manager, plant, "acknowledge") == 302
    assert act(manager, plant, "acknowledge") == 409
    assert plant.alarm().state == "acknowledged"


def test_the_regulators_board_has_the_silent_first_and_the_regulator_closes_with_a_reason(
    plant: Plant, manager: Client
) -> None:
    plant.crosses(3, binding="R14:a")
    first = plant.alarm()
    plant.passes(timedelta(minutes=31))
    plant.crosses(1, binding="R14:b")
    chen = plant.county.client("Chen")
    page = text(chen, "console:enterprise_alarms")
    assert "limit passed, regulator told" in page
    second = type(first).objects.get(affair="R14:b")
    assert page.index(str(first.pk)) < page.index(str(second.pk))
    assert str(first.pk) in text(chen, "console:today")
    address = reverse("console:act_on_enterprise_alarm", args=[first.pk])
    assert manager.post(address, {"verb": "close", "reason": "x"}).status_code == 403
    assert chen.post(address, {"verb": "close", "reason": ""}).status_code == 422
    assert chen.post(address, {"verb": "close", "reason": "已现场核查"}).status_code == 302
    first.refresh_from_db()
    assert first.state == "closed"
    assert "已现场核查" in text(chen, "console:enterprise_alarms")


def test_maintenance_is_asked_for_on_the_enterprises_page_and_granted_on_the_regulators(
    plant: Plant, manager: Client
) -> None:
    address = reverse("console:enterprise_maintenance")
    form = {"station": "WKK-1", "hours": "2", "reason": "更换渗压计"}
    assert manager.post(address, form).status_code == 302
    assert manager.post(address, {**form, "hours": "999"}).status_code == 409
    window = MaintenanceWindow.objects.get()
    chen = plant.county.client("Chen")
    assert "更换渗压计" in text(chen, "console:today")
    decide = reverse("console:decide_maintenance", args=[window.pk])
    assert manager.post(decide, {"verdict": "grant"}).status_code == 403
    answer = chen.post(
        decide, {"verdict": "grant", "decision": "须有人值守", "next": reverse("console:enterprise_alarms")}
    )
    assert answer["Location"] == reverse("console:enterprise_alarms")
    assert "须有人值守" in text(manager, "console:enterprise_alarms")


def test_the_enterprise_next_door_reads_none_of_it(plant: Plant, manager: Client) -> None:
    other = Plant(plant.county, plant.next_door, plant.place, plant.station)
    row = other.crosses(2)
    assert row.station == plant.station
    Station.objects.filter(pk=plant.station.pk).update(division=plant.next_door)
    type(plant.alarm()).objects.update(division=plant.next_door)
    assert "北坡化工" not in text(manager, "console:enterprise_alarms")
    assert manager.get(reverse("console:enterprise_alarm", args=[plant.alarm().pk])).status_code == 404
    assert act(manager, plant, "acknowledge") == 404


# -- readings by people


def test_a_village_officer_enters_a_reading_on_the_phone_and_its_author_stands_on_the_stations_page(
    county: County, gauges: dict[str, Station]
) -> None:
    zhao = county.client("Zhao")
    assert "上柳雨量站" in text(zhao, "field:readings")
    address = reverse("field:reading", args=[RAIN])
    form = {"quantity": "rain_5min", "value": "2.5", "time": "2026-07-01T07:55", "words": "雨量筒"}
    assert zhao.post(address, form).status_code == 303
    assert zhao.post(address, form, headers={"X-Anlan-Queue": "1"}).status_code == 204
    assert ManualReading.objects.count() == 1
    for page in (text(county.client("Chen"), "console:station", RAIN), text(zhao, "field:reading", RAIN)):
        assert "赵春兰" in page
        assert "waiting to be stored" in page
    assert "赵春兰" in text(county.client("Chen"), "console:station_history", RAIN)
    answer = zhao.post(address, {**form, "value": "很多"})
    assert (answer.status_code, "很多" in answer.content.decode()) == (422, True)


def test_the_phone_form_says_abnormal_and_the_duty_room_rings(
    county: County, gauges: dict[str, Station]
) -> None:
    zhao = county.client("Zhao")
    form = {"verb": "abnormal", "words": "河岸塌了一段", "key": str(uuid.uuid4())}
    for _again in range(2):
        assert zhao.post(reverse("field:reading", args=[RAIN]), form).status_code == 303
    run_reactions(owner="worker-1")
    assert "河岸塌了一段" in Alarm.objects.get().text_zh


def test_the_desk_keeps_who_reported_by_phone(county: County, gauges: dict[str, Station]) -> None:
    chen, address = county.client("Chen"), reverse("console:record_reading", args=[RAIN])
    form = {"quantity": "rain_5min", "value": "3", "time": "2026-07-01T08:00", "reporter": ""}
    assert chen.post(address, form).status_code == 422
    assert chen.post(address, {**form, "reporter": "王二柱"}).status_code == 302
    page = text(chen, "console:station", RAIN)
    assert "王二柱" in page
    assert "陈静" in page


# -- forecasts


def test_a_forecast_is_typed_at_the_desk_and_shown_with_issue_and_lead_time(
    county: County, gauges: dict[str, Station]
) -> None:
    chen, address = county.client("Chen"), reverse("console:new_forecast")
    form = {
        "source": "市气象台",
        "target": f"station:{RAIN}",
        "quantity": "rain",
        "issued_at": "2026-07-01T08:00",
    }
    bad = chen.post(address, {**form, "values": "明天有雨"})
    assert (bad.status_code, "line 1" in bad.content.decode()) == (422, True)
    values = "2026-07-01 09:00, 2026-07-01 12:00, 25\n2026-07-01 12:00，2026-07-01 15:00，10.5"
    assert chen.post(address, {**form, "values": values}).status_code == 302
    row = ForecastIssue.objects.get()
    page = text(chen, "console:forecast", row.pk)
    assert "1.0–7.0 h" in page
    for name, args in (("console:forecasts", ()), ("console:station", (RAIN,))):
        assert "35.5" in text(chen, name, *args)
    assert (
        chen.post(address, {**form, "target": "division:000000000000", "values": values}).status_code == 404
    )


@pytest.mark.parametrize("who", ["Chen", "Tang"])
def test_these_pages_speak_chinese(plant: Plant, manager: Client, who: str) -> None:
    county = plant.county
    stations = scenes.build_stations(county)
    plant.crosses(2)
    plant.passes(timedelta(minutes=11))
    now = county.now
    issue = Issue("市气象台", "rain", now, [(now, now + timedelta(hours=3), Decimal(20))])
    row = take_forecast(issue, station=stations[RAIN], by=county.by, at=now)[0]
    county.client("Zhao").post(reverse("field:reading", args=[RAIN]), {"quantity": "rain_5min", "value": "1"})
    client = county.client(who, language="zh-hans")
    addresses = [
        reverse("console:enterprise_alarms"),
        reverse("console:enterprise_alarm", args=[plant.alarm().pk]),
        reverse("console:today"),
        reverse("console:forecasts"),
        reverse("field:readings"),
        reverse("field:home"),
    ]
    if who == "Chen":
        addresses += [
            reverse("console:forecast", args=[row.pk]),
            reverse("console:new_forecast"),
            reverse("console:station", args=[RAIN]),
            reverse("field:reading", args=[RAIN]),
        ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert english_in(answer.content.decode()) == [], address
