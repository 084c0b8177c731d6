"""Parts of a plan's page that others fill: findings of the check, filing, studies, documents, drills, open lessons.

A module with makers is named in `slots_of`; a maker without anything to show answers None and leaves no gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from anlan.console.views.base import DeskRequest
from anlan.plans.models import Plan


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """`html` comes from a template. `url` leads from the number to the whole list."""

    title: str
    html: SafeString | str
    count: int = 0
    url: str = ""


Make = Callable[[DeskRequest, Plan], PlanSlot | None]
_makers: list[Make] = []


def plan_slot(make: Make) -> Make:
    """Show a further part on every plan's page."""
    _makers.append(make)
    return make


def slots_of(request: DeskRequest, plan: Plan) -> list[PlanSlot]:
    """The parts that have something to show."""
    from anlan.console import plancheckslot, plandocumentslot, plandrillslot, planlessonslot  # noqa: F401  (the parts register themselves)

    return [one for make in _makers if (one := make(request, plan)) is not None]
