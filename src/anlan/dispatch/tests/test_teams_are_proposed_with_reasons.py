from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.dispatch.models import PositionFix
from anlan.dispatch.proposing import Point, distance_km, estimate, propose
from anlan.dispatch.services import Fix, move_job, note_position
from anlan.dispatch.tests.forcescenes import flood, sent, team
from anlan.kernel.clock import ManualClock
from anlan.resources.services import set_readiness
from anlan.testing import County


def _names(county: County, skill: str = "boat") -> list[str]:
    return [one.team.name for one in propose(flood(county), skill, at=county.now)]


def test_the_nearest_free_team_with_the_skill_comes_first(county: County) -> None:
    team(county, "远处水上队", lon=103.30, lat=27.70)
    team(county, "近处水上队", lon=102.93, lat=27.42)
    team(county, "近处灭火队", lon=102.92, lat=27.41, skills=("forest_fire",))
    assert _names(county) == ["近处水上队", "远处水上队"]


def test_a_busy_or_unready_team_stands_behind_a_free_one_further_away_and_says_why(county: County) -> None:
    near = team(county, "近处水上队", lon=102.93, lat=27.42)
    tired = team(county, "检修水上队", lon=102.93, lat=27.42)
    team(county, "远处水上队", lon=103.10, lat=27.50)
    incident = flood(county)
    job = sent(county, near, incident)
    set_readiness(tired, "not_ready", why="舟艇检修", by=county.actor("Chen"), at=county.now)
    found = propose(incident, "boat", at=county.now)
    assert found[0].team.name == "远处水上队"
    by_name = {one.team.name: one for one in found}
    assert (by_name["近处水上队"].is_free, by_name["近处水上队"].can_go) == (False, False)
    assert any(job.number in zh for zh, _en in by_name["近处水上队"].reasons)
    assert any("舟艇检修" in zh for zh, _en in by_name["检修水上队"].reasons)


def test_the_reason_says_in_both_languages_that_the_way_is_an_estimate(county: County) -> None:
    team(county, lon=102.93, lat=27.42)
    [one] = propose(flood(county), "flood_rescue", at=county.now)
    zh, en = "；".join(a for a, _b in one.reasons), "; ".join(b for _a, b in one.reasons)
    assert "估算，未按道路计算" in zh
    assert "estimate, roads not considered" in en
    assert "具备水域救援" in zh
    assert "12人" in zh


def test_time_to_get_ready_is_added(county: County) -> None:
    crew = team(county, lon=102.93, lat=27.42)
    incident = flood(county)
    [before] = propose(incident, at=county.now)
    set_readiness(crew, "limited", why="半数在外", ready_in_min=30, by=county.actor("Chen"), at=county.now)
    [after] = propose(incident, at=county.now)
    assert before.minutes is not None
    assert after.minutes == before.minutes + 30


def test_a_fresh_position_counts_more_than_the_base(county: County, clock: ManualClock) -> None:
    crew = team(county, lon=103.30, lat=27.70)
    incident = flood(county)
    job = sent(county, crew, incident)
    clock.advance(minutes=30)
    note_position(job, [Fix(102.92, 27.41, county.now)], at=county.now)
    for step in ("arrived", "done"):
        move_job(job, step, by=county.actor("Chen"), by_name="", via="desk", at=county.now)
    [one] = propose(incident, at=county.now)
    assert one.km is not None
    assert one.km < 1
    assert any("手机位置" in zh for zh, _en in one.reasons)
    clock.advance(minutes=40)
    [later] = propose(incident, at=county.now)
    assert later.km is not None
    assert later.km > 40


def test_without_a_place_there_is_no_estimate_and_the_team_stands_last(county: County) -> None:
    team(county, "有位置", lon=102.93, lat=27.42)
    lost = team(county, "无位置")
    type(lost.division).objects.filter(pk=lost.division_id).update(lon=None, lat=None)
    found = propose(flood(county), at=county.now)
    assert [one.team.name for one in found] == ["有位置", "无位置"]
    assert found[-1].minutes is None


@settings(max_examples=80, deadline=None)
@given(
    st.floats(73, 136), st.floats(3, 54), st.floats(73, 136), st.floats(3, 54),
)  # fmt: skip
def test_distance_is_the_same_both_ways_and_never_shorter_by_road(
    lon1: float, lat1: float, lon2: float, lat2: float
) -> None:
    there, back = distance_km(lon1, lat1, lon2, lat2), distance_km(lon2, lat2, lon1, lat1)
    assert math.isclose(there, back, abs_tol=1e-6)
    km, minutes = estimate(Point(lon1, lat1), Point(lon2, lat2), "fire")
    assert km is not None
    assert km >= round(there, 1) - 0.1
    assert minutes is not None
    assert minutes >= 0


def test_one_degree_of_latitude_is_111_km() -> None:
    """6371 km * pi / 180 = 111.19 km, by hand."""
    assert distance_km(102.9, 27.0, 102.9, 28.0) == pytest.approx(111.19, abs=0.01)


def test_positions_are_kept_only_while_the_job_runs_and_once(county: County, clock: ManualClock) -> None:
    job = sent(county)
    start = county.now
    batch = [Fix(102.9, 27.4, start + timedelta(minutes=m)) for m in (-30, 1, 2, 3)]
    batch += [Fix(0, 0, start), Fix(200, 5, start), Fix(float("nan"), 27.4, start)]
    clock.advance(minutes=10)
    assert note_position(job, batch, at=county.now) == 3
    assert note_position(job, batch, at=county.now) == 0
    for step in ("left", "arrived", "done", "back"):
        move_job(job, step, by=county.actor("Chen"), by_name="", via="desk", at=county.now)
    clock.advance(minutes=10)
    late = [Fix(102.9, 27.4, start + timedelta(minutes=6)), Fix(102.9, 27.4, county.now)]
    assert note_position(job, late, at=county.now) == 1, "what was noted before the end still counts"
    assert PositionFix.objects.count() == 4
