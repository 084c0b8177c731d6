"""From an account to an actor: what each post that the person holds at that moment allows, and where."""

from __future__ import annotations

import functools
from datetime import datetime

from django.db import connection
from django.db.models import Q

from anlan.accounts.models import User
from anlan.directory.models import Holding
from anlan.journal.prepared import A_KEY, A_MOMENT, Prepared, prepare
from anlan.kernel.actor import Actor, Grants, grants
from anlan.vocab.posts import FACES, PostKind

NOBODY = Actor(ref="nobody")


def actor_for(user: User, *, at: datetime) -> Actor:
    """The actor an account is at `at`. An inactive account, or one whose person holds no post, may and sees nothing."""
    if not user.is_active or user.person_id is None:
        return Actor(ref=f"user:{user.pk}", name=user.get_username())
    given: Grants = frozenset()
    name = ""
    for kind, path, own_name in _held(connection.vendor).rows({A_KEY: user.person_id, A_MOMENT: at}):
        given |= grants(FACES[PostKind(kind)].rights, path)
        name = own_name
    return Actor(
        ref=f"user:{user.pk}",
        name=name or (user.person.name if user.person is not None else user.get_username()),
        person_id=user.person_id,
        grants=given,
    )


@functools.lru_cache(maxsize=2)
def _held(vendor: str) -> Prepared:
    """The posts of a person at a moment. Every request asks."""
    rows = Holding.objects.filter(person_id=A_KEY, held_from__lte=A_MOMENT)
    rows = rows.filter(Q(held_to=None) | Q(held_to__gt=A_MOMENT))
    return prepare(rows.values_list("post__kind", "post__division__path", "person__name"))
