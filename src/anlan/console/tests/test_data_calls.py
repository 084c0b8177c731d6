"""Data calls on the desk and on the phone, without scripts."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.datacalls import services
from anlan.datacalls.models import DataCall, DataSeat, FigureDefinition, Filing
from anlan.datacalls.tests.scenes import ROAD, TRAPPED, add_department, ask, fill, seat_of
from anlan.datacalls.types import FigureDetails
from anlan.testing import County

FORM: dict[str, Any] = {
    "title": "汛情收数",
    "due_at": "2026-07-01T09:00",
    "name-0": "被困人数",
    "unit-0": "人",
    "kind-0": "integer",
    "name-1": "道路",
    "kind-1": "choice",
    "choices-1": "通、断",
    "all-townships": "1",
    "rows": "4",
    "verb": "ask",
}


def new(county: County, who: str = "Chen", **changed: Any) -> Any:
    return county.client(who).post("/data-calls/new/", FORM | changed)


def keyed(text: str) -> dict[str, str]:
    """Names of the first form's fields of the page with their values."""
    return dict(re.findall(r'name="([\w:-]+)" value="([^"]*)"', text))


def test_the_desk_asks_with_a_form_without_scripts(county: County) -> None:
    answer = new(county)
    call = DataCall.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/data-calls/{call.pk}/")
    assert call.targets == ["999901101000", "999901102000"]
    board = county.client("Chen").get(f"/data-calls/{call.pk}/").content.decode()
    assert "柳河镇" in board
    assert "0/2" in board
    assert f"/data-calls/{call.pk}/board/" in board


def test_more_rows_keep_what_was_typed(county: County) -> None:
    page = new(county, verb="more").content.decode()
    assert 'name="name-7"' in page
    assert 'value="被困人数"' in page
    assert 'value="通、断"' in page
    assert not DataCall.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": " "}, "It is not said what is asked."),
        ({"due_at": "gestern"}, "is over already"),
        ({"due_at": "0001-01-01T00:00"}, "is over already"),
        ({"all-townships": ""}, "Nobody is asked."),
        ({"name-0": "", "name-1": ""}, "asks for no figure"),
        ({"choices-1": "通"}, "2 to 12 different options"),
        ({"min-0": "x"}, "least and most are numbers"),
        ({"valid-0": "ewig"}, "minutes are no whole number"),
        ({"repeat_hours": "-3"}, "do not fit"),
        ({"kind-0": "blob"}, "its kind is unknown"),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_keeps_the_rest(
    county: County, changed: dict[str, str], words: str
) -> None:
    answer = new(county, **changed)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert words in text
    assert changed.get("name-1", "道路") in text
    assert not DataCall.objects.exists()


def test_a_nul_in_the_form_does_no_harm(county: County) -> None:
    assert new(county, title="汛\x00情").status_code == 302
    assert DataCall.objects.get().title == "汛情"


def test_a_department_asks_in_its_own_name_and_sees_its_board(county: County) -> None:
    water = add_department(county)
    new(county, asker=water.pk)
    call = DataCall.objects.get()
    assert call.division_id == water.pk
    assert county.client("Yu").get(f"/data-calls/{call.pk}/").status_code == 200
    assert county.client("Li").get(f"/data-calls/{call.pk}/").status_code == 404


def test_the_township_answers_two_calls_on_one_page(county: County) -> None:
    first = ask(county, TRAPPED, ROAD)
    second = ask(county, TRAPPED, title="再问一次")
    page = county.client("Li").get("/data-calls/mine/").content.decode()
    assert page.count('name="f-') == 2
    assert "asked by 2 calls" in page
    figures = {
        f"f-{one.pk}": "3" if one.name == "被困人数" else "断" for one in FigureDefinition.objects.all()
    }
    form = {"place": "999901101000", "verb": "file", "key": "form-0000001", **figures}
    for _ in range(2):
        assert county.client("Li").post("/data-calls/mine/", form).status_code == 302
    willow = county.divisions["Willow River"]
    assert {seat_of(one, willow).state for one in (first, second)} == {"filed"}
    assert Filing.objects.count() == 3


def test_a_wrong_number_is_said_beside_the_form_and_stays_in_it(county: County) -> None:
    ask(county, TRAPPED)
    [figure] = FigureDefinition.objects.all()
    form = {"place": "999901101000", "verb": "file", f"f-{figure.pk}": "三个"}
    answer = county.client("Li").post("/data-calls/mine/", form)
    assert answer.status_code == 409
    assert "cannot be “三个”" in answer.content.decode()
    assert 'value="三个"' in answer.content.decode()


def test_already_given_is_confirmed_with_one_key(county: County) -> None:
    water = add_department(county)
    willow = county.divisions["Willow River"]
    fill(county, seat_of(ask(county, TRAPPED), willow), 3)
    second = ask(county, TRAPPED, division=water, title="水利收数", targets=(willow.code,))
    page = county.client("Li").get("/data-calls/mine/").content.decode()
    assert "already given to 云岭县“汛情收数” at 08:00:00" in page
    assert "autofocus" in page
    form = {"place": willow.code, "verb": "confirm", "key": "confirm-0001"}
    assert county.client("Li").post("/data-calls/mine/", form).status_code == 302
    assert seat_of(second, willow).state == "filed"


def test_the_desk_writes_down_what_was_said_by_phone(county: County) -> None:
    call = ask(county, TRAPPED)
    seat = seat_of(call, county.divisions["Willow River"])
    [figure] = FigureDefinition.objects.all()
    page = county.client("Chen").get(f"/data-calls/seats/{seat.pk}/").content.decode()
    assert "Write down what was said by phone" in page
    county.client("Chen").post(f"/data-calls/seats/{seat.pk}/", {f"f-{figure.pk}": "4", "verb": "file"})
    assert Filing.objects.get().way == "phone"


