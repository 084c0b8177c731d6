"""What neighbouring rooms and the telephone system say over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from anlan.duty.models import Alarm
from anlan.intake import services
from anlan.intake.models import Intake, IntakeSender, NilReport, RingEvent
from anlan.testing import County

ADDRESS = "/api/intake/v1/reports"


def listed(county: County, kind: str = "token", source: str = "110") -> tuple[IntakeSender, str]:
    return services.list_sender(
        name="县公安局",
        kind=kind,
        source=source,
        division=county.division,
        by=county.actor("He"),
        at=county.now,
    )


def post(token: str, body: Any, address: str = ADDRESS) -> Any:  # Any: JSON in, an answer out
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        address, raw, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )


REPORT: dict[str, Any] = {
    "message_id": "20260701-0031",
    "text": "上柳村河边房屋进水，2人被困",
    "received_at": "2026-07-01T07:58:00+08:00",
    "occurred_at": "2026-07-01T07:50:00+08:00",
    "caller": {"name": "郭小明", "number": "10000000012"},
    "place": "上柳小学旁",
    "division": "999901101201",
}


def test_a_report_is_stored_once_and_its_state_is_read_back(county: County) -> None:
    _sender, token = listed(county)
    first, again = post(token, REPORT), post(token, REPORT)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    row = Intake.objects.get()
    assert (row.source, row.sender_name, row.figures) == ("110", "县公安局", {"trapped": "2"})
    services.verify_intake(row, result="属实", by=county.actor("Chen"), at=county.now)
    bearer = {"Authorization": f"Bearer {token}"}
    state = Client().get(f"{ADDRESS}/20260701-0031", headers=bearer).json()
    assert (state["state"], state["result"], state["message_id"]) == ("verified", "属实", "20260701-0031")
    listed_ones = Client().get(ADDRESS, headers=bearer).json()["reports"]
    assert [one["number"] for one in listed_ones] == [row.number]


def test_one_sender_reads_nothing_of_another(county: County) -> None:
    _one, token = listed(county)
    _other, stranger = listed(county, source="119")
    post(token, REPORT)
    bearer = {"Authorization": f"Bearer {stranger}"}
    assert Client().get(f"{ADDRESS}/20260701-0031", headers=bearer).status_code == 404
    assert Client().get(ADDRESS, headers=bearer).json() == {"reports": []}
    assert post(stranger, REPORT).status_code == 201
    assert Intake.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, ""),
        ({"text": 5}, "text"),
        ({"text": "  "}, "text"),
        ({"lon": 200}, "lon"),
        ({"lon": 102.9}, "lon"),
        ({"event_type": "meteor"}, "event_type"),
        ({"figures": {"deaths": -1}}, "figures.deaths"),
        ({"figures": {"cows": 1}}, "figures.cows"),
        ({"occurred_at": "2026-07-01T07:50:00"}, "occurred_at"),
        ({"message_id": ""}, "message_id"),
        ({"caller": {"number": "<script>"}}, "caller.number"),
    ],
)
def test_a_bad_report_is_refused_by_field_and_stores_nothing(
    county: County, change: dict[str, Any], field: str
) -> None:
    _sender, token = listed(county)
    answer = post(token, {**REPORT, **change})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Intake.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b"x" * 70_000])
def test_what_is_no_report_at_all_is_answered_with_400(county: County, body: bytes) -> None:
    _sender, token = listed(county)
    assert post(token, body).status_code == 400


def test_a_time_in_the_future_is_refused_with_a_sentence(county: County) -> None:
    _sender, token = listed(county)
    answer = post(token, {**REPORT, "received_at": "2026-07-01T09:00:00+08:00"})
    assert (answer.status_code, answer.json()["error"]) == (400, "incident.in_the_future")


def test_a_report_about_another_county_is_kept_and_says_so(county: County) -> None:
    _sender, token = listed(county)
    answer = post(token, {**REPORT, "division": "530521100201"})
    assert (answer.status_code, answer.json()["another_county"]) == (201, True)
    assert Intake.objects.get().elsewhere == "530521100201"


def test_a_nil_report_is_heard_and_fills_no_inbox(county: County) -> None:
    _sender, token = listed(county)
    body = {"message_id": "n1", "nil": True}
    assert post(token, body).json() == {"message_id": "n1", "nil": True, "repeated": False}
    assert post(token, body).json()["repeated"] is True
    assert (NilReport.objects.count(), Intake.objects.count()) == (1, 0)


def test_a_strange_an_unlisted_and_the_wrong_kind_of_token_open_nothing(county: County) -> None:
    sender, token = listed(county)
    _line, line_token = listed(county, "line", "phone")
    services.unlist_sender(sender, by=county.actor("He"), at=county.now)
    for wrong in ("", "guess", token, line_token):
        assert post(wrong, REPORT).status_code == 401
    assert Intake.objects.count() == 0


def test_the_telephone_system_says_that_a_line_rings_is_answered_and_hung_up(county: County) -> None:
    _line, token = listed(county, "line", "phone")
    ring = {"call_id": "c-1", "number": "10000000012", "called": "0800-0000000"}
    answer = post(token, ring, "/api/intake/v1/ring")
    assert (answer.status_code, answer.json()) == (200, {"call_id": "c-1", "state": "ringing"})
    assert Alarm.objects.get(kind="line_rings").state == "ringing"
    post(token, {"call_id": "c-1", "event": "answer"}, "/api/intake/v1/ring")
    assert Alarm.objects.get(kind="line_rings").state == "cleared"
    body = {"call_id": "c-1", "event": "hangup", "recording": "2026/07/01/c-1.wav"}
    assert post(token, body, "/api/intake/v1/ring").json()["state"] == "ringing"
    assert RingEvent.objects.get().recording == "2026/07/01/c-1.wav"
    body = {"call_id": "c-2", "number": "10000000012"}
    post(token, body, "/api/intake/v1/ring")
    assert post(token, {**body, "event": "hangup"}, "/api/intake/v1/ring").json()["state"] == "missed"


def test_a_bad_ring_is_refused_by_field(county: County) -> None:
    _line, token = listed(county, "line", "phone")
    answer = post(token, {"number": "1"}, "/api/intake/v1/ring")
    assert answer.status_code == 400
    assert "call_id" in answer.json()["errors"][0]["message"]
