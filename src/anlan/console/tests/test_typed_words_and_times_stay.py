"""A time that is none is refused with words, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.directory.models import Shift
from anlan.duty.services.rooms import open_room
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.intake.models import Intake
from anlan.kernel.ids import uuid7
from anlan.reporting.models import UpwardReport
from anlan.testing import County
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db


def shift_form(county: County, **fields: Any) -> dict[str, Any]:
    post = county.posts[PostKind.COUNTY_DUTY, "Yunling"]
    return {
        "post": str(post.pk), "person": str(county.people["Feng"].pk), "role": "B", "from": "2026-07-02T08:00",
        "to": "2026-07-03T08:00", **fields,
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["2026-13-40T08:00", "0001-01-01T00:00", ""])
def test_a_bad_time_on_the_roster_keeps_what_was_typed(county: County, bad: str) -> None:
    form = shift_form(county, **{"from": bad})
    answer = county.client("He").post("/roster/shifts/", form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "is not a time" in page
    assert f'value="{form["post"]}" selected' in page
    assert f'value="{form["person"]}" selected' in page
    assert 'value="2026-07-03T08:00"' in page
    assert not Shift.objects.exists()


def test_a_bad_day_on_the_duty_roster_keeps_what_was_typed(county: County) -> None:
    room = open_room(county.division, phone="10000000099", by=county.actor("Feng"), at=county.now)
    form = {"room": str(room.pk), "week": "2026-06-22", "day": "2026-99-99"}
    answer = county.client("Feng").post("/duty/roster/copy/", form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "is not a time" in page
    assert 'name="week" value="2026-06-22"' in page
    assert 'name="day" value="2026-99-99"' in page


@pytest.mark.parametrize("bad", ["0001-01-01T00:00", "99999-01-01T00:00", "gestern"])
def test_a_time_of_knowing_outside_the_calendar_is_refused_and_never_becomes_now(
    county: County, bad: str
) -> None:
    from anlan.console.tests.test_incidents_on_a_page import form

    entered = county.client("Chen").post("/incidents/new/", form(county, known_at=bad))
    assert entered.status_code == 400
    assert "is not a time" in entered.content.decode()
    assert not Incident.objects.exists()
    phone = county.client("Li").post(
        "/f/upward/new/",
        {"title": "柳河漫堤", "event_type": "flood", "known_at": bad, "e-course": "水漫过堤"},
    )
    said = phone.content.decode()
    assert phone.status_code == 422
    assert "is not understood" in said
    assert "水漫过堤" in said
    assert not UpwardReport.objects.exists()
    taken = county.client("Chen").post(
        "/intake/new/", {"received": bad, "text": "柳河漫堤", "source": "village", "key": str(uuid7())}
    )
    assert taken.status_code == 422
    assert "柳河漫堤" in taken.content.decode()
    assert not Intake.objects.exists()


def test_a_state_that_cannot_follow_is_refused_in_chinese_words(county: County) -> None:
    from anlan.command.tests import room

    row = room.incident(county)
    incidents.find_not_true(row, reason="误报", by=county.actor("Chen"), at=county.now)
    form = {"verb": "close", "reason": "处置完毕"}
    page = county.client("Chen", language="zh-hans").post(f"/incidents/{row.pk}/act/", form).content.decode()
    assert "“不属实”" in page
    assert "not_true" not in page.split("<main")[1]
