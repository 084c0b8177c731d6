"""Who still has to hold which drill, until when; from the calendar and the minimums of R23."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from anlan.drills import minimums
from anlan.drills.access import visible_drills
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right

OWNERS = ("county", "department", "township", "enterprise")


class Duty(NamedTuple):
    """One minimum of one owner that is not reached. `planned` drills of the kind stand in the calendar for it."""

    standing: minimums.Standing
    owner: Division
    until: date
    planned: int

    @property
    def is_covered(self) -> bool:
        return self.planned >= self.standing.missing


def duties(actor: Actor, *, today: date, need: Right = Right.SEE) -> list[Duty]:
    """Of the owners in the actor's places; the nearest end first."""
    places = Division.objects.filter(level__in=OWNERS, valid_to=None).only("code", "name", "level", "path")
    seen = {one.code: one for one in places if actor.can(need, one.path)}
    rows = visible_drills(actor).filter(state__in=("held", "planned", "running"))
    known = list(rows.values_list("division_id", "division__level", "kind", "state", "held_on", "planned_on"))
    held = [
        minimums.HeldDrill(owner, level, kind, on)
        for owner, level, kind, state, on, _planned in known
        if state == "held" and on is not None
    ]
    owners = [(code, one.level) for code, one in seen.items()]
    found = []
    for standing in minimums.standings(owners, held, today=today):
        if not standing.missing:
            continue
        until = minimums.until(standing, today=today)
        planned = sum(
            owner == standing.owner and kind in standing.minimum.kinds and (on is None or on <= until)
            for owner, _level, kind, state, _held, on in known
            if state != "held"
        )
        found.append(Duty(standing, seen[standing.owner], until, planned))
    return sorted(found, key=lambda one: (one.until, -one.standing.missing, one.owner.code))
