"""Anybody tells what happened, and reads what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from anlan.intake import services
from anlan.intake.models import Intake
from anlan.journal.models import Entry
from anlan.portal import report
from anlan.testing import County


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    report.window.forget()
    report.looks.forget()


def send(**fields: str) -> Any:  # Any: an answer
    return Client().post("/p/report/", {"key": "0f0f0f0f-1", "text": "村口塌方", "place": "上柳", **fields})


def number_of(answer: Any) -> str:  # Any: an answer
    found = re.search(r"<strong>([A-Z2-9]{12})</strong>", answer.content.decode())
    assert found is not None
    return found[1]


def test_a_report_gives_a_number_and_the_number_tells_what_became_of_it(county: County) -> None:
    number = number_of(send())
    row = Intake.objects.get()
    assert (row.source, row.place_words, row.division) == ("portal", "上柳", None)
    assert number not in row.receipt
    services.verify_intake(row, by=county.actor("Chen"), at=county.now)
    services.feed_back(row, way="page", words="已派人清理，谢谢。", by=county.actor("Chen"), at=county.now)
    page = Client().get("/p/report/", {"receipt": number.lower()}).content.decode()
    assert "已派人清理" in page
    assert "村口塌方" not in page
    assert "已派人清理" not in Client().get("/p/report/", {"receipt": "A" * 12}).content.decode()


def test_the_same_form_twice_is_one_report_with_one_number(county: County) -> None:
    assert number_of(send()) == number_of(send())
    assert Intake.objects.count() == 1


def test_one_address_cannot_fill_the_inbox_and_what_was_typed_stays(county: County) -> None:
    for number in range(report.EACH):
        send(key=f"0f0f0f0f-{number}")
    answer = send(key="0f0f0f0f-99")
    assert answer.status_code == 429
    assert "村口塌方" in answer.content.decode()
    assert Intake.objects.count() == report.EACH


def test_a_program_that_fills_in_what_nobody_sees_stores_nothing(county: County) -> None:
    before = Entry.objects.count()
    assert send(website="http://spam.example").status_code == 200
    assert (Intake.objects.count(), Entry.objects.count()) == (0, before)


def test_nothing_said_is_refused_in_a_sentence(county: County) -> None:
    answer = send(text="  ")
    assert answer.status_code == 422
    assert Intake.objects.count() == 0


def test_the_page_works_without_scripts_and_names_the_emergency_numbers(county: County) -> None:
    page = Client().get("/p/report/").content.decode()
    assert "<script" not in page
    assert "110" in page
    assert 'class="large"' in page
