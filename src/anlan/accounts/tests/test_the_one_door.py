from __future__ import annotations

import pytest

from anlan.accounts.access import find, narrow, require
from anlan.directory.models import HoldingRole, Person, Post
from anlan.directory.services import appoint
from anlan.kernel.actor import SEE, Actor, system
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.testing import County
from anlan.vocab.posts import PostKind, Right

UPPER_OFFICER = (PostKind.INFORMATION_OFFICER, "Upper Willow")


def refusal_of(county: County, name: str, pk: object) -> tuple[str, int, str]:
    with pytest.raises(NotFound) as refused:
        find(Post.objects.all(), county.actor(name), pk, need=Right.SEE)
    return refused.value.code, refused.value.status, str(refused.value)


@pytest.mark.parametrize("name", ["Guo", "Liu", "Wu", "Zhou"])
def test_stranger_and_neighbour_cannot_tell_what_exists(county: County, name: str) -> None:
    there = county.posts[UPPER_OFFICER].pk
    assert refusal_of(county, name, there) == refusal_of(county, name, uuid7())
    assert not narrow(Post.objects.filter(pk=there), county.actor(name)).exists()


@pytest.mark.parametrize("name", ["Chen", "Wang", "Li", "Zhao", "Qian"])
def test_whoever_is_responsible_there_finds_it(county: County, name: str) -> None:
    post = county.posts[UPPER_OFFICER]
    assert find(Post.objects.all(), county.actor(name), post.pk, need=Right.SEE) == post


def test_seeing_is_not_deciding(county: County) -> None:
    with pytest.raises(NotAllowed):
        find(Post.objects.all(), county.actor("Chen"), county.posts[UPPER_OFFICER].pk, need=Right.SIGN_OFF)
    require(county.actor("Wang"), Right.SIGN_OFF, county.division.path)


def test_without_the_right_a_neighbour_is_still_told_that_nothing_is_there(county: County) -> None:
    with pytest.raises(NotFound):
        find(Post.objects.all(), county.actor("Wu"), county.posts[UPPER_OFFICER].pk, need=Right.SIGN_OFF)


def test_a_division_whose_code_only_begins_alike_is_not_below(county: County) -> None:
    """The path ends at a whole code: 999901101 is not above 9999011011."""
    actor = county.actor("Zhao")
    longer = county.divisions["Upper Willow"].path + "9"
    assert not actor.sees(longer)


def test_the_program_itself_sees_everything_and_signs_nothing(county: County) -> None:
    program = system("test")
    assert narrow(Person.objects.all(), program).count() == Person.objects.count()
    with pytest.raises(NotAllowed):
        require(program, Right.SIGN_OFF, county.division.path)


@pytest.fixture
def both(county: County) -> Actor:
    """Liu of Stone Bridge, who is information officer of Upper Willow as well."""
    county.clock.advance(minutes=1)
    officer = county.posts[UPPER_OFFICER]
    appoint(officer, county.people["Liu"], role=HoldingRole.B, by=county.by, at=county.now)
    return county.actor("Liu")


def test_two_posts_in_different_places_do_not_combine(county: County, both: Actor) -> None:
    bridge, willow = county.divisions["North Slope"].path, county.divisions["Upper Willow"].path
    assert (both.sees(bridge), both.sees(willow)) == (True, True)
    rights = (Right.RUN_CALLOUT, Right.EDIT_DIRECTORY, Right.SEE_NUMBERS, Right.CONFIRM_ALARM)
    assert {right: (both.can(right, bridge), both.can(right, willow)) for right in rights} == dict.fromkeys(
        rights, (True, False)
    )
    assert both.where(Right.EDIT_DIRECTORY) == (county.divisions["Stone Bridge"].path,)


def test_with_two_posts_one_edits_and_sees_numbers_only_where_that_post_is(
    county: County, both: Actor
) -> None:
    liu = county.client("Liu")
    upper, north = county.divisions["Upper Willow"], county.divisions["North Slope"]
    form = {"kind": "information_officer", "role": "B", "name": "孙仓"}
    answers = [liu.post(f"/directory/at/{place.code}/appoint/", form) for place in (north, upper)]
    assert [answer.status_code for answer in answers] == [302, 403]
    lists = [liu.get(f"/directory/at/{place.code}/numbers/").content.decode() for place in (north, upper)]
    assert ["10000000011" in lists[0], "10000000008" in lists[1]] == [True, False]
    assert "100****0008" in lists[1]


def test_what_the_program_may_do_are_rights_that_exist() -> None:
    assert {right for right, _path in system("test").grants} <= {right.value for right in Right}
    assert SEE == Right.SEE
