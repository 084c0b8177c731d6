"""The callback endpoint: only the provider, nothing lost, nothing counted twice, one bad event never blocks another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.api import phone
from anlan.dissemination import services
from anlan.dissemination.channels import use_twins
from anlan.dissemination.channels.twin import TwinChannel
from anlan.dissemination.models import Callout, CalloutSeat, Delivery, InboundEvent
from anlan.kernel.actor import system
from anlan.kernel.bell import Bell
from anlan.testing import County

TOKEN = "a-token-for-the-callback"
AT = "2026-07-01T08:00:00+08:00"


@pytest.fixture
def delivery(county: County, settings: Any) -> Iterator[Delivery]:
    """One SMS to Zhao that was handed over."""
    from anlan.dissemination.channels import manifests
    from anlan.dissemination.outbox import deliver_due

    settings.ANLAN_PHONE_CALLBACK_TOKEN = TOKEN
    use_twins({code: TwinChannel(manifest) for code, manifest in manifests().items()})
    services.open_callout(
        subject="warning:test",
        title="t",
        text="请转移。",
        voice_text="",
        issuer="县指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions["Upper Willow"]],
        ladder_name="r30_135_minutes",
        by=system("test"),
        at=county.now,
    )
    deliver_due(owner="w")
    yield Delivery.objects.get()
    use_twins(None)


def post(body: object, *, token: str = TOKEN, scheme: str = "Bearer") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"{scheme} {token}"} if token else {}
    return Client().post(
        reverse("api:phone_events"), data=raw, content_type="application/json", headers=headers
    )


def answer(event_id: str = "e1", **fields: object) -> dict[str, object]:
    return {"event_id": event_id, "type": "reply", "from": "10000000008", "text": "1", "at": AT, **fields}


def test_a_reply_answers_the_seat(delivery: Delivery) -> None:
    response = post({"events": [answer(client_ref=delivery.send_key)]})
    assert (response.status_code, response.json()) == (200, {"accepted": 1, "repeated": 0, "refused": []})
    assert CalloutSeat.objects.get().state == "answered"


def test_a_receipt_by_the_providers_own_reference_is_matched(delivery: Delivery) -> None:
    event = {"event_id": "r", "type": "receipt", "provider_ref": delivery.provider_ref, "at": AT}
    post({"events": [{**event, "status": "delivered"}]})
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


@pytest.mark.parametrize(("token", "scheme"), [("", "Bearer"), ("wrong", "Bearer"), (TOKEN, "Basic")])
def test_nobody_but_the_provider_is_heard(delivery: Delivery, token: str, scheme: str) -> None:
    assert post({"events": [answer()]}, token=token, scheme=scheme).status_code == 401
    assert not InboundEvent.objects.exists()


def test_without_a_token_in_the_settings_nobody_is_the_provider(delivery: Delivery, settings: Any) -> None:
    settings.ANLAN_PHONE_CALLBACK_TOKEN = ""
    assert post({"events": [answer()]}, token="x").status_code == 401


def test_a_batch_that_comes_again_is_counted_and_changes_nothing(delivery: Delivery) -> None:
    batch = {"events": [answer(), answer("e2", text="2")]}
    post(batch)
    assert post(batch).json() == {"accepted": 0, "repeated": 2, "refused": []}
    assert InboundEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "event_id", "code"),
    [
        ({"event_id": "bad"}, "bad", "bad_event"),
        ({"event_id": "bad", "type": "smoke", "at": AT}, "bad", "bad_event"),
        ({"event_id": "bad", "type": "receipt", "at": AT}, "bad", "bad_status"),
        ({"event_id": "bad", "type": "receipt", "status": "flown", "at": AT}, "bad", "bad_event"),
        ({"event_id": "bad", "type": "reply", "at": "2026-07-01T08:00:00"}, "bad", "bad_event"),
        ({"event_id": "bad", "type": "reply", "at": "yesterday"}, "bad", "bad_event"),
        ({"event_id": "x" * 81, "type": "reply", "at": AT}, "x" * 80, "bad_event"),
        ({"event_id": 7}, "", "bad_event"),
        ("text", "", "bad_event"),
        (None, "", "bad_event"),
    ],
)
def test_one_bad_event_is_refused_by_name_and_the_others_are_taken(
    delivery: Delivery, bad: object, event_id: str, code: str
) -> None:
    response = post({"events": [bad, answer(client_ref=delivery.send_key)]})
    assert response.status_code == 200
    assert response.json() == {
        "accepted": 1,
        "repeated": 0,
        "refused": [{"event_id": event_id, "code": code}],
    }
    assert CalloutSeat.objects.get().state == "answered"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"events": 1}', 400),
        (b"\xff\xfe", 400),
        (b'{"events": [' + b" " * phone.BODY_MAX + b"]}", 413),
        (b'{"events": [' + b",".join([b"0"] * (phone.EVENTS_MAX + 1)) + b"]}", 413),
    ],
)
def test_a_body_that_is_wrong_or_too_large_is_refused_whole(
    delivery: Delivery, body: bytes, status: int
) -> None:
    assert post(body).status_code == status


def test_long_words_are_kept_as_far_as_they_fit(delivery: Delivery) -> None:
    post({"events": [answer(text="水" * 4_000)]})
    assert InboundEvent.objects.get().words == "水" * 300


def test_a_field_that_we_do_not_know_costs_no_answer(delivery: Delivery) -> None:
    post({"events": [answer(client_ref=delivery.send_key, signal_strength=5)]})
    assert CalloutSeat.objects.get().state == "answered"


def test_only_post_is_answered(delivery: Delivery) -> None:
    assert Client().get(reverse("api:phone_events")).status_code == 405


def test_the_worker_is_woken_after_the_events_are_stored(
    delivery: Delivery, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    bell = Bell(settings.ANLAN_DATA / "run" / "worker.sock")
    with django_capture_on_commit_callbacks(execute=True):
        post({"events": [answer()]})
    assert bell.wait(1.0)
    bell.close()


def test_two_hundred_answers_in_one_request_are_all_taken(delivery: Delivery) -> None:
    batch = [answer(f"e{n}", client_ref=delivery.send_key) for n in range(200)]
    assert post({"events": batch}).json()["accepted"] == 200
    assert Callout.objects.get().state == "open"


def ring(body: object, *, token: str = TOKEN) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().post(
        reverse("api:phone_callback"), data=raw, content_type="application/json", headers=headers
    )


def test_whoever_rings_the_number_hears_the_call_out_and_answers_it_by_key(delivery: Delivery) -> None:
    heard = ring({"from": "10000000008", "call_id": "c-1"}).json()
    assert "请转移" in heard["text"]
    assert heard["keys"]["1"] == "answered"
    press = {"event_id": "k", "type": "keypress", "client_ref": heard["client_ref"], "key": "1", "at": AT}
    post({"events": [press]})
    assert CalloutSeat.objects.get().state == "answered"


def test_whoever_rings_without_being_called_gets_no_key(delivery: Delivery) -> None:
    for number in ("10000000004", "10000009999"):
        heard = ring({"from": number}).json()
        assert (heard["keys"], heard["client_ref"]) == ({}, "")
        assert "转移" not in heard["text"]
    assert InboundEvent.objects.filter(kind="callback").count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), ({"from": ""}, 400), ({"from": "1" * 41}, 400), ({}, 400), (b" " * 5000, 413)],
)
def test_a_ring_that_names_no_number_is_refused(delivery: Delivery, body: object, status: int) -> None:
    assert ring(body).status_code == status
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_only_the_gateway_may_ask_what_to_say(delivery: Delivery, token: str) -> None:
    assert ring({"from": "10000000008"}, token=token).status_code == 401
    assert not InboundEvent.objects.exists()


def owing_measures(county: County) -> Delivery:
    """A call to Zhou in a call-out that ends only with the measures taken."""
    from anlan.dissemination.outbox import deliver_due

    services.open_callout(
        subject="warning:measures",
        title="t",
        text="请转移。",
        voice_text="",
        issuer="县指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions["Lower Willow"]],
        ladder_name="anlan_default",
        needs_feedback=True,
        by=system("test"),
        at=county.now,
    )
    deliver_due(owner="w")
    return Delivery.objects.filter(callout__subject="warning:measures").order_by("id")[0]


def test_digits_collected_after_the_three_are_households_and_people(
    county: County, delivery: Delivery
) -> None:
    call = owing_measures(county)
    press = {"event_id": "k", "type": "keypress", "client_ref": call.send_key, "key": "3", "at": AT}
    post({"events": [{**press, "digits": "12*35#"}]})
    seat = CalloutSeat.objects.get(callout=call.callout)
    assert (seat.state, seat.households_moved, seat.people_moved) == ("done", 12, 35)


def test_a_three_without_digits_is_asked_about(county: County, delivery: Delivery) -> None:
    call = owing_measures(county)
    press = {"event_id": "k", "type": "keypress", "client_ref": call.send_key, "key": "3", "at": AT}
    post({"events": [{**press, "digits": "#"}]})
    assert CalloutSeat.objects.get(callout=call.callout).state == "acting"
    assert Delivery.objects.filter(purpose="feedback").count() == 1


def test_a_missed_call_is_kept_and_answers_nothing(delivery: Delivery) -> None:
    missed = {"event_id": "m", "type": "callback", "from": "10000000008", "at": AT}
    assert post({"events": [missed]}).json()["accepted"] == 1
    assert CalloutSeat.objects.get().state == "waiting"
    assert InboundEvent.objects.get().treatment == "matched"


@pytest.mark.parametrize("text", ["好" * 4_000, "Z " + "9" * 3_998, "1" * 4_000])
def test_a_reply_of_four_thousand_characters_is_words(delivery: Delivery, text: str) -> None:
    assert post({"events": [answer(text=text)]}).json()["accepted"] == 1
    assert CalloutSeat.objects.get().state == "waiting"


def test_a_receipt_may_come_after_the_answer(delivery: Delivery) -> None:
    post({"events": [answer(client_ref=delivery.send_key)]})
    late = {
        "event_id": "r",
        "type": "receipt",
        "client_ref": delivery.send_key,
        "status": "no_answer",
        "at": AT,
    }
    post({"events": [late]})
    assert CalloutSeat.objects.get().state == "answered"
