"""What the record of an incident and the page of a drill show of their reviews: those that are there, and the key that opens one."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext

from anlan.console.incidentslots import Slot, slot
from anlan.console.mine import url_of
from anlan.console.views.base import DeskRequest
from anlan.drills.models import Drill
from anlan.incidents.models import Incident
from anlan.review.access import visible_reviews
from anlan.review.models import Review
from anlan.vocab.posts import Right

SHOWN = 5


@slot
def reviews(request: DeskRequest, incident: Incident) -> Slot | None:
    """From the moment it is closed it may be reviewed; one that is being written is shown in any case."""
    rows = _rows(request, {"incident": incident})
    may_open = incident.state == "closed" and request.actor.can(
        Right.REVIEW_INCIDENTS, incident.division.path
    )
    if not rows and not may_open:
        return None
    page = _page(rows, may_open=may_open, url=url_of("console:open_review", incident.pk))
    html = mark_safe(render_to_string("console/reviews/_slot.html", page, request=request))  # noqa: S308 - escaped by its template
    return Slot(pgettext("section", "Reviews"), html, len(rows), url_of("console:reviews"))


def of_drill(request: DeskRequest, drill: Drill) -> dict[str, Any]:
    """The same for a drill that was held."""
    may_open = drill.state == "held" and request.actor.can(Right.REVIEW_INCIDENTS, drill.division.path)
    return _page(
        _rows(request, {"drill": drill}), may_open=may_open, url=url_of("console:open_drill_review", drill.pk)
    )


def _rows(request: DeskRequest, about: dict[str, Any]) -> list[Review]:
    rows = visible_reviews(request.actor).filter(**about).select_related(None)
    return list(rows.only("pk", "title", "state", "made_at", "made_by_name").order_by("-made_at")[:SHOWN])


def _page(rows: list[Review], *, may_open: bool, url: str) -> dict[str, Any]:
    # A draft that is there is opened again by its own line.
    has_draft = any(row.state == "draft" for row in rows)
    return {"rows": rows, "may_open": may_open and not has_draft, "open_url": url}
