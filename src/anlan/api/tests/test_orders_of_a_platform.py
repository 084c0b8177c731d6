"""A township's own platform reads the orders to its place and answers them; tries, lateness and strangers change nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.dispatch import services
from anlan.dispatch.models import Instruction, InstructionStep
from anlan.dispatch.tests.order_scenes import flood, order
from anlan.incidents.models import Incident
from anlan.intake.models import IntakeSender
from anlan.intake.services.senders import list_sender
from anlan.journal.sealer import seal_everything
from anlan.journal.verify import verify
from anlan.testing import County

pytestmark = pytest.mark.django_db
AT = "/api/dispatch/v1/orders"


class Platform:
    """The platform of one place, with its token."""

    def __init__(self, county: County, place: str = "Willow River") -> None:
        self.county = county
        self.sender, self.token = list_sender(
            name="柳河镇平台", kind="token", source="township", division=county.divisions[place],
            by=county.actor("He"), at=county.now,
        )  # fmt: skip

    def get(self, path: str = "", token: str = "") -> Any:
        seal_everything()
        return Client().get(AT + path, headers={"Authorization": f"Bearer {token or self.token}"})

    def say(self, row: Instruction, key: str, token: str = "", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}", "Idempotency-Key": key}
        address = f"{AT}/{row.pk}/steps"
        return Client().post(address, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def platform(county: County) -> Platform:
    return Platform(county)


def test_it_lists_its_own_orders_and_then_only_what_moved(county: County, platform: Platform) -> None:
    incident = flood(county)
    first, second = order(county, incident), order(county, incident, title="清点人数")
    order(county, incident, to="Stone Bridge", title="不是给柳河的")
    page = platform.get().json()
    assert [one["title"] for one in page["orders"]] == ["转移危险区群众", "清点人数"]
    assert (page["orders"][0]["state"], page["orders"][0]["incident"]["number"]) == (
        "issued",
        incident.number,
    )
    assert not page["more"]
    assert platform.get(f"?cursor={page['cursor']}").json()["orders"] == []
    services.withdraw_instruction(
        second, words="情况变化", by=county.actor("Wang"), by_name="王建国", at=county.now
    )
    moved = platform.get(f"?cursor={page['cursor']}").json()
    assert [(one["id"], one["state"]) for one in moved["orders"]] == [(str(second.pk), "withdrawn")]
    assert platform.get(f"/{first.pk}").json()["steps"][0]["step"] == "issued"


def test_its_answers_are_steps_with_its_name_its_time_and_its_way(county: County, platform: Platform) -> None:
    row = order(county, flood(county))
    county.clock.advance(minutes=30)
    said = (county.now - timedelta(minutes=10)).isoformat()
    assert (
        platform.say(row, "k1", step="acknowledged", by_name="李梅", at=said).json()["state"]
        == "acknowledged"
    )
    assert platform.say(row, "k2", step="reported", words="已转移32人", progress=40).json()["progress"] == 40
    done = platform.say(row, "k3", step="finished", words="全部转移")
    assert done.json() == {"id": str(row.pk), "state": "finished", "progress": 100, "repeated": False}
    steps = {one.step: one for one in InstructionStep.objects.exclude(step="issued")}
    first = steps["acknowledged"]
    assert (first.by_name, first.via) == ("李梅", "program")
    assert first.happened_at == county.now - timedelta(minutes=10)
    assert first.recorded_at == county.now
    assert steps["reported"].by_name == "柳河镇平台"
    seal_everything()
    assert not verify().problems


def test_the_same_key_again_changes_nothing_even_after_the_desk_asked_again(
    county: County, platform: Platform
) -> None:
    row = order(county, flood(county))
    for _try in range(2):
        platform.say(row, "a", step="reported", words="出发", progress=10)
        county.clock.advance(minutes=20)  # longer than two equal reports of a person count as one
    assert InstructionStep.objects.filter(step="reported").count() == 1
    platform.say(row, "b", step="finished", words="完成")
    row.refresh_from_db()
    services.reopen_instruction(
        row, words="还有三户", by=county.actor("Wang"), by_name="王建国", at=county.now
    )
    late = platform.say(row, "b", step="finished", words="完成")
    assert late.status_code == 200
    assert (late.json()["repeated"], late.json()["state"]) == (True, "started")


def test_a_late_answer_to_a_withdrawn_order_is_told_what_it_is_now(
    county: County, platform: Platform
) -> None:
    row = order(county, flood(county))
    services.withdraw_instruction(
        row, words="情况变化", by=county.actor("Wang"), by_name="王建国", at=county.now
    )
    answer = platform.say(row, "x", step="finished", words="做完了")
    assert (answer.status_code, answer.json()["state"]) == (409, "withdrawn")
    assert not InstructionStep.objects.filter(step="finished").exists()


def test_wrong_tokens_and_orders_of_others_stay_closed(county: County, platform: Platform) -> None:
    incident = flood(county)
    row, other = order(county, incident), order(county, incident, to="Stone Bridge")
    at_the_county, stranger = Platform(county, "Yunling"), Platform(county, "Stone Bridge")
    assert platform.get(token="x").status_code == 401
    assert platform.say(row, "k", token="x", step="acknowledged").status_code == 401
    assert at_the_county.get().status_code == 403
    assert stranger.say(row, "k", step="acknowledged").status_code == 404
    assert platform.get(f"/{other.pk}").status_code == 404
    IntakeSender.objects.filter(pk=platform.sender.pk).update(is_active=False)
    assert platform.get().status_code == 401
    row.refresh_from_db()
    assert row.state == "issued"


def test_a_restricted_incident_is_not_told(county: County, platform: Platform) -> None:
    row = order(county, flood(county))
    Incident.objects.update(is_restricted=True)
    assert platform.get().json()["orders"] == []
    assert platform.get(f"/{row.pk}").status_code == 404
    assert platform.say(row, "k", step="acknowledged").status_code == 404


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("", {"step": "acknowledged"}, 400),
        ("k", {"step": "dancing"}, 400),
        ("k", {"step": "reported", "progress": 101}, 400),
        ("k", {"step": "reported", "at": "2026-07-01T00:00:00"}, 400),
        ("k", {"step": "reported", "more": 1}, 400),
        ("k", {"step": "reported"}, 422),
        ("k", {"step": "could_not"}, 422),
        ("k", {"step": "reported", "words": "x" * 70_000}, 413),
    ],
)
def test_what_cannot_be_read_is_refused_with_words(
    county: County, platform: Platform, key: str, body: dict[str, Any], status: int
) -> None:
    row = order(county, flood(county))
    answer = platform.say(row, key, **body)
    assert answer.status_code == status, answer.content
    assert answer.json()["message"]
    assert not InstructionStep.objects.exclude(step="issued").exists()


def test_a_cursor_that_is_none_is_refused(platform: Platform) -> None:
    assert platform.get("?cursor=abc").status_code == 400


def test_two_platforms_of_one_place_may_count_alike_and_a_key_stands_for_one_step(county: County) -> None:
    one, other = Platform(county), Platform(county)
    row = order(county, flood(county))
    assert one.say(row, "1", step="acknowledged").json()["repeated"] is False
    assert other.say(row, "1", step="reported", words="已转移32人").json()["repeated"] is False
    assert InstructionStep.objects.filter(step="reported").exists()
    refused = one.say(row, "1", step="finished", words="完成")
    assert (refused.status_code, refused.json()["error"]) == (422, "key.used")
    row.refresh_from_db()
    assert row.state != "finished"


def test_a_token_that_was_given_out_to_send_messages_answers_no_orders(county: County) -> None:
    _sender, token = list_sender(
        name="120", kind="token", source="120", division=county.divisions["Willow River"],
        by=county.actor("He"), at=county.now,
    )  # fmt: skip
    row = order(county, flood(county))
    platform = Platform(county)
    assert platform.get(token=token).status_code == 403
    assert platform.say(row, "1", token=token, step="finished", words="完成").status_code == 403
