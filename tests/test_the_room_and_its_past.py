"""The incident room in a real browser: an answer appears without reload, R leads into the past, the slider moves through it, and back."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stagehand import OnAir, on_air
from test_two_people_and_a_village import DESK, PHONE, ROOT, SAVE, picture, sign_in

from anlan.kernel.clock import SHANGHAI
from anlan.project.benching import desk, pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ANSWERED = "[data-board=orders] .chip:text-is('已签收')"
WAITING = "[data-board=orders] .chip:text-is('未签收')"


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAir]:
    with on_air(tmp_path_factory.mktemp("air") / "data") as platform:
        yield platform


def an_incident(air: OnAir) -> str:
    """Entered by the duty officer's form; the address of its record."""
    client = pages.signed_in(air.base, "chen")
    typed = desk.form(client.get("/incidents/new/").text, 1)
    typed |= {
        "title": "柳河漫堤",
        "event_type": "flood",
        "known_at": f"{air.stage.clock_start.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
    }
    answer = client.post("/incidents/new/", data=typed, headers={"Referer": air.base}, follow_redirects=False)
    client.close()
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def give_orders(page: Page, air: OnAir, title: str) -> None:
    """One order to every township, from the desk's form."""
    page.goto(f"{air.base}/orders/new/")
    page.fill("#title", title)
    townships = page.locator("fieldset input[name=to]")
    for number in range(townships.count()):
        townships.nth(number).check()
    page.click("main form button.primary")
    page.wait_for_load_state("load")


def slide_to(page: Page, second: int) -> None:
    page.locator("#replay-bar input[name=second]").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(second),
    )


def test_an_answer_appears_by_itself_and_the_past_is_played_back(chromium: Browser, air: OnAir) -> None:
    record = an_incident(air)
    chen = sign_in(chromium, air, "chen", DESK)
    give_orders(chen, air, "转移沿河群众")
    chen.goto(f"{air.base}{record}room/?tab=orders")
    chen.wait_for_selector("#room-board .chip:text-is('未签收')")
    chen.wait_for_selector("html[data-connection=live]")
    chen.evaluate("window.sameDocument = true")

    li = sign_in(chromium, air, "li", DESK)
    li.goto(f"{air.base}/orders/?show=mine")
    li.click("main .item:has-text('转移沿河群众') a.number")
    li.click("button[value=acknowledge]")
    li.wait_for_selector("main .chip:text-is('已签收')", timeout=60_000)
    chen.wait_for_selector("#room-board .chip:text-is('已签收')", timeout=60_000)
    assert chen.evaluate("window.sameDocument"), "the page was not loaded again"
    chen.wait_for_selector("[data-island=room_map][data-state]", timeout=60_000)
    picture(chen, "room")

    chen.keyboard.press("R")
    chen.wait_for_url(re.compile(r"/replay/"))
    chen.wait_for_selector("#replay-bar[data-mounted=yes]")
    assert "这是过去，不是现在" in chen.inner_text(".replay__sign")
    assert chen.locator(ANSWERED).count() == 1
    slide_to(chen, 0)
    chen.wait_for_selector(f"{ANSWERED} >> nth=0", state="detached")
    assert chen.locator(WAITING).count() == 0, "no order had been given"
    for _change in range(20):  # change by change, until the orders go out
        shown = chen.get_attribute("#replay-bar", "data-at")
        chen.keyboard.press("Shift+ArrowRight")
        chen.wait_for_function("was => document.querySelector('#replay-bar').dataset.at !== was", arg=shown)
        if chen.locator(WAITING).count():
            break
    assert chen.locator(WAITING).count() > 1
    assert chen.locator(ANSWERED).count() == 0, "nobody had answered yet"
    assert chen.locator("#knowing [data-group=orders] [data-reach=told]").count() > 1
    assert chen.locator("#knowing [data-group=orders] [data-reach=reached]").count() == 0
    saved = picture(chen, "replay")
    assert saved.stat().st_size > 50_000, "an empty picture"
    shared = chen.url
    assert "at=" in shared

    asked: list[str] = []
    chen.on(
        "request", lambda request: asked.append(request.url) if "/replay/moment/" in request.url else None
    )
    chen.select_option("[data-replay=speed]", "10")
    chen.click("[data-replay=play]")
    chen.wait_for_selector(ANSWERED, timeout=60_000)
    assert chen.locator(ANSWERED).count() == 1
    assert asked, "each moment was asked for"
    assert chen.locator("#knowing [data-group=orders] [data-reach=reached]").count() == 1

    chen.goto(shared)
    assert chen.locator(ANSWERED).count() == 0, "a link to a minute shows that minute"
    chen.keyboard.press("R")
    chen.wait_for_url(re.compile(r"/room/$"))
    chen.wait_for_selector("#room-board .chip:text-is('已签收')")
    if os.environ.get(SAVE):
        (ROOT / "docs" / "pictures").mkdir(parents=True, exist_ok=True)
        shutil.copy(saved, Path(ROOT) / "docs" / "pictures" / "replay.png")


def test_the_past_fits_a_phone_and_asks_no_host_but_its_own(chromium: Browser, air: OnAir) -> None:
    record = an_incident(air)
    page = sign_in(chromium, air, "wang", PHONE)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    for path in ("room/", "leader/", "replay/"):
        page.goto(f"{air.base}{record}{path}")
        page.wait_for_load_state("load")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 1, f"{path} is {wider} px wider than a phone"
    page.wait_for_selector("#replay-bar[data-mounted=yes]")
    slide_to(page, 30)
    page.wait_for_function("document.querySelector('#replay-bar').dataset.at !== undefined")
    outside = [url for url in asked if not url.startswith((air.base, "data:", "blob:"))]
    assert (outside, complaints) == ([], [])
