"""Raising adds, lowering takes back only what it opened, nothing that is done is touched."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.dispatch.models import Instruction
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import system
from anlan.kernel.refusals import Refusal
from anlan.plans.content import Address, AddressKind, read
from anlan.response import services
from anlan.response.models import Activation, LevelChange
from anlan.response.opening import Resolver, due
from anlan.response.refusals import AlreadyRunning, NotYourLevel, PersonNeeded, SameLevel
from anlan.response.tests import scenes
from anlan.response.types import Decided
from anlan.testing import County

pytestmark = pytest.mark.django_db


def wanted(row: Activation, level: int) -> set[tuple[str, str]]:
    """What should be open at a level, worked out from nothing but the plan."""
    content = read(row.plan_version.content)
    found, _left = due(content, level, Resolver(content, row.division, row.incident, row.affected))
    return {(one.task.key, one.addressee.name) for one in found}


def test_a_level_opens_the_tasks_of_its_level_and_of_milder_ones(county: County) -> None:
    row = scenes.opened(county, 3)
    assert scenes.orders(row) == {
        ("watch", "云岭县"): "issued",
        ("patrol", "柳河镇"): "issued",
        ("dams", "云岭县"): "issued",  # nobody knows a 水利局 here: the desk passes it on
        ("move", "上柳村"): "waiting",
        ("move", "下柳村"): "waiting",
    }
    passed_on = Instruction.objects.get(task_key="dams")
    assert "水利局" in passed_on.words
    [fact] = row.changes.all()
    assert (fact.from_level, fact.to_level, fact.opened, fact.closed) == (None, 3, 5, 0)


def test_raising_and_lowering_touches_no_finished_task(county: County) -> None:
    row = scenes.opened(county, 4)
    finished = scenes.act(county, "watch", "finish")
    scenes.change(county, row, 2)
    done_at_two = scenes.act(county, "teams", "finish")
    scenes.change(county, row, 3)
    for one in (finished, done_at_two):
        one.refresh_from_db()
        assert one.state == "finished"
    assert Instruction.objects.filter(task_key="watch").count() == 1
    assert Instruction.objects.get(task_key="shelters").state == "withdrawn"
    assert {key for (key, _who), state in scenes.orders(row).items() if state != "finished"} == {
        "patrol",
        "dams",
        "move",
    }
    facts = [
        (one.from_level, one.to_level, one.opened, one.closed)
        for one in row.changes.order_by("happened_at", "id")
    ]
    assert facts == [(None, 4, 2, 0), (4, 2, 5, 0), (2, 3, 0, 1)]


def test_raised_again_only_what_was_taken_back_comes_back(county: County) -> None:
    row = scenes.opened(county, 2)
    scenes.act(county, "teams", "finish")
    scenes.change(county, row, 4)
    scenes.change(county, row, 2)
    assert Instruction.objects.filter(task_key="teams").count() == 1
    assert Instruction.objects.filter(task_key="shelters").count() == 2
    assert scenes.orders(row)["shelters", "柳河镇"] == "issued"


def test_lowering_with_open_orders_keeps_what_somebody_has_started(county: County) -> None:
    row = scenes.opened(county, 2)
    scenes.act(county, "teams", "start")
    scenes.change(county, row, 4)
    assert scenes.orders(row)["teams", "云岭县"] == "started"
    fact = LevelChange.objects.order_by("-happened_at", "-id").first()
    assert fact is not None
    assert (fact.closed, fact.kept) == (4, 1)


def test_the_decider_may_withdraw_started_orders_too(county: County) -> None:
    row = scenes.opened(county, 2)
    scenes.act(county, "teams", "start")
    scenes.change(county, row, 4, withdraws_started=True)
    assert ("teams", "云岭县") not in scenes.orders(row)


def test_ending_takes_back_what_nobody_began_and_keeps_the_rest(county: County) -> None:
    row = scenes.opened(county, 2)
    scenes.act(county, "watch", "finish")
    scenes.act(county, "teams", "start")
    services.end_response(row, by=county.actor("Wang"), by_name="王建国", at=county.now, why="雨停")
    assert scenes.orders(row) == {("watch", "云岭县"): "finished", ("teams", "云岭县"): "started"}
    assert row.state == "ended"


def test_further_places_at_the_same_level_get_their_orders(county: County) -> None:
    row = scenes.opened(county, 4)
    both = (county.divisions["Willow River"].pk, county.divisions["Stone Bridge"].pk)
    scenes.change(county, row, 4, affected=both)
    assert {who for key, who in scenes.orders(row) if key == "patrol"} == {"柳河镇", "石桥镇"}
    with pytest.raises(SameLevel):
        scenes.change(county, row, 4)


def test_a_chosen_village_means_its_township_but_not_the_village_next_to_it(county: County) -> None:
    row = scenes.opened(county, 3, affected=(county.divisions["Upper Willow"].pk,))
    assert {who for key, who in scenes.orders(row) if key == "move"} == {"上柳村"}
    assert {who for key, who in scenes.orders(row) if key == "patrol"} == {"柳河镇"}


def test_an_order_waits_only_for_tasks_that_its_level_opens(county: County) -> None:
    late = scenes.a_task("late", from_level=1)
    early = scenes.a_task("early", after=("late",))
    plan = scenes.a_plan(county, content=scenes.a_content((early, late)))
    row = scenes.opened(county, 4, plan=plan)
    assert scenes.orders(row) == {("early", "云岭县"): "issued"}


def test_activation_without_authority_is_refused_and_nothing_is_written(county: County) -> None:
    plan, incident = scenes.a_plan(county), scenes.a_flood(county)
    for who, level in (("Feng", 3), ("Zheng", 2), ("Chen", 4), ("Li", 4), ("He", 4)):
        with pytest.raises(NotYourLevel) as refused:
            services.activate(
                incident, plan, level, by=county.actor(who), by_name=who, at=county.now, why="雨大",
                decided=Decided(has_read_faults=True),
            )  # fmt: skip
        assert "王建国" in str(refused.value)
    with pytest.raises(PersonNeeded):
        services.activate(incident, plan, 4, by=system("x"), by_name="x", at=county.now, why="雨大")
    assert not Activation.objects.exists()
    assert not Instruction.objects.exists()
    assert not LevelChange.objects.exists()


def test_a_commander_may_open_what_the_duty_chief_may(county: County) -> None:
    assert scenes.opened(county, 4, who="Feng").state == "active"


def test_of_two_who_decide_different_levels_at_once_the_second_is_told(county: County) -> None:
    row = services.propose(
        scenes.a_flood(county), scenes.a_plan(county), 4, reasons=[], by=system("response"), at=county.now
    )
    first, second = (Activation.objects.get(pk=row.pk) for _ in range(2))
    read_it = Decided(has_read_faults=True)
    services.decide(
        first, 3, by=county.actor("Zheng"), by_name="郑", at=county.now, why="一", decided=read_it
    )
    with pytest.raises(StaleRow):
        services.decide(
            second, 2, by=county.actor("Wang"), by_name="王", at=county.now, why="二", decided=read_it
        )
    assert LevelChange.objects.count() == 1
    assert Activation.objects.get().level == 3


def test_a_page_that_another_decision_has_overtaken_decides_nothing(county: County) -> None:
    row = scenes.opened(county, 4)
    seen = row.version
    scenes.change(county, row, 2)
    with pytest.raises(StaleRow):
        scenes.change(county, row, 3, seen_version=seen)
    assert Activation.objects.get().level == 2


def test_a_plan_runs_once_for_an_incident(county: County) -> None:
    row = scenes.opened(county, 4)
    with pytest.raises(AlreadyRunning):
        scenes.opened(county, 3, plan=row.plan, incident=row.incident)
    assert Activation.objects.count() == 1


def test_the_running_response_keeps_the_version_it_began_with(county: County) -> None:
    row = scenes.opened(county, 4)
    old = row.plan_version
    newer = scenes.a_content((*scenes.TASKS, scenes.a_task("new")))
    scenes.put_in_force(row.plan, newer, by=system("test"), at=county.now)
    scenes.change(county, row, 3)
    row.refresh_from_db()
    assert row.plan_version == old
    assert "new" not in {key for key, _who in scenes.orders(row)}


def test_a_task_of_an_enterprise_is_named_where_there_is_no_enterprise(county: County) -> None:
    unit = scenes.a_task("stop_work", Address(kind=AddressKind.UNIT))
    row = scenes.opened(county, 4, plan=scenes.a_plan(county, content=scenes.a_content((unit,))))
    content = read(row.plan_version.content)
    _found, left = due(content, 4, Resolver(content, row.division, row.incident, row.affected))
    assert [(one.task.key, one.why) for one in left] == [("stop_work", "no_unit")]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(levels=st.lists(st.sampled_from([1, 2, 3, 4]), min_size=1, max_size=5))
def test_however_a_level_was_reached_the_same_orders_are_open(county: County, levels: list[int]) -> None:
    from django.db import transaction

    with transaction.atomic():
        first, *others = levels
        row = scenes.opened(county, first)
        for level in others:
            try:
                scenes.change(county, row, level)
            except SameLevel:
                continue
            except Refusal as refusal:
                pytest.fail(str(refusal))
        row.refresh_from_db()
        assert set(scenes.orders(row)) == wanted(row, row.level)
        transaction.set_rollback(True)
