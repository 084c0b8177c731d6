from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.accounts import services
from anlan.accounts.models import User
from anlan.accounts.refusals import BadUserName, HasAccount, NameTaken, WeakPassword
from anlan.directory.services import create_person, end_holding
from anlan.journal.models import Entry
from anlan.testing import PASSWORD, County
from anlan.vocab.posts import Right

SIGN_IN = "/accounts/sign-in/"
NEW = "north-slope-2027"


def browser(language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    return client


def sign_in(client: Client, name: str = "chen", password: str = PASSWORD, **more: str) -> int:
    return client.post(SIGN_IN, {"username": name, "password": password, **more}).status_code


def entries(kind: str) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind))


def test_signing_in_and_out_stands_in_the_journal(county: County) -> None:
    client = browser()
    assert sign_in(client) == 302
    user = county.users["Chen"]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert [(e.subject_id, e.actor, e.at) for e in entries("account.signed_in")] == [
        (str(user.pk), f"user:{user.pk}", county.now)
    ]
    assert client.post("/accounts/sign-out/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert len(entries("account.signed_out")) == 1


def test_signing_out_needs_a_post_so_that_no_link_can_do_it(county: County) -> None:
    assert county.client("Chen").get("/accounts/sign-out/").status_code == 405


def test_a_new_session_begins_with_a_new_key(county: County) -> None:
    client = browser()
    client.get(SIGN_IN)
    session = client.session
    session["before"] = "x"
    session.save()
    former = session.session_key
    sign_in(client)
    assert client.session.session_key != former


@pytest.mark.parametrize(("name", "password"), [("chen", "wrong-password"), ("nobody", PASSWORD), ("", "x")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(county: County, name: str, password: str) -> None:
    answer = browser().post(SIGN_IN, {"username": name or " ", "password": password})
    assert answer.status_code == 200
    if name:
        assert "The name or the password is wrong." in answer.content.decode()
    assert len(entries("account.sign_in_failed")) == 1


def test_a_closed_account_looks_like_a_wrong_password(county: County) -> None:
    services.close_account(county.users["Chen"], by=county.by, at=county.now)
    answer = browser().post(SIGN_IN, {"username": "chen", "password": PASSWORD})
    assert "The name or the password is wrong." in answer.content.decode()


def test_what_was_typed_as_a_name_is_not_kept(county: County) -> None:
    sign_in(browser(), name="my-secret-password", password="x")
    told = "".join(Entry.objects.values_list("payload", flat=True))
    assert "my-secret-password" not in told
    assert PASSWORD not in told


def test_after_five_wrong_passwords_the_door_closes_in_the_readers_language(county: County) -> None:
    client = browser()
    for _attempt in range(5):
        sign_in(client, password="wrong")
    answer = client.post(SIGN_IN, {"username": "chen", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert sign_in(client, name="wang") == 302


def test_an_account_that_must_change_its_password_goes_nowhere_else(county: County) -> None:
    user = services.reset_password(county.users["Chen"], password=NEW, by=county.by, at=county.now)
    client = browser()
    assert sign_in(client, password=NEW) == 302
    for path in ("/", "/anything"):
        assert client.get(path).headers["Location"] == "/accounts/password/"
    answer = client.post(
        "/accounts/password/", {"present": NEW, "chosen": "lower-willow-2028", "again": "lower-willow-2028"}
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.check_password("lower-willow-2028")
    assert len(entries("account.password_changed")) == 1


@pytest.mark.parametrize(
    ("present", "chosen", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, "other-2027-slope"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "password1234", "password1234"),
        (PASSWORD, PASSWORD, PASSWORD),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    county: County, present: str, chosen: str, again: str
) -> None:
    client = county.client("Chen")
    answer = client.post("/accounts/password/", {"present": present, "chosen": chosen, "again": again})
    assert answer.status_code == 200
    assert User.objects.get(username="chen").check_password(PASSWORD)
    assert entries("account.password_changed") == []


def test_a_new_password_ends_every_other_session(county: County) -> None:
    here, elsewhere = county.client("Chen"), county.client("Chen")
    here.post("/accounts/password/", {"present": PASSWORD, "chosen": NEW, "again": NEW})
    assert here.get("/accounts/password/").status_code == 200
    assert elsewhere.get("/accounts/password/").status_code == 302


def test_a_closed_account_is_out_at_once(county: County) -> None:
    client = county.client("Chen")
    services.close_account(county.users["Chen"], by=county.by, at=county.now)
    assert client.get("/accounts/password/").status_code == 302


def test_the_language_is_switched_and_remembered_by_the_account(county: County) -> None:
    client = county.client("Chen", language="zh-hans")
    answer = client.post("/accounts/language/", {"language": "en", "next": "/accounts/password/"})
    assert answer.headers["Location"] == "/accounts/password/"
    assert client.cookies["django_language"].value == "en"
    fresh = browser("zh-hans")
    sign_in(fresh)
    assert fresh.cookies["django_language"].value == "en"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_no_link_leads_to_another_host(county: County, target: str) -> None:
    answer = browser().post("/accounts/language/", {"language": "en", "next": target})
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]
    answer = browser().post(SIGN_IN, {"username": "chen", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == reverse("console:today")


def test_an_unknown_language_is_ignored(county: County) -> None:
    client = browser("en")
    client.post("/accounts/language/", {"language": "xx"})
    assert client.cookies["django_language"].value == "en"


def test_making_an_account_is_journaled_without_the_password(county: County) -> None:
    person = create_person("孙仓", division=county.division, by=county.by, at=county.now)
    user = services.create_account(person, username="Sun", password=NEW, by=county.actor("He"), at=county.now)
    assert user.must_change_password
    entry = Entry.objects.get(kind="account.created", subject_id=str(user.pk))
    assert entry.actor == county.actor("He").ref
    assert json.loads(entry.payload) == {"username": "Sun", "person": str(person.pk)}


def test_an_account_that_cannot_be_made_leaves_nothing(county: County) -> None:
    person = create_person("孙仓", division=county.division, by=county.by, at=county.now)
    before = (User.objects.count(), Entry.objects.count())
    for who, name, password, refusal in (
        (person, "CHEN", NEW, NameTaken),
        (county.people["Chen"], "chen2", NEW, HasAccount),
        (person, "sun", "short", WeakPassword),
    ):
        with pytest.raises(refusal):
            services.create_account(who, username=name, password=password, by=county.by, at=county.now)
    assert (User.objects.count(), Entry.objects.count()) == before


def test_rights_end_with_the_post_and_not_with_the_session(county: County) -> None:
    assert county.actor("Chen").can(Right.DRAFT, county.division.path)
    county.clock.advance(minutes=1)
    end_holding(county.holdings["Chen"], by=county.by, at=county.now)
    chen = county.actor("Chen")
    assert chen.grants == frozenset()


@pytest.mark.django_db
def test_no_two_names_look_alike_and_none_mixes_scripts(county: County) -> None:
    first, second = [
        create_person(name, division=county.division, by=county.by, at=county.now)
        for name in ("林一", "林二")
    ]
    given: dict[str, Any] = {"password": "long-enough-7x", "by": county.by, "at": county.now}
    services.create_account(first, username="lin9", **given)
    wide, cyrillic = "\uff4cin9", "l\u0456n9"
    for wanted, refusal in (
        ("LIN9", NameTaken),
        (wide, NameTaken),
        (cyrillic, BadUserName),
        ("élan", BadUserName),
    ):
        with pytest.raises(refusal):
            services.create_account(second, username=wanted, **given)
    services.create_account(second, username="林九", **given)
