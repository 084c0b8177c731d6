"""The answer page behind a link, the phone home and the review page."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from anlan.directory import services as directory
from anlan.dissemination import services
from anlan.dissemination.models import Acknowledgement, Callout, CalloutSeat, Delivery
from anlan.field.answers import MEASURES
from anlan.testing import County
from anlan.warning import services as warnings
from anlan.warning.models import HazardWarning

#: Design section 6: an answer page stays under this size, bytes.
LIMIT = 30 * 1024


def open_callout(county: County, *villages: str) -> Callout:
    return services.open_callout(
        subject="warning:test",
        title="山洪橙色叫应",
        text="上柳村附近1小时雨量已达61.5毫米，请立即通知危险区群众准备转移。" * 3,
        voice_text="",
        issuer="云岭县应急指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions[name] for name in villages or ("Upper Willow",)],
        ladder_name="anlan_default",
        by=county.by,
        at=county.now,
    )


@pytest.fixture
def callout(county: County) -> Callout:
    return open_callout(county)


@pytest.fixture
def link(callout: Callout) -> str:
    delivery = Delivery.objects.exclude(answer_token="").get(
        callout=callout,
        rung=0,
        channel=Delivery.objects.exclude(answer_token="").first().channel,  # type: ignore[union-attr]
    )
    return f"/a/{delivery.answer_token}"


def seat_of(callout: Callout) -> CalloutSeat:
    return callout.seats.select_related("division").get()


def phone(language: str = "en") -> Client:
    from django.conf import settings

    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser


def key() -> str:
    return str(uuid.uuid4())


def test_looking_at_the_link_answers_nothing(callout: Callout, link: str) -> None:
    text = phone().get(link).content.decode()
    assert callout.text in text
    assert "云岭县应急指挥部" in text
    assert "I have received it" in text
    assert "level--2" in text
    assert seat_of(callout).state == "waiting"


def test_the_whole_answer_page_with_style_and_script_is_under_30_kb(callout: Callout, link: str) -> None:
    size = len(phone("zh-hans").get(link).content)
    for name in ("field/field.css", "field/queue.js"):
        size += Path(str(finders.find(name))).stat().st_size
    assert size < LIMIT


def test_one_press_answers_without_a_sign_in_or_a_cookie(county: County, callout: Callout, link: str) -> None:
    answer = phone().post(link, {"meaning": "answered", "key": key()})
    assert answer.status_code == 303
    seat = seat_of(callout)
    assert (seat.state, seat.answered_by_name, seat.answered_via) == ("answered", "赵春兰", "link")
    assert seat.answered_at == county.now


def test_the_same_form_arriving_again_is_one_answer(callout: Callout, link: str) -> None:
    form = {"meaning": "answered", "key": key()}
    assert [phone().post(link, form).status_code for _ in range(3)] == [303, 303, 303]
    assert Acknowledgement.objects.filter(seat=seat_of(callout)).count() == 1


def test_the_queue_hears_that_its_form_was_taken(callout: Callout, link: str) -> None:
    form = {"meaning": "answered", "key": key()}
    for _ in range(2):
        assert phone().post(link, form, headers={"X-Anlan-Queue": "1"}).status_code == 204
    assert Acknowledgement.objects.count() == 1


def test_the_page_asks_one_question_after_the_other(callout: Callout, link: str) -> None:
    browser = phone()
    browser.post(link, {"meaning": "answered", "key": key()})
    text = browser.get(link).content.decode()
    assert text.count('name="measure"') == len(MEASURES) == 4
    browser.post(link, {"meaning": "acting", "measure": "moving", "key": key()})
    assert seat_of(callout).state == "acting"
    assert Acknowledgement.objects.get(meaning="acting").words == "正在转移群众"
    assert "Households moved" in browser.get(link).content.decode()
    browser.post(link, {"meaning": "done", "households": "12", "people": "41", "key": key()})
    seat = seat_of(callout)
    assert (seat.state, seat.households_moved, seat.people_moved) == ("done", 12, 41)
    assert "12 households, 41 people moved." in browser.get(link).content.decode()


@pytest.mark.parametrize("households", ["twelve", "-1", "1.5", "9999999", "１２"])
def test_a_number_that_is_none_is_said_and_nothing_is_stored(
    callout: Callout, link: str, households: str
) -> None:
    answer = phone().post(link, {"meaning": "done", "households": households, "key": key()})
    assert answer.status_code == 422
    assert "is not a number of households" in answer.content.decode()
    assert seat_of(callout).state == "waiting"


def test_an_answer_that_the_page_does_not_offer_is_refused(callout: Callout, link: str) -> None:
    assert phone().post(link, {"meaning": "resolved", "key": key()}).status_code == 400
    assert seat_of(callout).state == "waiting"


@pytest.mark.parametrize("token", ["x", "A" * 34, "é", "%20"])
@pytest.mark.django_db
def test_a_forged_or_old_link_opens_a_friendly_page(token: str) -> None:
    for answer in (phone().get(f"/a/{token}"), phone().post(f"/a/{token}", {"meaning": "answered"})):
        assert answer.status_code == 404
        assert "This link is over" in answer.content.decode()


def test_after_the_end_the_page_says_so_and_a_late_answer_is_kept_as_late(
    county: County, callout: Callout, link: str
) -> None:
    services.close_callout(callout, reason="县里已派人到村", by=county.actor("Chen"), at=county.now)
    text = phone().get(link).content.decode()
    assert "This call-out is over." in text
    phone().post(link, {"meaning": "answered", "key": key()})
    assert Acknowledgement.objects.get().came_late
    assert seat_of(callout).answered_at is None


def test_the_page_is_chinese_for_a_phone_that_says_nothing_else(callout: Callout, link: str) -> None:
    assert 'lang="zh-hans"' in Client().get(link).content.decode()


@pytest.mark.parametrize("name", ["home", "answer_seat", "review"])
def test_a_stranger_is_sent_to_sign_in(callout: Callout, name: str) -> None:
    keys = {"home": [], "answer_seat": [seat_of(callout).pk], "review": [uuid.uuid4()]}
    where = reverse(f"field:{name}", args=keys[name])
    for answer in (Client().get(where), Client().post(where)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("accounts:sign_in"))


def test_the_home_of_a_township_shows_its_own_villages_only(county: County) -> None:
    open_callout(county, "Upper Willow", "North Slope")
    text = county.client("Li").get(reverse("field:home")).content.decode()
    assert "上柳村" in text
    assert "北坡村" not in text


def test_a_village_officer_answers_for_the_own_village_after_signing_in(
    county: County, callout: Callout
) -> None:
    where = reverse("field:answer_seat", args=[seat_of(callout).pk])
    county.client("Zhao").post(where, {"meaning": "answered", "key": key()})
    seat = seat_of(callout)
    assert (seat.state, seat.answered_via, seat.answered_by_name) == ("answered", "page", "赵春兰")


def test_a_township_ticks_for_a_village_only_with_words_on_how_it_was_heard(
    county: County, callout: Callout
) -> None:
    where = reverse("field:answer_seat", args=[seat_of(callout).pk])
    assert county.client("Li").post(where, {"meaning": "answered", "key": key()}).status_code == 409
    assert seat_of(callout).state == "waiting"
    county.client("Li").post(where, {"meaning": "answered", "words": "对讲机", "key": key()})
    seat = seat_of(callout)
    assert (seat.state, seat.answered_via, seat.answered_by_name) == ("answered", "tick", "李梅")


@pytest.mark.parametrize("name", ["Liu", "Wu", "Guo"])
def test_the_neighbour_finds_no_seat_of_upper_willow(county: County, callout: Callout, name: str) -> None:
    where = reverse("field:answer_seat", args=[seat_of(callout).pk])
    assert county.client(name).get(where).status_code == 404
    assert county.client(name).post(where, {"meaning": "answered"}).status_code == 404
    assert seat_of(callout).state == "waiting"


def test_somebody_who_only_sees_the_village_does_not_answer_for_it(county: County, callout: Callout) -> None:
    where = reverse("field:answer_seat", args=[seat_of(callout).pk])
    answer = county.client("He").post(where, {"meaning": "answered", "words": "x", "key": key()})
    assert answer.status_code == 403
    assert seat_of(callout).state == "waiting"


def test_an_officer_who_left_the_post_answers_no_more(county: County, callout: Callout) -> None:
    county.clock.advance(minutes=1)
    directory.end_holding(county.holdings["Zhao"], by=county.by, at=county.now)
    where = reverse("field:answer_seat", args=[seat_of(callout).pk])
    assert county.client("Zhao").post(where, {"meaning": "answered"}).status_code == 404


@pytest.fixture
def draft(county: County) -> HazardWarning:
    village = county.divisions["Upper Willow"].code
    return warnings.draft_by_hand(
        hazard_type="flash_flood", level=2, villages=[village], by=county.actor("Chen"), at=county.now
    )


def test_a_second_person_signs_a_draft_on_a_phone(county: County, draft: HazardWarning) -> None:
    where = reverse("field:review", args=[draft.pk])
    text = county.client("Wang").get(where).content.decode()
    assert draft.body in text
    assert "上柳村" in text
    assert county.client("Wang").post(where, {"verb": "sign"}).status_code == 302
    assert HazardWarning.objects.get(pk=draft.pk).state == "issued"
    assert Callout.objects.count() == 1


def test_signing_twice_issues_once(county: County, draft: HazardWarning) -> None:
    where = reverse("field:review", args=[draft.pk])
    for _ in range(2):
        assert county.client("Wang").post(where, {"verb": "sign"}).status_code == 302
    assert Callout.objects.count() == 1


def test_a_returned_draft_keeps_its_reason(county: County, draft: HazardWarning) -> None:
    where = reverse("field:review", args=[draft.pk])
    county.client("Wang").post(where, {"verb": "return", "reason": "核实雨量后再报"})
    fresh = HazardWarning.objects.get(pk=draft.pk)
    assert (fresh.state, fresh.return_reason) == ("returned", "核实雨量后再报")


@pytest.mark.parametrize("name", ["Chen", "Li", "Liu", "Zhao", "Guo"])
def test_whoever_may_not_sign_does_not_sign(county: County, draft: HazardWarning, name: str) -> None:
    answer = county.client(name).post(reverse("field:review", args=[draft.pk]), {"verb": "sign"})
    assert answer.status_code in (403, 404)
    assert HazardWarning.objects.get(pk=draft.pk).state == "draft"
