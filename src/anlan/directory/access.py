"""The door to the directory: narrowed to the jurisdiction first, then the right.

`accounts.access` lies above this floor, so the narrowing is spelled out here.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from anlan.directory.models import Contact, Holding, Person, Post
from anlan.directory.numbers import mask
from anlan.directory.queries import held_at
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import FACES, PostKind, Right

T = TypeVar("T")


def _inside(actor: Actor, path_field: str) -> Q:
    if "" in actor.paths:
        return Q()
    condition = Q(pk__in=[])
    for path in actor.paths:
        condition |= Q(**{path_field: path}) | Q(**{f"{path_field}__startswith": f"{path}/"})
    return condition


def visible_posts(actor: Actor) -> QuerySet[Post]:
    """Posts of divisions in the jurisdiction."""
    return Post.objects.filter(_inside(actor, "division__path")).select_related("division", "organisation")


def visible_people(actor: Actor, *, at: datetime) -> QuerySet[Person]:
    """People of divisions in the jurisdiction, and whoever holds a post there at `at`."""
    serving = (
        Holding.objects.filter(held_at(at))
        .filter(_inside(actor, "post__division__path"))
        .values_list("person_id", flat=True)
    )
    people = Person.objects.select_related("division")
    return people.filter(_inside(actor, "division__path") | Q(pk__in=serving))


def access_post(actor: Actor, post_id: uuid.UUID, *, need: Right = Right.SEE) -> Post:
    """One post through the door."""
    return _checked(visible_posts(actor).filter(pk=post_id).first(), actor, need)


def access_person(actor: Actor, person_id: uuid.UUID, *, at: datetime, need: Right = Right.SEE) -> Person:
    """One person through the door. To edit, the person must be of the jurisdiction, not only serve in it."""
    people = visible_people(actor, at=at)
    if need is Right.EDIT_DIRECTORY:
        people = people.filter(_inside(actor, "division__path"))
    return _checked(people.filter(pk=person_id).first(), actor, need)


def access_holding(actor: Actor, holding_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Holding:
    """One holding through the door."""
    rows = Holding.objects.filter(_inside(actor, "post__division__path"))
    found = rows.select_related("post__division", "person__division").filter(pk=holding_id).first()
    return _checked(found, actor, need)


def access_contact(actor: Actor, contact_id: uuid.UUID, *, need: Right = Right.EDIT_DIRECTORY) -> Contact:
    """One contact of a person of the jurisdiction through the door."""
    rows = Contact.objects.filter(_inside(actor, "person__division__path"))
    return _checked(rows.select_related("person__division").filter(pk=contact_id).first(), actor, need)


def _checked(found: T | None, actor: Actor, need: Right) -> T:
    if found is None:
        raise NotFound
    if not actor.can(need):
        raise NotAllowed
    return found


def shown_number(actor: Actor, value: str) -> str:
    """The number in full for those whose post needs it, masked for the others."""
    return value if actor.can(Right.SEE_NUMBERS) else mask(value)


def may_fill(actor: Actor, kind: PostKind) -> bool:
    """Nobody hands out rights that he does not hold himself, except the administrator and the program itself."""
    if actor.can(Right.ADMINISTER) or "" in actor.paths:
        return True
    return all(actor.can(right) for right in FACES[kind].rights)
