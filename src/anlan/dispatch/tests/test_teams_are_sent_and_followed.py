from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.dispatch.boards import teams_of
from anlan.dispatch.joblinks import job_behind, token_of
from anlan.dispatch.jobwords import GONE, JOB_STATES, ORDER
from anlan.dispatch.models import TeamCheck, TeamJob
from anlan.dispatch.refusals_teams import (
    ArriveInThePast,
    BadInterval,
    ClosedIncident,
    JobIsOver,
    JobWhyMissing,
    NoSuchStep,
    RestrictedJob,
    StepInTheFuture,
    StepOutOfOrder,
    TaskMissing,
    TeamAlreadyGone,
    TeamNotReady,
    TeamRetired,
)
from anlan.dispatch.services import check_in, move_job, register_on_arrival, set_checks
from anlan.dispatch.tests.forcescenes import flood, sent, team
from anlan.dissemination.models import Delivery
from anlan.duty.models import Alarm
from anlan.duty.services import RINGING
from anlan.incidents import services as incidents
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.clock import ManualClock
from anlan.resources.refusals import IsOut
from anlan.resources.services import retire_team, set_readiness
from anlan.resources.types import TeamDetails
from anlan.testing import County


def _step(county: County, job: TeamJob, to: str, words: str = "", **more: Any) -> TeamJob:
    return move_job(
        job, to, by=county.actor("Chen"), by_name="赵春兰", via="desk", at=county.now, words=words, **more
    )


def _ringing(kind: str) -> list[Alarm]:
    return list(Alarm.objects.filter(kind=kind, state__in=RINGING))


def _texts(channel: str = "sms") -> list[str]:
    return list(
        Delivery.objects.filter(channel=channel, subject__startswith="team_job:").values_list(
            "text", flat=True
        )
    )


def test_a_team_that_is_told_gets_the_place_the_task_and_its_own_link(county: County) -> None:
    job = sent(county, arrive_by=county.now + timedelta(minutes=40))
    [text] = _texts()
    for words in ("县水上救援队", "上柳村河口", "08:40"):
        assert words in text
    assert text.endswith(f"/t/{token_of(job.pk)}/")
    assert job_behind(token_of(job.pk)) == job
    assert job_behind("B" * 32) is None
    assert token_of(job.pk) not in (job.token_digest, *Entry.objects.values_list("payload", flat=True))


def test_a_team_already_gone_is_refused_with_what_it_does_now(county: County) -> None:
    crew, incident = team(county), flood(county)
    job = _step(county, sent(county, crew, incident), "left")
    with pytest.raises(TeamAlreadyGone) as refused:
        sent(county, crew, incident)
    assert refused.value.data["job"] == job.number
    with translation.override("en"):
        assert str(refused.value.data["state"]) == "left"
    assert refused.value.data["place"] == "上柳村河口"
    assert TeamJob.objects.count() == 1


def test_a_team_that_is_done_may_be_sent_on_before_it_is_back(county: County) -> None:
    crew, incident = team(county), flood(county)
    job = sent(county, crew, incident)
    for step in ("left", "arrived", "done"):
        _step(county, job, step)
    assert sent(county, crew, incident).state == "told"


def test_a_team_that_is_not_ready_or_struck_is_not_sent(county: County) -> None:
    crew, incident = team(county), flood(county)
    set_readiness(crew, "not_ready", why="车辆检修", by=county.actor("Chen"), at=county.now)
    with pytest.raises(TeamNotReady) as refused:
        sent(county, crew, incident)
    assert refused.value.data["why"] == "车辆检修"
    retire_team(crew, by=county.actor("Chen"), at=county.now)
    with pytest.raises(TeamRetired):
        sent(county, crew, incident)
    assert not TeamJob.objects.exists()


def test_a_team_that_is_out_is_not_struck_from_the_register(county: County) -> None:
    crew = team(county)
    sent(county, crew)
    with pytest.raises(IsOut):
        retire_team(crew, by=county.actor("Chen"), at=county.now)


def test_nobody_is_sent_without_a_task_in_the_past_or_to_a_closed_or_restricted_incident(
    county: County,
) -> None:
    crew, incident = team(county), flood(county)
    with pytest.raises(ArriveInThePast):
        sent(county, crew, incident, arrive_by=county.now)
    with pytest.raises(BadInterval):
        sent(county, crew, incident, check_every_min=2)
    with pytest.raises(TaskMissing):
        register_on_arrival(
            crew, incident=incident, words=" ", division=county.divisions["Upper Willow"], by=county.actor("Chen"),
            by_name="陈静", at=county.now,
        )  # fmt: skip
    incidents.set_grade(incident, 4, reason="一般", by=county.actor("Chen"), at=county.now)
    incidents.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    incidents.close_incident(incident, reason="水退", by=county.actor("Chen"), at=county.now)
    with pytest.raises(ClosedIncident):
        sent(county, crew, incident)
    assert not TeamJob.objects.exists()


