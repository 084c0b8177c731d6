"""Words that came in and belong to nobody we know: the desk reads them, finds the person, and keeps the number in the directory."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.directory.queries import mask
from anlan.dissemination.models import InboundEvent
from anlan.dissemination.types import Treatment
from anlan.vocab.posts import Right

SHOWN = 200


@desk
def replies(request: DeskRequest) -> HttpResponse:
    """The newest replies, keys and calls from unknown numbers; they belong to no place, so whoever runs call-outs sees them."""
    require_somewhere(request.actor, Right.RUN_CALLOUT)
    sees_numbers = request.actor.can_somewhere(Right.SEE_NUMBERS)
    rows = InboundEvent.objects.filter(treatment=Treatment.UNKNOWN_NUMBER).order_by("-id")[:SHOWN]
    shown = [(row, row.from_address if sees_numbers else mask(row.from_address)) for row in rows]
    return render(request, "console/callouts/replies.html", {"rows": shown, "read_at": request.now})
