"""A leader signs from a phone; a township writes, signs and sends its report to the county."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.accounts.services import create_account
from anlan.directory import services as directory
from anlan.reporting import services
from anlan.reporting.models import UpwardReport
from anlan.reporting.tests.desk import draft, landslide
from anlan.testing import PASSWORD, County
from anlan.vocab.posts import PostKind

pytestmark = pytest.mark.django_db


def mayor(county: County) -> None:
    """He Zhen leads Willow River tonight."""
    place = county.divisions["Willow River"]
    person = directory.create_person("何镇", division=place, by=county.by, at=county.now)
    post = directory.ensure_post(PostKind.TOWNSHIP_LEADER, division=place, by=county.by, at=county.now)
    directory.appoint(post, person, by=county.by, at=county.now)
    county.people["Mayor"] = person
    county.users["Mayor"] = create_account(
        person, username="mayor", password=PASSWORD, must_change=False, by=county.by, at=county.now
    )


def test_the_leader_signs_from_the_phone_page(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    leader = county.client("Wang")
    assert report.title in leader.get(reverse("field:home")).content.decode()
    address = reverse("field:upward", args=[report.pk])
    assert "Sign" in leader.get(address).content.decode()
    assert county.client("Chen").post(address, {"verb": "sign"}).status_code == 403
    assert leader.post(address, {"verb": "sign"}).status_code == 302
    assert leader.post(address, {"verb": "sign"}).status_code == 302  # sent twice by a bad line
    report.refresh_from_db()
    assert (report.state, report.signed_way) == ("signed", "page")


def test_a_leader_returns_it_with_a_reason(county: County) -> None:
    report = draft(county, landslide(county))
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    address = reverse("field:upward", args=[report.pk])
    assert county.client("Wang").post(address, {"verb": "return", "reason": " "}).status_code == 409
    county.client("Wang").post(address, {"verb": "return", "reason": "人数再核"})
    report.refresh_from_db()
    assert (report.state, report.returned_why) == ("returned", "人数再核")


def test_a_township_writes_signs_and_the_county_takes_it_into_an_incident(county: County) -> None:
    mayor(county)
    form = {
        "title": "上柳村滑坡",
        "event_type": "landslide",
        "division": "999901101201",
        "e-course": "村后滑坡",
        "n-missing": "2",
    }
    assert county.client("Li").post(reverse("field:upward_new"), form).status_code == 302
    report = UpwardReport.objects.get()
    assert (report.state, report.division_id) == ("in_review", "999901101000")
    county.client("Mayor").post(reverse("field:upward", args=[report.pk]), {"verb": "sign"})
    report.refresh_from_db()
    assert report.state == "sent"
    address = reverse("console:act_on_report", args=[report.pk])
    county.client("Chen").post(address, {"verb": "take", "incident": ""})
    report.refresh_from_db()
    assert report.state == "taken"
    assert report.incident is not None
    assert report.incident.figures.get().value == 2
    assert county.client("Liu").get(reverse("field:upward", args=[report.pk])).status_code == 404


def test_a_count_that_is_no_number_is_said_and_the_rest_stays(county: County) -> None:
    form = {"title": "上柳村滑坡", "event_type": "landslide", "n-missing": "两个"}
    answer = county.client("Li").post(reverse("field:upward_new"), form)
    assert answer.status_code == 409
    assert "上柳村滑坡" in answer.content.decode()
    assert not UpwardReport.objects.exists()
    assert county.client("Chen").get(reverse("field:upward_new")).status_code == 403
