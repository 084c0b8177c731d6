"""Incidents: opened once, counted by source, merged and split again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from anlan.incidents import services
from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.incidents.refusals import AnotherCounty, FallNeedsReason, InTheFuture, IsClosed, OnlyTheCount
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.testing import County

pytestmark = pytest.mark.django_db


def landslide(county: County, **fields: Any) -> Incident:
    details = IncidentDetails(
        **{
            "title": "上柳村滑坡",
            "event_type": "landslide",
            "division": county.divisions["Upper Willow"],
            "informant": "village",
            "known_at": county.now,
            **fields,
        }
    )
    return services.open_incident(details, by=county.actor("Chen"), at=county.now)


def count(
    county: County, incident: Incident, code: str, value: int, source: str = "乡镇", why: str = ""
) -> Any:
    details = FigureDetails(code, Decimal(value), source, county.now, why=why)
    return services.add_figure(incident, details, by=county.actor("Chen"), at=county.now)


def test_deaths_do_not_fall_without_a_reason(county: County) -> None:
    incident = landslide(county)
    count(county, incident, "deaths", 3)
    county.clock.advance(minutes=5)
    with pytest.raises(FallNeedsReason):
        count(county, incident, "deaths", 2)
    count(county, incident, "deaths", 2, why="一人重复统计")
    assert rolling_of(incident)["deaths"].value == 2
    assert incident.figures.count() == 2  # the former value is kept


def test_a_missing_person_found_dead_explains_itself(county: County) -> None:
    incident = landslide(county)
    count(county, incident, "missing", 2)
    county.clock.advance(minutes=5)
    count(county, incident, "deaths", 1)
    count(county, incident, "missing", 1)
    assert rolling_of(incident)["missing"].value == 1


def test_two_townships_add_up_and_a_later_count_of_the_county_stands_for_both(county: County) -> None:
    incident = landslide(county, division=county.division)
    for place, value in (("Willow River", 3), ("Stone Bridge", 4)):
        details = FigureDetails("evacuated", Decimal(value), place, county.now, scope=county.divisions[place])
        services.add_figure(incident, details, by=county.actor("Chen"), at=county.now)
    assert rolling_of(incident)["evacuated"].value == 7
    county.clock.advance(minutes=5)
    count(county, incident, "evacuated", 9, source="县应急局")
    assert rolling_of(incident)["evacuated"].value == 9


def test_a_merged_incident_comes_back_whole_when_it_must_be_split(county: County) -> None:
    first, second = landslide(county), landslide(county, title="柳河镇塌方")
    count(county, first, "trapped", 2, source="上柳村")
    count(county, second, "trapped", 3, source="119")
    services.merge_incident(second, first, reason="同一处", by=county.actor("Chen"), at=county.now)
    second.refresh_from_db()
    assert (second.state, second.merged_into_id) == ("merged", first.pk)
    services.split_incident(second, reason="相距三公里", by=county.actor("Chen"), at=county.now)
    second.refresh_from_db()
    assert (second.state, second.merged_into_id) == ("received", None)
    assert rolling_of(first)["trapped"].value == 2


def test_a_time_in_the_future_and_a_place_of_another_county_are_refused(county: County) -> None:
    with pytest.raises(InTheFuture):
        landslide(county, occurred_at=county.now + timedelta(hours=1))
    from anlan.places.models import Division

    other = Division(code="530102000000", name="邻县", level="county", path="530102000000")
    with pytest.raises(AnotherCounty):
        landslide(county, division=other)


def test_of_a_public_health_event_only_the_count_is_kept(county: County) -> None:
    with pytest.raises(OnlyTheCount):
        landslide(county, event_type="public_health", course="某某")
    assert landslide(county, event_type="public_health").is_restricted


def test_an_open_incident_is_not_merged_into_a_closed_one(county: County) -> None:
    chen = county.actor("Chen")
    open_one, ended = landslide(county), landslide(county)
    services.set_grade(ended, 4, reason="初判", by=chen, at=county.now)
    services.verify_incident(ended, by=chen, at=county.now)
    services.close_incident(ended, reason="处置完毕", by=chen, at=county.now)
    with pytest.raises(IsClosed):
        services.merge_incident(open_one, ended, reason="同一处", by=chen, at=county.now)


def test_a_remark_whose_form_was_sent_twice_is_one_remark(county: County) -> None:
    chen, incident = county.actor("Chen"), landslide(county)
    said: dict[str, Any] = {"leader": "王建国", "leader_post": "指挥长", "words": "全力搜救"}
    said["said_at"] = county.now
    first = services.record_remark(incident, **said, by=chen, at=county.now)
    assert services.record_remark(incident, **said, by=chen, at=county.now).pk == first.pk
    assert incident.remarks.count() == 1
