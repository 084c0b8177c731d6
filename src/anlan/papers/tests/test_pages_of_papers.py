"""The pages of papers in Chinese, and light enough."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.documents.paper.shipped import shipped_template
from anlan.papers import builders, services
from anlan.papers.models import Paper
from anlan.papers.tests.test_papers import made, opened
from anlan.testing import County

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def special(county: County) -> Paper:
    draft = builders.build_of("special", "incident", opened(county, course="冲毁房屋3间"), at=county.now)
    return services.make_paper(draft, by=county.actor("Chen"), at=county.now)


@pytest.mark.parametrize("name", ["Chen", "Feng", "Wang"])
def test_the_pages_of_papers_speak_chinese(county: County, name: str) -> None:
    paper = special(county)
    made(county, "morning")
    services.ensure_schedules(county.division, by=county.by, at=county.now)
    services.propose_template(
        shipped_template(),
        kind="",
        name="红头.docx",
        division=county.division,
        by=county.actor("Feng"),
        at=county.now,
    )
    pages = [
        reverse("console:papers"),
        reverse("console:paper_templates"),
        *(reverse("console:new_paper", args=[kind]) for kind in ("minutes", "log", "analysis_quarter")),
        reverse("console:paper", args=[paper.pk]),
        reverse("console:edit_paper", args=[paper.pk]),
        reverse("console:incident", args=[paper.incident_id]),
    ]
    client = county.client(name, language="zh-hans")
    left = {page: english_in(client.get(page).content.decode()) for page in pages}
    assert {page: words for page, words in left.items() if words} == {}


def test_the_list_asks_no_more_for_fifty_papers_than_for_two(county: County) -> None:
    client, page = county.client("Chen"), reverse("console:papers")
    for _n in range(2):
        special(county)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for _n in range(10):
        special(county)
    client.get(page)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) <= len(few)


def test_older_papers_are_reached_by_the_last_one_shown(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.console.views.papers.ROWS", 2)
    numbers = []
    for _n in range(3):
        numbers.append(made(county, "rain").number)
        county.clock.advance(minutes=1)
    client = county.client("Chen")
    first = client.get("/papers/").content.decode()
    assert numbers[2] in first
    assert numbers[0] not in first
    link = first.split("before=")[1].split('"')[0]
    second = client.get(f"/papers/?kind=&before={link}").content.decode()
    assert numbers[0] in second
    assert urlsplit(link).path
