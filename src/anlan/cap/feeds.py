"""ATOM (RFC 4287) and RSS 2.0 as indexes of CAP messages: reading those of others, building our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from lxml import etree

from anlan.cap import wire
from anlan.cap.parse import Document, Wrapping, alert_elements
from anlan.cap.reasons import Reason, reason
from anlan.cap.safexml import child_text, children, text_of
from anlan.cap.vocab import NS_12, NS_ATOM, VERSION_BY_NS

CAP_TYPE = "application/cap+xml"
_ATOM = f"{{{NS_ATOM}}}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a feed. `link` is where its alert can be had, "" when it is only embedded."""

    id: str
    title: str
    link: str = ""
    updated: datetime | None = None
    published: datetime | None = None
    summary: str = ""
    author: str = ""
    categories: tuple[str, ...] = ()
    #: Whether the alert itself stands in the entry.
    has_alert: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    id: str
    title: str
    link: str = ""
    updated: datetime | None = None
    author: str = ""
    entries: tuple[Entry, ...] = ()
    subtitle: str = ""


def read_feed(document: Document) -> Feed:
    """The index of an ATOM or RSS document. Times that cannot be read are None."""
    if document.wrapping is Wrapping.ATOM:
        return _atom(document.root)
    if document.wrapping is Wrapping.RSS:
        return _rss(document.root)
    raise ValueError(f"no feed: {document.wrapping}")


def check_feed(document: Document) -> list[Reason]:
    """What the format demands and is not there."""
    return _check_atom(document.root) if document.wrapping is Wrapping.ATOM else _check_rss(document.root)


def _atom(root: etree._Element) -> Feed:
    return Feed(
        id=child_text(root, "id"),
        title=child_text(root, "title"),
        link=_link(root),
        updated=_iso(child_text(root, "updated")),
        author=_author(root),
        subtitle=child_text(root, "subtitle"),
        entries=tuple(_atom_entry(one) for one in children(root, "entry")),
    )


def _atom_entry(entry: etree._Element) -> Entry:
    return Entry(
        id=child_text(entry, "id"),
        title=child_text(entry, "title"),
        link=_link(entry),
        updated=_iso(child_text(entry, "updated")),
        published=_iso(child_text(entry, "published")),
        summary=child_text(entry, "summary"),
        author=_author(entry),
        categories=tuple(one.get("term", "") for one in children(entry, "category")),
        has_alert=bool(alert_elements(entry)),
    )


def _link(parent: etree._Element) -> str:
    """The link to the alert: one of its own type first, then the alternate one, then any but the feed itself."""
    links = [one for one in children(parent, "link") if one.get("href")]
    typed = [one for one in links if one.get("type") == CAP_TYPE and one.get("rel") != "self"]
    plain = [one for one in links if one.get("rel", "alternate") == "alternate"]
    others = [one for one in links if one.get("rel") != "self"]
    content = next(children(parent, "content"), None)
    src = "" if content is None else content.get("src", "")
    return next((one.get("href", "") for one in (*typed, *plain, *others)), src)


def _author(parent: etree._Element) -> str:
    author = next(children(parent, "author"), None)
    return "" if author is None else child_text(author, "name")


def _check_atom(root: etree._Element) -> list[Reason]:
    found = [
        reason("cap.feed_missing", place="feed", element=name)
        for name in ("id", "title", "updated")
        if not child_text(root, name)
    ]
    entries = list(children(root, "entry"))
    if not _author(root) and not all(_author(entry) for entry in entries):
        found.append(reason("cap.feed_missing", place="feed", element="author"))
    for space in VERSION_BY_NS:
        if root.find(f"{{{space}}}alert") is not None:
            found.append(reason("cap.alert_outside_entry"))
    for number, entry in enumerate(entries, 1):
        found += _check_atom_entry(entry, f"entry {number}")
    return found


def _check_atom_entry(entry: etree._Element, where: str) -> list[Reason]:
    found = [
        reason("cap.feed_missing", place=where, element=name)
        for name in ("id", "title", "updated")
        if not child_text(entry, name)
    ]
    links = [one for one in children(entry, "link") if one.get("rel", "alternate") == "alternate"]
    if next(children(entry, "content"), None) is None and not links:
        title = child_text(entry, "title") or child_text(entry, "id")
        found.append(reason("cap.entry_without_link", title=title))
    return found


def _rss(root: etree._Element) -> Feed:
    channel = next(children(root, "channel"), root)
    return Feed(
        id=child_text(channel, "link"),
        title=child_text(channel, "title"),
        link=child_text(channel, "link"),
        updated=_rfc(child_text(channel, "lastBuildDate") or child_text(channel, "pubDate")),
        author=child_text(channel, "managingEditor"),
        subtitle=child_text(channel, "description"),
        entries=tuple(_rss_item(one) for one in children(channel, "item")),
    )


