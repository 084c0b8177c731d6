"""What the record and the room of an incident show of the library: at most three like cases with the reason; the way to the case files."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from anlan.console.incidentslots import Slot, slot
from anlan.console.incidentwords import tag_word, type_word
from anlan.console.mine import url_of
from anlan.console.views.base import DeskRequest
from anlan.incidents.models import Incident
from anlan.review.casefile.access import may_make
from anlan.review.cases import cases_like
from anlan.review.casetypes import Offered
from anlan.review.models import CaseFile


@slot
def like_cases(request: DeskRequest, incident: Incident) -> Slot | None:
    """While it goes on; afterwards the library is read by who looks for it."""
    rows = offered(request, incident)
    if not rows:
        return None
    return Slot(_("Like cases"), _html(rows), len(rows), url_of("console:cases"))


@slot
def files(request: DeskRequest, incident: Incident) -> Slot | None:
    """For whoever may make one."""
    if incident.state == "merged" or not may_make(request.actor, incident):
        return None
    newest = list(CaseFile.objects.filter(incident=incident).order_by("-made_at", "-id")[:3])
    page = {"incident": incident, "rows": newest}
    html = mark_safe(render_to_string("console/cases/_files_slot.html", page))  # noqa: S308 - escaped by its template
    url = url_of("console:case_files", incident.pk)
    return Slot(_("Case files"), html, len(newest), url, {"case_file": {str(row.pk) for row in newest}})


def offered(request: DeskRequest, incident: Incident) -> list[dict[str, Any]]:
    """The cases with the reason in words; none for what is over or restricted."""
    if incident.is_restricted or incident.state not in ("received", "verified"):
        return []
    return [{"case": one.case, "why": why(one)} for one in cases_like(request.actor, incident)]


def offered_html(request: DeskRequest, incident: Incident) -> SafeString | str:
    """For the room, below its boards."""
    rows = offered(request, incident)
    return _html(rows) if rows else ""


def why(one: Offered) -> list[str]:
    """Why it is offered, a few words each."""
    found = [_("the same type") if one.is_same_type else _("a like type: %(type)s") % {"type": type_word(one.case.event_type)}]  # fmt: skip
    if one.place == "same":
        found.append(_("in the same township"))
    elif one.place == "near":
        found.append(_("in a neighbouring township"))
    return found + [_("also %(tag)s") % {"tag": tag_word(code)} for code in one.tags]


def _html(rows: list[dict[str, Any]]) -> SafeString:
    return mark_safe(render_to_string("console/cases/_offered.html", {"rows": rows}))  # noqa: S308 - escaped by its template
