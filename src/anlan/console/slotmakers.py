"""What the record of an incident shows of the floors above it: messages that came in, and reports with their clocks."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from anlan.console import reportwords
from anlan.console.incidentslots import Slot, slot
from anlan.console.mine import url_of
from anlan.console.views.base import DeskRequest
from anlan.incidents.models import Incident
from anlan.intake.access import visible_intakes
from anlan.intake.queries import intakes_of
from anlan.journal import clocks as runs
from anlan.reporting.access import visible_reports
from anlan.reporting.queries import clocks_of, reports_of
from anlan.vocab.posts import Right


@slot
def reports(request: DeskRequest, incident: Incident) -> Slot | None:
    """Legal limits first, then the chain; whoever reports is led to the next report."""
    actor = request.actor
    limits = clocks_of(incident)
    told = reports_of(incident)
    seen = set(visible_reports(actor).filter(pk__in=[row.pk for row in told]).values_list("pk", flat=True))
    chain = [row for row in told if row.pk in seen]
    may_write = actor.can(Right.TAKE_REPORTS, incident.division.path)
    if not limits and not chain and not may_write:
        return None
    now = runs.now(incident.exercise_id)
    page = {
        "clocks": reportwords.clock_rows(limits, now),
        "rows": [reportwords.report_row(row) for row in chain],
        "incident": incident,
        "may_write": may_write and incident.state != "merged",
    }
    html = mark_safe(render_to_string("console/incidents/_reports_slot.html", page))  # noqa: S308 - escaped by its template
    subjects = {
        "upward_report": {str(row.pk) for row in chain},
        "report_clock": {str(row.pk) for row in limits},
    }
    return Slot(_("Reports"), html, len(chain), url_of("console:incident_reports", incident.pk), subjects)


@slot
def messages(request: DeskRequest, incident: Incident) -> Slot | None:
    """Every message that told of it, the first one first."""
    told = intakes_of(incident)
    seen = set(
        visible_intakes(request.actor).filter(pk__in=[row.pk for row in told]).values_list("pk", flat=True)
    )
    rows = [row for row in told if row.pk in seen]
    if not rows:
        return None
    page = {"rows": [(row, url_of("console:intake_record", row.pk)) for row in rows], "incident": incident}
    html = mark_safe(render_to_string("console/incidents/_messages_slot.html", page))  # noqa: S308 - escaped by its template
    return Slot(_("Messages that came in"), html, len(rows), "", {"intake": {str(row.pk) for row in rows}})
