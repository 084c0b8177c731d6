"""The link of an order: one secret for each addressee of an incident, made anew from the node's key whenever it is needed.

Only its digest is stored, on each order; a later message carries the same link, so an old one goes on working.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from django.conf import settings

from anlan.dispatch.models import Instruction
from anlan.dispatch.parameters import parameters
from anlan.journal import clocks

_BYTES = 24


def token_for(incident_id: uuid.UUID, addressee_code: str, team_id: uuid.UUID | None = None) -> str:
    """32 characters of the URL-safe alphabet."""
    said = f"anlan order link {incident_id} {addressee_code} {team_id or ''}".encode()
    key = hmac.digest(settings.SECRET_KEY.encode(), said, "sha256")[:_BYTES]
    return base64.urlsafe_b64encode(key).decode()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(row: Instruction) -> str:
    """The address that goes out in a message."""
    return f"{settings.ANLAN_BASE_URL}/o/{token_for(row.incident_id, row.addressee_id, row.team_id)}/"


def orders_behind(token: str) -> list[Instruction]:
    """Every order that went out to whoever holds this link, the newest first; none for a guessed or an outlived one."""
    rows = Instruction.objects.filter(token_digest=digest(token)).exclude(state="waiting")
    found = list(
        rows.select_related("incident__division", "addressee", "team")
        .defer("incident__division__geometry", "addressee__geometry")
        .order_by("-issued_at", "-number")
    )
    if not found or _is_over(found[0], clocks.now(found[0].exercise_id)):
        return []
    return found


def _is_over(row: Instruction, at: datetime) -> bool:
    closed_at = row.incident.closed_at
    if row.incident.state != "closed" or closed_at is None:
        return False
    return at > closed_at + timedelta(hours=parameters().link_hours_after_end)
