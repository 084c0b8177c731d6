"""The one door to scores and bulletins."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, within
from anlan.assessment.models import BulletinState, ScoreBulletin
from anlan.assessment.types import PlaceScore
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.places import queries as places
from anlan.places.access import visible
from anlan.vocab.posts import Right


def visible_scores(actor: Actor, lines: tuple[PlaceScore, ...]) -> list[PlaceScore]:
    """Only the places that the actor sees; a township reads its own line, the county all."""
    wanted = [one.code for one in lines]
    seen = set(visible(actor).filter(code__in=wanted).values_list("code", flat=True))
    return [one for one in lines if one.code in seen]


def visible_bulletins(actor: Actor) -> QuerySet[ScoreBulletin]:
    """Those of the actor's county; published ones are read by every township and department of it."""
    condition = within(actor, "division__path")
    if _is_addressed(actor):
        condition |= Q(state=BulletinState.PUBLISHED)
    rows = ScoreBulletin.objects.filter(condition)
    return rows.select_related("division").defer("division__geometry")


def access_bulletin(actor: Actor, bulletin_id: uuid.UUID, *, need: Right = Right.SEE) -> ScoreBulletin:
    bulletin = visible_bulletins(actor).filter(pk=bulletin_id).first()
    if bulletin is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, bulletin.division.path)
    return bulletin


def _is_addressed(actor: Actor) -> bool:
    """Whoever works for a township or department of the county, or for the county; nobody further down."""
    county = places.county()
    if county is None:
        return False
    return any(
        path == county.path
        or (path.startswith(f"{county.path}/") and path.count("/") == county.path.count("/") + 1)
        for path in actor.where(Right.SEE)
    )
