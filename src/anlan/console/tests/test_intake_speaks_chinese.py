"""The pages of intake in Chinese, with something on each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client

from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.intake import services
from anlan.intake.files import keep_file
from anlan.intake.types import IntakeDetails
from anlan.places.models import Division
from anlan.places.services import load_divisions
from anlan.places.types import DivisionRow
from anlan.testing import County
from anlan.vocab.divisions import DivisionLevel


def test_no_english_word_is_left_on_a_page_of_intake(county: County, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    chen, he, at, upper = (
        county.actor("Chen"),
        county.actor("He"),
        county.now,
        county.divisions["Upper Willow"],
    )
    rows = [
        services.take_intake(
            IntakeDetails(source, "上柳村河边进水，2人被困", at, division=upper, event_type="flash_flood", casualties="2人被困",
                          figures={"trapped": "2"}, caller_number="10000000012", told="镇里"),
            by=chen, at=at,
        )[0]
        for source in ("110", "12350", "township")
    ]  # fmt: skip
    elsewhere = services.take_intake(
        IntakeDetails("phone", "邻县的事", at, foreign_code="530521"), by=chen, at=at
    )[0]
    services.hand_on(elsewhere, to="邻县值班室", by=chen, at=at)
    services.ask_to_verify(rows[0], division=upper, by=chen, at=at)
    for finding in ("found_true", "found_false", "unclear"):
        services.answer_verification(rows[0], finding=finding, words="看过", by=county.actor("Zhao"), at=at)
    services.link_duplicate(rows[1], rows[0], by=chen, at=at)
    services.verify_intake(rows[0], result="属实", by=chen, at=at)
    services.feed_back(rows[0], way="phone", words="已派人", by=chen, at=at)
    keep_file(rows[0], [b"\xff\xd8\xff"], name="现场.照片", by=chen, at=at)
    line, _token = services.list_sender(
        name="一号线", kind="line", source="phone", division=county.division, by=he, at=at
    )
    ring, _new = services.ring(line, call_id="1", number="10000000008", by=chen, at=at)
    load_divisions(
        [DivisionRow("999901101201-Q1", "青石矿业", upper.code, DivisionLevel.ENTERPRISE, trade="mine")],
        by=county.by,
        at=at,
    )
    mine = Division.objects.get(pk="999901101201-Q1")
    _link, token = services.list_sender(
        name="青石矿业", kind="link", source="enterprise", division=mine, by=he, at=at
    )
    client = county.client("Chen", language="zh-hans")
    addresses = [
        "/intake/",
        "/intake/?state=all",
        f"/intake/new/?ring={ring.pk}",
        "/intake/rings/",
        "/intake/sources/",
        "/intake/senders/",
    ]
    addresses += [f"/intake/{row.pk}/" for row in (*rows, elsewhere)]
    addresses += ["/f/report/", "/f/reports/", f"/f/reports/{rows[2].pk}/"]
    found = {address: english_in(client.get(address).content.decode()) for address in addresses}
    found["senders"] = english_in(
        county.client("He", language="zh-hans").get("/intake/senders/").content.decode()
    )
    stranger = Client(headers={"accept-language": "zh-hans"})
    for address in ("/p/report/", "/p/report/?receipt=ABCDEFGH2345", f"/r/{token}/"):
        words = english_in(stranger.get(address).content.decode())
        found[address] = [word for word in words if word not in ("ATOM", "RSS")]  # names of feeds
    assert {address: words for address, words in found.items() if words} == {}
