"""The station page: commands with their release, what a device reported, its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.journal.services import note
from anlan.kernel.actor import system
from anlan.kernel.ids import uuid7
from anlan.sensing.models import Station, StationCommand, StationHappening
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def station(county: County, tmp_path: Path, settings: Any) -> Station:
    settings.ANLAN_DATA = tmp_path
    return scenes.build_stations(county)[RAIN]


def page(county: County, who: str) -> str:
    answer = county.client(who).get(reverse("console:station", args=[RAIN]))
    assert answer.status_code == 200
    return answer.content.decode()


def ask(county: County, who: str, **form: str) -> int:
    return county.client(who).post(reverse("console:ask_command", args=[RAIN]), form).status_code


def press(county: County, who: str, verb: str, row: StationCommand) -> int:
    return county.client(who).post(reverse(f"console:{verb}_command", args=[row.pk])).status_code


def test_a_question_is_asked_from_the_page_and_waits_for_the_station(
    county: County, station: Station
) -> None:
    assert ask(county, "Feng", command="query_realtime", hours="1") == 302
    row = StationCommand.objects.get()
    assert (row.state, row.asked_by_person) == ("released", county.people["Feng"])
    assert (row.expires_at - row.asked_at).total_seconds() == 3600
    text = page(county, "Chen")
    assert "query present values" in text
    assert "waits for the station" in text


def test_arguments_of_a_form_reach_the_command(county: County, station: Station) -> None:
    form = {"command": "query_elements", "argument-elements": "39, 26"}
    assert ask(county, "Feng", **form) == 302
    assert StationCommand.objects.get().arguments == {"elements": "39, 26"}
    assert ask(county, "Feng", command="query_elements", **{"argument-elements": "rain"}) == 422
    assert StationCommand.objects.count() == 1


def test_a_reset_needs_a_second_person_and_the_first_sees_no_release_button(
    county: County, station: Station
) -> None:
    assert ask(county, "Feng", command="factory_reset") == 302
    row = StationCommand.objects.get()
    release = reverse("console:release_command", args=[row.pk])
    assert release not in page(county, "Feng")
    assert release in page(county, "Zheng")
    assert press(county, "Feng", "release", row) == 403
    assert StationCommand.objects.get().state == "proposed"
    assert press(county, "Zheng", "release", row) == 302
    row.refresh_from_db()
    assert (row.state, row.released_by_person) == ("released", county.people["Zheng"])
    assert "郑国安" in page(county, "Chen")


def test_a_command_is_withdrawn(county: County, station: Station) -> None:
    ask(county, "Feng", command="query_version")
    assert press(county, "Feng", "withdraw", StationCommand.objects.get()) == 302
    assert StationCommand.objects.get().state == "withdrawn"


@pytest.mark.parametrize("who", ["Chen", "Wang", "Li", "Zhao"])
def test_who_may_not_command_sees_the_list_and_no_form(county: County, station: Station, who: str) -> None:
    assert reverse("console:ask_command", args=[RAIN]) not in page(county, who)
    assert ask(county, who, command="query_realtime") == 403
    assert not StationCommand.objects.exists()


def test_a_clock_that_is_off_can_be_set_with_one_button(county: County, station: Station) -> None:
    assert "Set the clock" not in page(county, "Feng")
    note(
        kind="station.clock_offset", subject=("station", str(station.pk)), payload={"offset_s": -3600},
        by=system("gateway"), at=county.now,
    )  # fmt: skip
    assert "clock off by -3600 s" in page(county, "Feng")
    assert ask(county, "Feng", command="set_clock", hours="24") == 302
    assert StationCommand.objects.get().command == "set_clock"


def test_what_the_device_reported_and_a_conflict_of_addresses_are_shown(
    county: County, station: Station
) -> None:
    StationHappening(
        id=uuid7(), station=station, kind="terminal_alarm", protocol="sl651", fields={"alarms": ["蓄电池电压低"]},
        received_at=county.now, recorded_at=county.now, report_key="k",
    ).record(by=system("gateway"), at=county.now)  # fmt: skip
    note(
        kind="station.address_conflict", subject=("station", str(station.pk)), payload={"peers": "192.0.2.7:9"},
        by=system("gateway"), at=county.now,
    )  # fmt: skip
    text = page(county, "Chen")
    assert "蓄电池电压低" in text
    assert "terminal status with alarms" in text
    assert "two connections claim this station" in text
    assert "192.0.2.7:9" in text
    county.clock.advance(hours=25)
    assert "two connections claim this station" not in page(county, "Chen")


def test_pictures_of_a_station_are_listed_and_opened_and_other_files_are_only_handed_out(
    county: County, station: Station, tmp_path: Path
) -> None:
    data = b"\xff\xd8\xff\xe0picture"
    picture = scenes.keep_picture(tmp_path, RAIN, data, at=county.now)
    script = scenes.keep_picture(tmp_path, RAIN, b"<script>", at=county.now, media_type="text/html")
    client = county.client("Zhao")
    listing = client.get(reverse("console:station_pictures", args=[RAIN])).content.decode()
    assert reverse("console:station_picture", args=[RAIN, picture]) in listing
    shown = client.get(reverse("console:station_picture", args=[RAIN, picture]))
    assert (shown.content, shown["Content-Type"]) == (data, "image/jpeg")
    handed = client.get(reverse("console:station_picture", args=[RAIN, script]))
    assert (handed["Content-Type"], handed["Content-Disposition"]) == (
        "application/octet-stream",
        "attachment",
    )
    assert handed["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("console:station_picture", args=[scenes.RIVER, picture])).status_code == 404


def test_the_page_of_commands_stands_alone(county: County, station: Station) -> None:
    answer = county.client("Feng").get(reverse("console:station_commands", args=[RAIN]))
    assert answer.status_code == 200
    assert station.name in answer.content.decode()


def test_the_page_speaks_chinese_to_whoever_commands(
    county: County, station: Station, tmp_path: Path
) -> None:
    ask(county, "Feng", command="query_elements", **{"argument-elements": "39"})
    StationCommand.objects.update(state="failed", reason_code="no_answer", reason="It did not answer.")
    ask(county, "Feng", command="factory_reset")
    scenes.keep_picture(tmp_path, RAIN, b"\xff\xd8", at=county.now)
    note(
        kind="station.clock_offset", subject=("station", str(station.pk)), payload={"offset_s": 3600},
        by=system("gateway"), at=county.now,
    )  # fmt: skip
    client = county.client("Feng", language="zh-hans")
    for route in ("station_commands", "station_pictures"):
        text = client.get(reverse(f"console:{route}", args=[RAIN])).content.decode()
        assert english_in(text) == []
    assert "恢复出厂设置" in client.get(reverse("console:station", args=[RAIN])).content.decode()
