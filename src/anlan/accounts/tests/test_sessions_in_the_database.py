"""A session is found while it runs, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from anlan.accounts.sessions import SessionStore
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_what_the_ordinary_store_wrote_is_read_and_the_other_way_round() -> None:
    written = db.SessionStore()
    written["a"] = {"b": 1}
    written.create()
    read = SessionStore(written.session_key)
    assert read["a"] == {"b": 1}
    read["a"] = 2
    read.save()
    assert db.SessionStore(written.session_key)["a"] == 2


@pytest.mark.parametrize("key", ["", None, "no-such-session-0000000000", "stands-for-a-session"])
def test_a_session_that_is_not_there_is_empty_and_its_key_forgotten(key: str | None) -> None:
    one = SessionStore(key)
    assert one.get("a") is None
    assert one.session_key is None


def test_a_session_that_has_ended_signs_out(county: County) -> None:
    client: Client = county.client("Chen")
    assert client.get("/").status_code == 200
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302


def test_signing_out_ends_the_session_at_once(county: County) -> None:
    client, other = county.client("Chen"), Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert other.get("/").status_code == 200
    client.post("/accounts/sign-out/")
    assert other.get("/").status_code == 302
