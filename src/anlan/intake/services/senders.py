"""Who sends: systems with a token, mail addresses, telephone lines, units with a link of their own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from anlan.accounts.access import require
from anlan.intake.models import IntakeSender
from anlan.intake.refusals import NotASender
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import Informant
from anlan.vocab.posts import Right

KINDS = ("token", "mail", "line", "link")
_SECRET = ("token", "line", "link")


def list_sender(
    *, name: str, kind: str, value: str = "", source: str, division: Division, by: Actor, at: datetime
) -> tuple[IntakeSender, str]:
    """List a sender. A token is made here, returned once, and only its digest is kept."""
    require(by, Right.ADMINISTER, division.path)
    if kind not in KINDS or not name.strip() or source not in {one.value for one in Informant}:
        raise NotASender
    if kind == "link" and division.level != DivisionLevel.ENTERPRISE:
        raise NotASender
    token = secrets.token_urlsafe(24) if kind in _SECRET else ""
    kept = digest(token) if token else value.strip().lower()[:200]
    if kind == "mail" and "@" not in kept:
        raise NotASender
    fields: dict[str, Any] = {"name": name.strip()[:80], "source": source, "is_active": True}
    known = IntakeSender.objects.filter(kind=kind, value=kept).first()
    if known is not None:
        return known.change(by=by, at=at, kind="listed", division_id=division.pk, fields=fields), ""
    row = IntakeSender(kind=kind, value=kept, division=division, listed_at=at, **fields)
    return row.record(by=by, at=at, kind="listed"), token


def unlist_sender(sender: IntakeSender, *, by: Actor, at: datetime) -> IntakeSender:
    """Nothing is taken from it any more; what it sent stays."""
    require(by, Right.ADMINISTER, sender.division.path)
    return sender.change(by=by, at=at, kind="unlisted", is_active=False)


def sender_of(kind: str, value: str) -> IntakeSender | None:
    """The listed sender with this token or address."""
    if not value.strip():
        return None
    kept = digest(value.strip()) if kind in _SECRET else value.strip().lower()[:200]
    rows = IntakeSender.objects.filter(kind=kind, value=kept, is_active=True)
    return rows.select_related("division").first()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
