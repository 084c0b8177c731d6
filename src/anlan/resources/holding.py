"""Who holds a team: a floor above says whether it is out, so that nobody strikes it from the register meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from anlan.kernel.registry import Registry
from anlan.resources.models import Team

#: team -> what it does now, in few words; "" when nothing.
Holds = Callable[[Team], str]
_registry: Registry[Holds] = Registry("holder of teams")


def holds_teams(code: str) -> Callable[[Holds], Holds]:
    """Register in `apps.ready` what says whether a team is out."""

    def keep(function: Holds) -> Holds:
        return _registry.add(code, function)

    return keep


def held_by(team: Team) -> str:
    """What the team does now; "" when it is free."""
    return next((words for holder in _registry.values() if (words := holder(team))), "")
