"""What people and machines send to the duty desk by mistake or by intent: it is refused in words, and nothing leaks."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from anlan.attachments import uploading
from anlan.console.moments import input_moment
from anlan.duty.models import Alarm
from anlan.duty.queries import log_lines
from anlan.duty.tests.rooms import Rooms
from anlan.incidents.models import Incident
from anlan.incidents.services import open_incident
from anlan.incidents.types import IncidentDetails
from anlan.intake import services as intake
from anlan.intake.models import Intake
from anlan.intake.types import IntakeDetails
from anlan.journal.sealer import seal_everything
from anlan.reporting.models import UpwardReport
from anlan.reporting.services.receivers import enter_node
from anlan.reporting.tests.desk import receivers
from anlan.testing import County

pytestmark = pytest.mark.django_db

FREE = "00000000-0000-0000-0000-000000000007"
SECRET = "卫生院三名学生腹泻"


def taken(county: County, **fields: Any) -> Intake:
    details = {
        "source": "120",
        "text": SECRET,
        "received_at": county.now,
        "division": county.divisions["Upper Willow"],
        "event_type": "public_health",
        **fields,
    }
    return intake.take_intake(IntakeDetails(**details), by=county.actor("Chen"), at=county.now)[0]


def opened(county: County, **fields: Any) -> Incident:
    details = {
        "title": "上柳村滑坡",
        "event_type": "landslide",
        "division": county.divisions["Upper Willow"],
        "informant": "village",
        "known_at": county.now,
        **fields,
    }
    return open_incident(IncidentDetails(**details), by=county.actor("Chen"), at=county.now)


def push(county: County, **changes: Any) -> Any:
    node, token = enter_node(
        f"柳河镇{UpwardReport.objects.count()}",
        division=county.divisions["Willow River"],
        by=county.actor("He"),
        at=county.now,
    )
    body = {
        "kind": "initial",
        "title": SECRET,
        "event_type": "public_health",
        "division": county.divisions["Upper Willow"].code,
        "known_at": county.now.isoformat(),
        "elements": {"course": SECRET, "place": "上柳村小学"},
        "figures": [{"code": "persons", "value": "3", "as_of": county.now.isoformat()}],
        **changes,
    }
    headers = {"authorization": f"Bearer {token}", "idempotency-key": node.name}
    return Client().post(
        "/api/reporting/v1/reports", json.dumps(body), content_type="application/json", headers=headers
    )


def test_the_log_of_a_township_says_nothing_of_a_restricted_message(county: County) -> None:
    rooms = Rooms(county)
    rooms.open()
    row = taken(county)
    intake.correct_place(
        row, division=row.division, place_words="卫生院", by=county.actor("Chen"), at=county.now
    )
    seal_everything()
    start, end = county.now - timedelta(hours=1), county.now + timedelta(hours=1)
    told = {
        who: any(
            str(row.pk) in line.subject
            for line in log_lines(rooms.room(room), actor=county.actor(who), start=start, end=end)[0]
        )
        for who, room in (("Chen", "Yunling"), ("Li", "Willow River"))
    }
    assert told == {"Chen": True, "Li": False}
    assert SECRET not in county.client("Li").get("/duty/log/").content.decode()


def test_what_is_told_of_something_restricted_is_restricted_too(county: County) -> None:
    plain = taken(county, text="门口来了很多人", event_type="")
    assert county.client("Li").get(f"/intake/{plain.pk}/").status_code == 200
    main = intake.open_from_intake(taken(county), by=county.actor("Chen"), at=county.now)
    intake.add_to_incident(plain, main, by=county.actor("Chen"), at=county.now)
    assert county.client("Li").get(f"/intake/{plain.pk}/").status_code == 404
    intake.describe_intake(plain, event_type="flood", by=county.actor("Chen"), at=county.now)
    assert Intake.objects.get(pk=plain.pk).is_restricted


def test_a_restricted_report_of_a_township_is_taken_in_without_its_words(county: County) -> None:
    assert push(county).status_code == 200
    row = UpwardReport.objects.get()
    alarm = Alarm.objects.get(subject=f"upward_report:{row.pk}")
    assert SECRET not in alarm.text_zh
    assert "公共卫生事件" in alarm.text_zh
    seen = {who: county.client(who).get(f"/reports/{row.pk}/").status_code for who in ("Chen", "Li", "He")}
    assert seen == {"Chen": 200, "Li": 404, "He": 404}
    assert (
        county.client("Chen").post(f"/reports/{row.pk}/act/", {"verb": "take", "incident": "x"}).status_code
        == 404
    )
    assert county.client("Chen").post(f"/reports/{row.pk}/act/", {"verb": "take"}).status_code == 302
    made = Incident.objects.get()
    assert (made.is_restricted, made.course, SECRET in made.title) == (True, "", False)
    assert [one.code for one in made.figures.all()] == ["persons"]


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "eins"},
        {"elements": ["course"]},
        {"figures": {"deaths": 1}},
        {"figures": [{"code": "deaths", "value": "-1", "as_of": "2026-07-01T00:00:00Z"}]},
        {"figures": [{"code": "deaths", "value": "1.5", "as_of": "2026-07-01T00:00:00Z"}]},
        {"figures": [{"code": "deaths", "value": "1e99999", "as_of": "2026-07-01T00:00:00Z"}]},
        {"known_at": "0001-01-01T00:00:00+08:00"},
    ],
)
def test_a_report_that_the_desk_could_never_take_in_is_refused_at_the_door(
    county: County, changes: dict[str, Any]
) -> None:
    assert push(county, **{"event_type": "landslide", **changes}).status_code == 422
    assert not UpwardReport.objects.exists()


def test_a_year_that_no_calendar_reaches_is_refused_in_words(county: County) -> None:
    call = {"source": "phone", "text": "河水上涨", "occurred": "0001-01-01T00:00"}
    assert county.client("Chen").post("/intake/new/", call).status_code == 422
    call |= {"occurred": "", "received": "0001-01-01T00:00:00+08:00"}
    refused = county.client("Chen").post("/intake/new/", call)
    assert refused.status_code == 422
    again = re.search(r'name="received" value="([^"]+)"', refused.content.decode())
    assert again is not None
    assert "河水上涨" in refused.content.decode(), "nothing typed is lost"
    answer = county.client("Chen").post("/intake/new/", {**call, "received": again[1]})
    assert answer.status_code == 302, "the page that refused carries a time that is taken"
    phone = {
        "text": "河水上涨",
        "division": county.divisions["Upper Willow"].code,
        "occurred": "0001-01-01T00:00",
    }
    assert county.client("Zhao").post("/f/report/", phone).status_code in (400, 422)


@pytest.mark.parametrize(
    "odd", ["/drills/calendar/?year=²⁰²⁶", "/reviews/?year=0000", "/reviews/?year=²²²²", "/cases/?q=%0%000"]
)
def test_odd_digits_and_nul_in_an_address_are_no_error(county: County, odd: str) -> None:
    assert county.client("Wang").get(odd).status_code == 200


def test_a_number_too_long_to_write_out_is_no_number(county: County) -> None:
    row = opened(county)
    answer = county.client("Chen").post(
        f"/incidents/{row.pk}/act/",
        {"verb": "figure", "code": "deaths", "value": "1e999999", "source": "120"},
    )
    assert answer.status_code == 400
    assert len(answer.content) < 200_000


def test_a_line_break_pasted_from_a_letter_does_not_stop_the_export(county: County) -> None:
    opened(county, title="上柳村\x0b滑坡")
    answer = county.client("Chen").post("/incidents/export/")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.values)
    assert rows[1][1] == "上柳村 滑坡"


def test_a_film_that_is_too_large_is_refused_beside_the_incident(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = opened(county)
    monkeypatch.setattr(uploading, "MOST_FILM_BYTES", 1024 * 1024)
    film = SimpleUploadedFile("film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 2 * 1024 * 1024)
    answer = county.client("Chen").post(f"/incidents/{row.pk}/act/", {"verb": "attach", "file": film})
    assert answer.status_code == 413
    assert "MB" in answer.content.decode()


def test_a_nil_report_pressed_twice_is_one(county: County) -> None:
    first, again = (county.client("Chen").post("/reports/nil/") for _time in range(2))
    assert (first.status_code, first["Location"]) == (302, again["Location"])
    assert UpwardReport.objects.count() == 1


def test_a_page_mark_from_the_year_one_shows_the_first_page(county: County) -> None:
    mark = "0001-01-01T00:00:00%2B08:00"
    for address in (
        f"/incidents/?after={mark}~{FREE}",
        f"/papers/?before={mark}~{FREE}",
        f"/intake/?after={mark}_{FREE}",
    ):
        assert county.client("Chen").get(address).status_code == 200


def test_a_flash_and_a_report_from_the_phone_that_are_sent_twice_are_one(county: County) -> None:
    row, tiers = opened(county), receivers(county)
    flash = {
        "to": [str(tiers["city"].pk)],
        "told_at": input_moment(county.now),
        "heard_by": "周科长",
        "words": "滑坡",
    }
    told = [
        county.client("Chen").post(f"/incidents/{row.pk}/reports/flash/", flash)["Location"]
        for _time in range(2)
    ]
    assert told[0] == told[1]
    form = {"title": "便桥冲毁", "event_type": "flash_flood", "e-course": "山洪", "n-deaths": "1"}
    sent = [county.client("Li").post("/f/upward/new/", form)["Location"] for _time in range(2)]
    assert sent[0] == sent[1]
    assert county.client("Li").post("/f/upward/new/", {**form, "n-deaths": "2"})["Location"] != sent[0]


def test_the_log_names_the_incident_of_a_figure_and_of_a_remark(county: County) -> None:
    row, chen = opened(county), county.client("Chen")
    figure = {"verb": "figure", "code": "deaths", "value": "1", "source": "119"}
    remark = {"verb": "remark", "leader": "王县长", "words": "全力搜救"}
    for form in (figure, remark):
        assert chen.post(f"/incidents/{row.pk}/act/", form).status_code == 302
    seal_everything()
    log = chen.get("/log/").content.decode()
    assert "上柳村滑坡: deaths 1" in log.replace("Deaths", "deaths").replace("dead", "deaths")
    assert str(row.pk) not in log


def test_a_merged_incident_is_closed_by_no_page_that_was_open_before(county: County) -> None:
    main, other, chen = opened(county), opened(county, title="上柳村塌方"), county.client("Chen")
    merge = {"verb": "merge", "main": str(main.pk), "reason": "同一处"}
    assert chen.post(f"/incidents/{other.pk}/act/", merge).status_code == 302
    for verb in ("close", "not_true", "verify"):
        assert chen.post(f"/incidents/{other.pk}/act/", {"verb": verb, "reason": "完"}).status_code == 409
    assert chen.post(f"/incidents/{other.pk}/act/", {"verb": "split", "reason": "两处"}).status_code == 302
    assert Incident.objects.get(pk=other.pk).state == "received"
    assert chen.post(f"/incidents/{main.pk}/act/", {"verb": "not_true", "reason": "误报"}).status_code == 302
    assert chen.post(f"/incidents/{other.pk}/act/", merge).status_code == 409


def test_an_order_that_is_sent_twice_rings_once(county: County) -> None:
    row, wang = opened(county), county.client("Wang")
    due = input_moment(county.now + timedelta(hours=1))
    order = {
        "verb": "chase",
        "task": "抢修便桥",
        "division": county.divisions["Willow River"].code,
        "due_at": due,
    }
    for _time in range(2):
        assert wang.post(f"/incidents/{row.pk}/act/", order).status_code == 302
    assert row.chases.count() == 1
