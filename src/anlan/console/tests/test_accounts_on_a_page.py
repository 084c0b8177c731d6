"""Who may sign in: seen, made, given a new password, closed and opened again by whoever administers there, and by nobody else."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.accounts.middleware import ENTERED
from anlan.accounts.models import User
from anlan.accounts.services import close_account, create_account, made_password
from anlan.console.views import accounts as view
from anlan.directory import services as directory
from anlan.directory.models import Person, Post
from anlan.journal.models import Entry, ExerciseRun
from anlan.testing import PASSWORD, County
from anlan.vocab.posts import PostKind

LIST = "/accounts/"
SIGN_IN = "/accounts/sign-in/"


def act(client: Client, person: Person, verb: str, **form: str) -> Any:
    return client.post(reverse("console:act_on_account", args=[person.pk]), {"verb": verb, **form})


def person_page(client: Client, person: Person) -> str:
    return client.get(reverse("console:directory_person", args=[person.pk])).content.decode()


def password_in(answer: Any) -> str:
    found = re.search(r"<code[^>]*>((?:[a-z2-9]{4}-){2}[a-z2-9]{4})</code>", answer.content.decode())
    assert found is not None, answer.content.decode()[-1500:]
    return found[1]


def signs_in(name: str, password: str) -> bool:
    client = Client()
    client.post(SIGN_IN, {"username": name, "password": password})
    return "_auth_user_id" in client.session


def serve(county: County, who: str, kind: PostKind, place: str, *, in_days: int = 0) -> None:
    """Another post for a member of the cast, at whatever level: today only the county's administrator administers."""
    at = county.now + timedelta(days=in_days)
    post = Post.objects.filter(kind=kind.value, division=county.divisions[place]).first()
    if post is None:
        post = Post(kind=kind.value, division=county.divisions[place])
        post.record(by=county.by, at=county.now, kind="created")
    directory.appoint(post, county.people[who], by=county.by, at=at)


def test_the_duty_officer_who_forgot_the_password_at_three_signs_in_with_the_one_that_is_told(
    county: County,
) -> None:
    for _attempt in range(5):
        signs_in("chen", "wrong")
    assert not signs_in("chen", PASSWORD)
    told = password_in(act(county.client("He"), county.people["Chen"], "reset"))
    browser = Client()
    assert browser.post(SIGN_IN, {"username": "chen", "password": told}).status_code == 302
    assert browser.get("/").headers["Location"] == "/accounts/password/"


def test_a_new_password_ends_the_old_one_and_what_was_open_with_it(county: County) -> None:
    chen = county.client("Chen")
    assert chen.get("/directory/").status_code == 200
    told = password_in(act(county.client("He"), county.people["Chen"], "reset"))
    assert chen.get("/directory/").headers["Location"].startswith(SIGN_IN)
    assert not signs_in("chen", PASSWORD)
    assert signs_in("chen", told)


