"""An incident goes to the fire service by the documented contract, is asked for, and its state comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from anlan.incidents.models import Incident
from anlan.intake.services.senders import list_sender
from anlan.response import services
from anlan.response.forwarding import share_due
from anlan.response.models import PartnerShare
from anlan.response.parameters import table
from anlan.response.refusals import RestrictedNotShared
from anlan.response.tests import scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(tmp_path: Path, settings: Any) -> str:
    """The county's own table names an address for the fire service."""
    source = Path(__file__).parents[1] / "data" / "response.json"
    known = json.loads(source.read_text(encoding="utf-8"))
    known["partners"][0]["address"] = "https://fire.invalid/shares"
    (tmp_path / "response.json").write_text(json.dumps(known), encoding="utf-8")
    settings.ANLAN_DATA = tmp_path
    settings.ANLAN_PARTNER_TOKENS = "fire=secret"
    assert table().partners[0].address
    return "https://fire.invalid/shares"


def shared(county: County) -> tuple[Incident, PartnerShare]:
    incident = scenes.a_flood(county)
    return incident, services.share_incident(incident, "fire", by=county.actor("Chen"), at=county.now)


def client(answers: list[int], seen: list[httpx.Request]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        code = answers.pop(0)
        if code == 0:
            raise httpx.ConnectError("no route")
        return httpx.Response(code, json={"number": "XF-7"})

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_lost_answer_is_tried_again_with_the_same_key(county: County, address: str) -> None:
    _incident, row = shared(county)
    seen: list[httpx.Request] = []
    line = client([0, 503, 200], seen)
    for _ in range(3):
        assert share_due(line, owner="test") == 1
        scenes.later(county, 5)
    assert share_due(line, owner="test") == 0
    row.refresh_from_db()
    assert (row.their_number, row.attempts, row.last_error) == ("XF-7", 3, "")
    assert len({one.headers["Idempotency-Key"] for one in seen}) == 1
    assert seen[0].headers["Authorization"] == "Bearer secret"
    assert json.loads(seen[0].content)["request"] == "inform"


def test_a_final_answer_is_left_to_people(county: County, address: str) -> None:
    _incident, row = shared(county)
    seen: list[httpx.Request] = []
    share_due(client([403], seen), owner="test")
    row.refresh_from_db()
    assert (row.send_at, row.last_error) == (None, "HTTP 403")


def test_one_key_asks_for_the_response(county: County, address: str) -> None:
    _incident, row = shared(county)
    services.ask_response(row, words="请派两车", by=county.actor("Chen"), at=scenes.later(county, 1))
    seen: list[httpx.Request] = []
    share_due(client([200], seen), owner="test")
    sent = json.loads(seen[0].content)
    assert (sent["request"], sent["request_words"], sent["key"]) == ("respond", "请派两车", row.key)


def test_without_an_address_nothing_leaves(county: County) -> None:
    _incident, row = shared(county)
    assert row.send_at is None
    assert share_due(client([], []), owner="test") == 0


def test_what_is_restricted_is_not_shared(county: County) -> None:
    incident = scenes.a_flood(county)
    incident.change(by=county.by, at=county.now, kind="described", is_restricted=True)
    with pytest.raises(RestrictedNotShared):
        services.share_incident(incident, "fire", by=county.actor("Chen"), at=county.now)


def test_its_state_comes_back_with_the_token_of_a_listed_sender(county: County) -> None:
    from django.test import Client

    _incident, row = shared(county)
    services.ask_response(row, words="", by=county.actor("Chen"), at=county.now)
    details: dict[str, Any] = {
        "kind": "token",
        "division": county.division,
        "by": county.actor("He"),
        "at": county.now,
    }
    _fire, token = list_sender(name="消防", source="119", **details)
    _police, other = list_sender(name="公安", source="110", **details)
    url = f"/api/partners/v1/shares/{row.key}"
    web = Client()

    def say(body: Any, key: str = token, where: str = url) -> Any:
        return web.post(
            where,
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    assert say({"state": "moving"}, key="x").status_code == 401
    assert say({"state": "moving"}, key=other).status_code == 404
    assert say({"state": "moving"}, where="/api/partners/v1/shares/nothing").status_code == 404
    assert say([1]).status_code == 400
    assert say({"state": "dancing"}).status_code == 400
    assert say({"state": "accepted", "number": "XF-9", "words": "两车十二人"}).json()["state"] == "accepted"
    version = PartnerShare.objects.get().version
    assert say({"state": "accepted", "number": "XF-9", "words": "两车十二人"}).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.their_number, row.version) == ("accepted", "XF-9", version)
    assert say({"state": "arrived"}).json()["state"] == "arrived"
    assert say({"state": "accepted"}).status_code == 409