def test_of_a_restricted_incident_no_job_is_kept(county: County) -> None:
    incident = flood(county)
    incidents.change_incident(incident, event_type="public_health", by=county.actor("Chen"), at=county.now)
    with pytest.raises(RestrictedJob):
        sent(county, None, incident)


def test_arrived_at_ten_past_two_told_at_half_past_keeps_both_times(
    county: County, clock: ManualClock
) -> None:
    job = sent(county)
    clock.advance(minutes=10)
    _step(county, job, "left")
    clock.advance(minutes=40)
    real = county.now - timedelta(minutes=20)
    _step(county, job, "arrived", happened_at=real)
    assert job.arrived_at == real
    assert job.heard_at == county.now
    entry = Entry.objects.filter(kind="team_job.arrived").get()
    assert entry.at == county.now


def test_a_step_told_twice_counts_once_and_one_told_late_gets_its_time_without_going_back(
    county: County, clock: ManualClock
) -> None:
    job = sent(county)
    clock.advance(minutes=30)
    _step(county, job, "arrived")
    _step(county, job, "arrived")
    assert Entry.objects.filter(kind="team_job.arrived").count() == 1
    left = county.now - timedelta(minutes=25)
    _step(county, job, "left", happened_at=left)
    assert (job.state, job.left_at) == ("arrived", left)
    _step(county, job, "left", happened_at=left + timedelta(minutes=3))
    assert job.left_at == left


def test_a_step_before_the_one_before_it_or_in_the_future_is_refused(
    county: County, clock: ManualClock
) -> None:
    job = sent(county)
    clock.advance(minutes=30)
    _step(county, job, "arrived")
    with pytest.raises(StepOutOfOrder):
        _step(county, job, "done", happened_at=county.now - timedelta(minutes=20))
    with pytest.raises(StepInTheFuture):
        _step(county, job, "done", happened_at=county.now + timedelta(minutes=20))
    clock.advance(minutes=10)
    with pytest.raises(StepOutOfOrder):
        _step(county, job, "left", happened_at=county.now - timedelta(minutes=5))
    assert TeamJob.objects.get().state == "arrived"


def test_whoever_cannot_go_says_why_and_the_desk_rings(county: County) -> None:
    job = sent(county)
    with pytest.raises(JobWhyMissing):
        _step(county, job, "refused")
    _step(county, job, "refused", "道路中断")
    run_reactions(owner="test")
    assert (job.ended_why, len(_ringing("team_refused"))) == ("道路中断", 1)


def test_a_cancelled_team_is_told_so(county: County) -> None:
    job = _step(county, sent(county), "left")
    _step(county, job, "cancelled", "险情解除")
    assert any("取消" in text for text in _texts())
    with pytest.raises(NoSuchStep):
        _step(county, job, "arrived")
    assert _step(county, job, "back").state == "back"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(JOB_STATES)), max_size=9))
def test_a_job_only_takes_the_steps_of_its_table(steps: list[str]) -> None:
    """By the table alone: from every state reached, the next is either in the table, the same, or behind."""
    state, seen = "told", ["told"]
    for step in steps:
        if step in TeamJob.transitions[state]:
            state = step
            seen.append(step)
    ranks = [ORDER.index(one) for one in seen if one in ORDER]
    assert ranks == sorted(ranks)
    assert not (state in ("back", "refused") and TeamJob.transitions[state])
    assert all(one in TeamJob.transitions for one in JOB_STATES)
    assert set(GONE) <= set(TeamJob.transitions)


@pytest.mark.parametrize(
    "path",
    [
        ("left", "arrived", "working", "done", "back"),
        ("arrived", "done", "back"),
        ("refused",),
        ("left", "cancelled", "back"),
    ],
)
def test_along_each_path_every_other_step_is_refused_and_nothing_is_written(
    county: County, path: tuple[str, ...]
) -> None:
    job = sent(county)
    for step in path:
        allowed = job.transitions[job.state]
        for other in set(JOB_STATES) - allowed - {job.state}:
            is_behind = other in ORDER and job.state in ORDER and ORDER.index(other) < ORDER.index(job.state)
            if not is_behind:
                before = Entry.objects.count()
                with pytest.raises(NoSuchStep):
                    _step(county, job, other, "为什么")
                assert Entry.objects.count() == before
        _step(county, job, step, "为什么")
    assert job.state == path[-1]


