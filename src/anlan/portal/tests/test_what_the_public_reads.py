"""The public pages and feeds: what is in force, who issued it, what to do; nothing of an exercise, nothing personal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from anlan.cap.feeds import read_feed
from anlan.cap.parse import read, read_document
from anlan.cap.validate import validate
from anlan.kernel.ids import uuid7
from anlan.portal import bounded
from anlan.portal.bounded import Allowance
from anlan.testing import County
from anlan.warning.models import CapMessage, HazardWarning
from anlan.warning.services import lift_warning, sign_off, update_warning
from anlan.warning.tests.storm import Storm, build_storm
from anlan.warning.tests.test_capping import relay

PAGES = ("/p/", "/p/large/", "/p/feeds/warnings.atom", "/p/feeds/warnings.rss")


@pytest.fixture
def storm(county: County) -> Storm:
    bounded.kept.forget()
    return build_storm(county)


def get(address: str, *, language: str = "zh-hans", **headers: str) -> HttpResponse:
    """A stranger's request; what an earlier one was given is forgotten."""
    bounded.kept.forget()
    answer = Client().get(address, headers={"Accept-Language": language, **headers})
    assert isinstance(answer, HttpResponse)
    return answer


def text(address: str, **more: Any) -> str:
    return get(address, **more).content.decode()


def relayed(storm: Storm, level: int = 4) -> HazardWarning:
    warning = relay(storm, level)
    storm.later(seconds=1)
    return warning


def test_with_nothing_in_force_the_page_says_so_and_the_feeds_are_valid(storm: Storm) -> None:
    assert "No warning is in force." in text("/p/", language="en")
    for address in ("/p/feeds/warnings.atom", "/p/feeds/warnings.rss"):
        assert validate(get(address).content).ok


def test_a_relayed_warning_shows_level_in_words_and_roman_its_issuer_and_until_when(storm: Storm) -> None:
    warning = relayed(storm)
    shown = text("/p/")
    for words in (warning.headline, "蓝色 Ⅳ", "云岭县气象台", "07-01 20:00:00", "07-01 08:00"):
        assert words in shown, words
    assert 'class="large"' in text("/p/large/")
    detail = text(f"/p/warnings/{warning.pk}/")
    assert "预计未来12小时有暴雨，请注意防范。" in detail
    assert "上柳村、下柳村" in detail


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_small_and_needs_no_script(storm: Storm, language: str) -> None:
    warning = relayed(storm)
    for address in (
        "/p/",
        "/p/large/",
        f"/p/warnings/{warning.pk}/",
        f"/p/large/warnings/{warning.pk}/",
        "/p/warnings/x/",
    ):
        answer = get(address, language=language)
        if answer.status_code == 404:
            continue
        body = answer.content.decode()
        assert len(answer.content) < 30_000
        assert "<script" not in body
        assert "style=" not in body
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_our_own_call_out_and_risk_notice_are_not_public_anywhere(storm: Storm) -> None:
    warning = sign_off(storm.drafted_by_chen(), by=storm.county.actor("Feng"), at=storm.now)
    storm.later(seconds=1)
    message = CapMessage.objects.get(warning=warning)
    for address in PAGES:
        assert warning.headline not in text(address)
    assert get(f"/p/warnings/{warning.pk}/").status_code == 404
    assert get(f"/p/cap/{message.pk}.xml").status_code == 404


def test_a_county_that_opens_risk_notices_to_the_public_says_so_in_its_table(
    storm: Storm, tmp_path: Path, settings: Any
) -> None:
    settings.ANLAN_DATA = tmp_path
    table = {"public_kinds": {"value": ["relay", "callout"], "source": "测试", "is_verified": True}}
    (tmp_path / "cap_profile.json").write_text(json.dumps(table), encoding="utf-8")
    warning = sign_off(storm.drafted_by_chen(), by=storm.county.actor("Feng"), at=storm.now)
    assert warning.headline in text("/p/")


def test_an_exercise_is_never_shown_to_the_public(storm: Storm) -> None:
    warning = relayed(storm)
    message = CapMessage.objects.get()
    HazardWarning.objects.update(exercise_id=uuid7())
    for address in PAGES:
        assert warning.headline not in text(address)
    assert get(f"/p/warnings/{warning.pk}/").status_code == 404
    assert get(f"/p/cap/{message.pk}.xml").status_code == 404


def test_a_draft_cannot_be_told_from_what_does_not_exist(storm: Storm) -> None:
    warning = relayed(storm)
    HazardWarning.objects.filter(pk=warning.pk).update(state="draft")
    unknown = get(f"/p/warnings/{uuid7()}/")
    assert (get(f"/p/warnings/{warning.pk}/").content, unknown.status_code) == (unknown.content, 404)


