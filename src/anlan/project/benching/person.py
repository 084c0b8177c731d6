"""The person on whose behalf the bench resolves old seats: a demo account of the staged county."""

from __future__ import annotations

from anlan.accounts.actors import actor_for
from anlan.accounts.models import User
from anlan.journal import clocks
from anlan.kernel.actor import Actor


def somebody() -> Actor:
    """The commander of the demo county."""
    return actor_for(User.objects.get(username="wang"), at=clocks.now(clocks.default_exercise_id()))
