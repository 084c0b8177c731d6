"""What the journal says of a response to a restricted incident is read by those who may read the incident."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.console.restricted import hidden
from anlan.incidents.services import open_incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry, journaled_models
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_a_later_entry_of_a_scene_that_does_not_name_the_incident_is_hidden_with_it(county: County) -> None:
    from anlan.command.models import Scene

    details: dict[str, Any] = {
        "title": "柳河镇群体性不明原因疾病",
        "event_type": "landslide",
        "division": county.divisions["Willow River"],
        "informant": "department",
        "known_at": county.now,
    }
    incident = open_incident(IncidentDetails(**details), by=county.actor("Chen"), at=county.now)
    scene = Scene(
        incident=incident, number=1, name="一号现场", priority=1, division=incident.division, state="reported",
        opened_at=county.now,
    ).record(by=county.actor("Chen"), at=county.now)  # fmt: skip
    scene.advance("working", by=county.actor("Chen"), at=county.now)
    later = Entry.objects.filter(subject_id=str(scene.pk), kind="scene.working")
    assert not hidden(county.actor("Li"), later)
    type(incident).objects.filter(pk=incident.pk).update(is_restricted=True)
    assert hidden(county.actor("Li"), later) == {one.pk for one in later}
    assert not hidden(county.actor("Chen"), later)


def test_every_row_that_hangs_on_an_incident_is_hidden_with_it() -> None:
    from anlan.console.restricted import _LEADS

    hanging = {
        model.journal_type
        for model in journaled_models()
        for field in model._meta.concrete_fields
        if field.name == "incident" and field.is_relation
    }
    assert hanging - set(_LEADS) == set(), "rows of a restricted incident would show in the journal"
