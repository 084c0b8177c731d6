"""What follows from texts that come in by SMS, and from what becomes of warnings that were made of others' warnings."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from anlan.events.published import InboundTextReceived, WarningEnded, WarningIssued
from anlan.journal import clocks
from anlan.journal.reactions import react
from anlan.journal.refusals import StaleRow
from anlan.kernel.actor import system
from anlan.kernel.clock import parse_instant
from anlan.warning.incoming.reasons import because
from anlan.warning.models import HazardWarning, IncomingWarning
from anlan.warning.services.back_reports import open_report
from anlan.warning.services.incoming import announce_state, take_sms

_BY = system("incoming")
#: How a relayed warning ends so that its incoming one is over too.
_OVER = frozenset({"lifted", "expired"})


@react("warning.take_inbound_text", InboundTextReceived)
def on_text(event: InboundTextReceived, at: datetime) -> None:
    """A text that answers no call-out may be a warning. Two copies at one moment: the later one is compared again."""
    arguments = {
        "received_at": parse_instant(event.received_at) if event.received_at else at,
        "at": at,
        "event_id": f"{event.provider}:{event.event_id}" if event.event_id else "",
        "exercise_id": clocks.default_exercise_id(),
    }
    try:
        with transaction.atomic():
            take_sms(event.sender, event.text, **arguments)  # type: ignore[arg-type]  # the arguments of take_sms
    except (IntegrityError, StaleRow):
        with transaction.atomic():
            take_sms(event.sender, event.text, **arguments)  # type: ignore[arg-type]  # the same


@react("warning.owe_back_report", WarningIssued)
def on_issued(event: WarningIssued, at: datetime) -> None:
    """Its issuer wants to know that it was passed on."""
    open_report(_warning(event.warning_id), stage="first", by=_BY, at=at)


@react("warning.end_incoming", WarningEnded)
def on_ended(event: WarningEnded, at: datetime) -> None:
    """A relayed warning that is over ends the incoming ones it came from, and owes a last report."""
    if event.state not in _OVER:
        return
    warning = _warning(event.warning_id)
    for row in IncomingWarning.objects.filter(draft=warning):
        if "ended" in row.transitions[row.state]:
            row.advance(
                "ended", by=_BY, at=at, reason=because("ended"), once="", cause=f"warning:{warning.pk}"
            )
            announce_state(row, at=at)
    open_report(warning, stage="final", by=_BY, at=at)


def _warning(warning_id: str) -> HazardWarning:
    return HazardWarning.objects.select_related("division").get(pk=uuid.UUID(warning_id))
