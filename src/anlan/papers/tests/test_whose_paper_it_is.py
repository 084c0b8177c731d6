"""The county's paper about a village's incident is read at the county."""

from __future__ import annotations

import pytest

from anlan.incidents.tests.test_incidents import landslide
from anlan.papers.access import visible_papers
from anlan.papers.models import Paper
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_a_township_that_sees_the_incident_does_not_see_the_countys_report_about_it(county: County) -> None:
    incident = landslide(county)
    chen = county.client("Chen")
    answer = chen.post(f"/papers/of/flash/incident/{incident.pk}/")
    assert answer.status_code == 302
    paper = Paper.objects.get()
    assert paper in visible_papers(county.actor("Chen"))
    for name in ("Li", "Zhao"):
        assert paper not in visible_papers(county.actor(name))
        assert county.client(name).get(f"/papers/at/{paper.pk}/").status_code == 404