def test_an_update_strikes_out_the_old_version_and_leads_from_it_to_the_new_one(storm: Storm) -> None:
    first = relayed(storm)
    draft = update_warning(first, level=3, by=storm.county.actor("Chen"), at=storm.now)
    second = sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    storm.later(seconds=1)
    shown = text("/p/")
    assert second.headline in shown
    assert f"<del>{first.headline}</del>" in shown
    old = text(f"/p/warnings/{first.pk}/")
    assert f"<del>{first.headline}</del>" in old
    assert f"/p/warnings/{second.pk}/" in old


def test_a_warning_that_ran_out_is_gone_even_before_anybody_ended_it(storm: Storm) -> None:
    warning = relayed(storm)
    assert warning.expires_at is not None
    storm.county.clock.advance(hours=12, minutes=1)
    assert HazardWarning.objects.get(pk=warning.pk).state == "issued"
    assert warning.headline not in text("/p/")
    assert "no longer in force" in text(f"/p/warnings/{warning.pk}/", language="en")
    assert warning.headline not in text("/p/feeds/warnings.atom")


def test_a_lifted_warning_is_cancelled_in_the_feeds_for_a_day_and_nobody_is_told_to_go_home(
    storm: Storm,
) -> None:
    warning = relayed(storm)
    storm.later(minutes=5)
    fresh = HazardWarning.objects.get(pk=warning.pk)
    lift_warning(fresh, reason="雨停", by=storm.county.actor("Feng"), at=storm.now)
    storm.later(seconds=1)
    assert warning.headline not in text("/p/")
    assert "does not mean that you may go home" in text(f"/p/warnings/{warning.pk}/", language="en")
    (entry,) = read_feed(read_document(get("/p/feeds/warnings.atom").content)).entries
    cancel = read(get(entry.link.removeprefix("http://127.0.0.1:8651")).content)
    assert cancel.msg_type == "Cancel"
    assert [one.identifier for one in cancel.references] == [warning.cap_identifier]
    storm.county.clock.advance(hours=25)
    assert read_feed(read_document(get("/p/feeds/warnings.atom").content)).entries == ()


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_feed_is_valid_and_leads_to_the_message_as_it_left(storm: Storm, kind: str) -> None:
    warning = relayed(storm)
    answer = get(f"/p/feeds/warnings.{kind}")
    verdict = validate(answer.content)
    assert (verdict.ok, verdict.findings) == (True, ())
    (entry,) = read_feed(read_document(answer.content)).entries
    assert entry.title == warning.headline
    message = get(entry.link.removeprefix("http://127.0.0.1:8651"))
    assert message.headers["Content-Type"].startswith("application/cap+xml")
    assert message.content.decode() == CapMessage.objects.get().document
    assert validate(message.content).ok


def test_no_name_and_no_number_of_a_person_stands_on_a_public_page(storm: Storm) -> None:
    warning = relayed(storm)
    shown = text("/p/") + text(f"/p/warnings/{warning.pk}/") + text("/p/feeds/warnings.atom")
    for name, person in storm.county.people.items():
        assert person.name not in shown, name
    assert "1000000" not in shown


def test_what_did_not_change_is_answered_in_a_few_bytes(storm: Storm) -> None:
    relayed(storm)
    for address in PAGES:
        first = get(address)
        again = get(address, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "max-age" in first.headers["Cache-Control"]
        assert "public" in first.headers["Cache-Control"]


def test_what_was_made_a_moment_ago_is_given_again_without_the_database(
    storm: Storm, django_assert_num_queries: Any
) -> None:
    relayed(storm)
    get("/p/")
    with django_assert_num_queries(0):
        answer = Client().get("/p/?x=1", headers={"Accept-Language": "zh-hans"})
    assert answer.status_code == 200


def test_too_much_at_once_is_put_off_and_what_is_kept_is_still_given(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    relayed(storm)
    get("/p/")
    monkeypatch.setattr(bounded, "_for_lists", Allowance(0.0))
    monkeypatch.setattr(bounded, "KEPT_S", 0)
    client = Client(headers={"Accept-Language": "zh-hans"})
    assert client.get("/p/").status_code == 200  # made a moment ago
    put_off = client.get("/p/large/")
    assert (put_off.status_code, put_off.headers["Retry-After"]) == (503, "2")


def test_asking_for_what_does_not_exist_does_not_keep_the_list_from_anybody(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "_for_one", Allowance(1.0))
    client = Client()
    answers = [client.get(f"/p/warnings/{uuid7()}/").status_code for _ in range(10)]
    assert answers[0] == 404
    assert answers[-1] == 503
    assert client.get("/p/").status_code == 200


def test_the_page_of_one_language_is_not_given_to_readers_of_another(storm: Storm) -> None:
    bounded.kept.forget()
    client = Client()
    chinese = client.get("/p/", headers={"Accept-Language": "zh-hans"}).content.decode()
    english = client.get("/p/", headers={"Accept-Language": "en"}).content.decode()
    assert 'lang="zh-hans"' in chinese
    assert 'lang="en"' in english
    assert "No warning is in force." in english
