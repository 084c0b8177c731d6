"""From the call-out to the carrier and back: outbox, CMPP or SMPP session, receipts and replies, as the worker runs them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination import inbox, outbox
from anlan.dissemination.channels.texting.opening import close_routes
from anlan.dissemination.models import CalloutSeat, Delivery, InboundEvent
from anlan.dissemination.services import open_callout
from anlan.testing import County
from simulator.smsc.serve import Gateway, opener


@pytest.fixture(params=["cmpp", "smpp"])
def carrier(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Iterator[Gateway]:
    settings.ANLAN_DATA = tmp_path
    user = "901234"
    made = Gateway(opener(request.param, user=user, secret="secret", version="2.0"))
    made.start()
    route = {
        "name": "mobile", "kind": request.param, "host": "127.0.0.1", "port": made.port, "user": user,
        "secret": "secret", "src_id": "106900001", "source": "106900001", "response_s": 0.5,
    }  # fmt: skip
    (tmp_path / "routes.json").write_text(json.dumps({"sms": [route]}))
    yield made
    close_routes()
    made.stop()


def call(county: County) -> CalloutSeat:
    callout = open_callout(
        subject="warning:test", title="山洪橙色叫应", text="请立即转移。", voice_text="", issuer="云岭县应急指挥部",
        level=2, hazard_type="flash_flood", division=county.division, villages=[county.divisions["Upper Willow"]],
        ladder_name="anlan_default", by=county.by, at=county.now,
    )  # fmt: skip
    return CalloutSeat.objects.get(callout=callout)


def work_until(true: Callable[[], Any]) -> Any:
    """The worker's two loops, turn by turn."""
    end = time.monotonic() + 10
    while not (found := true()) and time.monotonic() < end:
        outbox.deliver_due(owner="test")
        inbox.take_in(outbox.opened())
        time.sleep(0.01)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_village_is_called_over_the_line_and_answers_by_sms(county: County, carrier: Gateway) -> None:
    carrier.centre.moods.reply = "1"
    seat = call(county)
    assert work_until(lambda: CalloutSeat.objects.filter(pk=seat.pk, state="answered").exists())
    sms = Delivery.objects.get(seat=seat, channel="sms", purpose="call")
    assert work_until(lambda: Delivery.objects.filter(pk=sms.pk, state="delivered").exists())
    assert work_until(lambda: not carrier.centre.waiting)
    sms.refresh_from_db()
    assert (sms.route, sms.is_uncertain, sms.may_be_repeated) == ("mobile", False, False)
    assert "".join(one.text for one in carrier.centre.taken).startswith(sms.text[:20])
    assert carrier.centre.faults == []
    assert set(InboundEvent.objects.values_list("provider", flat=True)) == {"route:mobile"}


@pytest.mark.django_db(transaction=True)
def test_a_lost_response_is_repeated_and_marked_possibly_twice(county: County, carrier: Gateway) -> None:
    carrier.centre.moods.drops_responses = True
    carrier.centre.moods.no_receipts = True
    seat = call(county)
    assert work_until(lambda: carrier.centre.taken)
    sms = Delivery.objects.get(seat=seat, channel="sms", purpose="call")
    assert work_until(lambda: Delivery.objects.filter(pk=sms.pk, is_uncertain=True).exists())
    carrier.centre.moods.drops_responses = False
    Delivery.objects.filter(pk=sms.pk).update(due_at=county.now)
    assert work_until(lambda: Delivery.objects.filter(pk=sms.pk, state="sent").exists())
    sms.refresh_from_db()
    assert sms.may_be_repeated
    assert len(carrier.centre.taken) >= 2


@pytest.mark.django_db(transaction=True)
def test_what_the_page_shows_is_what_the_line_is(county: County, carrier: Gateway, tmp_path: Path) -> None:
    call(county)
    assert work_until(lambda: carrier.centre.taken)
    inbox.write_states(outbox.opened(), tmp_path)
    told = inbox.read_states(tmp_path).routes["sms"]["mobile"]
    assert (told["state"], told["last_error"]) == ("up", "")
    assert "<td>mobile</td>" in county.client("Chen").get("/channels/").content.decode()