def test_a_password_is_shown_once_and_stands_in_no_cache_journal_log_or_address(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    he, chen = county.client("He"), county.people["Chen"]
    answer = act(he, chen, "reset")
    told = password_in(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers
    assert told not in str(answer.cookies)
    assert told not in person_page(he, chen)
    assert told not in he.get(LIST).content.decode()
    entry = Entry.objects.get(kind="account.password_reset")
    assert (entry.actor, entry.subject_id) == (county.actor("He").ref, str(county.users["Chen"].pk))
    assert not [one for one in Entry.objects.values_list("payload", flat=True) if told in one]
    assert told not in caplog.text


def test_somebody_who_left_office_is_out_at_the_next_click_and_back_only_with_a_new_password(
    county: County,
) -> None:
    he, open_browser, person = county.client("He"), county.client("Zhao"), county.people["Zhao"]
    assert open_browser.get("/directory/").status_code == 200
    assert act(he, person, "close").status_code == 400  # the box was not ticked
    assert open_browser.get("/directory/").status_code == 200
    assert act(he, person, "close", sure="1").status_code == 302
    assert open_browser.get("/directory/").headers["Location"].startswith(SIGN_IN)
    assert not signs_in("zhao", PASSWORD)
    assert "Open the account again" in person_page(he, person)
    assert act(he, person, "reset").status_code == 409
    told = password_in(act(he, person, "reopen"))
    assert not signs_in("zhao", PASSWORD)
    assert signs_in("zhao", told)
    assert open_browser.get("/directory/").status_code == 302, "the session of before stays ended"
    kinds = Entry.objects.filter(subject_id=str(county.users["Zhao"].pk), actor=county.actor("He").ref)
    assert list(kinds.order_by("id").values_list("kind", flat=True)) == ["account.closed", "account.reopened"]


def test_an_account_is_made_for_somebody_of_the_directory(county: County) -> None:
    he = county.client("He")
    place = county.divisions["Upper Willow"]
    person = directory.create_person("孙芳", division=place, by=county.by, at=county.now)
    assert "Make an account" in person_page(he, person)
    for wrong, status in (("", 400), ("sun fang", 400), ("x" * 151, 400), ("CHEN", 409)):
        answer = act(he, person, "make", username=wrong)
        assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (status, True), wrong
        assert f'value="{wrong}"' in answer.content.decode()
    told = password_in(act(he, person, "make", username="sunfang"))
    made = User.objects.get(person=person)
    assert (made.username, made.must_change_password) == ("sunfang", True)
    assert signs_in("sunfang", told)
    assert act(he, person, "make", username="sunfang2").status_code == 409
    assert User.objects.filter(person=person).count() == 1


def test_nothing_is_done_to_an_account_that_is_not_there(county: County) -> None:
    he = county.client("He")
    person = directory.create_person("孙芳", division=county.division, by=county.by, at=county.now)
    for verb in ("reset", "reopen"):
        assert act(he, person, verb).status_code == 409
    assert act(he, person, "close", sure="1").status_code == 409
    assert act(he, person, "anything").status_code == 404


def test_whoever_administers_a_township_has_its_accounts_and_no_others(county: County) -> None:
    serve(county, "Li", PostKind.ADMINISTRATOR, "Willow River")
    li = county.client("Li")
    assert signs_in("zhao", password_in(act(li, county.people["Zhao"], "reset")))
    for other in ("Wang", "Wu"):
        assert act(li, county.people[other], "reset").status_code == 404
    text = li.get(LIST).content.decode()
    assert [name for name in ("zhao", "qian", "zhou", "li") if f">{name}</td>" not in text] == []
    assert [name for name in ("wang", "wu", "he") if f">{name}</td>" in text] == []


@pytest.mark.parametrize("in_days", [0, 3])
def test_whoever_administers_a_township_does_not_get_the_account_of_a_leader_of_the_county_who_lives_there(
    county: County, in_days: int
) -> None:
    serve(county, "Li", PostKind.ADMINISTRATOR, "Willow River")
    serve(county, "Zhou", PostKind.COMMANDER, "Yunling", in_days=in_days)
    li, zhou = county.client("Li"), county.people["Zhou"]
    before = Entry.objects.count()
    for verb in ("reset", "close", "reopen", "make"):
        answer = act(li, zhou, verb, sure="1", username="mine")
        assert answer.status_code == 403
        assert "outside the places that you administer" in answer.content.decode()
    assert signs_in("zhou", PASSWORD)
    assert Entry.objects.exclude(kind="account.signed_in").count() == before
    assert "Give a new password" not in person_page(li, zhou)
    assert password_in(act(county.client("He"), zhou, "reset"))


def test_nobody_closes_or_resets_the_own_account(county: County) -> None:
    he, person = county.client("He"), county.people["He"]
    for verb in ("reset", "close"):
        assert act(he, person, verb, sure="1").status_code == 403
    assert he.get(LIST).status_code == 200
    text = person_page(he, person)
    assert "This is your own account." in text
    assert "Give a new password" not in text


def test_without_the_right_nothing_of_accounts_is_seen(county: County) -> None:
    for who in ("Chen", "Wang", "Li"):
        client = county.client(who)
        assert client.get(LIST).status_code == 403
        assert f'href="{LIST}"' not in client.get("/directory/").content.decode()
        assert 'id="account"' not in person_page(client, county.people["Zhao"])
        assert act(client, county.people["Zhao"], "reset").status_code == 403
    assert act(county.client("Liu"), county.people["Zhao"], "reset").status_code == 404
    assert f'href="{LIST}"' in county.client("He").get("/directory/").content.decode()
    assert signs_in("zhao", PASSWORD)


def test_accounts_are_found_by_name_user_name_and_division(county: County) -> None:
    he = county.client("He")

    def found(words: str) -> set[str]:
        text = he.get(LIST, {"q": words}).content.decode()
        return set(re.findall(r'<td translate="no">(\w+)</td>', text))

    assert found("赵春兰") == {"zhao"}
    assert found("ZHO") == {"zhou"}
    assert found("上柳村") == {"zhao", "qian"}
    assert found("上柳村 钱") == {"qian"}
    assert found("100%") == set()
    assert len(found("")) == User.objects.count()


def test_the_list_says_post_last_sign_in_and_state(county: County) -> None:
    signs_in("chen", PASSWORD)
    act(county.client("He"), county.people["Zhao"], "reset")
    close_account(county.users["Zhou"], by=county.by, at=county.now)
    text = county.client("He").get(LIST).content.decode()
    rows = {
        name: next(row for row in text.split("<tr>") if f">{name}</td>" in row)
        for name in ("chen", "zhao", "zhou", "guo")
    }
    assert "county duty officer" in rows["chen"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", rows["chen"])
    assert "must change the password" in rows["zhao"]
    assert ">closed<" in rows["zhou"]
    assert "no post" in rows["guo"]


def test_a_county_with_many_accounts_costs_no_more_questions_and_is_read_page_by_page(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    he = county.client("He")

    def cost_after(*numbers: int) -> int:
        for number in numbers:
            person = directory.create_person(
                f"村民{number}", division=county.divisions["Lower Willow"], by=county.by, at=county.now
            )
            create_account(
                person, username=f"v{number}", password=made_password(), by=county.by, at=county.now
            )
        with CaptureQueriesContext(connection) as asked:
            assert he.get(LIST).status_code == 200
        return len(asked)

    cost_after()
    few = cost_after(1)
    assert cost_after(*range(2, 21)) <= few
    assert few <= 16
    monkeypatch.setattr(view, "ROWS", 25)
    first, second = (he.get(LIST, {"page": page}).content.decode() for page in ("1", "2"))
    assert first.count('<td translate="no">') == 25
    assert second.count('<td translate="no">') == User.objects.count() - 25
    assert "page=2" in first
    assert "page=1" in second


def test_an_account_is_real_and_stays_as_it_is_while_somebody_plays_in_a_drill(county: County) -> None:
    run = ExerciseRun.objects.create(scenario="flood", clock_start=county.now, wall_start=county.now)
    he = county.client("He")
    session = he.session
    session[ENTERED] = str(run.pk)
    session.save()
    assert act(he, county.people["Chen"], "reset").status_code == 409
    assert "Leave the drill" in person_page(he, county.people["Chen"])
    assert signs_in("chen", PASSWORD)
