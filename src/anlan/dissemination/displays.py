"""What a display gets, whatever surface serves it: the texts in force for it, and that asking proves it has them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from anlan.dissemination.models import Broadcast
from anlan.dissemination.queries_outlets import Shown, outlet_by_token, shown_on
from anlan.dissemination.services.outlets import fetched, saw_alive
from anlan.kernel.refusals import NotFound

#: How often a display should ask, seconds. Engineering choice: a text is up within half a minute.
ASK_EVERY_S = 20
_COLOURS = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}


def look(token: str) -> Shown:
    """Raises `NotFound` for a token that opens nothing."""
    outlet = outlet_by_token(token)
    if outlet is None:
        raise NotFound
    return shown_on(outlet)


def has_asked(shown: Shown) -> None:
    """The display has these texts now; its last sign of life is kept."""
    with transaction.atomic():
        saw_alive(shown.outlet)
        fetched(shown.outlet, [row.pk for row in shown.rows], at=shown.at)


def text_of(row: Broadcast) -> dict[str, Any]:
    """One text as docs/displays.md describes it. Times are ISO 8601 with a zone."""
    return {
        "id": str(row.pk),
        "replaces": str(row.replaces_id) if row.replaces_id else None,
        "issuer": row.issuer,
        "title": row.title,
        "text": row.text,
        "level": row.level,
        "colour": _COLOURS.get(row.level or 0),
        "is_all_clear": row.is_all_clear,
        "is_exercise": row.exercise_id is not None,
        "started_at": row.started_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
