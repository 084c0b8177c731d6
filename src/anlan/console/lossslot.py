"""What the record of an incident shows of the disaster statistics: courses that count it, or the key that opens one."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.console.incidentslots import Slot, slot
from anlan.console.losswords import words_of
from anlan.console.views.base import DeskRequest
from anlan.incidents.models import Incident
from anlan.losses.access import visible_courses
from anlan.losses.services.courses import STATE_WORDS
from anlan.places import queries as places
from anlan.vocab.incidents import EventClass
from anlan.vocab.posts import Right


@slot
def losses(request: DeskRequest, incident: Incident) -> Slot | None:
    """Of natural disasters only."""
    if incident.event_class != EventClass.NATURAL:
        return None
    rows = list(visible_courses(request.actor).filter(incident=incident).order_by("-known_at", "-id")[:10])
    county = places.county()
    may_open = county is not None and request.actor.can(Right.TAKE_REPORTS, county.path)
    if not rows and not (may_open and incident.state in ("received", "verified")):
        return None
    page = {"rows": rows, "states": words_of(STATE_WORDS), "incident": incident, "may_open": may_open}
    html = mark_safe(render_to_string("console/losses/_slot.html", page))  # noqa: S308 - escaped by its template
    return Slot(_("Disaster statistics"), html, len(rows), "", {"loss_course": {str(row.pk) for row in rows}})
