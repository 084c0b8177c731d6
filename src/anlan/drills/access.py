"""The one door to drills: who organises sees all of a drill; of a blind one the others see nothing before it is over."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, within
from anlan.drills.models import Drill
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound
from anlan.vocab.posts import Right


def visible_drills(actor: Actor) -> QuerySet[Drill]:
    """Drills of the actor's places. A double-blind one that is planned or runs is seen by those alone who run drills there."""
    organised = within(actor, "division__path", Right.RUN_DRILLS)
    open_to_all = ~Q(blindness="double") | Q(state="held")
    rows = Drill.objects.filter(organised | (within(actor, "division__path") & open_to_all))
    return rows.select_related("division", "plan", "run").defer("division__geometry")


def access_drill(actor: Actor, drill_id: uuid.UUID, *, need: Right = Right.SEE) -> Drill:
    drill = visible_drills(actor).filter(pk=drill_id).first()
    if drill is None:
        raise NotFound
    if need is not Right.SEE:
        require(actor, need, drill.division.path)
    return drill


def reads_script(actor: Actor, drill: Drill) -> bool:
    """The script of a blind drill is for those who run it; afterwards for everybody who sees it."""
    if drill.blindness == "none" or drill.state == "held":
        return True
    return actor.can(Right.RUN_DRILLS, drill.division.path)
