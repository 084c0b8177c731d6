"""Large files and the county's own video meeting, by link."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from anlan.command.models import RoomLink
from anlan.command.refusals import AlreadyClosed, NoLink, UnknownChoice
from anlan.command.services._common import check_room, said
from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor

LINK_KINDS = ("file", "meeting", "video", "other")


def add_link(
    incident: Incident, *, kind: str, title: str, address: str, words: str = "", by: Actor, at: datetime
) -> RoomLink:
    """A page of another system that belongs to the incident; the same address twice is one link."""
    check_room(incident)
    if kind not in LINK_KINDS:
        raise UnknownChoice(given=kind)
    where = address_of(address)
    same = RoomLink.objects.filter(incident=incident, address=where, removed_at=None).first()
    if same is not None:
        return same
    return RoomLink(
        incident=incident,
        kind=kind,
        title=said(title, _("The name of the link"), most=120),
        address=where,
        words=words.strip()[:300],
        added_at=at,
        added_by_name=by.name[:60],
        exercise_id=incident.exercise_id,
    ).record(by=by, at=at, kind="added")


def remove_link(link: RoomLink, *, by: Actor, at: datetime) -> RoomLink:
    if link.removed_at is not None:
        raise AlreadyClosed(what=link.title)
    return link.change(by=by, at=at, kind="removed", removed_at=at)


def address_of(text: str) -> str:
    """A web address of at most 300 characters. Raises `NoLink` for everything else, scripts above all."""
    tidy = text.strip()
    try:
        parts = urlsplit(tidy)
    except ValueError:
        raise NoLink(given=tidy[:60]) from None
    is_plain = len(tidy) <= 300 and not any(one.isspace() for one in tidy)
    if parts.scheme not in ("https", "http") or not parts.hostname or not is_plain:
        raise NoLink(given=tidy[:60])
    return tidy
