"""The door to places, and the one narrowing that every door above it uses."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places.models import Division
from anlan.vocab.posts import Right


def within(actor: Actor, path_field: str, need: Right = Right.SEE) -> Q:
    """A condition for rows whose division path lies where the actor has the right."""
    condition = Q(pk__in=[])
    for path in actor.where(need):
        if path == "":
            return Q()
        condition |= Q(**{path_field: path}) | Q(**{f"{path_field}__startswith": f"{path}/"})
    return condition


def visible(actor: Actor, need: Right = Right.SEE) -> QuerySet[Division]:
    """Divisions in which the actor has the right, in order of code."""
    return Division.objects.filter(within(actor, "path", need))


def access_division(actor: Actor, code: str, *, need: Right = Right.SEE) -> Division:
    """One division through the door: outside the jurisdiction it does not exist, without the right it is refused."""
    place = visible(actor).filter(pk=code).first()
    if place is None:
        raise NotFound
    if not actor.can(need, place.path):
        raise NotAllowed
    return place
