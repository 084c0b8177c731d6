"""The incident room and the leader's page on the desk: what they show, what they accept, what they cost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.command import services
from anlan.command.models import (
    CommandGroup,
    CommandTransfer,
    Consultation,
    Decision,
    ExpertCall,
    RollingAssessment,
    RoomCall,
    RoomLink,
    Scene,
    SituationReport,
)
from anlan.command.tests import room
from anlan.command.trail import subjects_of
from anlan.console.moments import input_moment
from anlan.console.roomboards import BOARDS
from anlan.console.roomtimeline import LINES
from anlan.directory.models import Person
from anlan.dispatch import services as dispatch
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.kernel.actor import Actor
from anlan.papers.models import Paper
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def act(county: County, row: Incident, verb: str, who: str = "Chen", **fields: Any) -> Any:
    return county.client(who).post(f"/incidents/{row.pk}/room/act/", {"verb": verb, **fields})


def page(county: County, row: Incident, query: str = "", who: str = "Chen", language: str = "en") -> str:
    answer = county.client(who, language=language).get(f"/incidents/{row.pk}/room/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def busy(county: County) -> Incident:
    """An incident with something on every board."""
    row, chen, at = room.incident(county, lon=102.92, lat=27.41), county.actor("Chen"), county.now
    room.counted(county, row, "missing", 2)
    room.orders(county, row, 3)
    room.job(county, row)
    room.activation(county, row, {})
    services.open_field_groups(row, level=4, by=chen, at=at)
    services.open_scene(row, name="后山沟口", by=chen, at=at)
    services.transfer_command(
        row, role="commander", name="王建国", title="副县长", why="响应启动", by=chen, at=at
    )
    services.ask_decision(row, words="是否转移全村", needed_by=at + timedelta(hours=1), by=chen, at=at)
    services.plan_consultation(row, title="滑坡趋势会商", starts_at=at, by=chen, at=at)
    services.ask_expert(row, room.expert(county, "Zhao"), question="还会滑吗", by=chen, at=at)
    services.add_link(row, kind="file", title="航拍视频", address="https://disk.example/1", by=chen, at=at)
    return row


def test_the_room_shows_head_timeline_and_every_board(county: County) -> None:
    row = busy(county)
    shown = page(county, row)
    for words in (
        "王建国",
        "上柳村后山滑坡",
        "地质灾害应急预案 Ⅲ",
        "是否转移全村",
        'data-island="room_map"',
        "The five steps",
    ):
        assert words in shown, words
    on_board = {
        "groups": "综合协调组", "orders": "转移第0组群众", "teams": "县消防救援大队", "requests": "Nothing was asked for yet",
        "scenes": "后山沟口", "decisions": "是否转移全村", "consultations": "滑坡趋势会商", "experts": "还会滑吗",
        "documents": "航拍视频",
    }  # fmt: skip
    assert set(on_board) == set(BOARDS)
    for tab, words in on_board.items():
        assert words in page(county, row, f"?tab={tab}"), tab
        fragment = county.client("Chen").get(f"/incidents/{row.pk}/room/board/{tab}/").content.decode()
        assert words in fragment, tab
    timeline = county.client("Chen").get(f"/incidents/{row.pk}/room/timeline/").content.decode()
    for words in (
        "转移第0组群众",
        "后山沟口",
        "王建国",
        "是否转移全村",
        "滑坡趋势会商",
        "还会滑吗",
        "missing 2",
    ):
        assert words in timeline, words


def test_chinese_pages_of_the_room_hold_no_english_and_no_codes(county: County) -> None:
    row = busy(county)
    for tab in BOARDS:
        shown = page(county, row, f"?tab={tab}", language="zh-hans")
        body = re.sub(r"<script.*?</script>|<[^>]+>", " ", shown[shown.index("<main") :], flags=re.S)
        words = set(re.findall(r"[A-Za-z_]{3,}", body)) - {"disk", "example", "https", "English"}
        assert not words, (tab, words)


def test_each_line_about_an_order_names_it_and_says_what_happened_once(county: County) -> None:
    row, chen = room.incident(county), county.actor("Chen")
    order = dispatch.issue_instruction(
        incident=row, title="封控漫水桥", words="专人值守", addressee=county.divisions["Willow River"], origin="free",
        by=chen, by_name="陈", at=county.now,
    )  # fmt: skip
    dispatch.acknowledge_instruction(order, by=chen, by_name="陈", via="desk", at=county.now)
    dispatch.report_instruction(order, words="已拉警戒线", by=chen, by_name="陈", via="desk", at=county.now)
    url = f"/incidents/{row.pk}/room/timeline/?kind=orders"
    shown = re.findall(
        r"封控漫水桥[^<]*", county.client("Chen", language="zh-hans").get(url).content.decode()
    )
    assert sum("已拉警戒线" in words for words in shown) == 1
    assert all("柳河镇" in words for words in shown)
    assert len(shown) == 3, "given, acknowledged and reported, each once, not by order and by step"


def test_the_timeline_narrows_by_kind_and_goes_back_page_by_page(county: County) -> None:
    row = busy(county)
    only = county.client("Chen").get(f"/incidents/{row.pk}/room/timeline/?kind=decisions").content.decode()
    assert "是否转移全村" in only
    assert "转移第0组群众" not in only
    for number in range(LINES + 3):
        services.make_decision(row, words=f"决定{number:03d}", by=county.actor("Chen"), at=county.now)
    first = page(county, row, "?kind=decisions")
    assert f"决定{LINES + 2:03d}" in first
    assert "决定000" not in first.split('id="board"')[0]
    assert "page=2" in first
    assert "决定000" in page(county, row, "?kind=decisions&page=2").split('id="board"')[0]
    for odd in ("?page=abc", "?page=99999", "?page=0", "?kind=nothing", "?tab=nothing", "?page=%C2%B2"):
        assert "上柳村后山滑坡" in page(county, row, odd)


def test_two_thousand_entries_and_two_hundred_orders_cost_as_many_queries_as_a_few(county: County) -> None:
    row = busy(county)
    client, url = county.client("Chen"), f"/incidents/{row.pk}/room/"
    client.get(url)
    cache.clear()
    few = queries(client, url)
    for order in room.orders_in_bulk(county, row, 200):
        assert order.pk
    room.decisions_in_bulk(county, row, 1800)
    subjects = subjects_of(row, with_messages=False)
    assert (
        Entry.objects.filter(subject_id__in=[key for keys in subjects.values() for key in keys]).count()
        > 2000
    )
    cache.clear()
    many = queries(client, url)
    assert many <= few
    assert (
        queries(county.client("Feng"), url) < many
        or county.actor("Feng").grants != county.actor("Chen").grants
    )
    assert queries(county.client("Chen"), url) < many / 2  # ten people share what one had made


def test_every_form_of_the_room_does_what_it_says(county: County) -> None:
    row = room.incident(county)
    later = input_moment(county.now + timedelta(hours=1))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("open_group", {"name": "家属接待组", "members": "民政局、妇联"}),
        ("open_field_groups", {"level": "3"}),
        ("transfer", {"role": "commander", "person": county.people["Wang"].pk, "why": "启动"}),
        ("open_scene", {"name": "沟口", "lon": "102.92", "lat": "27.41"}),
        ("open_scene", {"name": "学校"}),
        ("ask_decision", {"words": "是否转移", "needed_by": later}),
        ("make_decision", {"words": "封路"}),
        ("plan_consultation", {"title": "趋势", "starts_at": later, "attendees": "气象局，水利局"}),
        ("add_assessment", {"situation": "裂缝20米"}),
        ("ask_expert", {"expert": room.expert(county).pk, "question": "还滑吗", "via": "sms"}),
        ("add_link", {"kind": "meeting", "title": "县会商室", "address": "https://meet.example/1"}),
        ("call_person", {"person": county.people["Zhao"].pk, "subject": "报告情况"}),
        ("note_call", {"name": "市局值班", "subject": "通报", "outcome": "answered"}),
        ("draft_situation", {"to_at": input_moment(county.now)}),
    ]  # fmt: skip
    for verb, fields in steps:
        assert act(county, row, verb, **fields).status_code == 302, verb
    group, scene = CommandGroup.objects.get(name="家属接待组"), Scene.objects.get(name="学校")
    call, asked = RoomCall.objects.get(way="voice"), Decision.objects.get(made_at=None)
    assert group.members == ["民政局", "妇联"]
    assert CommandTransfer.objects.get().name == "王建国"
    more: list[tuple[str, dict[str, Any]]] = [
        ("edit_group", {"edit": group.pk, "name": "家属组", "members": "妇联"}),
        ("close_group", {"group": group.pk}),
        ("move_scene", {"scene": scene.pk, "to": "working"}),
        ("order_scene", {"scene": scene.pk, "to": "up"}),
        ("edit_scene", {"edit": scene.pk, "name": "希望小学", "sector": "北"}),
        ("call_scene", {"scene": scene.pk}),
        ("decide", {"decision": asked.pk, "words": "转移"}),
        ("answer_expert", {"call": ExpertCall.objects.get().pk, "words": "两小时内不会"}),
        ("remove_link", {"link": RoomLink.objects.get().pk}),
        ("call_outcome", {"call": call.pk, "outcome": "no_answer"}),
        ("call_team", {"team": room.job(county, row).team_id}),
    ]
    for verb, fields in more:
        assert act(county, row, verb, **fields).status_code == 302, verb
    scene.refresh_from_db()
    assert (scene.name, scene.state, scene.priority) == ("希望小学", "working", 1)
    assert RollingAssessment.objects.count() == 1
    assert act(county, row, "drop_decision", decision=asked.pk, why="x").status_code == 409


def test_a_refused_form_of_the_room_keeps_what_was_typed_and_changes_nothing(county: County) -> None:
    row = room.incident(county)
    answer = act(
        county, row, "ask_decision", words="是否开闸", needed_by=input_moment(county.now - timedelta(hours=1))
    )
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "lies in the past" in shown
    assert 'value="是否开闸"' in shown
    answer = act(county, row, "open_scene", name="沟口", lon="东", lat="27")
    assert answer.status_code == 400
    assert 'value="东"' in answer.content.decode()
    answer = act(county, row, "add_link", kind="file", title="片", address="javascript:alert(1)")
    assert "is no address of a page" in answer.content.decode()
    assert not Decision.objects.exists()
    assert not Scene.objects.exists()
    assert act(county, row, "dance").status_code == 404


def test_who_only_sees_may_not_write_and_a_neighbour_finds_nothing(county: County) -> None:
    row = busy(county)
    scene = Scene.objects.get()
    assert act(county, row, "make_decision", "Zhao", words="x").status_code == 403
    assert act(county, row, "move_scene", "Zhao", scene=scene.pk, to="working").status_code == 403
    assert act(county, row, "make_decision", "Li", words="乡镇先行封路").status_code == 302
    assert "Transfer command" not in page(county, row, "?tab=groups", "Zhao")
    consultation = Consultation.objects.get()
    made = services.draft_situation(
        row, from_at=None, to_at=county.now, by=county.actor("Chen"), at=county.now
    )
    for address in (
        f"/incidents/{row.pk}/room/", f"/incidents/{row.pk}/room/head/", f"/incidents/{row.pk}/room/timeline/",
        f"/incidents/{row.pk}/room/board/orders/", f"/incidents/{row.pk}/leader/", f"/consultations/{consultation.pk}/",
        f"/situation/{made.pk}/",
    ):  # fmt: skip
        assert county.client("Liu").get(address).status_code == 404, address
    assert act(county, row, "make_decision", "Liu", words="x").status_code == 404
    other = room.incident(county, "North Slope", title="石桥镇火灾")
    assert act(county, other, "move_scene", "Chen", scene=scene.pk, to="working").status_code == 404
    assert (
        county.client("Chen")
        .post(f"/incidents/{row.pk}/room/act/", {"verb": "call_person", "person": county.people["Wu"].pk})
        .status_code
        == 302
    )
    assert (
        county.client("Li")
        .post(f"/incidents/{row.pk}/room/act/", {"verb": "call_person", "person": county.people["Wu"].pk})
        .status_code
        == 404
    )


def test_a_scene_commander_of_the_village_moves_his_scene(county: County) -> None:
    row = room.incident(county)
    scene = services.open_scene(row, name="沟口", by=county.actor("Chen"), at=county.now)
    services.transfer_command(
        row, role="scene_commander", scene=scene, name="", person=county.people["Zhao"], why="", by=county.actor("Chen"), at=county.now
    )  # fmt: skip
    assert "Edit or close" in page(county, row, "?tab=scenes", "Zhao")
    assert act(county, row, "move_scene", "Zhao", scene=scene.pk, to="working").status_code == 302
    scene.refresh_from_db()
    assert scene.state == "working"
    assert "Edit or close" not in page(county, row, "?tab=scenes", "Qian")


def test_the_leaders_page_gives_each_figure_its_source_time_and_former_value(county: County) -> None:
    row = room.incident(county)
    room.counted(county, row, "deaths", 1)
    county.clock.advance(minutes=20)
    room.counted(county, row, "deaths", 3, why="")
    room.orders(county, row, 2)
    county.clock.advance(minutes=31)
    cache.clear()
    sheet = county.client("Chen").get(f"/incidents/{row.pk}/leader/").content.decode()
    deaths = sheet[sheet.index('data-figure="deaths"') :].split("</div>")[0]
    for words in (">3<", "柳河镇", "07-01 08:20:00", "before 1 (07-01 08:00:00)", "not verified"):
        assert words in deaths, words
    late = sheet[sheet.index('data-figure="late"') :].split("</div>")[0]
    assert ">2<" in late
    assert "before 0" in late
    assert "nobody counted yet" in sheet
    head = county.client("Chen").get(f"/incidents/{row.pk}/room/head/").content.decode()
    assert "2 things are late" in head


def test_a_restricted_incident_has_a_count_and_nothing_else_in_its_room(county: County) -> None:
    row = room.incident(county, event_type="public_health", title="公共卫生事件", reference="卫健2026-7")
    shown = page(county, row)
    assert "its room has no boards" in shown
    assert act(county, row, "make_decision", words="x").status_code == 409
    assert county.client("Li").get(f"/incidents/{row.pk}/room/").status_code == 404


def test_a_consultation_is_held_minuted_and_printed(county: County) -> None:
    row = room.incident(county)
    one = services.plan_consultation(
        row, title="滑坡趋势", starts_at=county.now, by=county.actor("Chen"), at=county.now
    )
    chen, url = county.client("Chen"), f"/consultations/{one.pk}/"
    assert chen.get(url).status_code == 200
    chen.post(url, {"verb": "open"})
    refused = chen.post(url, {"verb": "close", "minutes": "雨势减弱", "conclusions": ""})
    assert refused.status_code == 400
    assert "雨势减弱" in refused.content.decode()
    one.refresh_from_db()
    assert (one.state, one.minutes) == ("open", "")
    chen.post(url, {"verb": "close", "minutes": "雨势减弱", "conclusions": "继续监测", "attendees": "气象局"})
    one.refresh_from_db()
    assert (one.state, one.conclusions) == ("closed", "继续监测")
    assert county.client("Zhao").post(url, {"verb": "open"}).status_code == 403
    assert chen.post(f"/papers/of/minutes/consultation/{one.pk}/").status_code == 302
    paper = Paper.objects.get()
    assert paper.title == "关于滑坡趋势的会商纪要"
    assert "继续监测" in chen.get(f"/papers/at/{paper.pk}/").content.decode()


def test_a_situation_report_is_drafted_edited_made_final_and_becomes_a_word_file(county: County) -> None:
    row = busy(county)
    act(county, row, "draft_situation", to_at=input_moment(county.now + timedelta(minutes=1)))
    made = SituationReport.objects.get()
    chen, url = county.client("Chen"), f"/situation/{made.pk}/"
    assert "是否转移全村" in chen.get(url).content.decode()
    lines = {f"part_{n}": "\n".join(part["lines"]) for n, part in enumerate(made.parts)}
    chen.post(url, {**lines, "part_0": "07-01 08:00 上柳村滑坡，两人失踪。", "verb": "final"})
    made.refresh_from_db()
    assert (made.state, made.parts[0]["lines"]) == ("final", ["07-01 08:00 上柳村滑坡，两人失踪。"])
    assert chen.post(url, {**lines, "verb": "store"}).status_code == 409
    assert chen.post(f"/papers/of/situation/situation/{made.pk}/").status_code == 302
    paper = Paper.objects.get()
    assert "态势报告" in paper.title
    word = chen.get(f"/papers/at/{paper.pk}/file.docx")
    assert word.status_code == 200
    assert bytes(word.getvalue())[:2] == b"PK"


def test_who_answered_behind_a_link_or_by_phone_stands_in_the_timeline_by_name_and_never_by_id(
    county: County,
) -> None:
    row, chen = room.incident(county), county.actor("Chen")
    order = dispatch.issue_instruction(
        incident=row, title="封控漫水桥", words="专人值守", addressee=county.divisions["Willow River"], origin="free",
        by=chen, by_name="陈", at=county.now,
    )  # fmt: skip
    behind_link = Actor(ref="order_link:0123456789abcdef", name="赵大海")
    dispatch.acknowledge_instruction(order, by=behind_link, by_name="赵大海", via="link", at=county.now)
    holder = Person.objects.order_by("pk")[0]
    on_the_phone = Actor(ref=f"person:{holder.pk}", name=holder.name, person_id=holder.pk)
    dispatch.report_instruction(
        order, words="已拉警戒线", by=on_the_phone, by_name=holder.name, via="link", at=county.now
    )
    shown = page(county, row, language="zh-hans")
    assert "赵大海" in shown
    assert holder.name in shown
    assert not re.search(r"(order_link|job_link|person|delivery|sender):", shown)
    replayed = county.client("Chen", language="zh-hans").get(f"/incidents/{row.pk}/replay/").content.decode()
    assert "赵大海" in replayed
    assert not re.search(r"(order_link|job_link|person|delivery|sender):", replayed)