def test_a_missed_check_turns_red_rings_and_is_chased_until_heard(county: County, clock: ManualClock) -> None:
    job = _step(county, sent(county, check_every_min=30), "left")
    clock.advance(minutes=29)
    run_deadlines(owner="test")
    assert not _ringing("team_check_missed")
    clock.advance(minutes=2)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    [row] = teams_of(job.incident)
    assert row.checks_missed == 1
    assert len(_ringing("team_check_missed")) == 1
    assert sum("未按时报到" in text for text in _texts()) == 1
    clock.advance(minutes=11)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    assert _texts("voice"), "the second silence is a call, also to the deputy"
    assert TeamJob.objects.get().checks_missed == 2
    check_in(
        TeamJob.objects.get(),
        is_well=True,
        by=county.actor("Chen"),
        by_name="钱进",
        via="desk",
        at=county.now,
    )
    run_reactions(owner="test")
    fresh = TeamJob.objects.get()
    assert (fresh.checks_missed, fresh.check_due_at) == (0, county.now + timedelta(minutes=30))
    assert not _ringing("team_check_missed")


def test_checks_end_with_the_work(county: County, clock: ManualClock) -> None:
    job = _step(county, sent(county, check_every_min=30), "arrived")
    _step(county, job, "working")
    assert job.check_due_at == county.now + timedelta(minutes=30)
    set_checks(job, 10, by=county.actor("Chen"), at=county.now)
    assert job.check_due_at == county.now + timedelta(minutes=10)
    _step(county, job, "done")
    clock.advance(hours=5)
    run_deadlines(owner="test")
    assert TeamJob.objects.get().checks_missed == 0


def test_a_call_for_help_rings_at_once(county: County) -> None:
    job = _step(county, sent(county), "arrived")
    check_in(
        job, is_well=False, words="两人受伤", by=county.actor("Chen"), by_name="赵", via="link", at=county.now
    )
    run_reactions(owner="test")
    assert len(_ringing("team_needs_help")) == 1
    assert TeamCheck.objects.get().words == "两人受伤"
    _step(county, job, "done")
    _step(county, job, "back")
    with pytest.raises(JobIsOver):
        check_in(job, is_well=True, by=county.actor("Chen"), by_name="赵", via="link", at=county.now)


def test_a_team_that_does_not_leave_or_arrive_in_time_is_late_and_chased(
    county: County, clock: ManualClock
) -> None:
    job = sent(county, arrive_by=county.now + timedelta(minutes=40))
    clock.advance(minutes=11)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    assert len(_ringing("team_late")) == 1
    _step(county, TeamJob.objects.get(), "left")
    run_reactions(owner="test")
    assert not _ringing("team_late")
    clock.advance(minutes=30)
    run_deadlines(owner="test")
    [row] = teams_of(job.incident)
    assert row.is_late
    assert any("尚未到达" in text for text in _texts())


def test_a_team_that_turned_up_by_itself_is_registered_and_tasked(county: County) -> None:
    incident = flood(county)
    job = register_on_arrival(
        TeamDetails("蓝天救援队", county.divisions["Upper Willow"], kind="social", strength=8, skills=("boat",)),
        incident=incident, words="搜寻下游", division=county.divisions["Upper Willow"], by=county.actor("Chen"),
        by_name="陈静", at=county.now, arrived_at=county.now - timedelta(minutes=5), check_every_min=60,
    )  # fmt: skip
    assert (job.state, job.arrived_at) == ("arrived", county.now - timedelta(minutes=5))
    assert (job.team.kind, job.strength) == ("social", 8)
    assert [row.team for row in teams_of(incident)] == ["蓝天救援队"]
    with pytest.raises(TeamAlreadyGone):
        sent(county, job.team, incident)


def test_the_journal_folds_into_the_very_rows(county: County, clock: ManualClock) -> None:
    job = sent(county, check_every_min=30)
    for step in ("left", "arrived", "working"):
        clock.advance(minutes=5)
        _step(county, job, step)
    check_in(job, is_well=True, people=12, by=county.actor("Chen"), by_name="赵", via="desk", at=county.now)
    assert verify().ok
