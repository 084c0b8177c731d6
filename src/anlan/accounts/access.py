"""The one door: everything a page shows is narrowed to what the actor sees first, then the right is checked in that very place."""

from __future__ import annotations

from operator import attrgetter
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places.access import within
from anlan.vocab.posts import Right

__all__ = ["find", "narrow", "require", "require_somewhere", "within"]

M = TypeVar("M", bound=models.Model)


def narrow(
    rows: QuerySet[M], actor: Actor, *, path_field: str = "division__path", need: Right = Right.SEE
) -> QuerySet[M]:
    """Only what lies where the actor has the right; left out, what the actor may see."""
    return rows.filter(within(actor, path_field, need))


def require(actor: Actor, need: Right, path: str) -> None:
    """Raise `NotAllowed` unless a post gives the right in the division at `path`."""
    if not actor.can(need, path):
        raise NotAllowed


def require_somewhere(actor: Actor, need: Right) -> None:
    """The same for pages that are about no place; what they show or change is still narrowed to where the right holds."""
    if not actor.can_somewhere(need):
        raise NotAllowed


def find(
    rows: QuerySet[M], actor: Actor, pk: object, *, need: Right, path_field: str = "division__path"
) -> M:
    """One row through the door: outside what one sees it does not exist (404), without the right there it is refused (403)."""
    row = narrow(rows, actor, path_field=path_field).filter(pk=pk).first()
    if row is None:
        raise NotFound
    require(actor, need, attrgetter(path_field.replace("__", "."))(row))
    return row
