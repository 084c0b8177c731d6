"""Accounts as an administrator sees them: those of the own places, each with the posts held now; and the door to one of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from anlan.accounts.access import within
from anlan.accounts.models import User
from anlan.accounts.refusals import AnswersElsewhere, OwnAccount, RealInADrill
from anlan.directory.access import access_person
from anlan.directory.models import Holding, Person
from anlan.directory.queries import held_at
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.vocab.posts import FACES, PostKind, Right

_MOST_WORDS, _MOST_LETTERS = 5, 40


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account with what its person answers for: (title in Chinese and English, division)."""

    user: User
    posts: list[tuple[tuple[str, str], str]]


def visible_accounts(actor: Actor, words: str = "") -> QuerySet[User]:
    """Those of people at home where the actor administers, open ones first; each word stands in name, user name or division."""
    rows = User.objects.filter(within(actor, "person__division__path", Right.ADMINISTER))
    for word in words.split()[:_MOST_WORDS]:
        part = word[:_MOST_LETTERS]
        in_the_division = Q(person__division__name__icontains=part)
        rows = rows.filter(Q(username__icontains=part) | Q(person__name__icontains=part) | in_the_division)
    found = rows.select_related("person__division").defer("person__division__geometry")
    return found.order_by("-is_active", "person__division__path", "person__name", "pk")


def with_posts(users: list[User], *, at: datetime) -> list[AccountLine]:
    """The same accounts with the posts of that moment, asked for all at once."""
    people = [user.person_id for user in users if user.person_id is not None]
    held = Holding.objects.filter(held_at(at), person_id__in=people)
    posts: dict[uuid.UUID, list[tuple[tuple[str, str], str]]] = {}
    fields = ("person_id", "post__kind", "post__division__name")
    for person_id, kind, place in held.order_by("post__division__path", "post__kind").values_list(*fields):
        face = FACES[PostKind(kind)]
        posts.setdefault(person_id, []).append(((face.zh, face.en), place))
    return [AccountLine(user, posts.get(user.person_id, []) if user.person_id else []) for user in users]


def access_account_holder(actor: Actor, person_id: uuid.UUID, *, at: datetime) -> Person:
    """Somebody whose account the actor may make, reset, close and open again.

    At home where the actor administers, with no post outside of it: else whoever administers a township would get the
    password of the county's commander. Nobody does it to himself.
    """
    found = access_person(actor, person_id, at=at, need=Right.ADMINISTER)
    check_may_administer(actor, found, at=at)
    return found


def check_may_administer(actor: Actor, person: Person, *, at: datetime) -> None:
    """Raise the reason why the actor may not touch the account of somebody at home where he administers."""
    if clocks.default_exercise_id() != clocks.folder_exercise_id():
        raise RealInADrill
    if person.pk == actor.person_id:
        raise OwnAccount
    to_come = Holding.objects.filter(Q(held_to=None) | Q(held_to__gt=at), person=person)
    paths = to_come.values_list("post__division__path", flat=True)
    if not all(actor.can(Right.ADMINISTER, path) for path in paths):
        raise AnswersElsewhere(person=person.name)


def account_of(person: Person) -> User | None:
    return User.objects.filter(person=person).first()
