"""`POST /api/warnings/v1/incoming`."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from anlan.testing import County
from anlan.warning.models import IncomingMessage, IncomingWarning
from anlan.warning.services.incoming_sources import list_sender, unlist_sender
from anlan.warning.tests.strangers import TEXT, administrator
from anlan.warning.tests.test_warnings_of_others import cap

ADDRESS = "/api/warnings/v1/incoming"


@pytest.fixture
def token(county: County) -> str:
    fields = {"division": county.division, "by": administrator(county), "at": county.now}
    return list_sender(kind="token", value="", name="市级平台", may_act=False, **fields)[1]  # type: ignore[arg-type]


def push(body: bytes, token: str, **headers: str) -> tuple[int, dict[str, object]]:
    given = {"Authorization": f"Bearer {token}", **headers}
    answer = Client().post(ADDRESS, body, content_type="application/xml", headers=given)
    return answer.status_code, answer.json()


def test_a_system_with_a_token_pushes_a_warning(county: County, token: str) -> None:
    status, said = push(cap(), token)
    assert status == 200
    assert said["warnings"][0]["state"] == "called_out"  # type: ignore[index]
    row = IncomingWarning.objects.select_related("message").get()
    assert (row.message.source, row.message.source_name) == ("push", "市级平台")


def test_words_are_taken_as_json(county: County, token: str) -> None:
    status, said = push(json.dumps({"text": TEXT}).encode(), token)
    assert (status, said["warnings"][0]["state"]) == (200, "drafted")  # type: ignore[index]


def test_the_same_key_counts_once(county: County, token: str) -> None:
    push(cap(), token, **{"Idempotency-Key": "k1"})
    assert push(cap(), token, **{"Idempotency-Key": "k1"})[1]["repeated"] is True
    assert IncomingMessage.objects.count() == 1


@pytest.mark.parametrize("given", ["", "wrong"])
def test_without_a_token_nothing_is_taken(county: County, token: str, given: str) -> None:
    assert push(cap(), given)[0] == 401
    assert not IncomingMessage.objects.exists()


def test_an_unlisted_token_opens_nothing(county: County, token: str) -> None:
    from anlan.warning.models import WarningSender

    unlist_sender(WarningSender.objects.get(), by=administrator(county), at=county.now)
    assert push(cap(), token)[0] == 401


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"  ", 400), (b"x" * 2_100_000, 413)])
def test_what_cannot_be_taken_is_refused(county: County, token: str, body: bytes, status: int) -> None:
    assert push(body, token)[0] == status
    assert not IncomingMessage.objects.exists()


def test_a_broken_message_is_kept_for_a_person_and_says_why(county: County, token: str) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><alert>&b;</alert>'
    status, said = push(bomb, token)
    assert (status, said["warnings"][0]["state"]) == (200, "needs_person")  # type: ignore[index]
