"""Feeds and CAP messages for other systems. A message is given as it left, signature and all, and never changes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse

from anlan.cap.feeds import CAP_TYPE, Entry, Feed, newest, write_atom, write_rss
from anlan.cap.parse import read
from anlan.portal import reading
from anlan.portal.bounded import Answer, PublicRequest, bounded
from anlan.portal.pages import county_name
from anlan.warning.models import CapMessage

_DAY_S = 24 * 3600


@bounded
def atom(request: PublicRequest) -> Answer:
    return Answer(write_atom(_feed("portal:atom", request.now)), "application/atom+xml; charset=utf-8")


@bounded
def rss(request: PublicRequest) -> Answer:
    return Answer(write_rss(_feed("portal:rss", request.now)), "application/rss+xml; charset=utf-8")


@bounded
def cap(request: PublicRequest, message_id: uuid.UUID) -> Answer:
    row = reading.message(message_id)
    return Answer(row.document.encode(), f"{CAP_TYPE}; charset=utf-8", kept_s=_DAY_S)


def _feed(route: str, at: datetime) -> Feed:
    rows = reading.messages(at=at)
    county = county_name()
    # Texts of the feed are content for people of the county, like those of the messages.
    return Feed(
        id=_address(route),
        title=f"{county}预警信息",
        link=_address(route),
        updated=newest((row.sent_at for row in rows), datetime(at.year, at.month, at.day, tzinfo=UTC)),
        author=county,
        subtitle="转发依法发布的预警信息，每条注明发布单位",
        entries=tuple(_entry(row) for row in rows),
    )


def _entry(row: CapMessage) -> Entry:
    alert = read(row.document.encode())
    info = alert.infos[0]
    link = _address("portal:cap", message_id=row.pk)
    return Entry(
        id=link,
        title=info.headline or info.event,
        link=link,
        updated=alert.sent,
        published=alert.sent,
        summary=info.description,
        author=info.sender_name,
        categories=info.categories,
    )


def _address(route: str, **keys: object) -> str:
    return f"{settings.ANLAN_BASE_URL}{reverse(route, kwargs=keys)}"
