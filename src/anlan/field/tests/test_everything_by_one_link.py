"""The page behind the link: measures, families, photos, several call-outs, another person, another language, bad hands."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from shapely.geometry import box

from anlan.attachments.models import Attachment
from anlan.dissemination import services
from anlan.dissemination.models import Acknowledgement, Callout, CalloutSeat, Delivery
from anlan.field import limits
from anlan.field.tests.test_answering_from_a_phone import LIMIT, key, phone
from anlan.journal.models import Announcement, Entry
from anlan.journal.verify import verify
from anlan.risk.models import Household, HouseholdMove
from anlan.risk.services import define_zone, register_household
from anlan.risk.types import HouseholdDetails, ZoneDetails
from anlan.testing import County
from anlan.vocab.hazards import HazardType

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 400


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    monkeypatch.setattr(limits, "looks", limits.PerLink(limits.LOOKS_A_MINUTE))
    monkeypatch.setattr(limits, "posts", limits.PerLink(limits.POSTS_A_MINUTE))


def open_callout(county: County, *villages: str, text: str = "请立即转移危险区群众。") -> Callout:
    return services.open_callout(
        subject=f"warning:{uuid.uuid4()}",
        title="山洪橙色叫应",
        text=text,
        voice_text="",
        issuer="云岭县应急指挥部",
        level=2,
        hazard_type="flash_flood",
        division=county.division,
        villages=[county.divisions[name] for name in villages or ("Upper Willow",)],
        ladder_name="anlan_default",
        needs_feedback=True,
        by=county.by,
        at=county.now,
    )


@pytest.fixture
def callout(county: County) -> Callout:
    return open_callout(county)


def first_delivery(callout: Callout, village: str = "上柳村") -> Delivery:
    return Delivery.objects.filter(callout=callout, seat__division__name=village).order_by("id")[0]


def link_of(callout: Callout, village: str = "上柳村") -> str:
    return f"/a/{first_delivery(callout, village).answer_token}"


def seat_of(callout: Callout) -> CalloutSeat:
    return callout.seats.select_related("division").order_by("division_id")[0]


def families(
    county: County, village: str = "Upper Willow", number: int = 3, code: str = "SH-001"
) -> list[Household]:
    details = ZoneDetails(
        "河边", HazardType.FLASH_FLOOD, county.divisions[village], box(102.92, 27.41, 102.93, 27.42)
    )
    zone = define_zone(code, details, by=county.by, at=county.now)
    return [
        register_household(
            zone,
            HouseholdDetails(head=f"户主{n}", members=n + 2, phone=f"1000000{n:04}", helper="赵春兰"),
            by=county.by,
            at=county.now,
        )
        for n in range(number)
    ]


def photo(content: bytes = JPEG, name: str = "桥.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


# --- measures -------------------------------------------------------------------------------------------------------


def test_done_asks_once_more_when_nothing_was_said_about_what_was_done(callout: Callout) -> None:
    link = link_of(callout)
    phone().post(link, {"meaning": "done", "key": key()})
    seat = seat_of(callout)
    assert (seat.state, seat.claimed_done_at is not None) == ("acting", True)
    assert "One thing is missing" in phone().get(link).content.decode()
    phone().post(
        link,
        {"meaning": "done", "did": ["told", "watch"], "households": "3", "people": "9", "refused": "1", "missing": "0",
         "place": "村小学", "key": key()},
    )  # fmt: skip
    seat = seat_of(callout)
    assert (seat.state, seat.moved_to) == ("done", "村小学")
    assert (seat.households_moved, seat.people_moved) == (3, 9)
    assert seat.measures == ["told", "watch", "people_moved"]
    assert (seat.households_refused, seat.households_missing) == (1, 0)
    assert verify().problems == []


def test_a_measure_that_the_page_does_not_offer_is_refused(callout: Callout) -> None:
    answer = phone().post(link_of(callout), {"meaning": "done", "did": "prayed", "key": key()})
    assert answer.status_code == 400
    assert not Acknowledgement.objects.exists()


def test_the_button_for_help_rings_at_the_desk(callout: Callout) -> None:
    phone().post(link_of(callout), {"meaning": "acting", "measure": "need_help", "key": key()})
    assert Announcement.objects.filter(event="dissemination.help_asked").count() == 1


def test_whoever_was_forwarded_the_link_sees_who_answered_and_adds_in_his_own_name(callout: Callout) -> None:
    link = link_of(callout)
    phone().post(link, {"meaning": "answered", "key": key()})
    assert "Received by 赵春兰" in phone().get(link).content.decode()
    phone().post(link, {"meaning": "acting", "did": "watch", "name": "孙福", "key": key()})
    fact = Acknowledgement.objects.order_by("-id")[0]
    assert (fact.person, fact.person_name, fact.measures) == (None, "孙福", ["watch"])
    assert seat_of(callout).answered_by_name == "赵春兰"


# --- several call-outs in one message ---------------------------------------------------------------------------------


@pytest.fixture
def both(county: County, callout: Callout) -> Callout:
    """A second call-out of the same village, said in the message of the first."""
    second = open_callout(county, text="水库下游请撤离。")
    told = first_delivery(second)
    told.change(by=county.by, at=county.now, kind="queued", bundled_in=first_delivery(callout))
    return second


def test_one_big_button_receives_everything_that_the_message_named(callout: Callout, both: Callout) -> None:
    link = link_of(callout)
    text = phone().get(link).content.decode()
    assert "水库下游请撤离。" in text
    assert text.count('class="big primary"') == 1
    phone().post(link, {"meaning": "answered", "key": key()})
    assert [seat_of(one).state for one in (callout, both)] == ["answered", "answered"]


def test_what_is_done_may_differ_from_one_to_the_other(callout: Callout, both: Callout) -> None:
    link = link_of(callout)
    form = {"meaning": "done", "did": "none_needed", "item": str(seat_of(both).pk), "key": key()}
    phone().post(link, form)
    assert [seat_of(one).state for one in (callout, both)] == ["waiting", "done"]


def test_numbers_without_a_place_are_not_spread_over_several(callout: Callout, both: Callout) -> None:
    phone().post(link_of(callout), {"meaning": "acting", "households": "5", "key": key()})
    assert [seat_of(one).households_moved for one in (callout, both)] == [None, None]


def test_a_seat_that_the_message_did_not_name_is_not_there(county: County, callout: Callout) -> None:
    other = open_callout(county, "Lower Willow")
    form = {"meaning": "answered", "item": str(seat_of(other).pk), "key": key()}
    assert phone().post(link_of(callout), form).status_code == 404
    assert seat_of(other).state == "waiting"
    assert seat_of(callout).state == "waiting"


# --- families ---------------------------------------------------------------------------------------------------------


def test_families_are_ticked_and_summed_on_the_seat(county: County, callout: Callout) -> None:
    first, second, third = families(county)
    page = f"{link_of(callout)}/households"
    text = phone().get(page).content.decode()
    assert "户主0" in text
    assert "10000000000" not in text
    form = {f"h.{first.pk}": "moved", f"h.{second.pk}": "refused", f"h.{third.pk}": "not_found", "key": key()}
    for _ in range(3):
        assert phone().post(page, form).status_code == 303
    seat = seat_of(callout)
    assert (seat.state, seat.households_moved, seat.people_moved) == ("acting", 1, 2)
    assert (seat.households_refused, seat.households_missing) == (1, 1)
    assert HouseholdMove.objects.count() == 3
    phone().post(page, {f"h.{second.pk}": "moved", "key": key()})
    seat = seat_of(callout)
    assert (seat.households_moved, seat.people_moved, seat.households_refused) == (2, 5, 0)
    assert verify().problems == []


def test_every_look_at_the_families_is_journaled_and_looking_at_the_answer_page_is_none(
    county: County, callout: Callout
) -> None:
    families(county)
    link = link_of(callout)
    phone().get(link)
    looks = Entry.objects.filter(kind="household_list.looked_at")
    assert not looks.exists()
    phone().get(f"{link}/households")
    assert looks.get().actor == f"person:{county.people['Zhao'].pk}"
    assert "户主" not in looks.get().payload


def test_a_family_of_another_village_is_not_there_and_nothing_is_stored(
    county: County, callout: Callout
) -> None:
    own, foreign = families(county, number=1)[0], families(county, "Lower Willow", 1, "SH-002")[0]
    page = f"{link_of(callout)}/households"
    answer = phone().post(page, {f"h.{own.pk}": "moved", f"h.{foreign.pk}": "moved", "key": key()})
    assert answer.status_code == 404
    assert not HouseholdMove.objects.exists()
    assert seat_of(callout).households_moved is None


@pytest.mark.parametrize("form", [{"h.x": "moved"}, {"h." + str(uuid.uuid4()): "eaten"}])
def test_ticks_that_the_page_does_not_offer_are_refused(
    county: County, callout: Callout, form: dict[str, str]
) -> None:
    families(county)
    assert phone().post(f"{link_of(callout)}/households", {**form, "key": key()}).status_code == 400
    assert not HouseholdMove.objects.exists()


def test_a_number_reported_before_is_not_taken_back_by_the_first_ticks(
    county: County, callout: Callout
) -> None:
    first, *_others = families(county)
    phone().post(link_of(callout), {"meaning": "acting", "households": "12", "people": "35", "key": key()})
    phone().post(f"{link_of(callout)}/households", {f"h.{first.pk}": "moved", "key": key()})
    assert (seat_of(callout).households_moved, seat_of(callout).people_moved) == (12, 35)


def test_the_whole_list_ticked_completes_what_was_claimed_and_a_part_of_it_does_not(
    county: County, callout: Callout
) -> None:
    first, second, third = families(county)
    link = link_of(callout)
    phone().post(link, {"meaning": "done", "key": key()})
    phone().post(f"{link}/households", {f"h.{first.pk}": "moved", "key": key()})
    assert seat_of(callout).state == "acting"
    phone().post(f"{link}/households", {f"h.{second.pk}": "moved", f"h.{third.pk}": "moved", "key": key()})
    assert seat_of(callout).state == "done"


# --- photos -----------------------------------------------------------------------------------------------------------


def test_a_photo_comes_later_by_the_same_link_and_is_kept_once(callout: Callout) -> None:
    link = link_of(callout)
    phone().post(link, {"meaning": "answered", "key": key()})
    again = key()
    for _ in range(2):
        assert phone().post(f"{link}/photo", {"photo": photo(), "key": again}).status_code == 303
    [kept] = Attachment.objects.all()
    assert (kept.subject, kept.media_type, kept.sender) == (
        f"seat:{seat_of(callout).pk}",
        "image/jpeg",
        "赵春兰",
    )
    assert Acknowledgement.objects.order_by("-id")[0].photo_ids == [str(kept.pk)]
    assert seat_of(callout).state == "answered"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<html><script>alert(1)</script></html>", 415),
        (b"GIF89a", 415),
        (b"MZ\x90\x00" * 100, 415),
        (b"", 422),
        (b"\xff\xd8\xff" + b"\0" * (13 * 1024 * 1024), 413),
        (b"\xff\xd8\xff" + b"\0" * (33 * 1024 * 1024), 413),
    ],
)
def test_a_photo_that_is_none_or_too_large_is_refused(callout: Callout, content: bytes, status: int) -> None:
    answer = phone().post(f"{link_of(callout)}/photo", {"photo": photo(content), "key": key()})
    assert answer.status_code == status
    assert not Attachment.objects.exists()
    assert not Acknowledgement.objects.exists()


def test_a_form_without_a_photo_says_so(callout: Callout) -> None:
    assert phone().post(f"{link_of(callout)}/photo", {"key": key()}).status_code == 422


def test_after_a_dozen_photos_no_more_are_kept(callout: Callout) -> None:
    link = link_of(callout)
    for n in range(12):
        phone().post(f"{link}/photo", {"photo": photo(JPEG + bytes([n])), "key": key()})
    assert phone().post(f"{link}/photo", {"photo": photo(JPEG + b"x"), "key": key()}).status_code == 409
    assert Attachment.objects.count() == 12


# --- the page itself --------------------------------------------------------------------------------------------------


def test_the_page_with_everything_on_it_and_the_list_stay_under_30_kb(
    county: County, callout: Callout
) -> None:
    families(county, number=60)
    link = link_of(callout)
    phone().post(link, {"meaning": "done", "key": key()})
    beside = sum(
        Path(str(finders.find(f"field/{name}"))).stat().st_size for name in ("field.css", "queue.js")
    )
    for page in (link, f"{link}/households"):
        assert len(phone("zh-hans").get(page).content) + beside < LIMIT


def test_the_language_is_chosen_on_the_page_and_stays(callout: Callout) -> None:
    link = link_of(callout)
    assert 'lang="en"' in Client().get(f"{link}?lang=en").content.decode()
    answer = Client().post(f"{link}?lang=en", {"meaning": "answered", "key": key()})
    assert answer["Location"].endswith("?lang=en")
    assert Client().get(f"{link}?lang=xx").status_code == 200


def test_a_text_in_the_chosen_language_is_shown_where_the_call_out_has_one(
    county: County, callout: Callout
) -> None:
    texts = {"en": {"text": "Leave the river bank now."}}
    callout.change(by=county.by, at=county.now, kind="opened", texts=texts)
    link = link_of(callout)
    assert "Leave the river bank now." in Client().get(f"{link}?lang=en").content.decode()
    assert callout.text in Client().get(link).content.decode()


def test_a_recording_of_the_text_can_be_played(county: County, callout: Callout) -> None:
    from anlan.attachments.services import keep

    link = link_of(callout)
    assert phone().get(f"{link}/voice").status_code == 404
    keep(
        [b"ID3" + b"\0" * 50],
        subject=f"callout:{callout.pk}",
        division=county.division,
        by=county.by,
        at=county.now,
    )
    assert "<audio" in phone().get(link).content.decode()
    assert phone().get(f"{link}/voice")["Content-Type"] == "audio/mpeg"


@pytest.mark.parametrize("page", ["", "/", "/households", "/voice"])
def test_forged_unknown_and_outlived_links_look_the_same(county: County, callout: Callout, page: str) -> None:
    from anlan.dissemination.tokens import make_token

    link = link_of(callout)
    services.close_callout(callout, reason="结束", by=county.actor("Chen"), at=county.now)
    county.clock.advance(hours=49)
    answers = [phone().get(f"{one}{page}") for one in (link, f"/a/{make_token()}", f"/a/{'A' * 34}")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_link_that_is_used_like_a_machine_has_to_wait(callout: Callout) -> None:
    link = link_of(callout)
    codes = [
        phone().post(link, {"meaning": "answered", "key": key()}).status_code
        for _ in range(limits.POSTS_A_MINUTE + 1)
    ]
    assert codes[-1] == 429
    assert set(codes[:-1]) == {303}
    assert phone().get(link).status_code == 200


def test_ringing_back_is_not_an_answer_that_the_page_takes(callout: Callout) -> None:
    assert phone().post(link_of(callout), {"meaning": "rang_back", "key": key()}).status_code == 400
