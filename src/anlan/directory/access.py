"""The door to the directory: narrowed to what one sees first, then the right in that very place."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from anlan.directory.models import Absence, Contact, Holding, Person, Post, Shift
from anlan.directory.numbers import mask
from anlan.directory.queries import held_at
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places.access import within
from anlan.vocab.posts import FACES, PostKind, Right

T = TypeVar("T")


def visible_posts(actor: Actor) -> QuerySet[Post]:
    """Posts of divisions in the jurisdiction."""
    return Post.objects.filter(within(actor, "division__path")).select_related("division", "organisation")


def visible_people(actor: Actor, *, at: datetime) -> QuerySet[Person]:
    """People of divisions in the jurisdiction, and whoever holds a post there at `at`."""
    serving = (
        Holding.objects.filter(held_at(at))
        .filter(within(actor, "post__division__path"))
        .values_list("person_id", flat=True)
    )
    people = Person.objects.select_related("division")
    return people.filter(within(actor, "division__path") | Q(pk__in=serving))


def access_post(actor: Actor, post_id: uuid.UUID, *, need: Right = Right.SEE) -> Post:
    """One post through the door."""
    found = _known(visible_posts(actor).filter(pk=post_id).first())
    _check(actor, need, found.division.path)
    return found


def access_person(actor: Actor, person_id: uuid.UUID, *, at: datetime, need: Right = Right.SEE) -> Person:
    """One person through the door. Anything but looking needs the right where the person is at home, not only serves."""
    people = visible_people(actor, at=at)
    if need is not Right.SEE:
        people = people.filter(within(actor, "division__path"))
    found = _known(people.filter(pk=person_id).first())
    if need is not Right.SEE:
        _check(actor, need, found.division.path)
    return found


def access_holding(actor: Actor, holding_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Holding:
    """One holding through the door."""
    rows = Holding.objects.filter(within(actor, "post__division__path"))
    found = _known(rows.select_related("post__division", "person__division").filter(pk=holding_id).first())
    _check(actor, need, found.post.division.path)
    return found


def access_contact(actor: Actor, contact_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Contact:
    """One contact of a person of the jurisdiction through the door."""
    rows = Contact.objects.filter(within(actor, "person__division__path"))
    found = _known(rows.select_related("person__division").filter(pk=contact_id).first())
    _check(actor, need, found.person.division.path)
    return found


def visible_shifts(actor: Actor) -> QuerySet[Shift]:
    """Shifts of posts in the jurisdiction."""
    rows = Shift.objects.filter(within(actor, "post__division__path"))
    return rows.select_related("post__division", "person")


def visible_absences(actor: Actor) -> QuerySet[Absence]:
    """Absences of people of the jurisdiction."""
    rows = Absence.objects.filter(within(actor, "person__division__path"))
    return rows.select_related("person__division", "deputy")


def access_shift(actor: Actor, shift_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Shift:
    """One shift through the door."""
    found = _known(visible_shifts(actor).filter(pk=shift_id).first())
    _check(actor, need, found.post.division.path)
    return found


def access_absence(actor: Actor, absence_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Absence:
    """One absence through the door."""
    found = _known(visible_absences(actor).filter(pk=absence_id).first())
    _check(actor, need, found.person.division.path)
    return found


def _known(found: T | None) -> T:
    if found is None:
        raise NotFound
    return found


def _check(actor: Actor, need: Right, path: str) -> None:
    if not actor.can(need, path):
        raise NotAllowed


def shown_number(actor: Actor, value: str, path: str) -> str:
    """The number in full for those whose post needs it in the division at `path`, masked for the others."""
    return value if actor.can(Right.SEE_NUMBERS, path) else mask(value)


def sees_numbers_of(actor: Actor, person: Person, *, at: datetime) -> bool:
    """Where the person is at home, or where he serves now: those who may call him there need his number."""
    if actor.can(Right.SEE_NUMBERS, person.division.path):
        return True
    serving = Holding.objects.filter(held_at(at), person=person)
    return serving.filter(within(actor, "post__division__path", Right.SEE_NUMBERS)).exists()


def may_fill(actor: Actor, kind: PostKind, path: str) -> bool:
    """Nobody hands out rights that he does not hold in that place himself, except whoever administers it.

    Answering for an enterprise is nobody's but its own people's; whoever supervises enterprises says who they are.
    """
    if actor.can(Right.ADMINISTER, path):
        return True
    given = FACES[kind].rights
    if actor.can(Right.SUPERVISE_ENTERPRISES, path):
        given -= {Right.ANSWER_FOR_ENTERPRISE}
    return all(actor.can(right, path) for right in given)
