"""A phone without network keeps the answer and sends it once when the network is back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anlan.dissemination.models import Acknowledgement, Delivery
from anlan.field.tests.test_answering_from_a_phone import open_callout, seat_of
from anlan.testing import County

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_answer_given_offline_waits_in_sight_and_is_sent_once(
    county: County, live_server: Any, chromium: Browser
) -> None:
    callout = open_callout(county)
    token = Delivery.objects.filter(callout=callout).exclude(answer_token="")[0].answer_token
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en")
    page = context.new_page()
    page.goto(f"{live_server.url}/a/{token}")
    context.set_offline(True)
    page.click("button.big")
    page.wait_for_selector("text=Waiting to send (1)")
    assert seat_of(callout).state == "waiting"
    context.set_offline(False)
    page.wait_for_selector("text=Received by")
    assert page.locator("#queue").is_hidden()
    assert seat_of(callout).state == "answered"
    assert Acknowledgement.objects.filter(seat=seat_of(callout)).count() == 1
    context.close()
