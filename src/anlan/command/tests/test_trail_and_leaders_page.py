"""What belongs to an incident, and the one query behind the leader's page, the room's head and the situation report."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.command import services, trail
from anlan.command.leaders import EARLIER, LeadersPage, Line, leaders_page
from anlan.command.tests import room
from anlan.console.tests import scenes as desk
from anlan.dissemination import services as dissemination
from anlan.duty import losing
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.journal.models import Entry, journaled_models
from anlan.testing import County
from anlan.warning import services as warnings

pytestmark = pytest.mark.django_db
#: Rows that name an incident and belong to something else.
ELSEWHERE: frozenset[str] = frozenset()


def line(page: LeadersPage, code: str) -> Line:
    return next(one for one in page.lines if one.code == code)


def test_every_row_that_names_an_incident_has_a_trace() -> None:
    traced = {one.model.lower() for one in trail.TRACES}
    leads = {
        model._meta.label_lower
        for model in journaled_models()
        for column in model._meta.concrete_fields
        if column.is_relation and column.related_model is Incident and model is not Incident
    }
    assert leads - traced - ELSEWHERE == set()
    below = {
        model._meta.label_lower
        for model in journaled_models()
        if model._meta.app_label in ("dispatch", "response", "command")
        for column in model._meta.concrete_fields
        if column.is_relation
        and column.related_model is not None
        and column.related_model._meta.label_lower in {"dispatch.instruction", "dispatch.teamjob", "dispatch.supplyrequest", "response.activation", "response.jointduty", "command.scene"}
    }  # fmt: skip
    assert below - traced == set()
    assert all(one.found is not None for one in trail.TRACES)


def everything(county: County) -> Incident:
    """One row of nearly every kind."""
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    room.counted(county, row, "missing", 2)
    incidents.record_remark(
        row, leader="王建国", leader_post="副县长", words="全力搜救", said_at=at, by=chen, at=at
    )
    room.orders(county, row, 3)
    room.job(county, row)
    room.activation(county, row, {})
    scene = services.open_scene(row, name="沟口", by=chen, at=at)
    services.transfer_command(row, role="commander", name="王建国", why="启动", by=chen, at=at)
    services.call_scene(scene, subject="情况", by=chen, at=at)
    services.ask_expert(row, room.expert(county, "Zhao"), question="还会滑吗", by=chen, at=at)
    draft = warnings.draft_by_hand(
        hazard_type="geohazard", level=2, villages=["999901101201"], by=chen, at=at
    )
    warnings.sign_off(draft, by=county.actor("Wang"), at=at)
    return row


def test_the_trail_holds_everything_of_the_incident_its_warnings_and_what_was_merged(county: County) -> None:
    row = everything(county)
    other = room.incident(county, title="同一处")
    room.counted(county, other, "deaths", 1)
    incidents.merge_incident(other, row, reason="同一处", by=county.actor("Chen"), at=county.now)
    far = room.incident(county, "North Slope", title="石桥镇滑坡")
    room.orders(county, far, 2)
    found = trail.subjects_of(row)
    assert {"incident", "figure", "remark", "instruction", "team_job", "activation", "level_change", "scene",
            "command_transfer", "room_call", "expert_call", "warning", "warning_village", "callout", "callout_seat",
            "delivery", "merge_link"} <= set(found)  # fmt: skip
    assert found["incident"] == {str(row.pk), str(other.pk)}
    assert len(found["instruction"]) == 3
    assert len(found["figure"]) == 2
    of_far = trail.subjects_of(far)
    assert "warning" not in of_far
    assert not any(found[kind] & keys for kind, keys in of_far.items() if kind in found)
    told = Entry.objects.filter(subject_type="delivery").values_list("subject_id", flat=True)
    assert found["delivery"] == set(told)


def test_the_trail_asks_as_often_for_three_orders_as_for_two_hundred(county: County) -> None:
    row = everything(county)
    with CaptureQueriesContext(connection) as few:
        trail.subjects_of(row)
    more = room.incident(county, title="另一处")
    room.orders(county, more, 200)
    with CaptureQueriesContext(connection) as many:
        assert len(trail.subjects_of(more)["instruction"]) == 200
    assert len(many) <= len(few) <= 8


def test_a_figure_carries_source_time_and_former_value(county: County) -> None:
    row = room.incident(county)
    at_first = county.now
    room.counted(county, row, "deaths", 1)
    county.clock.advance(minutes=25)
    room.counted(county, row, "deaths", 3)
    found = line(leaders_page(row, county.now), "deaths")
    assert (found.value, found.source, found.as_of) == (Decimal(3), "柳河镇", county.now)
    assert (found.former, found.former_as_of, found.change) == (Decimal(1), at_first, Decimal(2))
    assert (found.is_verified, found.is_grave) == (False, True)
    back = line(leaders_page(row, county.now - timedelta(minutes=5)), "deaths")
    assert (back.value, back.former) == (Decimal(1), None)
    nobody = line(leaders_page(row, county.now), "missing")
    assert (nobody.value, nobody.former) == (None, None)


def test_counts_of_ours_carry_the_same_count_an_hour_before(county: County) -> None:
    row = everything(county)
    began = county.now
    losing.report_outage(
        kind="power", division=row.division, since=began, words="", by=county.actor("Chen"), at=began
    )
    page = leaders_page(row, began + timedelta(minutes=5))
    assert page.silent == ["上柳村"]
    silent = line(page, "villages_unanswered")
    assert (silent.value, silent.former, silent.is_grave) == (Decimal(1), Decimal(0), True)
    assert line(page, "cut_power").value == 1
    assert line(page, "teams_told").value == 1
    assert all(one.source and one.as_of for one in page.lines if one.value is not None)
    county.clock.advance(minutes=90)
    seat = _seat()
    dissemination.tick(seat, meaning="acting", words="对讲机", by=county.actor("Chen"), at=county.now)
    after = line(leaders_page(row, county.now), "villages_unanswered")
    assert (after.value, after.former, after.former_as_of) == (Decimal(0), Decimal(1), county.now - EARLIER)


def _seat() -> Any:
    return apps.get_model("dissemination.CalloutSeat").objects.select_related("division", "callout").get()


def test_what_is_late_is_told_once_and_an_hour_ago_it_was_less(county: County) -> None:
    row, chen = room.incident(county), county.actor("Chen")
    room.orders(county, row, 4)
    room.job(county, row, arrive_by=county.now + timedelta(minutes=20))
    services.ask_expert(row, room.expert(county, "Zhao"), question="还会滑吗", by=chen, at=county.now)
    services.ask_decision(
        row, words="转移", needed_by=county.now + timedelta(minutes=70), by=chen, at=county.now
    )
    assert leaders_page(row, county.now).late == []
    kinds = [one.kind for one in leaders_page(row, county.now + timedelta(minutes=15)).late]
    assert kinds == ["not_acknowledged"] * 4
    later = leaders_page(row, county.now + timedelta(minutes=75))
    assert sorted(one.kind for one in later.late) == ["decision", "expert", *["not_acknowledged"] * 4, "team"]
    assert (later.late_line.value, later.late_line.former) == (Decimal(7), Decimal(4))
    assert later.late[0].due_at == min(one.due_at for one in later.late)
    assert later.next_decision is not None
    assert later.next_decision.words == "转移"


def test_the_level_and_the_commander_are_those_of_the_moment(county: County) -> None:
    row, chen, at = room.incident(county), county.actor("Chen"), county.now
    room.activation(county, row, {}, level=4)
    services.transfer_command(row, role="commander", name="李镇长", why="先期", by=chen, at=at)
    county.clock.advance(minutes=10)
    made = row.activations.get()
    made.changes.model(activation=made, from_level=4, to_level=2, happened_at=county.now).record(
        by=chen, at=county.now, kind="made"
    )
    services.transfer_command(row, role="commander", name="王建国", why="升级", by=chen, at=county.now)
    now, before = leaders_page(row, county.now), leaders_page(row, at + timedelta(minutes=5))
    assert now.response is not None
    assert before.response is not None
    assert (now.response.level, now.response.since) == (2, county.now)
    assert before.response.level == 4
    assert now.commander is not None
    assert before.commander is not None
    assert (now.commander.name, before.commander.name) == ("王建国", "李镇长")


def test_the_page_asks_as_often_whatever_happened(county: County) -> None:
    row = everything(county)
    with CaptureQueriesContext(connection) as few:
        leaders_page(row, county.now)
    for _time in range(3):
        desk.callout(county, "Upper Willow")
        room.counted(county, row, "deaths", 1 + _time, why="")
        county.clock.advance(minutes=1)
    with CaptureQueriesContext(connection) as many:
        leaders_page(row, county.now)
    assert len(many) == len(few)
    assert len(few) <= 26
