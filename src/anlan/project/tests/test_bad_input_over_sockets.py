"""Bad input of people and providers, through a real socket: each has a named treatment, and what is good goes in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from openpyxl import Workbook

from anlan.console.tests.test_workbooks_in import GOOD, HEADERS
from anlan.directory.models import Person
from anlan.dissemination import services
from anlan.dissemination.channels import manifests, use_twins
from anlan.dissemination.channels.twin import TwinChannel
from anlan.dissemination.models import Acknowledgement, Callout, CalloutSeat, InboundEvent
from anlan.dissemination.outbox import deliver_due
from anlan.testing import County

TOKEN = "the-providers-token"
AT = "2026-07-01T08:00:00+08:00"


@pytest.fixture
def address(transactional_db: None, county: County, live_server: Any, settings: Any, tmp_path: Path) -> str:
    settings.ANLAN_PHONE_CALLBACK_TOKEN = TOKEN
    settings.ANLAN_DATA = tmp_path
    return str(live_server.url)


@pytest.fixture
def seat(address: str, county: County) -> Iterator[CalloutSeat]:
    """Upper Willow is being called, and the first messages have left."""
    use_twins({code: TwinChannel(manifest) for code, manifest in manifests().items()})
    callout = services.open_callout(
        subject="warning:test", title="t", text="请转移。", voice_text="", issuer="县指挥部", level=2,
        hazard_type="flash_flood", division=county.division, villages=[county.divisions["Upper Willow"]],
        ladder_name="anlan_default", by=county.by, at=county.now,
    )  # fmt: skip
    deliver_due(owner="w")
    yield callout.seats.get()
    use_twins(None)


def tell(address: str, number: str, words: str, event_id: str) -> None:
    event = {"event_id": event_id, "type": "reply", "from": number, "text": words, "at": AT}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.post(f"{address}/api/phone/v1/events", json={"events": [event]}, headers=headers)
    assert answer.json() == {"accepted": 1, "repeated": 0, "refused": []}


def test_an_answer_from_an_unknown_number_is_kept_under_its_name_and_answers_nothing(
    address: str, seat: CalloutSeat
) -> None:
    tell(address, "10000000999", "1", "e1")
    assert InboundEvent.objects.get().treatment == "unknown_number"
    seat.refresh_from_db()
    assert (seat.state, Acknowledgement.objects.count()) == ("waiting", 0)


def test_a_second_answer_to_a_closed_call_out_is_kept_as_late_and_moves_nothing(
    address: str, county: County, seat: CalloutSeat
) -> None:
    tell(address, "10000000008", "1", "e1")
    services.close_callout(Callout.objects.get(), reason="已电话核实", by=county.actor("Chen"), at=county.now)
    tell(address, "10000000008", "2", "e2")
    seat.refresh_from_db()
    assert seat.state == "answered"
    treatments = InboundEvent.objects.order_by("id").values_list("treatment", flat=True)
    assert list(treatments) == ["matched", "came_late"]


def upload(address: str, county: County, book: Workbook) -> str:
    """Send a workbook of contacts as Li's browser would; the page of the dry run, or the refusal."""
    file = io.BytesIO()
    book.save(file)
    session = county.client("Li").cookies[django_settings.SESSION_COOKIE_NAME].value
    cookies = {
        django_settings.SESSION_COOKIE_NAME: session,
        django_settings.LANGUAGE_COOKIE_NAME: "zh-hans",
    }
    with httpx.Client(base_url=address, cookies=cookies, follow_redirects=True) as browser:
        page = browser.get("/imports/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found
        form = {"csrfmiddlewaretoken": found[1]}
        files = {"file": ("通讯录.xlsx", file.getvalue())}
        return browser.post("/imports/contacts/upload/", data=form, files=files).text


def book_of(*rows: tuple[str, ...]) -> Workbook:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    return book


def test_rows_under_merged_cells_are_named_and_the_good_row_can_go_in(address: str, county: County) -> None:
    second = (*GOOD[:4], "孙兰", "10000000078", *GOOD[6:])
    third = (*GOOD[:4], "孙梅", "10000000079", *GOOD[6:])
    book = book_of(HEADERS, GOOD, second, third)
    assert book.active is not None
    book.active.merge_cells("A3:A4")
    page = upload(address, county, book)
    assert "合并" in page
    assert not Person.objects.filter(name__startswith="孙").exists()


def test_a_sheet_with_wrong_columns_says_which_are_missing_and_stores_nothing(
    address: str, county: County
) -> None:
    page = upload(address, county, book_of(("村", "负责人", "电话"), ("上柳村", "孙芳", "10000000077")))
    assert "区划代码" in page
    assert not Person.objects.filter(name="孙芳").exists()
