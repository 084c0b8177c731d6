"""Asks feeds of others: CAP, ATOM, RSS or national JSON over HTTP, with every bound that a foreign answer needs.

`ask` speaks to the network and knows no database; `poll_due` claims a feed, asks, and stores in a transaction of its own.
A page instead of a feed, an answer that never ends, a redirect to another host: each is an error that people see on the page.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from django.db import IntegrityError, transaction

from anlan.cap import feeds, parse
from anlan.cap.reasons import CapRefused
from anlan.journal import clocks, leases
from anlan.kernel.actor import Actor, system
from anlan.kernel.refusals import Refusal
from anlan.warning.models import FeedSource, IncomingMessage
from anlan.warning.services.incoming import MOST_BYTES, take

#: Longest answer and longest time for one request, seconds; alerts taken from one answer; links followed. Engineering choices.
ANSWER_S = 10.0
ENTRIES_MOST = 200
LINKS_MOST = 50
REDIRECTS_MOST = 3
#: A feed that fails is asked less and less often, up to this many times its interval.
SLOWEST = 8


class FeedProblem(Exception):
    """Why a feed gave nothing, in a few words for the page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a feed said. `is_new` is false for 304."""

    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    is_new: bool = True


def ask(client: httpx.Client, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
    """One GET with caps on size and time. Redirects are followed only on the same host. Raises `FeedProblem`."""
    headers = {
        "Accept": "application/cap+xml, application/atom+xml, application/rss+xml, application/xml, application/json"
    }
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": last_modified} if last_modified else {}
    until = time.monotonic() + ANSWER_S
    for _hop in range(REDIRECTS_MOST + 1):
        check_address(url)
        try:
            with client.stream("GET", url, headers=headers) as answer:
                if answer.is_redirect:
                    url = _next_hop(url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code == 304:
                    return Answer(is_new=False, etag=etag, last_modified=last_modified)
                if answer.status_code != 200:
                    raise FeedProblem(f"HTTP {answer.status_code}")
                body = b"".join(_bounded(answer, until))
                return Answer(
                    body, answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:60]
                )
        except httpx.HTTPError as error:
            raise FeedProblem(type(error).__name__) from error
    raise FeedProblem("too many redirects")


def check_address(url: str) -> None:
    """Only http and https with a host: never a file, never a name with a password in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise FeedProblem("only http and https addresses are asked")


def _next_hop(url: str, location: str) -> str:
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if not location or (there.hostname, there.port) != (here.hostname, here.port):
        raise FeedProblem("redirected to another host")
    if here.scheme == "https" and there.scheme != "https":
        raise FeedProblem("redirected from https to http")
    return target