def test_the_table_is_a_workbook_in_which_text_stays_text(county: County) -> None:
    call = ask(county, TRAPPED, FigureDetails("说明", "text"))
    fill(county, seat_of(call, county.divisions["Willow River"]), 3, "=HYPERLINK(1)")
    answer = county.client("Chen").get(f"/data-calls/{call.pk}/table.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1] == ["单位", "被困人数（人）", "说明", "状态"]
    assert rows[2] == ["柳河镇", 3, "=HYPERLINK(1)", "已报"]
    assert sheet["C3"].data_type == "s"


def test_the_village_fills_in_on_the_phone_once(county: County) -> None:
    call = ask(county, TRAPPED, allows_nil=True)
    seat = seat_of(call, county.divisions["Willow River"])
    services.pass_on(seat, by=county.actor("Li"), at=county.now)
    page = county.client("Zhao").get("/f/data/")
    assert len(page.content) < 8_000
    fields = keyed(page.content.decode())
    [figure] = FigureDefinition.objects.all()
    form = {"key": fields["key"], "place": "999901101201", "verb": "file", f"f-{figure.pk}": "2"}
    for _ in range(2):
        sent = county.client("Zhao").post("/f/data/", form, headers={"X-Anlan-Queue": "1"})
        assert sent.status_code == 204
    assert Filing.objects.count() == 1
    mine = seat_of(call, county.divisions["Upper Willow"])
    assert (mine.state, Filing.objects.get().way) == ("filed", "field")
    assert "Correct" in county.client("Zhao").get("/f/data/").content.decode()
    assert "汛情收数" in county.client("Zhou").get("/f/").content.decode()


def test_the_township_passes_on_and_signs_off_on_the_desk(county: County) -> None:
    call = ask(county, TRAPPED)
    seat = seat_of(call, county.divisions["Willow River"])
    client = county.client("Li")
    assert client.post(f"/data-calls/seats/{seat.pk}/pass-on/").status_code == 302
    fill(county, seat_of(call, county.divisions["Upper Willow"]), 2, who="Zhao")
    assert "Sum of the villages so far" in client.get(f"/data-calls/seats/{seat.pk}/").content.decode()
    assert client.post(f"/data-calls/seats/{seat.pk}/sign/").status_code == 302
    assert Filing.objects.get(seat=seat).way == "villages"


def test_nobody_files_for_another_township_or_ends_a_call_without_the_right(county: County) -> None:
    call = ask(county, TRAPPED, allows_nil=True)
    seat = seat_of(call, county.divisions["Willow River"])
    liu = county.client("Liu")
    assert liu.post(f"/data-calls/seats/{seat.pk}/", {"verb": "nil"}).status_code == 404
    form = {"place": "999901101000", "verb": f"nil:{seat.pk}"}
    assert liu.post("/data-calls/mine/", form).status_code == 404
    assert liu.post("/f/data/", form).status_code == 404
    assert county.client("He").post(f"/data-calls/{call.pk}/end/", {"verb": "end"}).status_code == 403
    assert DataSeat.objects.filter(state="asked").count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {"verb": "nil:x", "place": "999901101000"},
        {"verb": "nil:00000000-0000-0000-0000-000000000007", "place": "999901101000"},
        {"place": "nowhere"},
        {"place": "999901101000", "f-x": "1", "key": "<script>"},
        {"place": "999901101000"},
        {},
    ],
)
def test_a_form_that_means_nothing_is_turned_away(county: County, form: dict[str, str]) -> None:
    ask(county, TRAPPED, allows_nil=True)
    for address in ("/data-calls/mine/", "/f/data/"):
        assert county.client("Li").post(address, form).status_code in (404, 409)
    assert not Filing.objects.exists()


def test_the_pages_speak_chinese(county: County) -> None:
    water = add_department(county)
    willow = county.divisions["Willow River"]
    call = ask(
        county,
        TRAPPED,
        ROAD,
        allows_nil=True,
        repeat_every_hours=3,
        repeat_until=county.now + timedelta(days=1),
    )
    ask(county, TRAPPED, division=water, title="水利收数", targets=(willow.code,))
    seat = seat_of(call, willow)
    services.pass_on(seat, by=county.actor("Li"), at=county.now)
    fill(county, seat_of(call, county.divisions["Upper Willow"]), 2, "断", who="Zhao")
    fill(county, seat_of(call, county.divisions["Upper Willow"]), 1, "断", who="Zhao", why="重复")
    county.clock.advance(minutes=61)
    chen, li = county.client("Chen", language="zh-hans"), county.client("Li", language="zh-hans")
    wrong = {}
    for client, address in [
        *((chen, one) for one in ("/data-calls/", "/data-calls/new/?preset=nil", "/data-calls/figures/", f"/data-calls/{call.pk}/", f"/data-calls/seats/{seat.pk}/", f"/data-calls/seats/{seat_of(call, county.divisions['Upper Willow']).pk}/")),
        *((li, one) for one in ("/data-calls/", "/data-calls/mine/", f"/data-calls/seats/{seat.pk}/", "/f/data/", "/f/")),
        (county.client("Zhao", language="zh-hans"), "/f/data/"),
    ]:  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        left = english_in(answer.content.decode())
        if left:
            wrong[address] = left
    assert wrong == {}


def test_a_list_page_asks_the_database_little(county: County, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        ask(county, TRAPPED, title=f"收数{number}")
    client: Client = county.client("Chen")
    client.get("/data-calls/")
    with django_assert_max_num_queries(22):
        client.get("/data-calls/")
    call = DataCall.objects.order_by("-opened_at", "-id")[0]
    with django_assert_max_num_queries(22):
        client.get(f"/data-calls/{call.pk}/board/")
