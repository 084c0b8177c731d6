"""What the record of an incident shows of responses: running and proposed ones, the special command, partners."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext

from anlan.console import responsewords as words
from anlan.console.incidentslots import Slot, slot
from anlan.console.mine import url_of
from anlan.console.views.base import DeskRequest
from anlan.console.views.responses import line
from anlan.incidents.models import Incident
from anlan.response import queries
from anlan.response.access import visible_activations, visible_bodies
from anlan.response.models import PartnerShare
from anlan.response.parameters import table
from anlan.response.services.sharing import THEIR_STATES
from anlan.vocab.posts import Right


@slot
def responses(request: DeskRequest, incident: Incident) -> Slot | None:
    """Nothing for who only sees an incident on which no response runs."""
    actor = request.actor
    path = incident.division.path
    rows = list(visible_activations(actor).filter(incident=incident).order_by("-started_at", "-proposed_at"))
    goes_on = incident.state in ("received", "verified")
    may_open = goes_on and (actor.can(Right.DECIDE_RESPONSE, path) or actor.can(Right.TAKE_REPORTS, path))
    may_share = goes_on and not incident.is_restricted and actor.can(Right.TAKE_REPORTS, path)
    shares = (
        list(PartnerShare.objects.filter(incident=incident).order_by("shared_at"))
        if actor.can(Right.SEE, path)
        else []
    )
    seen = set(visible_bodies(actor).values_list("pk", flat=True))
    commands = [pair for pair in queries.special_commands(incident) if pair[0].pk in seen]
    if not (rows or may_open or shares or commands):
        return None
    known = {row.partner for row in shares if row.state != "closed"}
    page = {
        "incident": incident,
        "rows": [line(row) for row in rows],
        "commands": commands,
        "roles": words.role_words(),
        "may_open": may_open,
        "may_share": may_share,
        "shares": [_share(row) for row in shares],
        "states": [(code, words.share_words()[code]) for code in THEIR_STATES],
        "partners": [
            (one.code, words.partner_word(one.code)) for one in table().partners if one.code not in known
        ],
    }
    html = mark_safe(render_to_string("console/responses/_slot.html", page, request=request))  # noqa: S308 - escaped by its template
    subjects = {
        "activation": {str(row.pk) for row in rows},
        "partner_share": {str(row.pk) for row in shares},
        "level_change": {str(one.pk) for row in rows for one in queries.changes_of(row)},
    }
    return Slot(pgettext("section", "Responses"), html, len(rows), url_of("console:responses"), subjects)


def _share(row: PartnerShare) -> dict[str, object]:
    return {
        "row": row,
        "partner": words.partner_word(row.partner),
        "state": words.share_words()[row.state],
        "chip": words.SHARE_CHIPS[row.state],
    }
