"""Parts of an incident's record that floors above incidents fill: reports with their clocks, messages that came in.

Each is found when the record is shown, so that a part that is not there yet leaves no gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from anlan.console.views.base import DeskRequest
from anlan.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Slot:
    """`html` comes from a template. `subjects` are further rows whose entries belong into the timeline."""

    title: str
    html: SafeString | str
    count: int = 0
    url: str = ""
    subjects: dict[str, set[str]] = field(default_factory=dict)


Make = Callable[[DeskRequest, Incident], Slot | None]
_makers: list[Make] = []


def slot(make: Make) -> Make:
    """Show a further part on every record."""
    _makers.append(make)
    return make


def slots_of(request: DeskRequest, incident: Incident) -> tuple[list[Slot], dict[str, set[str]]]:
    """The parts that have something to show, and the rows that they name."""
    from anlan.console import (  # noqa: F401  (the parts register themselves)
        forceslot,
        lossslot,
        responseslot,
        reviewslot,
        roomslot,
        slotmakers,
        slotsofcases,
    )

    found = [one for make in _makers if (one := make(request, incident)) is not None]
    subjects: dict[str, set[str]] = {}
    for one in found:
        for kind, keys in one.subjects.items():
            subjects.setdefault(kind, set()).update(keys)
    return found, subjects
