"""Years are whole numbers on pages, and a day at the end of the calendar is refused, not a fault."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import ContactTest
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_the_statistics_name_years_without_decimals(county: County) -> None:
    text = county.client("Chen").get("/statistics/").content.decode()
    year = county.now.year
    assert f'<a href="?year={year}" aria-current="true">{year}</a>' in text
    assert f"{year}." not in text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-01"])
def test_a_day_that_no_roster_has_is_refused(county: County, day: str) -> None:
    assert county.client("Chen").get(f"/roster/?day={day}").status_code == 400


def test_the_first_and_last_years_of_the_roster_are_shown(county: County) -> None:
    client = county.client("Chen")
    assert client.get("/roster/?day=1900-01-01").status_code == 200
    assert client.get("/roster/?day=9998-12-31").status_code == 200


@pytest.mark.parametrize("start", ["2025-07-01T08:00", "1900-01-01T00:00", "tomorrow"])
def test_a_mistyped_start_does_not_ring_everybody_at_once(county: County, start: str) -> None:
    form = {"division": "999901101201", "posts": ["information_officer"], "channel": "sms", "minutes": "30"}
    answer = county.client("Li").post("/contact-tests/plan/", {**form, "starts_at": start})
    assert answer.status_code == 400
    assert not ContactTest.objects.exists()
