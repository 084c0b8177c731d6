"""Incidents are graded by the rules in force: as they grow, as days pass, and by the county's own tables."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from anlan.incidents import services
from anlan.incidents.grading import is_near_serious, leading_of
from anlan.incidents.models import Incident
from anlan.incidents.openitems import incidents as open_incidents
from anlan.incidents.queries import rolling_of
from anlan.incidents.refusals import GradeMissing
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.deadlines import run_deadlines
from anlan.journal.models import Entry
from anlan.sensing import services as rules
from anlan.sensing.rules.governing import grade_tables, rule_in_force
from anlan.testing import County

pytestmark = pytest.mark.django_db


def opened(county: County, event_type: str = "mine", **fields: Any) -> Incident:
    details = IncidentDetails(
        **{
            "title": "矿山事故",
            "event_type": event_type,
            "division": county.divisions["Willow River"],
            "informant": "119",
            "known_at": county.now,
            **fields,
        }
    )
    return services.open_incident(details, by=county.actor("Chen"), at=county.now)


def counted(county: County, incident: Incident, source: str = "县应急局", **figures: int) -> None:
    """Counted and verified at once."""
    for code, value in figures.items():
        details = FigureDetails(code, Decimal(value), source, county.now)
        figure = services.add_figure(incident, details, by=county.actor("Chen"), at=county.now)
        if figure.state == "claimed":
            services.verify_figure(figure, by=county.actor("Chen"), at=county.now)
    incident.refresh_from_db()


def grade_of(incident: Incident) -> int | None:
    return incident.grade


def said(incident: Incident) -> str:
    return "；".join(one["zh"] for one in incident.grade_why)


def test_the_lowest_grade_is_said_by_where_it_ends_and_never_from_nobody_on(county: County) -> None:
    incident = opened(county)
    counted(county, incident, deaths=2)
    assert incident.grade == 4
    assert "死亡2人，不足3人为一般" in said(incident)
    assert "；0人" not in said(incident)
    assert "，0人以上" not in said(incident)
    assert any("below 3" in one["en"] for one in incident.grade_why)


def test_an_incident_grows_through_two_grades_and_says_why_each_time(county: County) -> None:
    incident = opened(county)
    assert grade_of(incident) is None
    assert "还没有" in said(incident)
    counted(county, incident, deaths=0)
    assert incident.grade == 4
    services.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    county.clock.advance(minutes=20)
    counted(county, incident, deaths=3)
    assert (incident.grade, incident.graded_by) == (3, "rule")
    assert "死亡3人，3人以上为较大" in said(incident)
    county.clock.advance(minutes=40)
    counted(county, incident, serious_injuries=50)
    assert incident.grade == 2
    steps = Entry.objects.filter(kind="incident.graded", subject_id=str(incident.pk)).order_by("id")
    grades = [json.loads(entry.payload)["set"].get("grade") for entry in steps]
    assert [grade for grade in grades if grade is not None] == [4, 3, 2]


@pytest.mark.parametrize(("event_type", "days"), [("mine", 30), ("road_traffic", 7), ("fire", 7)])
def test_the_missing_become_dead_when_their_day_comes(county: County, event_type: str, days: int) -> None:
    incident = opened(county, event_type, occurred_at=county.now - timedelta(hours=1))
    counted(county, incident, deaths=2, missing=1)
    due = county.now - timedelta(hours=1) + timedelta(days=days)
    assert (incident.grade, incident.regrade_at) == (4, due)
    county.clock.advance(seconds=(due - county.now).total_seconds() - 1)
    run_deadlines(owner="test")
    incident.refresh_from_db()
    assert incident.grade == 4
    county.clock.advance(seconds=2)
    run_deadlines(owner="test")
    incident.refresh_from_db()
    assert (incident.grade, incident.regrade_at) == (3, None)
    assert "起按死亡统计" in said(incident)


def test_a_flood_has_no_grade_until_the_county_approves_a_table_of_its_own(county: County) -> None:
    incident = opened(county, "flood")
    counted(county, incident, deaths=5)
    assert grade_of(incident) is None
    assert "由人定级" in said(incident)
    template = rules.propose_rule(
        "R07A", division=county.division, reason="县防指同意采用", by=county.actor("Feng"), at=county.now
    )
    assert grade_tables("disaster", at=county.now) == []
    rules.approve_rule(template, effective_from=county.now, by=county.actor("Wang"), at=county.now)
    county.clock.advance(minutes=1)
    services.regrade(incident, by=county.actor("Chen"), at=county.now)
    assert incident.grade == 2
    assert incident.grade_why[0]["rule"] == "R07A.1"


def test_a_threat_is_graded_by_what_it_threatens_and_an_impact_by_what_it_did(county: County) -> None:
    threat = opened(county, "landslide", kind="threat")
    counted(county, threat, threatened=500)
    assert threat.grade == 2
    struck = opened(county, "landslide", kind="impact")
    counted(county, struck, threatened=500)
    assert struck.grade is None
    counted(county, struck, deaths=3)
    assert struck.grade == 3


def test_an_earthquake_has_a_preliminary_grade_from_its_magnitude(county: County) -> None:
    incident = opened(county, "earthquake")
    counted(county, incident, magnitude=6, population_density=100)
    assert incident.grade == 2
    assert "初判" in said(incident)


def test_a_grade_that_a_person_set_stays_when_figures_change(county: County) -> None:
    incident = opened(county)
    counted(county, incident, deaths=1)
    services.set_grade(incident, 3, reason="社会影响大", by=county.actor("Chen"), at=county.now)
    county.clock.advance(minutes=1)
    counted(county, incident, deaths=2)
    assert incident.grade == 3
    assert "死亡2人" in said(incident)


def test_a_grade_may_be_lower_after_a_figure_is_withdrawn(county: County) -> None:
    incident = opened(county)
    counted(county, incident, deaths=2)
    county.clock.advance(minutes=1)
    counted(county, incident, deaths=3)
    assert incident.grade == 3
    wrong = incident.figures.get(value=3)
    services.withdraw_figure(wrong, reason="重复统计", by=county.actor("Chen"), at=county.now)
    incident.refresh_from_db()
    assert incident.grade == 4


def test_class_four_may_have_no_grade(county: County) -> None:
    incident = opened(county, "social_security", title="社会安全事件")
    assert grade_of(incident) is None
    services.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    assert incident.state == "verified"


def test_a_threat_is_verified_and_ended_though_nothing_was_counted_yet(county: County) -> None:
    incident = opened(county, "flood", kind="threat")
    assert grade_of(incident) is None
    services.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    services.close_incident(incident, reason="水位已退", by=county.actor("Chen"), at=county.now)
    assert incident.state == "closed"


def test_a_verified_threat_that_struck_is_told_at_once_and_handed_over_as_waiting_for_its_grade(
    county: County,
) -> None:
    incident = opened(county, "flood", kind="threat")
    services.verify_incident(incident, by=county.actor("Chen"), at=county.now)
    services.change_incident(incident, kind="impact", by=county.actor("Chen"), at=county.now)
    [item] = open_incidents(county.division.path, county.now, None)
    assert (item.state_zh, item.state_en) == ("处置中，待定级", "going on, to be graded")
    with pytest.raises(GradeMissing):
        services.close_incident(incident, reason="处置完毕", by=county.actor("Chen"), at=county.now)
    services.set_grade(incident, 4, reason="人定", by=county.actor("Wang"), at=county.now)
    [item] = open_incidents(county.division.path, county.now, None)
    assert item.state_en == "going on"


def test_ten_people_at_risk_make_an_accident_near_serious(county: County) -> None:
    incident = opened(county)
    counted(county, incident, deaths=0, at_risk=10)
    assert incident.grade == 4
    assert is_near_serious(incident, rolling_of(incident), at=county.now)
    assert "较大涉险" in said(incident)


def test_a_sensitive_incident_goes_upward_without_a_grade(county: County) -> None:
    incident = opened(county, "flood", is_sensitive=True, sensitive_why="学校附近")
    assert leading_of(incident, at=county.now).must_report


def test_a_township_may_have_numbers_of_its_own_and_the_county_keeps_its_own(county: County) -> None:
    own = rules.propose_rule(
        "R05", division=county.divisions["Willow River"], reason="镇里更严", parameters={"phone_report_min": 15},
        by=county.actor("Feng"), at=county.now,
    )  # fmt: skip
    rules.approve_rule(own, effective_from=county.now, by=county.actor("Wang"), at=county.now)
    county.clock.advance(minutes=1)
    where = {
        "village": county.divisions["Upper Willow"].path,
        "neighbour": county.divisions["Stone Bridge"].path,
        "county": "",
    }
    found = {name: rule_in_force("R05", at=county.now, path=path) for name, path in where.items()}
    minutes = {name: pack.number("phone_report_min") for name, pack in found.items() if pack is not None}
    assert minutes == {"village": 15, "neighbour": 30, "county": 30}
    before = rule_in_force("R05", at=county.now - timedelta(hours=1), path=where["village"])
    assert before is not None
    assert before.number("phone_report_min") == 30
