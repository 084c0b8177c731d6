"""Orders: given, carried to whoever answers, acknowledged, done, late, taken back."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from anlan.dispatch import services
from anlan.dispatch.access import access_order, is_own, speaking, visible_orders
from anlan.dispatch.links import orders_behind, token_for
from anlan.dispatch.models import Instruction, InstructionStep, TeamJob
from anlan.dispatch.orderboard import count, orders_of, progress_by_unit
from anlan.dispatch.preconditions import SETTLED, Known, by_key, is_free
from anlan.dispatch.refusals import (
    BadProgress,
    IncidentIsOver,
    NameMissing,
    NoOrderTitle,
    NotTheirs,
    ProofMissing,
    StillWaits,
    TeamIsGone,
    WhyMissing,
)
from anlan.dispatch.tests.order_scenes import appoint, departments, flood, order
from anlan.dispatch.types import NewInstruction, Proof
from anlan.dissemination.models import Delivery
from anlan.duty.models import Alarm
from anlan.events.published import NoticeAnswered
from anlan.incidents import services as incidents
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Announcement
from anlan.journal.refusals import NoSuchTransition
from anlan.journal.services import announce
from anlan.kernel.refusals import NotFound
from anlan.resources.models import Readiness, Team
from anlan.testing import County
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db


def said(county: County, who: str, **fields: Any) -> dict[str, Any]:
    actor = county.actor(who)
    return {"by": actor, "by_name": actor.name, "via": "page", "at": county.now, **fields}


def fresh(row: Instruction) -> Instruction:
    return Instruction.objects.get(pk=row.pk)


def test_an_order_goes_to_whoever_is_on_duty_with_its_limits_and_a_link(county: County) -> None:
    row = order(county, flood(county))
    [sent] = Delivery.objects.filter(purpose="notice")
    assert (row.state, row.number) == ("issued", "令2026-00001")
    assert sent.person == county.people["Li"]
    assert "转移危险区群众" in sent.text
    assert f"/o/{token_for(row.incident_id, row.addressee_id)}/" in sent.text
    assert row.rise_at == row.acknowledge_by
    assert [step.step for step in row.steps.all()] == ["issued"]


def test_fourteen_orders_to_one_place_are_one_message(county: County) -> None:
    place = county.divisions["Willow River"]
    rows = [NewInstruction(title=f"任务{number}", addressee=place) for number in range(14)]
    services.issue_many(
        rows, incident=flood(county), by=county.actor("Wang"), by_name="王建国", at=county.now
    )
    [sent] = Delivery.objects.filter(purpose="notice")
    assert "柳河镇有14条指令" in sent.text


def _issue_cost(county: County, places: list[Any], tasks: int) -> int:
    incident = flood(county)
    rows = [
        NewInstruction(title=f"任务{number}", addressee=places[number % len(places)], limit_min=60, origin="plan",
                       activation_id=uuid.uuid4(), task_key=f"t{number}")
        for number in range(tasks)
    ]  # fmt: skip
    with CaptureQueriesContext(
        connection,
    ) as queries:
        services.issue_many(rows, incident=incident, by=county.actor("Wang"), by_name="王建国", at=county.now)
    return len(queries)


def test_two_hundred_orders_cost_as_many_statements_as_thirty(county: County) -> None:
    places = departments(county, [f"部门{number}" for number in range(30)])
    few = _issue_cost(county, places, 30)
    many = _issue_cost(county, places, 200)
    assert Instruction.objects.count() == 230
    assert Delivery.objects.filter(purpose="notice").count() == 60
    assert many <= few + 6, (few, many)
    assert many < 45


def test_nothing_is_written_when_one_of_many_orders_is_refused(county: County) -> None:
    place = county.divisions["Willow River"]
    rows = [NewInstruction(title="好", addressee=place), NewInstruction(title="  ", addressee=place)]
    with pytest.raises(NoOrderTitle):
        services.issue_many(rows, incident=flood(county), by=county.by, by_name="", at=county.now)
    assert not Instruction.objects.exists()
    assert not Delivery.objects.exists()


def test_no_order_is_given_about_a_closed_incident(county: County) -> None:
    incident = flood(county)
    incidents.find_not_true(incident, reason="误报", by=county.actor("Chen"), at=county.now)
    with pytest.raises(IncidentIsOver):
        order(county, incident)


def test_an_order_that_reaches_nobody_rings_at_the_desk(county: County) -> None:
    [place] = departments(county, ["无人局"])
    from anlan.directory.models import Contact

    Contact.objects.filter(value="10000000200").update(used_to=county.now)
    order(county, flood(county), place)
    assert not Delivery.objects.exists()
    assert Alarm.objects.get().kind == "order_unreached"


def test_acknowledging_beginning_reporting_and_finishing_leave_their_steps(county: County) -> None:
    row = order(county, flood(county))
    services.acknowledge_instruction(row, **said(county, "Li"))
    county.clock.advance(minutes=5)
    services.start_instruction(row, **said(county, "Li"))
    services.report_instruction(row, **said(county, "Li", words="已转移40户", progress=60))
    services.finish_instruction(row, **said(county, "Li", words="全部转移"))
    row = fresh(row)
    assert (row.state, row.progress, row.rise_at, row.result) == ("finished", 100, None, "全部转移")
    steps = list(row.steps.order_by("recorded_at", "id").values_list("step", flat=True))
    assert steps == ["issued", "acknowledged", "started", "reported", "finished"]


def test_said_twice_it_is_acknowledged_once(county: County) -> None:
    row = order(county, flood(county))
    services.acknowledge_instruction(row, **said(county, "Li"))
    services.acknowledge_instruction(fresh(row), **said(county, "Li"))
    assert InstructionStep.objects.filter(step="acknowledged").count() == 1


def test_where_proof_is_asked_for_an_empty_done_is_refused(
    county: County, settings: Any, tmp_path: Any
) -> None:
    settings.ANLAN_DATA = tmp_path
    row = order(county, flood(county), needs_proof=True)
    with pytest.raises(ProofMissing):
        services.finish_instruction(row, **said(county, "Li"))
    assert fresh(row).state == "issued"
    photo = Proof("现场.txt", [b"%PDF-1.4 \n"])
    services.report_instruction(row, **said(county, "Li", files=[photo]))
    services.finish_instruction(row, **said(county, "Li"))
    assert fresh(row).state == "finished"


def test_progress_is_a_percentage_and_a_report_says_something(county: County) -> None:
    row = order(county, flood(county))
    with pytest.raises(BadProgress):
        services.report_instruction(row, **said(county, "Li", progress=140))
    with pytest.raises(WhyMissing):
        services.report_instruction(row, **said(county, "Li"))
    assert fresh(row).state == "issued"


def test_what_cannot_be_done_says_why_and_rings(county: County) -> None:
    row = order(county, flood(county))
    with pytest.raises(WhyMissing):
        services.could_not_instruction(row, **said(county, "Li", words=" "))
    services.could_not_instruction(row, **said(county, "Li", words="道路中断"))
    assert Alarm.objects.get(kind="order_could_not").state == "ringing"
    services.reopen_instruction(fresh(row), **said(county, "Wang", words="改走水路"))
    assert fresh(row).state == "issued"
    assert Alarm.objects.get(kind="order_could_not").state == "cleared"


def test_a_finished_order_begins_again_only_when_it_is_returned(county: County) -> None:
    row = order(county, flood(county))
    services.finish_instruction(row, **said(county, "Li"))
    for verb in (services.start_instruction, services.report_instruction):
        with pytest.raises(NoSuchTransition):
            verb(fresh(row), **said(county, "Li", words="再来"))
    services.reopen_instruction(fresh(row), **said(county, "Wang", words="还有三户"))
    assert (fresh(row).state, fresh(row).finished_at) == ("started", None)


def test_a_withdrawn_order_is_over_and_its_addressee_is_told(county: County) -> None:
    row = order(county, flood(county))
    with pytest.raises(WhyMissing):
        services.withdraw_instruction(row, **said(county, "Wang", words=""))
    services.withdraw_instruction(row, **said(county, "Wang", words="雨停"))
    assert fresh(row).rise_at is None
    assert Delivery.objects.filter(text__contains="撤回").count() == 1
    with pytest.raises(NoSuchTransition):
        services.acknowledge_instruction(fresh(row), **said(county, "Li"))


def test_a_late_order_is_chased_then_its_leader_then_the_commanders_desk(county: County) -> None:
    appoint(county, "高乡长", county.divisions["Willow River"], PostKind.TOWNSHIP_LEADER, "10000000300")
    row = order(county, flood(county), limit_min=None)
    told = []
    for minutes in (10, 10, 10, 10):
        county.clock.advance(minutes=minutes)
        run_deadlines(owner="test")
        told.append(
            set(Delivery.objects.filter(text__contains="催办").values_list("person__name", flat=True))
        )
    assert told == [{"李梅"}, {"李梅", "高乡长"}, {"李梅", "高乡长", "郑国安"}, {"李梅", "高乡长", "郑国安"}]
    assert (fresh(row).risen, fresh(row).rise_at) == (3, None)
    assert Alarm.objects.filter(kind="order_late").count() == 1


def test_the_late_orders_of_one_place_rise_together(county: County) -> None:
    incident = flood(county)
    for _ in range(3):
        order(county, incident)
    county.clock.advance(minutes=11)
    run_deadlines(owner="test")
    assert Delivery.objects.filter(text__contains="催办").count() == 1
    assert Alarm.objects.filter(kind="order_late").count() == 1
    assert set(Instruction.objects.values_list("risen", flat=True)) == {1}
    late = Announcement.objects.filter(event="dispatch.instruction_moved", payload__what="late")
    assert late.count() % 3 == 0


def test_acknowledged_it_is_late_only_at_its_limit_and_stops_ringing_when_done(county: County) -> None:
    row = order(county, flood(county))
    county.clock.advance(minutes=11)
    run_deadlines(owner="test")
    services.acknowledge_instruction(fresh(row), **said(county, "Li"))
    assert Alarm.objects.get(kind="order_late").state == "cleared"
    assert fresh(row).rise_at == row.due_at
    county.clock.advance(minutes=50)
    run_deadlines(owner="test")
    assert orders_of(row.incident)[0].is_late
    assert Alarm.objects.filter(kind="order_late", state="ringing").count() == 1
    services.finish_instruction(fresh(row), **said(county, "Li"))
    assert not Alarm.objects.filter(kind="order_late", state="ringing").exists()


def _activation(county: County) -> tuple[list[Instruction], uuid.UUID]:
    key, by, incident = uuid.uuid4(), county.actor("Wang"), flood(county)
    willow, stone = county.divisions["Willow River"], county.divisions["Stone Bridge"]
    rows = [
        NewInstruction(title="转移", addressee=willow, activation_id=key, task_key="move"),
        NewInstruction(title="转移", addressee=stone, activation_id=key, task_key="move"),
        NewInstruction(title="清点", addressee=willow, activation_id=key, task_key="count", after=("move",)),
        NewInstruction(title="清点", addressee=stone, activation_id=key, task_key="count", after=("move",)),
        NewInstruction(
            title="汇总", addressee=county.division, activation_id=key, task_key="sum", after=("move",)
        ),
        NewInstruction(
            title="照常", addressee=willow, activation_id=key, task_key="free", after=("unknown",)
        ),
    ]
    return services.issue_many(rows, incident=incident, by=by, by_name="王建国", at=county.now), key


def test_an_order_waits_for_its_own_township_and_the_sum_for_all_of_them(county: County) -> None:
    rows, _key = _activation(county)
    assert [row.state for row in rows] == ["issued", "issued", "waiting", "waiting", "waiting", "issued"]
    with pytest.raises(StillWaits):
        services.acknowledge_instruction(rows[2], **said(county, "Li"))
    county.clock.advance(minutes=30)
    services.finish_instruction(fresh(rows[0]), **said(county, "Li"))
    assert [fresh(row).state for row in rows[2:5]] == ["issued", "waiting", "waiting"]
    assert fresh(rows[2]).issued_at == county.now
    services.finish_instruction(fresh(rows[1]), **said(county, "Liu"))
    assert [fresh(row).state for row in rows[2:5]] == ["issued"] * 3


def test_what_waited_for_a_withdrawn_order_goes_out(county: County) -> None:
    rows, _key = _activation(county)
    services.withdraw_many([fresh(rows[0]), fresh(rows[1])], **said(county, "Wang", words="雨停"))
    assert {fresh(row).state for row in rows[2:5]} == {"issued"}


@given(st.lists(st.sampled_from(sorted(Instruction.transitions)), max_size=6), st.booleans())
def test_a_predecessor_holds_up_until_all_that_count_are_settled(states: list[str], has_own: bool) -> None:
    rows = [Known("move", f"p{number}", state) for number, state in enumerate(states)]
    to = "p0" if has_own and states else "elsewhere"
    counted = [row for row in rows if row.addressee == to] or rows
    assert is_free(["move"], to, by_key(rows)) == all(row.state in SETTLED for row in counted)


_WORDS = {"words": "因为"}
_VERBS: dict[str, tuple[Callable[..., Instruction], str, dict[str, str]]] = {
    "acknowledge": (services.acknowledge_instruction, "Li", {}),
    "start": (services.start_instruction, "Li", {}),
    "report": (services.report_instruction, "Li", _WORDS),
    "finish": (services.finish_instruction, "Li", {}),
    "could_not": (services.could_not_instruction, "Li", _WORDS),
    "withdraw": (services.withdraw_instruction, "Wang", _WORDS),
    "reopen": (services.reopen_instruction, "Wang", _WORDS),
}


def test_whatever_is_said_in_whatever_order_the_state_table_holds(county: County) -> None:
    incident = flood(county)
    for first, second in itertools.product(sorted(_VERBS), repeat=2):
        row = order(county, incident)
        for name in (first, second):
            _say_and_look(county, row, name)


def _say_and_look(county: County, row: Instruction, name: str) -> None:
    verb, who, more = _VERBS[name]
    before = fresh(row)
    try:
        verb(fresh(row), **said(county, who, **more))
    except NoSuchTransition:
        assert fresh(row).version == before.version
        return
    after = fresh(row)
    assert after.state == before.state or after.state in Instruction.transitions[before.state]
    assert (after.rise_at is not None) == (after.state in ("issued", "acknowledged", "started"))


def test_an_order_to_a_team_already_gone_is_refused(county: County) -> None:
    incident, other = flood(county), flood(county, "Stone Bridge")
    team = Team(code="T1", name="民兵应急队", kind="militia", division=county.divisions["Willow River"],
                readiness=Readiness.READY, registered_at=county.now,
                leader=county.people["Zhao"]).record(by=county.by, at=county.now)  # fmt: skip
    mine = order(county, incident, team=team)
    assert Delivery.objects.get().person == county.people["Zhao"]
    assert is_own(county.actor("Zhao"), mine, county.now)
    assert not is_own(county.actor("Li"), mine, county.now)
    TeamJob(state="left", number="队1", incident=other, team=team, division=other.division,
            told_at=county.now).record(by=county.by, at=county.now)  # fmt: skip
    with pytest.raises(TeamIsGone):
        order(county, incident, team=team)
    order(county, other, team=team)


def test_a_reply_of_1_acknowledges_what_was_out_when_it_was_sent(county: County) -> None:
    incident = flood(county)
    early = order(county, incident)
    sent = Delivery.objects.get()
    county.clock.advance(minutes=2)
    replied = county.now
    county.clock.advance(minutes=1)
    later = order(county, incident)
    news = NoticeAnswered(delivery_id=str(sent.pk), subject=sent.subject, words="1 收到",
                          person_id=str(sent.person_id), happened_at=replied.isoformat())  # fmt: skip
    announce(news, at=county.now)
    run_reactions(owner="test")
    assert (fresh(early).state, fresh(early).acknowledged_at) == ("acknowledged", replied)
    assert early.steps.get(step="acknowledged").by_name == "李梅"
    assert fresh(later).state == "issued"


def test_a_township_answers_its_own_order_and_not_its_neighbours(county: County) -> None:
    incident = flood(county)
    mine, theirs = order(county, incident), order(county, incident, "Stone Bridge")
    li, liu = county.actor("Li"), county.actor("Liu")
    assert set(visible_orders(liu)) == {theirs}
    with pytest.raises(NotFound):
        access_order(liu, mine.pk)
    assert access_order(li, theirs.pk) == theirs  # the incident is Willow River's
    assert speaking(li, mine, name="", via="page", at=county.now)[0] == "李梅"
    with pytest.raises(NameMissing):
        speaking(county.actor("Chen"), theirs, name=" ", via="phone", at=county.now)
    assert speaking(county.actor("Chen"), theirs, name="刘强", via="phone", at=county.now) == (
        "刘强",
        "phone",
    )
    with pytest.raises(NotTheirs):
        speaking(county.actor("Zhao"), mine, name="某人", via="page", at=county.now)


def test_what_still_waits_is_not_shown_to_whoever_will_get_it(county: County) -> None:
    _activation(county)
    assert {row.title for row in visible_orders(county.actor("Liu"))} == {"转移"}


def test_a_link_opens_the_orders_of_its_addressee_until_two_days_after_the_end(county: County) -> None:
    incident = flood(county)
    mine, theirs = order(county, incident), order(county, incident, "Stone Bridge")
    token = token_for(incident.pk, mine.addressee_id)
    assert orders_behind(token) == [mine]
    assert orders_behind("x" * 32) == []
    assert token != token_for(incident.pk, theirs.addressee_id)
    incidents.set_grade(incident, 4, reason="试", by=county.actor("Chen"), at=county.now)
    incidents.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    incidents.close_incident(incident, reason="结束", by=county.actor("Chen"), at=county.now)
    county.clock.advance(hours=47)
    assert orders_behind(token) == [mine]
    county.clock.advance(hours=2)
    assert orders_behind(token) == []


def test_the_board_shows_late_ones_first_and_counts_each_unit(county: County) -> None:
    incident = flood(county)
    slow, quick = order(county, incident), order(county, incident, "Stone Bridge", ack_limit_min=60)
    services.finish_instruction(quick, **said(county, "Liu"))
    order(county, incident, "Stone Bridge", ack_limit_min=60)
    county.clock.advance(minutes=12)
    rows = orders_of(incident)
    assert [row.state for row in rows] == ["issued", "issued", "finished"]
    assert (rows[0].id, rows[0].is_late, rows[1].is_late) == (slow.pk, True, False)
    counts = count(rows)
    assert (counts.total, counts.late, counts.issued, counts.finished, counts.percent) == (3, 1, 2, 1, 33)
    assert [(unit.name, unit.counts.percent) for unit in progress_by_unit(rows)] == [
        ("柳河镇", 0),
        ("石桥镇", 50),
    ]


def test_a_reminder_is_sent_once_a_minute_at_most(county: County) -> None:
    row = order(county, flood(county))
    for _ in range(2):
        services.remind_instruction(row, by=county.actor("Wang"), by_name="王建国", at=county.now)
    assert row.steps.filter(step="reminded").count() == 1
    assert Delivery.objects.count() == 2
