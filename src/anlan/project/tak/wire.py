"""Bytes of a TAK line: the first message that names who it is, then events. Pure: no clock, no network, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lxml import etree

from anlan.documents.cot import MOST_BYTES, CotEvent, CotRefused, decode, encode, split

#: The first message is short. Engineering choice.
MOST_AUTH_BYTES = 4 * 1024
#: Events that cannot be read before a line is closed: such a client speaks something else. Engineering choice.
MOST_BROKEN = 50
_AUTH_END = b"</auth>"
PING, PONG = "t-x-c-t", "t-x-c-t-r"


class Cut(Exception):
    """The line is closed; the text is a short reason without anything of the content."""


class Auth(NamedTuple):
    """What `<auth><cot username="…" password="…" uid="…"/></auth>` says."""

    name: str
    key: str


@dataclass(slots=True)
class AuthReader:
    """Collects the first message. What follows it in the same bytes is kept in `rest`."""

    rest: bytes = b""

    def feed(self, data: bytes) -> Auth | None:
        """None while it is not complete. Raises `Cut` for anything else than an auth message."""
        buffer = self.rest + data
        end = buffer.find(_AUTH_END)
        if end < 0:
            self.rest = buffer
            if len(buffer) > MOST_AUTH_BYTES or b"<event" in buffer:
                raise Cut("no auth message")
            return None
        if end > MOST_AUTH_BYTES:
            raise Cut("no auth message")
        head, self.rest = buffer[: end + len(_AUTH_END)], buffer[end + len(_AUTH_END) :]
        return _auth(head)


def _auth(data: bytes) -> Auth:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Cut("no auth message") from None
    cot = root.find("cot") if root.tag == "auth" else None
    if cot is None or etree.ElementTree(root).docinfo.internalDTD is not None:
        raise Cut("no auth message")
    return Auth(cot.get("username", ""), cot.get("password", ""))


class Said(NamedTuple):
    """What came in one go: events to be taken, and how many pings."""

    events: list[CotEvent]
    pings: int


@dataclass(slots=True)
class EventReader:
    """Cuts a stream into events. Half an event waits, two in a segment are two, what cannot be read is counted."""

    buffer: bytearray = field(default_factory=bytearray)
    broken: int = 0

    def feed(self, data: bytes) -> Said:
        """Raises `Cut` where an event does not end, or too much cannot be read."""
        self.buffer += data
        if b">" not in data and len(self.buffer) <= MOST_BYTES:
            return Said([], 0)  # no event ends here: whoever sends byte by byte costs no search each
        try:
            parts, rest = split(bytes(self.buffer))
        except CotRefused as refused:
            raise Cut(str(refused)) from None
        self.buffer = bytearray(rest)
        events: list[CotEvent] = []
        for part in parts:
            try:
                events.append(decode(part))
            except CotRefused:
                self.broken += 1
        if self.broken > MOST_BROKEN:
            raise Cut("too much that is no event")
        return Said(
            [one for one in events if one.type not in (PING, PONG)], sum(one.type == PING for one in events)
        )


def pong(at: datetime) -> bytes:
    return encode(_word("takPong", PONG, at))


def ping(at: datetime) -> bytes:
    """Sent into silence, so that a line that is gone is noticed."""
    return encode(_word("anlan.ping", PING, at))


def gone(uid: str, at: datetime) -> CotEvent:
    """Takes what was shown before off the map of a client."""
    return CotEvent(
        uid=f"anlan.gone.{uid}"[:80], type="t-x-d-d", time=at, start=at, stale=at + timedelta(minutes=1),
        lon=0.0, lat=0.0, how="h-g-i-g-o", removes=uid,
    )  # fmt: skip


def _word(uid: str, kind: str, at: datetime) -> CotEvent:
    moment = at.astimezone(UTC)
    return CotEvent(
        uid=uid, type=kind, time=moment, start=moment, stale=moment + timedelta(seconds=20), lon=0.0, lat=0.0
    )
