"""What the record of an incident shows of teams and supplies: who is out, what was asked, and the keys that send and ask."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.console import forcewords as words
from anlan.console.incidentslots import Slot, slot
from anlan.console.views.base import DeskRequest
from anlan.dispatch.boards import requests_of, teams_of
from anlan.incidents.models import Incident
from anlan.vocab.posts import Right


@slot
def forces(request: DeskRequest, incident: Incident) -> Slot | None:
    """Not for restricted incidents: the responsible system sends its own."""
    if incident.is_restricted:
        return None
    teams, asked = teams_of(incident), requests_of(incident)
    is_open = incident.state in ("received", "verified")
    may_send = is_open and request.actor.can(Right.DISPATCH, incident.division.path)
    may_ask = is_open and request.actor.can(Right.REPORT, incident.division.path)
    if not (teams or asked or may_send or may_ask):
        return None
    page = {
        "incident": incident,
        "teams": [(row, words.job_word(row.state), words.JOB_CHIPS[row.state]) for row in teams],
        "asked": [(row, words.request_word(row.state), words.REQUEST_CHIPS[row.state]) for row in asked],
        "may_send": may_send,
        "may_ask": may_ask,
    }
    html = mark_safe(render_to_string("console/forces/_slot.html", page))  # noqa: S308 - escaped by its template
    subjects = {
        "team_job": {str(row.job_id) for row in teams},
        "supply_request": {str(row.request_id) for row in asked},
    }
    return Slot(_("Teams and supplies"), html, len(teams) + len(asked), "", subjects)
