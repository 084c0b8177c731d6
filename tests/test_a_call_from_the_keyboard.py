"""A line rings; the duty officer takes the call from the keyboard alone, from the ring to the saved message."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from stagehand import OnAir, on_air
from test_two_people_and_a_village import DESK, PHONE, picture, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

#: Must show of the duty desk. A key with its modifier is one action; so is the text that is typed into one field.
MOST_ACTIONS = 25


class Keyboard:
    """Counts what a person's hands do. There is no mouse here."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def press(self, key: str) -> None:
        self.actions += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.actions += 1
        self.page.keyboard.type(text)


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAir]:
    with on_air(tmp_path_factory.mktemp("line") / "data", scenario="night") as platform:
        yield platform


def ring(air: OnAir, number: str, call: str) -> None:
    answer = httpx.post(
        f"{air.base}/api/intake/v1/ring",
        json={"call_id": call, "number": number},
        headers={"Authorization": f"Bearer {air.tokens['line']}"},
        timeout=20,
    )
    answer.raise_for_status()


def a_village(air: OnAir) -> str:
    """The name of a village that no other place of the county has."""
    with (air.stage.data / "world" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["level"] == "village"]
    return next(name for name, count in Counter(names).items() if count == 1 and len(name) == 3)


def take_the_call(page: Page, air: OnAir, *, number: str, call: str, village: str, words: str) -> Keyboard:
    hands = Keyboard(page)
    ring(air, number, call)
    page.wait_for_selector("#banner :text('来电')", timeout=30_000)
    hands.press("r")
    page.wait_for_url("**/intake/new/?ring=*")
    assert page.input_value("#caller_number") == number, "who rings is known already"
    assert page.evaluate("document.activeElement.id") == "place"
    hands.type(village)
    hands.press("Tab")
    assert page.evaluate("document.activeElement.id") == "text"
    hands.type(words)
    for _ in range(3):  # over the type, which is read from the words, and the time, to the people
        hands.press("Tab")
    assert page.evaluate("document.activeElement.id") == "casualties"
    hands.type("被困3人")
    page.wait_for_timeout(900)  # what stands beside follows what was typed
    picture(page, f"call-form-{call}")
    hands.press("Control+Enter")
    page.wait_for_url("**/intake/*-*/")
    return hands


def test_a_call_is_taken_from_ring_to_saved_with_few_keys_and_no_mouse(chromium: Browser, air: OnAir) -> None:
    page = sign_in(chromium, air, "chen", DESK)
    village = a_village(air)
    hands = take_the_call(
        page, air, number="10012345678", call="first", village=village, words="后山滑坡，压了两间房，有人被困"
    )
    assert hands.actions < MOST_ACTIONS
    shown = page.inner_text("main")
    assert village in shown
    assert "后山滑坡" in shown
    assert "滑坡" in shown
    picture(page, "call-saved")
    hands = take_the_call(
        page, air, number="10012345679", call="second", village=village, words="滑坡埋了房子，里面还有人"
    )
    page.wait_for_selector("main [data-hotkey='1']", timeout=30_000)  # what was told before is named
    hands.press("1")
    page.wait_for_selector("main :text('重复于')", timeout=30_000)
    assert hands.actions < MOST_ACTIONS
    picture(page, "call-linked")


def test_the_pages_of_the_desk_are_read_at_both_sizes(chromium: Browser, air: OnAir) -> None:
    for name, size in (("desk", DESK), ("phone", PHONE)):
        page = sign_in(chromium, air, "chief", size)
        for path in PAGES:
            page.goto(f"{air.base}{path}")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{path} is {wide} px wider than the {name}"
            picture(page, f"{name}-{path.strip('/').replace('/', '-') or 'today'}")


PAGES = (
    "/",
    "/intake/",
    "/intake/sources/",
    "/incidents/",
    "/incidents/new/",
    "/chases/",
    "/reports/",
    "/reports/receivers/",
    "/losses/",
    "/data-calls/",
    "/duty/",
    "/duty/roster/",
    "/duty/handover/",
    "/duty/roll-calls/",
    "/duty/log/",
    "/papers/",
    "/papers/templates/",
    "/scores/",
)
