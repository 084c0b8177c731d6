"""Who sends us warnings: numbers, addresses and tokens that are listed, and feeds that are asked."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning.models import FeedSource, WarningSender
from anlan.warning.refusals import BadFeed, BadSender
from anlan.warning.services.common import person_with

SENDER_KINDS = ("sms", "mail", "token")
#: How often a feed may be asked, seconds: not so often that its owner shuts us out. Engineering choice.
EVERY_S_LEAST, EVERY_S_MOST = 15, 86_400


def sender_of(kind: str, value: str) -> WarningSender | None:
    """The listed sender with this number, address or token, if it is active."""
    wanted = _normal(kind, value)
    return WarningSender.objects.filter(kind=kind, value=wanted, is_active=True).first() if wanted else None


def list_sender(
    *, kind: str, value: str, name: str, may_act: bool, division: Division, by: Actor, at: datetime
) -> tuple[WarningSender, str]:
    """List a sender; the token of a new "token" is returned once and only its digest is kept."""
    person_with(by, Right.ADMINISTER, division=division)
    token = ""
    if kind == "token":
        token = secrets.token_urlsafe(24)
        value = token
    wanted = _normal(kind, value)
    if kind not in SENDER_KINDS or not wanted or not name.strip():
        raise BadSender
    known = WarningSender.objects.filter(kind=kind, value=wanted).first()
    if known is not None:
        fields: dict[str, Any] = {"name": name.strip()[:120], "may_act": may_act, "is_active": True}
        return known.change(by=by, at=at, kind="changed", fields=fields), token
    row = WarningSender(kind=kind, value=wanted, name=name.strip()[:120], may_act=may_act, division=division)
    return row.record(by=by, at=at, kind="listed"), token


def unlist_sender(sender: WarningSender, *, by: Actor, at: datetime) -> WarningSender:
    person_with(by, Right.ADMINISTER, division=sender.division)
    return sender.change(by=by, at=at, kind="unlisted", is_active=False)


def _normal(kind: str, value: str) -> str:
    """Numbers without country code and signs, addresses in small letters, tokens as their digest."""
    text = value.strip()
    if kind == "mail":
        return text.lower()[:200] if "@" in text else ""
    if kind == "token":
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() if text else ""
    digits = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(?:\+|00)86", "", digits)[:40]


def add_feed(
    *, name: str, url: str, every_s: int, may_act: bool, division: Division, by: Actor, at: datetime
) -> FeedSource:
    """Ask an address from now on. Only http and https, with a host; nothing of this machine's files."""
    person_with(by, Right.ADMINISTER, division=division)
    parts = urlsplit(url.strip())
    is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    if not is_good or not name.strip() or not EVERY_S_LEAST <= every_s <= EVERY_S_MOST:
        raise BadFeed(least=EVERY_S_LEAST, most=EVERY_S_MOST)
    if FeedSource.objects.filter(name=name.strip()).exists():
        raise BadFeed(least=EVERY_S_LEAST, most=EVERY_S_MOST)
    row = FeedSource(
        name=name.strip()[:60],
        url=url.strip()[:500],
        every_s=every_s,
        may_act=may_act,
        division=division,
        next_poll_at=at,
    )
    return row.record(by=by, at=at, kind="added")


def stop_feed(feed: FeedSource, *, by: Actor, at: datetime) -> FeedSource:
    person_with(by, Right.ADMINISTER, division=feed.division)
    return feed.change(by=by, at=at, kind="stopped", is_active=False, next_poll_at=None)