def _rss_item(item: etree._Element) -> Entry:
    when = _rfc(child_text(item, "pubDate"))
    enclosure = next(children(item, "enclosure"), None)
    link = child_text(item, "link") or ("" if enclosure is None else enclosure.get("url", ""))
    return Entry(
        id=child_text(item, "guid") or link,
        title=child_text(item, "title"),
        link=link,
        updated=when,
        published=when,
        summary=child_text(item, "description"),
        author=child_text(item, "author"),
        categories=tuple(text_of(one) for one in children(item, "category")),
        has_alert=bool(alert_elements(item)),
    )


def _check_rss(root: etree._Element) -> list[Reason]:
    channel = next(children(root, "channel"), None)
    if channel is None:
        return [reason("cap.feed_missing", place="rss", element="channel")]
    found = [
        reason("cap.feed_missing", place="channel", element=name)
        for name in ("title", "link", "description")
        if next(children(channel, name), None) is None
    ]
    for number, item in enumerate(children(channel, "item"), 1):
        if not child_text(item, "title") and not child_text(item, "description"):
            found.append(reason("cap.feed_missing", place=f"item {number}", element="title/description"))
        if not (_rss_item(item).link or alert_elements(item)):
            found.append(reason("cap.entry_without_link", title=child_text(item, "title")))
    return found


def write_atom(feed: Feed, alerts: Sequence[bytes] = ()) -> bytes:
    """An ATOM index; `alerts` (in the order of the entries) are embedded where they are given."""
    root = etree.Element(f"{_ATOM}feed", nsmap={None: NS_ATOM})  # type: ignore[dict-item]  # the stubs know no default namespace
    _sub(root, "id", feed.id)
    _sub(root, "title", feed.title)
    if feed.subtitle:
        _sub(root, "subtitle", feed.subtitle)
    _sub(root, "updated", _stamp(feed.updated))
    _sub(etree.SubElement(root, f"{_ATOM}author"), "name", feed.author or feed.title)
    etree.SubElement(root, f"{_ATOM}link", rel="self", href=feed.link)
    for number, entry in enumerate(feed.entries):
        _atom_line(root, entry, alerts[number] if number < len(alerts) else b"")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _atom_line(root: etree._Element, entry: Entry, alert: bytes) -> None:
    node = etree.SubElement(root, f"{_ATOM}entry")
    _sub(node, "id", entry.id)
    _sub(node, "title", entry.title)
    _sub(node, "updated", _stamp(entry.updated))
    if entry.published is not None:
        _sub(node, "published", _stamp(entry.published))
    if entry.author:
        _sub(etree.SubElement(node, f"{_ATOM}author"), "name", entry.author)
    for term in entry.categories:
        etree.SubElement(node, f"{_ATOM}category", term=term)
    etree.SubElement(node, f"{_ATOM}link", rel="alternate", type=CAP_TYPE, href=entry.link)
    if entry.summary:
        _sub(node, "summary", entry.summary)
    if alert:
        content = etree.SubElement(node, f"{_ATOM}content", type=CAP_TYPE)
        content.append(etree.fromstring(alert))


def write_rss(feed: Feed, *, language: str = "zh-cn") -> bytes:
    """An RSS 2.0 index with links to the alerts."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": NS_ATOM, "cap": NS_12})
    channel = etree.SubElement(root, "channel")
    _plain(channel, "title", feed.title)
    _plain(channel, "link", feed.link)
    _plain(channel, "description", feed.subtitle or feed.title)
    _plain(channel, "language", language)
    _plain(channel, "lastBuildDate", _rfc_stamp(feed.updated))
    for entry in feed.entries:
        item = etree.SubElement(channel, "item")
        _plain(item, "title", entry.title)
        _plain(item, "link", entry.link)
        _plain(item, "description", entry.summary or entry.title)
        for term in entry.categories:
            _plain(item, "category", term)
        guid = etree.SubElement(item, "guid", isPermaLink="false")
        guid.text = entry.id
        _plain(item, "pubDate", _rfc_stamp(entry.updated))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def newest(moments: Iterable[datetime | None], otherwise: datetime) -> datetime:
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else otherwise


def _sub(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{_ATOM}{name}").text = text


def _plain(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _stamp(moment: datetime | None) -> str:
    return (moment or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc_stamp(moment: datetime | None) -> str:
    return format_datetime((moment or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC))


def _iso(text: str) -> datetime | None:
    try:
        return wire.read_time(text)
    except ValueError:
        return None


def _rfc(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return _iso(text)
    return moment if moment.tzinfo is not None else None
