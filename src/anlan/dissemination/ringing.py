"""Somebody rings in over a SIP trunk: what he hears is decided by `services.callback`, in a transaction of its own."""

from __future__ import annotations

from django.db import connections, transaction

from anlan.dissemination.services import callback
from anlan.journal import clocks
from anlan.kernel.actor import Actor

PROVIDER = "sip"
CHANNEL = Actor(ref="channel:sip", name="SIP trunk")


def answer(call_id: str, number: str) -> tuple[str, dict[str, str], str]:
    """Text, keys and reference for one call. Runs on a thread of the trunk, so its connection is closed afterwards."""
    try:
        with transaction.atomic():
            at = clocks.now(clocks.default_exercise_id())
            heard = callback.answer_call(PROVIDER, call_id[:80], number, by=CHANNEL, at=at)
    finally:
        connections.close_all()
    return heard.text, heard.keys, heard.client_ref
