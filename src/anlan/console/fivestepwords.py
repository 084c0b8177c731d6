"""The five steps of incidents in the reader's language: the whole strip of one, the last step of each of a page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from anlan.console.incidentwords import said
from anlan.dispatch.fivesteps import Step, five_steps, times_of, times_of_many
from anlan.incidents.models import Incident


def steps_of(incident: Incident) -> list[tuple[str, Step]]:
    """Each step with its word."""
    return [(said((one.zh, one.en)), one) for one in five_steps(times_of(incident))]


def last_steps(incidents: Sequence[Incident]) -> dict[uuid.UUID, tuple[str, Step, int]]:
    """Of each incident the furthest step that came, with its word and how many of the five came; nothing of restricted ones."""
    open_ones = [one for one in incidents if not one.is_restricted]
    if not open_ones:
        return {}
    found = {}
    for key, times in times_of_many(open_ones).items():
        came = [one for one in five_steps(times) if one.at is not None]
        found[key] = (said((came[-1].zh, came[-1].en)), came[-1], len(came))
    return found
