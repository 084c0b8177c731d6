"""The quick report of a village, a township and an enterprise."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from anlan.intake import services
from anlan.intake.files import files_of
from anlan.intake.models import Intake
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

KEY = "0f0f0f0f-0001"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path


def send(client: Client, address: str = "/f/report/", **fields: Any) -> Any:  # Any: an answer
    form = {"key": KEY, "text": "河水漫过桥面，2人被困", "event_type": "", "division": "999901101201"}
    return client.post(address, {**form, **fields})


def test_a_village_officer_reports_with_a_photo_and_the_county_sees_it_at_once(county: County) -> None:
    photo = io.BytesIO(b"\xff\xd8\xff photo")
    photo.name = "p.jpg"
    assert send(county.client("Zhao"), photo=photo).status_code == 303
    row = Intake.objects.get()
    assert (row.source, row.division_id, row.figures) == ("village", "999901101201", {"trapped": "2"})
    assert row.needs_signature is False
    assert [one.media_type for one in files_of(row)] == ["image/jpeg"]
    assert "河水漫过桥面" in county.client("Chen").get("/intake/").content.decode()
    assert "河水漫过桥面" in county.client("Zhao").get("/f/reports/").content.decode()


def test_a_form_that_waited_in_the_phone_counts_once_and_keeps_its_time(county: County) -> None:
    client = county.client("Zhao")
    written = "2026-06-30T23:10:00.000Z"
    for _time in range(2):
        answer = client.post(
            "/f/report/",
            {"key": KEY, "text": "进水", "division": "999901101201", "written": written},
            headers={"X-Anlan-Queue": "1"},
        )
        assert answer.status_code == 204
    assert f"{Intake.objects.get().received_at:%H:%M}" == "23:10"


def test_the_page_is_small_and_offers_ones_own_places_only(county: County) -> None:
    answer = county.client("Zhao").get("/f/report/")
    page = answer.content.decode()
    assert len(answer.content) < 30_000
    assert "上柳村" in page
    assert "北坡村" not in page


def test_nobody_reports_in_the_name_of_a_neighbour(county: County) -> None:
    assert send(county.client("Zhao"), division="999901102201").status_code == 404
    assert Intake.objects.count() == 0


def test_a_refusal_keeps_what_was_typed(county: County) -> None:
    answer = send(county.client("Zhao"), occurred="2026-07-01T09:30")
    assert answer.status_code == 409
    assert "河水漫过桥面" in answer.content.decode()
    assert Intake.objects.count() == 0


def leader(county: County) -> Client:
    from anlan.accounts.services import create_account
    from anlan.directory import services as directory
    from anlan.testing import PASSWORD

    by, at, place = county.by, county.now, county.divisions["Willow River"]
    person = directory.create_person("沈镇长", division=place, by=by, at=at)
    directory.appoint(
        directory.ensure_post(PostKind.TOWNSHIP_LEADER, division=place, by=by, at=at), person, by=by, at=at
    )
    county.users["Shen"] = create_account(
        person, username="shen", password=PASSWORD, must_change=False, by=by, at=at
    )
    return county.client("Shen")


def test_a_townships_report_is_seen_unsigned_at_once_and_is_its_own_once_its_leader_signed(
    county: County,
) -> None:
    send(county.client("Li"), division="999901101000")
    row = Intake.objects.get()
    assert (row.source, row.needs_signature, row.signed_at) == ("township", True, None)
    assert "not signed by the township" in county.client("Chen").get("/intake/").content.decode()
    assert county.client("Li").post(f"/f/reports/{row.pk}/", {"verb": "sign"}).status_code == 403
    shen = leader(county)
    assert "河水漫过桥面" in shen.get("/f/reports/").content.decode()
    assert shen.post(f"/f/reports/{row.pk}/", {"verb": "sign"}).status_code == 303
    row.refresh_from_db()
    assert row.signed_name == "沈镇长"


def test_a_village_that_was_asked_answers_on_its_phone(county: County) -> None:
    details = {
        "source": "110",
        "text": "进水",
        "received_at": county.now,
        "division": county.divisions["Upper Willow"],
    }
    from anlan.intake.types import IntakeDetails

    row, _new = services.take_intake(IntakeDetails(**details), by=county.actor("Chen"), at=county.now)  # type: ignore[arg-type]  # a dictionary of details
    zhao = county.client("Zhao")
    assert zhao.get(f"/f/reports/{row.pk}/").status_code == 404
    services.ask_to_verify(
        row, division=county.divisions["Upper Willow"], by=county.actor("Chen"), at=county.now
    )
    assert "进水" in zhao.get("/f/reports/").content.decode()
    zhao.post(f"/f/reports/{row.pk}/", {"verb": "found_true", "words": "两户进水"})
    assert row.steps.get(kind="found_true").words == "两户进水"


def enterprise_link(county: County) -> tuple[Division, str]:
    row = DivisionRow(
        "999901101201-Q1",
        "青石矿业",
        "999901101201",
        DivisionLevel.ENTERPRISE,
        lon=102.93,
        lat=27.42,
        trade="mine",
    )
    load_divisions([row], by=county.by, at=county.now)
    unit = Division.objects.get(pk=row.code)
    _sender, token = services.list_sender(
        name="青石矿业", kind="link", source="enterprise", division=unit, by=county.actor("He"), at=county.now
    )
    return unit, token


def test_an_enterprise_reports_by_its_link_and_its_head_knew_at_starts_the_chain(county: County) -> None:
    unit, token = enterprise_link(county)
    page = Client().get(f"/r/{token}/")
    assert page.status_code == 200
    assert len(page.content) < 30_000
    answer = send(
        Client(),
        f"/r/{token}/",
        text="井下透水，3人被困",
        event_type="mine",
        head_knew="2026-07-01T07:40",
        name="唐山",
    )
    assert answer.status_code == 303
    row = Intake.objects.get()
    assert (row.source, row.unit, row.caller_name) == ("enterprise", unit, "唐山")
    incident = services.open_from_intake(row, by=county.actor("Chen"), at=county.now)
    assert incident.unit == unit
    assert f"{incident.unit_head_knew_at:%H:%M}" == "23:40"


def test_a_guessed_link_opens_nothing(county: County) -> None:
    enterprise_link(county)
    assert Client().get(f"/r/{'0' * 32}/").status_code == 404
    assert send(Client(), f"/r/{'0' * 32}/").status_code == 404
    assert Intake.objects.count() == 0
