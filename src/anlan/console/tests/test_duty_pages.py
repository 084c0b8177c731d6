"""The desk of duty by its pages: from the roster to the two signatures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.directory.models import Shift
from anlan.duty.models import Alarm, Handover, RollCall, SpecialPeriod
from anlan.duty.queries import roster_board
from anlan.duty.tests.rooms import Rooms
from anlan.journal.models import Entry
from anlan.journal.sealer import seal_everything
from anlan.testing import PASSWORD, County
from anlan.vocab.posts import PostKind

PAGES = ("", "roster/", "roster/?span=month", "swaps/", "roll-calls/", "handover/", "log/", "periods/", "rooms/", "feeds/", "statistics/")  # fmt: skip


@pytest.fixture
def rooms(county: County) -> Rooms:
    made = Rooms(county)
    made.open()
    return made


def _page(client: Client, address: str) -> str:
    answer = client.get(f"/duty/{address}")
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("who", ["Chen", "Feng", "Li", "Zhao", "He"])
def test_every_page_opens_before_and_after_there_are_rooms(county: County, who: str) -> None:
    for address in PAGES:
        _page(county.client(who), address)
    made = Rooms(county)
    made.open()
    made.shift("Chen")
    seal_everything()
    chinese = county.client(who, language="zh-hans")
    left = {address: english_in(_page(chinese, address)) for address in PAGES}
    left["phone"] = english_in(chinese.get("/f/duty/").content.decode())
    assert {address: words for address, words in left.items() if words} == {}


def test_people_take_turns_and_the_board_shows_who_is_missing(rooms: Rooms) -> None:
    feng, people = rooms.county.client("Feng"), rooms.county.people
    post = rooms.county.posts[PostKind.COUNTY_DUTY, "Yunling"]
    form = {
        "room": rooms.room().pk, "day": "2026-07-01", "post": post.pk, "people": [people["Chen"].pk, people["Guo"].pk],
        "first": "2026-07-01T08:00", "hours": "24", "count": "7", "at_once": "2", "kind": "flood_season",
    }  # fmt: skip
    assert feng.post("/duty/roster/plan/", form).status_code == 302
    assert Shift.objects.filter(kind="flood_season").count() == 14
    text = _page(feng, f"roster/?room={rooms.room().pk}&day=2026-07-01")
    assert "no leader" in text
    board = roster_board(rooms.room(), start=rooms.now, days=7)
    assert all(gap.leaders_needed == 1 for day in board.days for gap in day.gaps)
    sheet = feng.get(f"/duty/roster/{rooms.room().pk}/sheet/?day=2026-07-01&days=7")
    assert sheet.content[:2] == b"PK"


def test_a_refused_form_keeps_what_was_typed(rooms: Rooms) -> None:
    form = {"division": rooms.county.division.code, "kind": "holiday", "title": "国庆节", "from": "2026-10-08T00:00", "to": "2026-10-01T00:00", "reason": "放假"}  # fmt: skip
    answer = rooms.county.client("Feng").post("/duty/periods/", form)
    assert answer.status_code == 400
    assert "The end must come after the start." in answer.content.decode()
    assert 'value="国庆节"' in answer.content.decode()
    assert not SpecialPeriod.objects.exists()


def test_the_next_person_signs_with_an_own_password_at_the_same_desk(rooms: Rooms) -> None:
    chen = rooms.county.client("Chen")
    room = rooms.room().pk
    chen.post("/duty/notes/", {"room": room, "text": "催柳河镇续报"})
    form = {"room": room, "from": "2026-06-30T08:00", "to": "2026-07-01T08:00", "summary": "一夜平稳"}
    assert chen.post("/duty/handover/", form).status_code == 302
    sheet = Handover.objects.get()
    address = f"/duty/handover/{sheet.pk}/"
    wrong = chen.post(address, {"verb": "take", "account": "feng", "password": "no"})
    itself = chen.post(address, {"verb": "take"})
    assert (wrong.status_code, itself.status_code, Handover.objects.get().state) == (403, 403, "offered")
    assert chen.post(address, {"verb": "take", "account": "feng", "password": PASSWORD}).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.state, sheet.taken_by) == ("taken", rooms.county.people["Feng"])
    assert Entry.objects.get(kind="handover.taken").actor == f"user:{rooms.county.users['Feng'].pk}"
    text = _page(chen, f"handover/{sheet.pk}/")
    assert "催柳河镇续报" in text
    assert PASSWORD not in text


def test_a_roll_is_called_now_and_the_called_answer_on_the_phone(rooms: Rooms) -> None:
    form = {"how": "now", "rooms": [rooms.room("Willow River").pk], "title": "夜间点名", "within": "60"}
    for _pressed in range(2):  # twice in one moment: the rooms ring once
        assert rooms.county.client("Feng").post("/duty/roll-calls/", form).status_code == 302
    seat = RollCall.objects.get().seats.get()
    li = rooms.county.client("Li")
    assert "夜间点名" in li.get("/f/duty/").content.decode()
    assert li.post("/f/duty/", {"verb": "answer", "seat": seat.pk}).status_code == 302
    seat.refresh_from_db()
    assert (seat.state, seat.way) == ("answered", "page")


def test_a_township_checks_in_and_writes_its_log_on_the_phone(rooms: Rooms) -> None:
    shift = rooms.shift("Li", PostKind.TOWNSHIP_DUTY, "Willow River", starts_in=timedelta(minutes=20))
    li = rooms.county.client("Li", language="zh-hans")
    assert li.post("/f/duty/", {"verb": "check_in", "shift": shift.pk}).status_code == 302
    room = rooms.room("Willow River").pk
    assert li.post("/f/duty/", {"verb": "note", "room": room, "text": "河道巡查完毕"}).status_code == 302
    seal_everything()
    assert "河道巡查完毕" in li.get("/f/duty/").content.decode()
    assert "河道巡查完毕" in _page(rooms.county.client("Chen"), f"log/?room={room}")
    assert li.post("/f/duty/", {"verb": "check_in", "shift": shift.pk}).status_code == 409
    assert not Alarm.objects.exists()
