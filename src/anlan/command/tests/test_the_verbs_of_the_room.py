"""Groups, scenes, command, decisions, consultations, experts and calls: what happens, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.command import services
from anlan.command.access import may_write_scene, visible_experts
from anlan.command.fieldgroups import groups_at, table
from anlan.command.journal_kinds import JOURNAL_KINDS
from anlan.command.models import CommandGroup, CommandTransfer, Decision, ExpertCall, RoomCall, Scene
from anlan.command.queries import experts_for, in_command, open_decisions, scenes_of, versions_of
from anlan.command.refusals import (
    AlreadyClosed,
    IsFinal,
    IsMerged,
    NoLink,
    NotBefore,
    NothingSaid,
    NotInThePast,
    UnknownChoice,
    WrongInterval,
)
from anlan.command.tests import room
from anlan.dissemination.models import Delivery
from anlan.events.published import ActivationMoved, ExpertCallMoved, NoticeAnswered
from anlan.incidents import services as incidents
from anlan.incidents.refusals import BadPoint, OnlyTheCount
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Advancing, Announcement, Entry
from anlan.journal.refusals import NoSuchTransition
from anlan.journal.services import announce
from anlan.response.services.bodies import add_member, form_body
from anlan.testing import County

pytestmark = pytest.mark.django_db
GROUPS = [
    {"key": "g1", "name": "综合协调组", "lead": "chief", "from_level": 4},
    {"key": "g2", "name": "抢险救援组", "members": [{"kind": "division", "code": "999901101000"}], "from_level": 3},
    {"key": "g3", "name": "新闻宣传组", "members": [{"kind": "department", "name": "县委宣传部"}], "from_level": 2},
]  # fmt: skip
CONTENT: dict[str, Any] = {
    "posts": [{"key": "chief", "title": "县应急局局长", "address": {"kind": "county"}}],
    "groups": GROUPS,
}


def moved(county: County, made: Any, what: str) -> None:
    event = ActivationMoved(str(made.pk), incident_id=str(made.incident_id), what=what, level=made.level)
    announce(event, at=county.now, exercise_id=made.exercise_id)
    run_reactions(owner="test")


def open_names(row: Any) -> set[str]:
    return set(CommandGroup.objects.filter(incident=row, closed_at=None).values_list("name", flat=True))


def test_the_groups_of_the_plan_open_with_the_level_and_a_fall_closes_only_what_it_opened(
    county: County,
) -> None:
    row, chen = room.incident(county), county.actor("Chen")
    made = room.activation(county, row, CONTENT, level=3)
    moved(county, made, "started")
    moved(county, made, "started")  # a reaction may come twice
    assert open_names(row) == {"综合协调组", "抢险救援组"}
    first = CommandGroup.objects.get(key="g2")
    assert first.unit == county.divisions["Willow River"]
    assert (first.members, first.source) == (["柳河镇"], "plan")
    assert CommandGroup.objects.get(key="g1").lead_words == "县应急局局长"
    made.change(by=chen, at=county.now, kind="raised", level=2)
    moved(county, made, "raised")
    assert "新闻宣传组" in open_names(row)
    services.open_group(row, name="家属接待组", by=chen, at=county.now)
    made.change(by=chen, at=county.now, kind="lowered", level=4)
    moved(county, made, "lowered")
    assert open_names(row) == {"综合协调组", "家属接待组"}
    made.advance("ended", by=chen, at=county.now, ended_at=county.now)
    moved(county, made, "ended")
    assert open_names(row) == {"家属接待组"}


def test_whoever_leads_the_body_of_the_plan_commands_until_somebody_takes_over(county: County) -> None:
    row = room.incident(county, "Yunling")
    wang = county.actor("Wang")
    body = form_body(code="fz", name="县防汛抗旱指挥部", division=county.division, by=wang, at=county.now)
    add_member(body, person=county.people["Zhou"], title="指挥长", role="chief", by=wang, at=county.now)
    made = room.activation(county, row, CONTENT, level=3)
    moved(county, made, "started")
    assert in_command(row) == {}, "a plan without a body names nobody"
    made.change(by=county.by, at=county.now, kind="changed", body=body)
    moved(county, made, "raised")
    assert in_command(row)["commander", None].person == county.people["Zhou"]
    services.transfer_command(
        row, role="commander", name="李明", why="到达现场", by=county.actor("Chen"), at=county.now
    )
    moved(county, made, "raised")
    assert in_command(row)["commander", None].name == "李明", "the plan takes command from nobody"


def test_the_table_of_field_groups_grows_with_the_level_and_says_that_it_is_a_template(
    county: County,
) -> None:
    assert "待本县确认" in table().note
    sizes = [len(groups_at(level)) for level in (4, 3, 2, 1)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]
    row, chen = room.incident(county), county.actor("Chen")
    assert len(services.open_field_groups(row, level=4, by=chen, at=county.now)) == sizes[0]
    assert services.open_field_groups(row, level=4, by=chen, at=county.now) == []
    with pytest.raises(UnknownChoice):
        services.open_field_groups(row, level=5, by=chen, at=county.now)


def test_a_group_is_edited_and_closed_once(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    group = services.open_group(row, name=" 医疗组 ", members=["县医院", " "], by=chen, at=at)
    assert services.open_group(row, name="医疗组", by=chen, at=at) == group
    services.edit_group(
        group,
        name="医疗救护组",
        duties="转运",
        lead_words="卫健局",
        members=["县医院", "120"],
        by=chen,
        at=at,
    )
    assert (group.name, group.members) == ("医疗救护组", ["县医院", "120"])
    services.close_group(group, by=chen, at=at)
    with pytest.raises(AlreadyClosed):
        services.close_group(group, by=chen, at=at)
    with pytest.raises(AlreadyClosed):
        services.edit_group(group, name="x", duties="", lead_words="", members=[], by=chen, at=at)


def test_scenes_are_numbered_move_through_phases_and_change_places(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    first = services.open_scene(row, name="沟口", by=chen, at=at)
    second = services.open_scene(row, name="学校", sector="北", lon=102.9, lat=27.4, by=chen, at=at)
    assert services.open_scene(row, name="沟口", by=chen, at=at) == first
    assert [(one.number, one.priority) for one in (first, second)] == [(1, 1), (2, 2)]
    services.order_scene(second, up=True, by=chen, at=at)
    services.order_scene(second, up=True, by=chen, at=at)  # it is the first already
    assert [one.name for one in scenes_of(row)] == ["学校", "沟口"]
    services.move_scene(second, "working", by=chen, at=at)
    with pytest.raises(NothingSaid):
        services.move_scene(second, "closed", by=chen, at=at)
    assert second.state == "working"
    services.move_scene(second, "closed", why="人员全部救出", by=chen, at=at)
    assert [one.name for one in scenes_of(row)] == ["沟口", "学校"]
    services.move_scene(second, "working", by=chen, at=at)
    assert second.closed_at is None
    with pytest.raises(NoSuchTransition):
        services.move_scene(second, "reported", by=chen, at=at)
    with pytest.raises(BadPoint):
        services.edit_scene(second, lon=200.0, lat=27.0, by=chen, at=at)
    services.edit_scene(second, name="希望小学", by=chen, at=at)
    assert Scene.objects.get(pk=second.pk).name == "希望小学"


def test_the_newest_transfer_counts_and_every_earlier_one_stays(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    scene = services.open_scene(row, name="沟口", by=chen, at=at)
    give: Any = {"incident": row, "by": chen}
    services.transfer_command(**give, role="commander", name="李镇长", why="先期处置", at=at)
    county.clock.advance(minutes=30)
    now = county.now
    services.transfer_command(**give, role="commander", name="王建国", title="副县长", why="响应升级", at=now)
    services.transfer_command(**give, role="commander", name="王建国", title="副县长", why="再次提交", at=now)
    late = services.transfer_command(
        **give, role="commander", name="值班员", why="补录", happened_at=at - timedelta(minutes=5), at=now
    )
    services.transfer_command(**give, role="scene_commander", scene=scene, name="周平", why="到场", at=now)
    held = in_command(row)
    assert held[("commander", None)].name == "王建国"
    assert held[("commander", None)].from_words == "李镇长"
    assert held[("scene_commander", scene.pk)].name == "周平"
    assert CommandTransfer.objects.filter(role="commander").count() == 3
    assert late.recorded_at == now
    for bad, refusal in (
        ({"role": "king", "name": "某"}, UnknownChoice),
        ({"role": "deputy", "name": " "}, NothingSaid),
        ({"role": "scene_commander", "name": "某"}, NothingSaid),
        ({"role": "deputy", "name": "某", "happened_at": now + timedelta(hours=1)}, NotBefore),
    ):
        with pytest.raises(refusal):
            services.transfer_command(**give, why="", at=now, **bad)
    assert CommandTransfer.objects.count() == 4


def test_whoever_commands_a_scene_may_write_it_and_loses_that_with_the_transfer(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    scene = services.open_scene(row, name="沟口", by=chen, at=at)
    assert may_write_scene(county.actor("Li"), scene)  # the township's desk commands in its own place
    assert not may_write_scene(county.actor("Zhao"), scene)
    give: Any = {"role": "scene_commander", "scene": scene, "by": chen}
    services.transfer_command(row, **give, name="", person=county.people["Zhao"], why="最先到场", at=at)
    assert may_write_scene(county.actor("Zhao"), scene)
    county.clock.advance(minutes=5)
    services.transfer_command(row, **give, name="消防队长", why="接替", at=county.now)
    assert not may_write_scene(county.actor("Zhao"), scene)


def test_a_decision_is_asked_for_made_or_dropped_with_a_reason(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    with pytest.raises(NotInThePast):
        services.ask_decision(row, words="是否转移全村", needed_by=at, by=chen, at=at)
    later = services.ask_decision(row, words="是否开闸", needed_by=at + timedelta(hours=2), by=chen, at=at)
    soon = services.ask_decision(
        row, words="是否转移全村", needed_by=at + timedelta(minutes=20), by=chen, at=at
    )
    services.ask_decision(row, words="安置点是否扩容", needed_by=None, by=chen, at=at)
    assert [one.words for one in open_decisions(row)] == ["是否转移全村", "是否开闸", "安置点是否扩容"]
    services.decide(soon, words="立即转移全村", why="裂缝扩大", by_name="王建国", by=chen, at=at)
    assert (soon.made_by_name, soon.words) == ("王建国", "立即转移全村")
    with pytest.raises(AlreadyClosed):
        services.decide(soon, by=chen, at=at)
    with pytest.raises(NothingSaid):
        services.drop_decision(later, why=" ", by=chen, at=at)
    services.drop_decision(later, why="水位已落", by=chen, at=at)
    services.make_decision(row, words="封闭进山道路", by=chen, at=at)
    assert [one.words for one in open_decisions(row)] == ["安置点是否扩容"]
    assert Decision.objects.count() == 4


def test_a_consultation_has_minutes_and_ends_with_conclusions(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    plan: Any = {"title": "滑坡趋势会商", "starts_at": at + timedelta(minutes=10), "by": chen, "at": at}
    one = services.plan_consultation(row, **plan, link="https://meet.example/room/1", attendees=["气象局"])
    assert services.plan_consultation(row, **plan) == one
    with pytest.raises(NoLink):
        services.plan_consultation(row, title="x", starts_at=at, link="javascript:alert(1)", by=chen, at=at)
    services.open_consultation(one, by=chen, at=at)
    with pytest.raises(NothingSaid):
        services.close_consultation(one, by=chen, at=at)
    assert one.state == "open"
    services.write_minutes(
        one, minutes="雨势减弱", conclusions="继续监测", attendees=["气象局", "水利局"], by=chen, at=at
    )
    services.close_consultation(one, by=chen, at=at)
    assert (one.state, one.conclusions, one.ended_at) == ("closed", "继续监测", at)
    services.open_consultation(one, by=chen, at=at)
    assert one.ended_at is None


def test_a_version_of_the_assessment_says_what_changed(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    words: Any = {"situation": "后山裂缝20米", "trend": "可能扩大", "risks": "下方32户", "advice": "转移"}
    services.add_assessment(row, **words, by=chen, at=at)
    services.add_assessment(row, **words, by=chen, at=at)  # nothing new
    services.add_assessment(
        row, **{**words, "situation": "后山裂缝35米", "advice": "全村转移"}, by=chen, at=at
    )
    with pytest.raises(NothingSaid):
        services.add_assessment(row, situation=" ", trend="", risks="", advice="", by=chen, at=at)
    assert [(one.row.number, one.changed) for one in versions_of(row)] == [
        (2, ("situation", "advice")),
        (1, ("situation", "trend", "risks", "advice")),
    ]


def test_an_expert_who_does_not_answer_rises_and_rises_again_until_the_reply_comes(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    call = services.ask_expert(row, room.expert(county), question="还会滑吗", by=chen, at=at)
    told = Delivery.objects.get(subject=f"expert_call:{call.pk}")
    assert (told.channel, "还会滑吗" in told.text) == ("sms", True)
    assert services.ask_expert(row, call.expert, question="还会滑吗", by=chen, at=at) == call
    for _time in range(2):
        county.clock.advance(minutes=31)
        run_deadlines(owner="test")
    late = [one.payload["what"] for one in Announcement.objects.filter(event=ExpertCallMoved.name)]
    assert Entry.objects.filter(kind="expert_call.late").count() == 2
    assert late == [] or late.count("late") == 2  # announced once for each reaction upstairs
    announce(
        NoticeAnswered(str(told.pk), f"expert_call:{call.pk}", words="两小时内不会，建议观测"), at=county.now
    )
    run_reactions(owner="test")
    call.refresh_from_db()
    assert (call.state, call.advice, call.rise_at) == ("answered", "两小时内不会，建议观测", None)
    county.clock.advance(hours=1)
    run_deadlines(owner="test")
    assert Entry.objects.filter(kind="expert_call.late").count() == 2


def test_an_expert_may_decline_and_be_asked_again_and_one_without_a_number_is_called_by_hand(
    county: County,
) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    call = services.ask_expert(row, room.expert(county), question="还会滑吗", by=chen, at=at)
    with pytest.raises(NothingSaid):
        services.decline_expert(call, why="", by=chen, at=at)
    services.decline_expert(call, why="在外地", by=chen, at=at)
    assert call.rise_at is None
    services.ask_again(call, by=chen, at=at)
    services.answer_expert(call, advice="撤离", by=chen, at=at)
    with pytest.raises(NoSuchTransition):
        services.decline_expert(call, why="x", by=chen, at=at)
    quiet = room.expert(county, "Wu", ())
    quiet.person.contacts.all().delete()
    byhand = services.ask_expert(row, quiet, question="排水", by=chen, at=at)
    assert byhand.via == "hand"
    assert not Delivery.objects.filter(subject=f"expert_call:{byhand.pk}").exists()


def test_experts_for_the_kind_of_event_come_first_and_a_neighbours_are_not_seen(county: County) -> None:
    slope, any_kind = room.expert(county, "Zhou"), room.expert(county, "Zhao", ())
    room.expert(county, "Wang", ("fire",))
    far = room.expert(county, "Wu")
    assert experts_for(visible_experts(county.actor("Li")), "landslide") == [slope, any_kind]
    assert far in visible_experts(county.actor("Liu"))
    assert slope not in visible_experts(county.actor("Liu"))


def test_one_click_calls_and_the_answer_stands_in_the_journal(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    call = services.call_person(row, county.people["Zhao"], subject="报告现场情况", by=chen, at=at)
    told = Delivery.objects.get(subject=f"room_call:{call.pk}")
    assert (told.channel, call.way, call.outcome) == ("voice", "voice", "")
    announce(NoticeAnswered(str(told.pk), f"room_call:{call.pk}", words="1"), at=at)
    run_reactions(owner="test")
    call.refresh_from_db()
    assert call.outcome == "answered"
    led = services.call_team(row, room.team(county), subject="出发", by=chen, at=at)
    assert (led.name, led.way) == ("周平", "voice")
    nobody = services.call_team(row, room.team(county, "志愿队", None), subject="出发", by=chen, at=at)
    assert (nobody.name, nobody.way) == ("志愿队", "hand")
    scene = services.open_scene(row, name="沟口", by=chen, at=at)
    assert services.call_scene(scene, subject="情况", by=chen, at=at).way == "hand"
    services.transfer_command(
        row,
        role="scene_commander",
        scene=scene,
        name="",
        person=county.people["Zhao"],
        why="到场",
        by=chen,
        at=at,
    )
    assert services.call_scene(scene, subject="情况", by=chen, at=at).name == "赵春兰"
    services.record_outcome(nobody, "no_answer", words="响十声", by=chen, at=at)
    with pytest.raises(UnknownChoice):
        services.record_outcome(nobody, "maybe", by=chen, at=at)
    assert RoomCall.objects.get(pk=nobody.pk).outcome == "no_answer"


def test_links_are_addresses_of_pages_and_nothing_else(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    link = services.add_link(row, kind="file", title="航拍", address="https://disk.example/x", by=chen, at=at)
    assert (
        services.add_link(row, kind="file", title="航拍", address="https://disk.example/x", by=chen, at=at)
        == link
    )
    for bad in ("javascript:alert(1)", "ftp://x/y", "https://", "https://a b", "", "https://[", "x" * 400):
        with pytest.raises(NoLink):
            services.add_link(row, kind="file", title="航拍", address=bad, by=chen, at=at)
    services.remove_link(link, by=chen, at=at)
    with pytest.raises(AlreadyClosed):
        services.remove_link(link, by=chen, at=at)


def test_a_restricted_and_a_merged_incident_have_no_room(county: County) -> None:
    chen, at = county.actor("Chen"), county.now
    closed = room.incident(county, event_type="public_health", title="公共卫生事件")
    assert closed.is_restricted
    with pytest.raises(OnlyTheCount):
        services.open_scene(closed, name="病房", by=chen, at=at)
    row, main = room.incident(county), room.incident(county, title="同一处")
    incidents.merge_incident(row, main, reason="同一处", by=chen, at=at)
    with pytest.raises(IsMerged):
        services.make_decision(row, words="x", by=chen, at=at)


def test_a_situation_report_tells_the_interval_with_times_and_is_edited_until_it_is_final(
    county: County,
) -> None:
    row, chen = room.incident(county, course="后山滑坡约300方"), county.actor("Chen")
    room.counted(county, row, "deaths", 1)
    began = county.now
    county.clock.advance(minutes=20)
    room.counted(county, row, "deaths", 2)
    room.orders(county, row, 2)
    services.make_decision(row, words="封闭道路", by=chen, at=county.now)
    county.clock.advance(minutes=45)
    made = services.draft_situation(row, from_at=began, to_at=county.now, by=chen, at=county.now)
    parts = {one["heading"]: one["lines"] for one in made.parts}
    assert list(parts) == [
        "概况",
        "数字与变化",
        "预警与叫应",
        "响应与指令",
        "力量",
        "请求",
        "决策",
        "存在问题",
        "下一步",
    ]
    assert "07-01 08:20 死亡2人（前值1，07-01 08:00），来源：柳河镇，待核实。" in parts["数字与变化"]
    assert [
        line
        for line in parts["响应与指令"]
        if "转移第0组群众 柳河镇" in line and line.startswith("07-01 08:20")
    ]
    assert any("封闭道路" in line for line in parts["决策"])
    assert any("指令未签收" in line for line in parts["存在问题"])
    assert not any("事件" in line for line in parts["响应与指令"])
    assert services.draft_situation(row, from_at=began, to_at=county.now, by=chen, at=county.now) == made
    with pytest.raises(WrongInterval):
        services.draft_situation(row, from_at=county.now, to_at=began, by=chen, at=county.now)
    services.edit_situation(made, lines=[["07-01 08:00 滑坡。", "  "]], by=chen, at=county.now)
    assert made.parts[0]["lines"] == ["07-01 08:00 滑坡。"]
    services.finish_situation(made, by=chen, at=county.now)
    with pytest.raises(IsFinal):
        services.edit_situation(made, lines=[["改"]], by=chen, at=county.now)


def test_every_kind_that_was_written_has_a_name(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    scene = services.open_scene(row, name="沟口", by=chen, at=at)
    for phase in ("working", "controlled"):
        services.move_scene(scene, phase, by=chen, at=at)
    own = {getattr(model, "journal_type", "") for model in apps.get_app_config("command").get_models()}
    written = set(Entry.objects.filter(subject_type__in=own).values_list("kind", flat=True))
    assert written <= set(JOURNAL_KINDS)
    for model in apps.get_app_config("command").get_models():
        if issubclass(model, Advancing):
            reached = {to for some in model.transitions.values() for to in some}
            missing = {f"{model.journal_type}.{state}" for state in reached} - set(JOURNAL_KINDS)
            assert not missing


@given(
    path=st.lists(st.sampled_from(["reported", "working", "controlled", "closed", "answered"]), max_size=6)
)
@settings(max_examples=40, deadline=None)
def test_a_scene_only_moves_along_its_table_and_never_back_to_reported(path: list[str]) -> None:
    state = "reported"
    for to in path:
        if to in Scene.transitions.get(state, frozenset()):
            state = to
            assert state != "reported"
    assert state in Scene.transitions
    assert all(to in Scene.transitions for some in Scene.transitions.values() for to in some)
    assert all(to in ExpertCall.transitions for some in ExpertCall.transitions.values() for to in some)
