"""The one door: everything a page shows is narrowed to the actor's jurisdiction first, then the right is checked."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.vocab.posts import Right

M = TypeVar("M", bound=models.Model)


def within(actor: Actor, path_field: str) -> Q:
    """A condition for rows whose division path lies in the actor's jurisdiction."""
    condition = Q(pk__in=[])
    for path in actor.paths:
        if path == "":
            return Q()
        condition |= Q(**{path_field: path}) | Q(**{f"{path_field}__startswith": f"{path}/"})
    return condition


def narrow(rows: QuerySet[M], actor: Actor, *, path_field: str = "division__path") -> QuerySet[M]:
    """Only what the actor may see."""
    return rows.filter(within(actor, path_field))


def require(actor: Actor, need: Right) -> None:
    """Raise `NotAllowed` unless one of the actor's posts gives the right."""
    if not actor.can(need):
        raise NotAllowed


def find(
    rows: QuerySet[M], actor: Actor, pk: object, *, need: Right, path_field: str = "division__path"
) -> M:
    """One row through the door: outside the jurisdiction it does not exist (404), without the right it is refused (403)."""
    row = narrow(rows, actor, path_field=path_field).filter(pk=pk).first()
    if row is None:
        raise NotFound
    require(actor, need)
    return row
