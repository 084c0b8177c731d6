"""Real pages in a real browser: a draft rings, a second person signs it, a village turns from waiting to answered by itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stagehand import OnAir, on_air, wait_for

from anlan.project.drill.stage import DEMO_PASSWORD
from anlan.project.runtime import read_state

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "test-results"
#: Set to keep the first page's picture as the one that the README shows.
SAVE = "ANLAN_SAVE_PICTURES"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAir]:
    with on_air(tmp_path_factory.mktemp("air") / "data") as platform:
        make_weather(platform)
        yield platform


def make_weather(air: OnAir) -> None:
    """A wet night everywhere, heavy rain on a few stations, two rivers up."""
    world, end = air.world(), air.stage.clock_start
    for number, station in enumerate(world["rain_stations"]):
        heavy = {3: 7.5, 9: 6.0, 21: 5.2, 33: 4.0}.get(number, 0.2 + number % 5 / 10)
        air.post_rain(station["code"], millimetres=[0.3] * 24 + [heavy] * 13, end=end)
    rows = []
    for number, gauge in enumerate(world["river_gauges"]):
        over = {1: 0.3, 4: -0.2}.get(number, -2.5)
        for step in range(36):
            value = round(gauge["warning_stage_m"] + over - step / 20, 2)
            at = (end - timedelta(minutes=5 * step)).isoformat()
            rows.append({"station": gauge["code"], "quantity": "stage", "time": at, "value": value})
    air.post(rows)


def sign_in(browser: Browser, air: OnAir, username: str, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{username}: {error}"))
    page.goto(f"{air.base}/accounts/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.click("main button.primary")
    page.wait_for_url(re.compile(r"/$"))
    return page


def picture(page: Page, name: str) -> Path:
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    return path


def test_a_draft_rings_a_second_person_signs_and_a_village_turns_to_answered_without_reload(
    chromium: Browser, air: OnAir
) -> None:
    chen = sign_in(chromium, air, "chen", DESK)
    chen.wait_for_selector("#stacks [data-ringing]", timeout=30_000)
    wang = sign_in(chromium, air, "wang", DESK)
    wang.click("#stacks a.item--1:has-text('待签发'), #stacks a.item--1")
    wang.wait_for_selector("button[value=sign_off]")
    chen.goto(wang.url)
    assert chen.locator("button[value=sign_off]").count() == 0, "the duty officer cannot sign"
    picture(wang, "review")
    wang.click("button[value=sign_off]")
    wang.click("main a[href^='/callouts/']")
    wang.wait_for_selector("#seats tr[data-state=waiting]")
    wang.evaluate("window.sameDocument = true")
    number = wait_for(lambda: air.phones.messages and air.phones.messages[0]["to"], "a message to a village")
    air.phones.answer(str(number), "收到")
    wang.wait_for_selector("#seats tr[data-state=answered]", timeout=30_000)
    assert wang.evaluate("window.sameDocument"), "the page was not loaded again"
    picture(wang, "board")


def test_the_first_page_shows_map_log_and_what_waits(chromium: Browser, air: OnAir) -> None:
    page = sign_in(chromium, air, "wang", DESK)
    page.wait_for_selector(
        "[data-island=map][data-state=drawn], [data-island=map][data-state=list]", timeout=60_000
    )
    assert page.locator("#stacks .item").count() > 0
    assert page.locator("#log li").count() > 1
    assert page.locator("html").get_attribute("data-connection") == "live"
    saved = picture(page, "today")
    assert saved.stat().st_size > 50_000, "an empty picture"
    if os.environ.get(SAVE):
        (ROOT / "docs" / "pictures").mkdir(parents=True, exist_ok=True)
        shutil.copy(saved, ROOT / "docs" / "pictures" / "today.png")


def test_the_page_asks_no_host_but_its_own_and_the_policy_is_kept(chromium: Browser, air: OnAir) -> None:
    page = sign_in(chromium, air, "wang", DESK)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    station = air.world()["rain_stations"][3]["code"]
    for path in (
        "/",
        "/stations/",
        f"/stations/at/{station}/",
        "/warnings/",
        "/callouts/",
        "/directory/",
        "/journal/",
    ):
        page.goto(f"{air.base}{path}")
        page.wait_for_load_state("load")
    outside = [url for url in asked if not url.startswith((air.base, "data:", "blob:"))]
    assert (outside, complaints) == ([], [])


def test_pages_fit_a_phone(chromium: Browser, air: OnAir) -> None:
    page = sign_in(chromium, air, "wang", PHONE)
    for path in ("/", "/warnings/", "/callouts/", "/stations/", "/f/"):
        page.goto(f"{air.base}{path}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 1, f"{path} is {wider} px wider than a phone"
    picture(page, "phone")


def test_a_page_whose_server_was_killed_says_so_and_comes_back(chromium: Browser, air: OnAir) -> None:
    page = sign_in(chromium, air, "chen", DESK)
    page.wait_for_selector("html[data-connection=live]")
    state = read_state(air.stage.data, "parent")
    parent, children = state["pid"], state["children"]
    assert isinstance(parent, int)
    assert isinstance(children, dict)
    # Left alone the parent brings the pages back before the grace time of a page is over, and nobody is troubled.
    os.kill(parent, signal.SIGSTOP)
    try:
        os.kill(children["web"], signal.SIGKILL)
        page.wait_for_selector("html[data-connection=lost]", timeout=60_000)
        assert page.locator(".strip--lost").inner_text() != ""
    finally:
        os.kill(parent, signal.SIGCONT)
    page.wait_for_selector("html[data-connection=live]", timeout=60_000)
    assert page.locator(".strip--lost").is_hidden()


def test_an_area_is_drawn_the_counts_follow_a_second_person_signs_and_the_board_fills(
    chromium: Browser, air: OnAir
) -> None:
    chen = sign_in(chromium, air, "chen", DESK)
    chen.goto(f"{air.base}/warnings/new/")
    chen.wait_for_selector("[data-island=area][data-state]", timeout=60_000)
    if chen.locator("[data-island=area]").get_attribute("data-state") != "drawn":
        pytest.skip("this browser draws no map (no WebGL)")
    before = chen.locator("[data-count=villages]").inner_text()
    draw(chen, share=0.15)
    chen.wait_for_function(
        "before => document.querySelector('[data-count=villages]').textContent.trim() !== before", arg=before
    )
    few = int(chen.locator("[data-island=area]").get_attribute("data-counted") or 0)
    picture(chen, "editor-small-area")
    draw(chen, share=0.34)
    chen.wait_for_function(
        "few => Number(document.querySelector('[data-island=area]').dataset.counted) > few", arg=few
    )
    many = int(chen.locator("[data-island=area]").get_attribute("data-counted") or 0)
    assert 0 < few < many
    chen.select_option("[name=hazard_type]", "flash_flood")
    chen.select_option("[name=level]", "2")
    chen.wait_for_selector("#checks li, #checks p")
    picture(chen, "editor")
    chen.click("button[value=submit]")
    chen.wait_for_url(re.compile(r"/warnings/[0-9a-f-]{36}/"))
    assert chen.locator("button[value=sign_off]").count() == 0, "whoever drew it does not sign it"
    wang = sign_in(chromium, air, "wang", DESK)
    wang.goto(chen.url)
    wang.click("button[value=sign_off]")
    wang.click("main a[href^='/callouts/']")
    wang.wait_for_selector("#seats tbody tr[data-seat]")
    assert wang.locator("#seats tbody tr[data-seat]").count() >= many
    picture(wang, "board-of-a-drawn-area")
    phone = sign_in(chromium, air, "wang", PHONE)
    for path in (chen.url.removeprefix(air.base), wang.url.removeprefix(air.base), "/warnings/new/"):
        phone.goto(f"{air.base}{path}")
        wider = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 1, f"{path} is {wider} px wider than a phone"
    picture(phone, "editor-on-a-phone")


def draw(page: Page, *, share: float) -> None:
    """A square around the middle of the map, `share` of its shorter side from the middle to each edge."""
    tools = page.locator(".area__tools button")
    tools.nth(0).click()
    box = page.locator(".area__canvas canvas").bounding_box()
    assert box is not None
    middle_x, middle_y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = min(box["width"], box["height"]) * share
    for east, south in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        page.mouse.click(middle_x + east * reach, middle_y + south * reach)
    tools.nth(3).click()
