"""The door to places. (`accounts.access` lies above this floor; the same narrowing is spelled out here.)"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.places.models import Division
from anlan.vocab.posts import Right


def visible(actor: Actor) -> QuerySet[Division]:
    """Divisions in the actor's jurisdiction, in order of code."""
    if "" in actor.paths:
        return Division.objects.all()
    condition = Q(pk__in=[])
    for path in actor.paths:
        condition |= Q(path=path) | Q(path__startswith=f"{path}/")
    return Division.objects.filter(condition)


def access_division(actor: Actor, code: str, *, need: Right = Right.SEE) -> Division:
    """One division through the door: outside the jurisdiction it does not exist, without the right it is refused."""
    place = visible(actor).filter(pk=code).first()
    if place is None:
        raise NotFound
    if not actor.can(need):
        raise NotAllowed
    return place
