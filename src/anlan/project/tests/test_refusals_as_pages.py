"""What a person reads when something cannot be done at all: a full disk, an error of ours, a page that is not there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from anlan.accounts import services
from anlan.testing import PASSWORD, County


def fail(*_: object, **__: object) -> None:
    raise OperationalError("database or disk is full")


def test_a_full_disk_is_a_sentence_with_the_next_step(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.console.views.today.note", fail)
    answer = county.client("Chen", language="en").post(reverse("console:write_note"), {"text": "x"})
    assert answer.status_code == 507
    assert "The disk is full: nothing was stored." in answer.content.decode()


def test_also_while_signing_in(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "journal_failed_sign_in", fail)
    answer = Client().post(reverse("accounts:sign_in"), {"username": "chen", "password": "wrong"})
    assert answer.status_code == 507


def test_an_error_of_ours_is_said_in_both_languages(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("anlan.console.views.today.note", broken)
    browser = county.client("Chen")
    browser.raise_request_exception = False
    answer = browser.post(reverse("console:write_note"), {"text": "x"})
    assert answer.status_code == 500
    assert "程序出错" in answer.content.decode()
    assert "Something failed" in answer.content.decode()


@pytest.mark.parametrize("who", ["Chen", ""])
def test_an_address_that_does_not_exist_is_said(county: County, who: str) -> None:
    browser: Any = county.client(who) if who else Client()
    answer = browser.get("/no/such/page/", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "There is nothing here that you may see." in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:0"]
)
def test_no_form_leads_to_another_host(county: County, target: str) -> None:
    chen = county.client("Chen")
    for name, form in (
        ("console:theme", {}),
        ("console:write_note", {"text": "x"}),
        ("accounts:language", {"language": "en"}),
    ):
        headers = {"Referer": "https://evil.example/"}
        assert chen.post(reverse(name), {**form, "next": target}, headers=headers)["Location"] == "/", name


def test_a_filter_survives_the_way_over_the_sign_in_page(county: County) -> None:
    sent = Client().get("/stations/?kind=rain&state=silent")["Location"]
    answer = Client().post(sent, {"username": "chen", "password": PASSWORD})
    assert answer["Location"] == "/stations/?kind=rain&state=silent"
