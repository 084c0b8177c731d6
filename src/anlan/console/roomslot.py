"""What the record of an incident shows of its room: the way in, what is late, and the rows that belong into its timeline."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.command.models import Decision, Scene
from anlan.console.incidentslots import Slot, slot
from anlan.console.mine import url_of
from anlan.console.views.base import DeskRequest
from anlan.incidents.models import Incident


@slot
def room(request: DeskRequest, incident: Incident) -> Slot | None:
    """Of restricted incidents there is nothing to command."""
    if incident.is_restricted or incident.state == "merged":
        return None
    scenes = list(Scene.objects.filter(incident=incident).order_by("priority", "number"))
    waiting = Decision.objects.filter(incident=incident, made_at=None, dropped_why="").count()
    page = {
        "incident": incident,
        "scenes": [one for one in scenes if one.state != "closed"][:5],
        "waiting": waiting,
    }
    html = mark_safe(render_to_string("console/command/_slot.html", page))  # noqa: S308 - escaped by its template
    return Slot(_("Incident room"), html, len(scenes), url_of("console:room", incident.pk))
