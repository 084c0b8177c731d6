"""Reports travel between nodes: one report is one key, however often an answer is lost; what comes in twice counts once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client

from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.journal.models import ExerciseRun
from anlan.reporting import services
from anlan.reporting.forwarding import forward_due, letter, payload
from anlan.reporting.models import ReportClock, ReportDelivery, ReportReceiver, UpwardReport
from anlan.reporting.queries import report_content, to_take
from anlan.reporting.refusals import AlreadyTaken
from anlan.reporting.services.receivers import enter_node, enter_receiver
from anlan.reporting.tests.desk import clock, landslide, signed, work
from anlan.reporting.types import Draft, ReceiverDetails, Sending
from anlan.testing import County
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db

URL = "/api/reporting/v1/reports"


def city(county: County, ways: tuple[tuple[str, str], ...]) -> ReportReceiver:
    details = ReceiverDetails("市应急管理局", "city-bureau", "city", ways)
    return enter_receiver(details, division=county.division, by=county.actor("He"), at=county.now)


class Peer:
    """A node that keeps each key once, and whose answers may be lost on the way."""

    def __init__(self, *, loses: int = 0, status: int = 200) -> None:
        self.loses, self.status = loses, status
        self.seen: list[str] = []
        self.stored: dict[str, Any] = {}
        self.first_at = ""

    def answer(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["Idempotency-Key"]
        is_known = key in self.stored
        self.seen.append(key)
        self.stored.setdefault(key, json.loads(request.content))
        if self.loses:
            self.loses -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(
            self.status, json={"id": "S-1", "received_at": self.first_at, "repeated": is_known}
        )

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))


def asked(county: County, **peer: Any) -> tuple[Incident, ReportDelivery, Peer]:
    receiver = city(county, (("api", "https://city.invalid/api/reporting/v1/reports"),))
    incident = landslide(county)
    report = signed(county, incident)
    row = services.send_report(report, [Sending(receiver, "api")], by=county.actor("Chen"), at=county.now)[0]
    return incident, row, Peer(**peer)


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_counts_once(county: County) -> None:
    incident, row, peer = asked(county, loses=2)
    first = county.now
    peer.first_at = first.isoformat()
    for _ in range(4):
        forward_due(peer.client(), owner="test")
        county.clock.advance(minutes=1)
    row.refresh_from_db()
    assert peer.seen == [str(row.report_id)] * 3
    assert len(peer.stored) == 1
    assert (row.state, row.receipt, row.handed_at) == ("handed", "S-1", first)
    assert clock(incident, "written").met_at == first  # the peer took it before its answer was lost


def test_a_peer_that_never_takes_it_leaves_the_report_to_a_person(county: County) -> None:
    _, row, peer = asked(county, status=422)
    forward_due(peer.client(), owner="test")
    row.refresh_from_db()
    assert (row.state, row.error, row.next_try_at) == ("failed", "HTTP 422", None)
    assert forward_due(peer.client(), owner="test") == 0
    services.hand_over(row, handed_at=county.now, by=county.actor("Chen"), at=county.now)
    assert row.state == "handed"


def test_a_report_of_a_drill_beside_reality_leaves_for_no_real_authority(county: County) -> None:
    _, row, peer = asked(county)
    run = ExerciseRun.objects.create(scenario="flood", clock_start=county.now, wall_start=county.now)
    ReportDelivery.objects.filter(pk=row.pk).update(exercise_id=run.pk)
    assert forward_due(peer.client(), owner="test") == 1
    row.refresh_from_db()
    assert (peer.seen, row.state, row.receipt) == ([], "handed", "exercise")


def test_two_workers_do_not_send_the_same_delivery(county: County) -> None:
    _, row, peer = asked(county)
    assert forward_due(peer.client(), owner="one") == 1
    assert forward_due(peer.client(), owner="two") == 0
    assert len(peer.seen) == 1
    assert row.pk


def test_the_letter_carries_the_text_and_the_structure(county: County) -> None:
    receiver = city(county, (("email", "duty@city.invalid"),))
    report = signed(county, landslide(county))
    row = services.send_report(report, [Sending(receiver, "email")], by=county.actor("Chen"), at=county.now)[
        0
    ]
    message = letter(row, at=county.now)
    assert "初报" in message["Subject"]
    assert message["To"] == "duty@city.invalid"
    body, attached = message.get_body(), next(message.iter_attachments())
    assert body is not None
    assert report.text in body.get_content()
    assert json.loads(attached.get_content())["id"] == str(report.pk)


def pushed(county: County, **changes: Any) -> dict[str, Any]:
    return {
        "id": "node7-0001",
        "kind": "initial",
        "title": "上柳村滑坡",
        "event_type": "landslide",
        "division": "999901101201",
        "known_at": (county.now - timedelta(minutes=20)).isoformat(),
        "occurred_at": (county.now - timedelta(minutes=30)).isoformat(),
        "elements": {"course": "村后滑坡", "measures": "已转移群众"},
        "figures": [{"code": "missing", "value": "2", "as_of": county.now.isoformat()}],
        "signer": "镇长",
        **changes,
    }


def push(token: str, body: Any, key: str = "node7-0001") -> Any:
    return Client().post(
        URL,
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {token}", "idempotency-key": key},
    )


def test_an_import_that_comes_twice_counts_once_and_keeps_its_origin(county: County) -> None:
    _, token = enter_node(
        "柳河镇", division=county.divisions["Willow River"], by=county.actor("He"), at=county.now
    )
    first, again = push(token, pushed(county)), push(token, pushed(county))
    assert (first.status_code, first.json()["repeated"], again.json()["repeated"]) == (200, False, True)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["received_at"] == again.json()["received_at"]
    report = UpwardReport.objects.get()
    assert (report.origin, report.origin_id, report.state) == ("柳河镇", "node7-0001", "received")
    received = county.now
    county.clock.advance(minutes=10)
    incident = services.take_in(report, None, by=county.actor("Chen"), at=county.now)
    work(county)
    assert incident.known_at == received  # the county's clocks run from when it came, not from the taking
    assert rolling_of(incident)["missing"].value == 2
    assert rolling_of(incident)["missing"].source == "柳河镇"
    with pytest.raises(AlreadyTaken):
        services.take_in(UpwardReport.objects.get(), None, by=county.actor("Chen"), at=county.now)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"division": "999901102201"}, 422),
        ({"kind": "rumour"}, 422),
        ({"title": " "}, 422),
        ({"event_type": "dragon"}, 422),
        ({"known_at": "yesterday"}, 422),
        ({"known_at": "2099-01-01T00:00:00+08:00"}, 422),
        ({"figures": [{"code": "deaths", "value": "many", "as_of": "x"}]}, 422),
    ],
)
def test_an_import_that_makes_no_sense_is_refused_whole(
    county: County, changes: dict[str, Any], status: int
) -> None:
    _, token = enter_node(
        "柳河镇", division=county.divisions["Willow River"], by=county.actor("He"), at=county.now
    )
    assert push(token, pushed(county, **changes)).status_code == status
    assert push("wrong", pushed(county)).status_code == 401
    assert push(token, [1]).status_code == 400
    assert not UpwardReport.objects.exists()


def test_what_we_forward_can_be_imported_by_another_node(county: County) -> None:
    _, token = enter_node("云岭县", division=county.division, by=county.actor("He"), at=county.now)
    report = signed(county, landslide(county))
    body = payload(report_content(report), key=str(report.pk))
    answer = push(token, body | {"division": "999901101201"}, key=str(report.pk))
    assert answer.status_code == 200, answer.content


def test_a_township_signs_its_own_report_and_the_county_takes_it_in_once(county: County) -> None:
    from anlan.accounts.services import create_account
    from anlan.directory import services as directory

    place = county.divisions["Willow River"]
    person = directory.create_person("何镇长", division=place, by=county.by, at=county.now)
    post = directory.ensure_post(PostKind.TOWNSHIP_LEADER, division=place, by=county.by, at=county.now)
    directory.appoint(post, person, by=county.by, at=county.now)
    county.people["Head"] = person
    county.users["Head"] = create_account(person, username="head", password="x-willow-2026", must_change=False, by=county.by, at=county.now)  # fmt: skip
    facts = {"event_type": "landslide", "division": "999901101201", "figures": []}
    report = services.draft_report(
        None,
        Draft("initial", title="上柳村滑坡", elements={"course": "滑坡"}, known_at=county.now, facts=facts),
        division=place,
        by=county.actor("Li"),
        at=county.now,
    )
    row = ReportClock.objects.get(report=report)
    assert (row.code, row.tier, row.due_at) == ("township", "county", county.now + timedelta(hours=1))
    county.clock.advance(minutes=61)
    work(county)
    services.submit_report(report, by=county.actor("Li"), at=county.now)
    services.sign_report(report, by=county.actor("Head"), at=county.now)
    services.send_to_the_county(report, by=county.actor("Head"), at=county.now)
    row.refresh_from_db()
    assert (row.state, row.is_late) == ("met", True)
    assert to_take(county.actor("Chen")) == [report]
    assert to_take(county.actor("Li")) == []
    incident = services.take_in(report, None, by=county.actor("Chen"), at=county.now)
    assert incident.informant == "township"
    assert incident.division_id == "999901101201"
    assert report.deliveries.get().confirmed_by == "陈静"
    assert to_take(county.actor("Chen")) == []
