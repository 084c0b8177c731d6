"""The case library and the case files on their pages."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import IncidentDetails
from anlan.journal.models import Entry
from anlan.review.models import CaseFile, CaseRecord, Review
from anlan.review.tests.richcase import made, rich
from anlan.review.tests.test_cases import case, review
from anlan.testing import County

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:  # Any: pytest-django's
    settings.ANLAN_DATA = tmp_path


def incident(county: County, kind: str = "flash_flood", where: str = "Upper Willow") -> Incident:
    details = IncidentDetails(
        "柳河山洪", kind, county.divisions[where], "township", county.now, lon=102.9, lat=27.4
    )
    return incidents.open_incident(details, by=county.actor("Chen"), at=county.now)


def form(county: County, **fields: str) -> dict[str, str]:
    return {
        "title": "北沟山洪", "event_type": "flash_flood", "division": county.division.code, "happened_on": "2020-08-06",
        "summary": "冲毁便桥。", "source": "县志", **fields,
    }  # fmt: skip


def text(county: County, address: str, who: str = "Wang", language: str = "en") -> str:
    answer = county.client(who, language=language).get(address)
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


def test_a_case_is_written_read_described_anew_and_retired_on_pages(county: County) -> None:
    wang = county.client("Wang")
    answer = wang.post("/cases/new/", form(county, tags="school"))
    row = CaseRecord.objects.get()
    assert answer["Location"] == f"/cases/{row.pk}/"
    assert (row.happened_on, row.tags, row.added_by_name) == (date(2020, 8, 6), ["school"], "王建国")
    assert "北沟山洪" in text(county, "/cases/", "Li")
    assert "县志" in text(county, f"/cases/{row.pk}/", "Li")
    wang.post(f"/cases/{row.pk}/edit/", form(county, title="北沟大山洪"))
    assert "北沟大山洪" in text(county, f"/cases/{row.pk}/")
    wang.post(f"/cases/{row.pk}/retire/")
    assert "北沟大山洪" not in text(county, "/cases/")
    assert "北沟大山洪" in text(county, "/cases/?state=retired")
    assert "/edit/" not in text(county, f"/cases/{row.pk}/")


def test_what_was_typed_is_not_lost_when_it_is_refused(county: County) -> None:
    answer = county.client("Wang").post(
        "/cases/new/", form(county, source="", happened_on="2020-99-99", lessons="加装水尺")
    )
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "加装水尺" in page
    assert "2020-99-99" in page
    assert not CaseRecord.objects.exists()
    answer = county.client("Wang").post("/cases/new/", form(county, division=""))
    assert "for which place" in answer.content.decode()


def test_the_form_of_a_finished_review_is_filled_and_its_case_leads_back(county: County) -> None:
    made_of = review(county, incident(county))
    page = text(county, f"/cases/new/?review={made_of.pk}")
    assert "预警到人用时四分钟。" in page
    assert "便桥加装水尺" in page
    county.client("Wang").post("/cases/new/", form(county, review=str(made_of.pk)))
    row = CaseRecord.objects.get()
    assert row.review == made_of
    assert row.incident == made_of.incident
    assert f"/reviews/{made_of.pk}/" in text(county, f"/cases/{row.pk}/")
    again = county.client("Wang").get(f"/cases/new/?review={made_of.pk}")
    assert again.status_code == 409
    assert "in the case library already" in again.content.decode()


@pytest.mark.parametrize("given", ["nonsense", "00000000-0000-0000-0000-000000000007"])
def test_a_review_that_nobody_knows_fills_nothing(county: County, given: str) -> None:
    assert county.client("Wang").get(f"/cases/new/?review={given}").status_code == 404


@pytest.mark.parametrize(
    "query", ["?after=nonsense", "?place=../etc", "?type=ufo&tag=%22&state=x", "?q=%25%27%22%00"]
)
def test_nonsense_in_the_address_is_no_error(county: County, query: str) -> None:
    case(county)
    assert county.client("Wang").get(f"/cases/{query}").status_code == 200


def test_a_long_library_comes_in_pages_and_costs_the_same(county: County) -> None:
    case(county)
    text(county, "/cases/")
    with CaptureQueriesContext(connection) as few:
        text(county, "/cases/")
    for number in range(60):
        case(county, title=f"旧案{number}")
    text(county, "/cases/")  # what all pages share is made anew after something was written
    with CaptureQueriesContext(connection) as many:
        first = text(county, "/cases/")
    assert len(many) <= len(few)
    assert "旧案59" in first
    assert "旧案5<" not in first
    older = re.search(r'href="(\?[^"]*after=[^"]*)"', first)
    assert older is not None
    assert "旧案5<" in text(county, f"/cases/{older[1].replace('&amp;', '&')}")


def test_an_open_incident_is_offered_like_cases_on_its_record_and_in_its_room(county: County) -> None:
    case(county, where="Lower Willow", title="2020年便桥冲毁", lessons="加装水尺")
    case(county, title="山火旧案", event_type="forest_fire")
    row = incident(county)
    for address in (f"/incidents/{row.pk}/", f"/incidents/{row.pk}/room/"):
        page = text(county, address)
        assert "2020年便桥冲毁" in page
        assert "the same type，in the same township" in page
        assert "山火旧案" not in page
    fire = incident(county, "earthquake")
    assert "2020年便桥冲毁" not in text(county, f"/incidents/{fire.pk}/")
    Incident.objects.filter(pk=row.pk).update(state="closed")
    assert "2020年便桥冲毁" not in text(county, f"/incidents/{row.pk}/")


def test_a_neighbour_reads_no_case_of_this_township(county: County) -> None:
    row = case(county, where="Willow River", title="柳河旧案")
    assert county.client("Liu").get(f"/cases/{row.pk}/").status_code == 404
    assert "柳河旧案" not in text(county, "/cases/", "Liu")
    assert county.client("Liu").post(f"/cases/{row.pk}/retire/").status_code == 404
    assert county.client("Li").post(f"/cases/{row.pk}/retire/").status_code == 403


def test_the_leader_makes_a_case_file_and_takes_it_away_and_both_are_journaled(county: County) -> None:
    row = rich(county)
    assert f"/incidents/{row.pk}/case-files/" in text(county, f"/incidents/{row.pk}/")
    wang = county.client("Wang")
    assert wang.post(f"/incidents/{row.pk}/case-files/").status_code == 302
    [file] = CaseFile.objects.all()
    page = text(county, f"/incidents/{row.pk}/case-files/")
    assert f"/case-files/{file.pk}/archive.zip" in page
    answer = wang.get(f"/incidents/{row.pk}/case-files/{file.pk}/archive.zip")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file response
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert "index.html" in archive.namelist()
    assert answer["X-Content-Type-Options"] == "nosniff"
    kinds = Entry.objects.filter(subject_id=str(file.pk)).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["case_file.made", "case_file.handed_out"]


def test_who_sees_the_incident_and_may_not_review_has_no_case_file(county: County) -> None:
    row = rich(county)
    file = made(county, row)
    for who, status in (("Chen", 403), ("Li", 404), ("Liu", 404)):
        client = county.client(who)
        assert client.get(f"/incidents/{row.pk}/case-files/").status_code == status
        assert client.post(f"/incidents/{row.pk}/case-files/").status_code == status
        assert client.get(f"/incidents/{row.pk}/case-files/{file.pk}/archive.zip").status_code == status
    assert "case-files" not in text(county, f"/incidents/{row.pk}/", "Chen")
    assert CaseFile.objects.count() == 1


def test_a_case_file_of_another_incident_is_not_found_under_this_one(county: County) -> None:
    file = made(county, rich(county))
    other = incident(county)
    assert (
        county.client("Wang").get(f"/incidents/{other.pk}/case-files/{file.pk}/archive.zip").status_code
        == 404
    )


def test_an_archive_that_is_gone_is_said(county: County) -> None:
    from anlan.review.casefile.building import stored

    row = rich(county)
    file = made(county, row)
    stored(file.sha256).unlink()
    assert (
        county.client("Wang").get(f"/incidents/{row.pk}/case-files/{file.pk}/archive.zip").status_code == 410
    )


def test_the_pages_speak_chinese(county: County) -> None:
    row = incident(county)
    kept = case(county, where="Lower Willow", tags=("school",), lessons="加装水尺")
    done = review(county, row)
    assert isinstance(done, Review)
    for address in (
        "/cases/",
        "/cases/new/",
        f"/cases/{kept.pk}/",
        f"/cases/{kept.pk}/edit/",
        f"/incidents/{row.pk}/case-files/",
    ):
        page = text(county, address, language="zh-hans")
        main = page[page.index("<main") : page.index("</main>")]
        words = re.sub(r"<[^>]*>|&\w+;", " ", re.sub(r"<script.*?</script>", " ", main, flags=re.S))
        stray = set(re.findall(r"[A-Za-z]{3,}", words)) - {"SMS", "CAP"}
        assert not stray, (address, stray)
