"""A drill in the same data folder: who entered it sees its incidents and its time, everybody else sees reality."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.accounts.middleware import ENTERED
from anlan.incidents import services
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel.ids import uuid7
from anlan.testing import County

pytestmark = pytest.mark.django_db


def a_run(county: County) -> ExerciseRun:
    return ExerciseRun.objects.create(
        scenario="flood", clock_start=county.now + timedelta(days=30), wall_start=county.now
    )


def enter(client: Client, run: ExerciseRun | None) -> Client:
    session = client.session
    session[ENTERED] = None if run is None else str(run.pk)
    session.save()
    return client


def opened(county: County, title: str, run: ExerciseRun | None) -> Incident:
    details: dict[str, Any] = {
        "title": title,
        "event_type": "landslide",
        "division": county.divisions["Upper Willow"],
        "informant": "village",
        "known_at": county.now,
    }
    return services.open_incident(
        IncidentDetails(**details),
        by=county.actor("Chen"),
        at=county.now,
        exercise_id=None if run is None else run.pk,
    )


def test_who_entered_a_drill_sees_its_incidents_only_and_who_did_not_sees_reality_only(
    county: County,
) -> None:
    run = a_run(county)
    opened(county, "真实滑坡", None)
    opened(county, "演练滑坡", run)
    inside, outside = enter(county.client("Chen"), run), county.client("Wang")
    drill, reality = (client.get("/incidents/").content.decode() for client in (inside, outside))
    assert ("演练滑坡" in drill, "真实滑坡" in drill) == (True, False)
    assert ("演练滑坡" in reality, "真实滑坡" in reality) == (False, True)


def test_the_banner_of_a_drill_stands_on_its_pages_and_on_no_other(county: County) -> None:
    run = a_run(county)
    inside = enter(county.client("Chen"), run).get("/incidents/").content.decode()
    outside = county.client("Wang").get("/incidents/").content.decode()
    assert ("strip--exercise" in inside, "strip--exercise" in outside) == (True, False)


def test_what_is_entered_while_in_a_drill_belongs_to_it_and_has_its_time(county: County) -> None:
    run = a_run(county)
    client = enter(county.client("Chen"), run)
    form = {
        "key": str(uuid7()),
        "title": "柳河镇客车侧翻",
        "event_type": "road_traffic",
        "division": county.divisions["Willow River"].code,
        "informant": "122",
    }
    client.post("/incidents/new/", form)
    row = Incident.objects.get()
    assert (row.exercise_id, row.known_at) == (run.pk, clocks.run_time(run))


def test_a_drill_that_is_gone_leads_back_to_reality(county: County) -> None:
    run = a_run(county)
    client = enter(county.client("Chen"), run)
    run.delete()
    assert client.get("/incidents/").status_code == 200


def test_one_piece_of_work_enters_a_run_and_leaves_it_again(county: County) -> None:
    run = a_run(county)
    assert clocks.default_exercise_id() is None
    with clocks.entered(run.pk):
        assert clocks.default_exercise_id() == run.pk
        with clocks.entered(None):
            assert clocks.default_exercise_id() is None
        assert clocks.default_exercise_id() == run.pk
    assert clocks.default_exercise_id() is None
