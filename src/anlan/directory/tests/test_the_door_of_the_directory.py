from __future__ import annotations

import pytest

from anlan.directory import access, services
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.testing import County
from anlan.vocab.posts import PostKind, Right

UPPER_OFFICER = (PostKind.INFORMATION_OFFICER, "Upper Willow")


@pytest.mark.parametrize("name", ["Guo", "Liu", "Wu"])
def test_stranger_and_neighbour_find_nothing_just_as_if_it_did_not_exist(county: County, name: str) -> None:
    actor = county.actor(name)
    zhao = county.people["Zhao"]
    for look in (
        lambda: access.access_person(actor, zhao.pk, at=county.now),
        lambda: access.access_person(actor, uuid7(), at=county.now),
        lambda: access.access_post(actor, county.posts[UPPER_OFFICER].pk),
        lambda: access.access_holding(actor, county.holdings["Zhao"].pk),
        lambda: access.access_contact(actor, zhao.contacts.get().pk),
    ):
        with pytest.raises(NotFound):
            look()


def test_a_township_opens_its_own_villages(county: County) -> None:
    li = county.actor("Li")
    zhao = county.people["Zhao"]
    assert access.access_person(li, zhao.pk, at=county.now, need=Right.EDIT_DIRECTORY) == zhao
    assert access.access_contact(li, zhao.contacts.get().pk)
    assert access.access_holding(li, county.holdings["Zhao"].pk)


def test_an_officer_sees_her_village_and_edits_nothing(county: County) -> None:
    zhao = county.actor("Zhao")
    assert access.access_post(zhao, county.posts[UPPER_OFFICER].pk)
    with pytest.raises(NotAllowed):
        access.access_holding(zhao, county.holdings["Qian"].pk)


def test_whoever_serves_here_is_seen_here_but_edited_at_home(county: County) -> None:
    post = county.posts[PostKind.INFORMATION_OFFICER, "North Slope"]
    services.appoint(post, county.people["Zhao"], by=county.by, at=county.now)
    liu, zhao = county.actor("Liu"), county.people["Zhao"]
    assert access.access_person(liu, zhao.pk, at=county.now) == zhao
    with pytest.raises(NotFound):
        access.access_person(liu, zhao.pk, at=county.now, need=Right.EDIT_DIRECTORY)


def test_numbers_are_masked_for_those_whose_post_does_not_need_them(county: County) -> None:
    upper = county.divisions["Upper Willow"].path
    assert access.shown_number(county.actor("Li"), "10000000008", upper) == "10000000008"
    assert access.shown_number(county.actor("Zhao"), "10000000008", upper) == "100****0008"


def test_a_township_sees_the_posts_of_its_own_divisions_only(county: County) -> None:
    seen = access.visible_posts(county.actor("Liu")).values_list("division_id", flat=True)
    assert set(seen) == {"999901102000", "999901102201"}
