"""A team that does not answer: leader, deputy, then the commander of the scene, then of the incident; each call in the timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.command import services, trail
from anlan.command.models import RoomCall, Scene
from anlan.dispatch.models import TeamJob
from anlan.dispatch.services import check_in, move_job
from anlan.dispatch.tests.forcescenes import flood, sent, team
from anlan.dissemination.models import Delivery
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.kernel.clock import ManualClock
from anlan.testing import County

pytestmark = pytest.mark.django_db


def commanded(county: County, **job: Any) -> tuple[TeamJob, Scene]:
    """A team at a scene that Zhou commands, of an incident that Wang commands; it left at once."""
    incident, by, at = flood(county), county.actor("Chen"), county.now
    scene = services.open_scene(incident, name="河口", by=by, at=at)
    for role, who, where in (("scene_commander", "Zhou", scene), ("commander", "Wang", None)):
        services.transfer_command(
            incident, role=role, name=county.people[who].name, person=county.people[who], scene=where, why="到场",
            by=by, at=at,
        )  # fmt: skip
    row = sent(county, team(county), incident, scene_id=scene.pk, **job)
    return row, scene


def left(county: County, row: TeamJob) -> TeamJob:
    return move_job(row, "left", by=county.actor("Chen"), by_name="陈静", via="desk", at=county.now)


def later(clock: ManualClock, minutes: int) -> None:
    for _minute in range(minutes):
        clock.advance(minutes=1)
        run_deadlines(owner="test")
        run_reactions(owner="test")


def called() -> list[str]:
    return list(RoomCall.objects.order_by("called_at", "pk").values_list("name", flat=True))


def test_the_third_silence_calls_the_scenes_commander_and_the_fourth_the_incidents(
    county: County, clock: ManualClock
) -> None:
    row, scene = commanded(county, check_every_min=10)
    left(county, row)
    later(clock, 21)
    assert called() == []  # the leader, then the deputy
    later(clock, 10)
    assert called() == ["周平"]
    later(clock, 10)
    assert called() == ["周平", "王建国"]
    later(clock, 40)
    assert called() == ["周平", "王建国"]
    first = RoomCall.objects.get(name="周平")
    assert (first.scene, first.team, first.way) == (scene, row.team, "voice")
    assert "连续3次未报平安" in first.subject
    told = Delivery.objects.filter(subject=f"room_call:{first.pk}")
    assert sorted(told.values_list("channel", flat=True)) == ["sms", "voice"]
    assert str(first.pk) in trail.subjects_of(row.incident, with_messages=False)["room_call"]


def test_a_team_that_is_heard_meanwhile_calls_no_commander(county: County, clock: ManualClock) -> None:
    row, _scene = commanded(county, check_every_min=10)
    left(county, row)
    later(clock, 25)
    row.refresh_from_db()
    check_in(row, is_well=True, by=county.by, by_name="赵春兰", via="link", at=county.now)
    later(clock, 9)
    assert called() == []


def test_a_team_that_does_not_leave_rises_the_same_way(county: County, clock: ManualClock) -> None:
    commanded(county)
    later(clock, 29)
    assert called() == []
    later(clock, 2)
    assert called() == ["周平"]
    assert "尚未出发" in RoomCall.objects.get().subject
    later(clock, 10)
    assert called() == ["周平", "王建国"]


def test_where_nobody_commands_the_scene_the_incidents_commander_is_called_at_once(
    county: County, clock: ManualClock
) -> None:
    incident = flood(county)
    row = sent(county, team(county), incident, check_every_min=10)
    left(county, row)
    later(clock, 31)
    assert called() == ["郑国安"]  # nobody took command: the leader on duty


def test_a_restricted_incident_calls_nobody(county: County, clock: ManualClock) -> None:
    row, _scene = commanded(county, check_every_min=10)
    left(county, row)
    type(row.incident).objects.update(is_restricted=True)
    later(clock, 45)
    assert called() == []
    assert county.now > row.told_at + timedelta(minutes=40)
