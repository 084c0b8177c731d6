"""iCalendar (RFC 5545) of shifts: UTC times and stable UIDs; folding and escaping are the library's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

PRODUCT = "-//Anlan//Duty roster//ZH"
#: Octets of one line without its end (section 3.1); what a reader may count on.
LINE_MAX = 75


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One shift. `uid` stays the same as long as the shift does; a changed one has a higher `sequence`."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    stamp: datetime
    description: str = ""
    location: str = ""
    sequence: int = 0
    is_cancelled: bool = False


def calendar(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """The whole file, UTF-8, lines ended by CRLF."""
    from icalendar import Calendar  # only who subscribes pays for it

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for event in events:
        made.add_component(_event(event))
    body: bytes = made.to_ical()
    return body


def _event(event: CalendarEvent) -> Any:  # Any: the library's class, imported late
    from icalendar import Event

    made = Event()
    made.add("uid", event.uid)
    made.add("dtstamp", event.stamp.astimezone(UTC))
    made.add("dtstart", event.starts_at.astimezone(UTC))
    made.add("dtend", event.ends_at.astimezone(UTC))
    made.add("sequence", event.sequence)
    made.add("summary", event.summary)
    if event.description:
        made.add("description", event.description)
    if event.location:
        made.add("location", event.location)
    if event.is_cancelled:
        made.add("status", "CANCELLED")
    return made
