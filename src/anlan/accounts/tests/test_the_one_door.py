from __future__ import annotations

import pytest

from anlan.accounts.access import find, narrow, require
from anlan.directory.models import Person, Post
from anlan.kernel.actor import system
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
    require(county.actor("Wang"), Right.SIGN_OFF)


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
        require(program, Right.SIGN_OFF)