def _bounded(answer: httpx.Response, until: float) -> Iterator[bytes]:
    size = 0
    for chunk in answer.iter_bytes():
        size += len(chunk)
        if size > MOST_BYTES:
            raise FeedProblem(f"more than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise FeedProblem(f"no end after {ANSWER_S:.0f} s")
        yield chunk


def alerts_in(body: bytes, base: str) -> tuple[list[bytes], list[tuple[str, str]]]:
    """The messages that stand in an answer, and (id, link) of those that only an entry names. Raises `FeedProblem`."""
    start = body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise FeedProblem("an HTML page, no feed")
    if start[:1] in (b"{", b"[") or start.startswith(b"var "):
        return _json_items(body), []
    try:
        document = parse.read_document(body)
    except CapRefused as refused:
        raise FeedProblem(refused.sentence()[:200]) from refused
    if document.wrapping in (parse.Wrapping.ALERT, parse.Wrapping.EDXL):
        return [body], []
    inside = [_bytes_of(element) for element in document.elements]
    linked = [
        (entry.id or entry.link, urljoin(base, entry.link))
        for entry in feeds.read_feed(document).entries[:ENTRIES_MOST]
        if entry.link and not entry.has_alert
    ]
    return inside[:ENTRIES_MOST], linked


def _bytes_of(element: object) -> bytes:
    from lxml import etree

    data: bytes = etree.tostring(element, encoding="utf-8")  # type: ignore[call-overload]  # an lxml element
    return data


def _json_items(body: bytes) -> list[bytes]:
    """One object, a list of them, or {"data": […]} as list services give them."""
    import msgspec

    if not body.lstrip().startswith(b"["):
        try:
            found = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return [body]
        listed = found.get("data") if isinstance(found, dict) else None
        return (
            [msgspec.json.encode(one) for one in listed[:ENTRIES_MOST]]
            if isinstance(listed, list)
            else [body]
        )
    try:
        rows = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FeedProblem("malformed JSON") from error
    return [bytes(row) for row in rows[:ENTRIES_MOST]]


def poll_due(client: httpx.Client, *, owner: str) -> int:
    """Ask every feed whose time has come. Returns how many were asked."""
    run = clocks.default_exercise_id()
    rows = leases.due(FeedSource, "next_poll_at", at=clocks.now(run), exercise_id=run, is_active=True)
    claimed = leases.claim(rows, owner=owner, wall_now=clocks.wall_now(), limit=5)
    for feed in claimed:
        poll(client, feed, at=clocks.now(run))
    leases.release(claimed)
    return len(claimed)


def poll(client: httpx.Client, feed: FeedSource, *, at: datetime) -> int:
    """Ask one feed and take what is new. Its next time is set whatever happens. Returns how many messages were taken."""
    by = Actor(ref=f"source:{feed.name}", name=feed.name)
    try:
        answer = ask(client, feed.url, etag=feed.etag, last_modified=feed.last_modified)
        taken = _take_answer(client, feed, answer, by, at) if answer.is_new else 0
    except FeedProblem as problem:
        _missed(feed, str(problem), at=at)
        return 0
    except Refusal as refusal:
        _missed(feed, refusal.sentence(), at=at)
        return 0
    _went_well(feed, answer, taken, at=at)
    return taken


def _take_answer(client: httpx.Client, feed: FeedSource, answer: Answer, by: Actor, at: datetime) -> int:
    inside, linked = alerts_in(answer.body, feed.url)
    taken = sum(_take(feed, data, "", by, at) for data in inside)
    followed = 0
    for entry_id, link in linked:
        reference = f"{feed.name}:{entry_id}"[:200]
        if followed >= LINKS_MOST:
            break
        if IncomingMessage.objects.filter(source="cap_feed", reference=reference).exists():
            continue
        if urlsplit(link).hostname != urlsplit(feed.url).hostname:
            raise FeedProblem("an entry points to another host")
        followed += 1
        taken += _take(feed, ask(client, link).body, reference, by, at)
    return taken


def _take(feed: FeedSource, data: bytes, reference: str, by: Actor, at: datetime) -> int:
    """One message in a transaction of its own; bytes that this feed gave before are not kept again. A page shows the others."""
    import hashlib

    digest = hashlib.sha256(data).hexdigest()
    if IncomingMessage.objects.filter(source_name=feed.name, raw_sha256=digest).exists():
        return 0
    if data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise FeedProblem("an HTML page, no alert")
    source = "national_json" if data.lstrip()[:1] in (b"{", b"v") else "cap_feed"
    fields = {
        "source": source,
        "source_name": feed.name,
        "sender": feed.url[:200],
        "reference": reference,
        "may_act": feed.may_act,
        "by": by,
        "at": at,
        "exercise_id": feed.exercise_id,
    }
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                take(data, **fields)  # type: ignore[arg-type]  # the arguments of `take`
            return 1
        except IntegrityError:  # another way in took the same warning in this moment: compare again
            if attempt == 2:
                raise
    return 0


def _went_well(feed: FeedSource, answer: Answer, taken: int, *, at: datetime) -> None:
    fields: dict[str, Any] = {
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "last_poll_at": at,
        "last_good_at": at,
        "last_error": "",
        "misses": 0,
        "taken": feed.taken + taken,
        "next_poll_at": at + timedelta(seconds=feed.every_s),
    }
    with transaction.atomic():
        if feed.misses:
            feed.change(by=system("feeds"), at=at, kind="back", fields=fields)
        else:
            FeedSource.objects.filter(pk=feed.pk).update(**fields)


def _missed(feed: FeedSource, problem: str, *, at: datetime) -> None:
    """The first miss is journaled; each one is on the page, and the feed is asked again after a growing pause."""
    slower = min(2**feed.misses, SLOWEST)
    fields: dict[str, Any] = {
        "last_poll_at": at,
        "last_error": problem[:300],
        "misses": feed.misses + 1,
        "next_poll_at": at + timedelta(seconds=feed.every_s * slower),
    }
    with transaction.atomic():
        if feed.misses == 0:
            feed.change(by=system("feeds"), at=at, kind="lost", fields=fields)
        else:
            FeedSource.objects.filter(pk=feed.pk).update(**fields)
