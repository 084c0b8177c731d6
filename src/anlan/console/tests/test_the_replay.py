"""The replay of an incident on the desk: the page of a moment, who knew what, who may look, and that it shows nothing of the present."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.accounts.middleware import ENTERED
from anlan.command import services as command
from anlan.command.tests import room
from anlan.console.replaypage import past
from anlan.dispatch import services as dispatch
from anlan.dispatch.types import Sent
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.review import keeping
from anlan.review.knowing import Reach, knowing_at
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    cache.clear()
    keeping.forget()
    yield
    keeping.forget()


def instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def shown(
    county: County, row: Incident, query: str = "", who: str = "Chen", language: str = "en", part: str = ""
) -> str:
    answer = county.client(who, language=language).get(f"/incidents/{row.pk}/replay/{part}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def a_course(county: County) -> tuple[Incident, dict[str, datetime]]:
    """An incident in which something happens every ten minutes."""
    at: dict[str, datetime] = {}
    row, chen = room.incident(county, lon=102.92, lat=27.41), county.actor("Chen")
    by: dict[str, Any] = {"by": chen, "by_name": "陈静"}

    def then(name: str) -> datetime:
        county.clock.advance(minutes=10)
        at[name] = county.now
        return county.now

    order = dispatch.issue_instruction(
        incident=row, title="转移沟口群众", words="半小时内", addressee=county.divisions["Willow River"], origin="free", limit_min=30,
        at=then("ordered"), **by,
    )  # fmt: skip
    scene = command.open_scene(row, name="后山沟口", lon=102.93, lat=27.42, by=chen, at=then("scene"))
    moment = then("answered")
    dispatch.acknowledge_instruction(
        order, via="phone", words="收到", sent=Sent(happened_at=moment - timedelta(minutes=15)), at=moment, **{**by, "by_name": "李梅"}
    )  # fmt: skip
    dispatch.finish_instruction(order, via="phone", words="已转移四十人", at=then("finished"), **by)
    command.move_scene(scene, "closed", why="处置完毕", by=chen, at=then("closed"))
    county.clock.advance(minutes=10)
    at["now"] = county.now
    return row, at


def test_a_moment_shows_what_stood_then_and_nothing_that_came_later(county: County) -> None:
    row, at = a_course(county)
    then = shown(county, row, f"?at={instant(at['scene'])}")
    assert "转移沟口群众" in then
    assert "后山沟口" in then
    assert "not acknowledged" in then
    for later in ("已转移四十人", "处置完毕", "收到"):
        assert later not in then, later
    local = at["scene"].astimezone(SHANGHAI)
    assert f"{local:%Y-%m-%d %H:%M:%S}" in then
    assert "this is the past, not the present" in then
    before = shown(county, row, f"?at={instant(at['ordered'] - timedelta(minutes=1))}")
    assert "转移沟口群众" not in before
    assert "No order was given yet." in before
    assert "已转移四十人" in shown(county, row, f"?at={instant(at['finished'])}")


def test_nothing_on_the_page_counts_from_now_or_asks_for_the_present(county: County) -> None:
    row, at = a_course(county)
    page = shown(county, row, f"?at={instant(at['scene'])}")
    main = page[page.index("<main") : page.index("</main>")]
    for live in (
        "data-age",
        "data-deadline",
        "data-wait",
        "hx-get",
        "hx-trigger",
        "plot/act",
        "callouts.geojson",
    ):
        assert live not in main, live


def test_slider_field_and_links_work_without_scripts(county: County) -> None:
    row, at = a_course(county)
    first = re.search(r'name="since" value="([^"]+)"', shown(county, row))
    assert first is not None
    page = shown(county, row, f"?second=1260&since={first[1]}")
    assert "后山沟口" in page
    local = at["scene"].astimezone(SHANGHAI)
    assert f"{local:%H:%M:%S}" in shown(county, row, f"?at={local:%Y-%m-%dT%H:%M}")
    assert f"{local:%Y-%m-%d %H:%M}" in shown(county, row, f"?at={local:%H:%M}")
    after = re.search(r'data-step="after" href="\?at=([^"&]+)', page)
    assert after is not None
    assert datetime.fromisoformat(after[1]) == at["answered"]
    before = re.search(r'data-step="before" href="\?at=([^"&]+)', page)
    assert before is not None
    assert datetime.fromisoformat(before[1]) == at["scene"]
    client = county.client("Chen")
    for odd in ("?at=nonsense", "?second=x", "?second=5&since=never"):
        assert client.get(f"/incidents/{row.pk}/replay/{odd}").status_code == 400
    assert "已转移四十人" in shown(county, row, "?at=2099-01-01T00:00"), "a moment to come is clamped to now"


def test_change_by_change_a_browser_passes_every_one_although_it_knows_no_microseconds(
    county: County,
) -> None:
    """A moment cut to milliseconds stood before its own change, and the next change was the same again."""
    row, chen = room.incident(county), county.actor("Chen")
    for number in range(3):
        at = county.now + timedelta(minutes=number, microseconds=617)
        command.ask_decision(row, words=f"第{number}问", needed_by=at + timedelta(hours=1), by=chen, at=at)
    county.clock.advance(minutes=10)
    fold, span, _last = past(row, None)
    passed, at = [], span.first
    while (found := span.after(at)) is not None:
        at = found.replace(microsecond=found.microsecond // 1000 * 1000)  # what a browser makes of it
        passed.append(at)
        assert len(passed) < 20, "it does not get on"
    assert [len(fold.at(one).get("decision", {})) for one in passed[-3:]] == [1, 2, 3]
    assert span.before(passed[-1]) == passed[-2]


def test_the_timeline_of_the_past_names_orders_as_that_of_the_room_does(county: County) -> None:
    row, _at = a_course(county)

    def lines(page: str) -> list[str]:
        texts = [re.sub(r"<[^>]+>", " ", one) for one in re.findall(r"<li\b.*?</li>", page, re.S)]
        return sorted(" ".join(one.split()[2:]) for one in texts if "转移沟口群众" in one)

    now = county.client("Chen", language="zh-hans").get(f"/incidents/{row.pk}/room/timeline/?kind=orders")
    past_page = shown(county, row, f"?at={instant(county.now)}", language="zh-hans")
    timeline = past_page.split("经过记录", 1)[1]
    told = lines(now.content.decode())
    assert len(told) == 3, "given, acknowledged, finished"
    assert [one for one in lines(timeline) if one in told] == told


def test_the_parts_of_a_moment_are_one_request_and_the_same_as_the_page(county: County) -> None:
    row, at = a_course(county)
    parts = shown(county, row, f"?at={instant(at['scene'])}", part="moment/")
    assert set(re.findall(r'data-part="(\w+)"', parts)) == {
        "sign",
        "head",
        "timeline",
        "boards",
        "knowing",
        "steps",
    }
    assert "<main" not in parts
    assert "后山沟口" in parts
    assert '"read_at"' in parts


def test_what_was_recorded_late_is_known_from_when_it_was_recorded(county: County) -> None:
    row, at = a_course(county)

    def order(moment: datetime) -> Any:
        [one] = [known for known in knowing_at(row, moment) if known.group == "orders"]
        return one

    assert not [one for one in knowing_at(row, at["ordered"] - timedelta(seconds=1)) if one.group == "orders"]
    told = order(at["answered"] - timedelta(seconds=1))
    assert (told.reach, told.told_at, told.reached_at) == (Reach.TOLD, at["ordered"], None)
    knew = order(at["answered"])
    assert (knew.reach, knew.reached_at, knew.by) == (Reach.REACHED, at["answered"], "李梅")
    assert knew.who == "柳河镇"


def test_who_knew_what_names_teams_calls_experts_and_those_not_reached(county: County) -> None:
    row, chen = room.incident(county, lon=102.92, lat=27.41), county.actor("Chen")
    room.job(county, row)
    command.ask_expert(row, room.expert(county, "Zhao"), question="还会滑吗", by=chen, at=county.now)
    call = command.note_call(row, name="李梅", subject="情况", by=chen, at=county.now)
    meeting = command.plan_consultation(
        row, title="趋势会商", starts_at=county.now, attendees=("水利局", "气象局"), by=chen, at=county.now
    )
    county.clock.advance(minutes=5)
    early = county.now
    county.clock.advance(minutes=5)
    command.record_outcome(call, "no_answer", by=chen, at=county.now)
    command.open_consultation(meeting, by=chen, at=county.now)
    by_group = {(one.group, one.who): one.reach for one in knowing_at(row, early)}
    assert by_group["teams", "县消防救援大队"] == Reach.TOLD
    assert by_group["calls", "李梅"] == Reach.TOLD
    assert by_group["consultations", "水利局"] == Reach.TOLD
    now = {(one.group, one.who): one.reach for one in knowing_at(row, county.now)}
    assert now["calls", "李梅"] == Reach.FAILED
    assert now["consultations", "气象局"] == Reach.REACHED
    assert {one.group for one in knowing_at(row, early)} >= {"teams", "experts", "calls", "consultations"}
    page = shown(county, row, f"?at={instant(early)}")
    assert 'data-group="teams"' in page
    assert "told, no answer yet" in page


def test_a_stranger_a_neighbour_and_a_reader_without_the_right_are_refused(county: County) -> None:
    row, at = a_course(county)
    for part in ("", "moment/"):
        url = f"/incidents/{row.pk}/replay/{part}?at={instant(at['scene'])}"
        for who in ("Liu", "Guo"):
            assert county.client(who).get(url).status_code in (403, 404), who
        assert county.client("Li").get(url).status_code == 200
    Incident.objects.filter(pk=row.pk).update(is_restricted=True)
    keeping.forget()
    for part in ("", "moment/"):
        url = f"/incidents/{row.pk}/replay/{part}?at={instant(at['scene'])}"
        assert county.client("Li").get(url).status_code == 404
    page = shown(county, row, f"?at={instant(at['finished'])}")
    assert "its room has no boards" in page
    for secret in ("转移沟口群众", "后山沟口", "已转移四十人"):
        assert secret not in page, secret


def test_the_ways_in_are_on_the_room_the_record_and_the_drill(county: County) -> None:
    from anlan.drills import services as drills
    from anlan.incidents.services import open_incident
    from anlan.incidents.types import IncidentDetails
    from anlan.review.tests.playing import SCRIPT

    row, _at = a_course(county)
    client, way = county.client("Chen"), f'href="/incidents/{row.pk}/replay/"'
    assert way in client.get(f"/incidents/{row.pk}/room/").content.decode()
    assert way in client.get(f"/incidents/{row.pk}/").content.decode()
    wang = county.actor("Wang")
    details = drills.DrillDetails(title="防汛演练", kind="tabletop", division=county.division)
    drill = drills.plan_drill(details, by=wang, by_name="王", at=county.now)
    drills.write_script(drill, SCRIPT, by=wang, at=county.now)
    drill = drills.start_drill(drill, by=wang, at=county.now)
    with clocks.entered(drill.run_id):
        about = IncidentDetails("演练洪水", "flood", county.division, "110", clocks.now(drill.run_id))
        played = open_incident(about, by=wang, at=clocks.now(drill.run_id), exercise_id=drill.run_id)
    county.clock.advance(minutes=3)
    way = f'href="/incidents/{played.pk}/replay/"'
    commander = county.client("Wang")
    assert way in commander.get(f"/drills/{drill.pk}/").content.decode()
    assert way not in county.client("Chen").get(f"/drills/{drill.pk}/").content.decode(), (
        "players find it in the room"
    )
    assert "EXERCISE" in commander.get(f"/incidents/{played.pk}/replay/").content.decode()
    session = commander.session
    session[ENTERED] = str(drill.run_id)
    session.save()
    assert commander.get(f"/incidents/{played.pk}/replay/").status_code == 200


def test_in_chinese_no_stray_english(county: County) -> None:
    row, at = a_course(county)
    room.job(county, row)
    page = shown(county, row, f"?at={instant(at['now'])}", language="zh-hans")
    body = re.sub(
        r"<script.*?</script>|<svg.*?</svg>|<[^>]+>",
        " ",
        page[page.index("<main") : page.index("</main>")],
        flags=re.S,
    )
    assert set(re.findall(r"[A-Za-z_]{3,}", body)) - {"Shift", "Home", "End"} == set()
    assert "这是过去，不是现在" in page


def test_two_hundred_orders_cost_as_many_queries_as_three(county: County) -> None:
    row, at = a_course(county)
    client, url = county.client("Chen"), f"/incidents/{row.pk}/replay/moment/?at="
    client.get(url + instant(at["now"]))

    def queries() -> int:
        county.clock.advance(minutes=5)
        keeping.forget()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url + instant(county.now)).status_code == 200
        return len(asked)

    room.orders(county, row, 3)
    room.decisions_in_bulk(county, row, 3)
    few = queries()
    room.orders_in_bulk(county, row, 200)
    room.decisions_in_bulk(county, row, 300)
    assert queries() <= few
