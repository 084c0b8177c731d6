"""Numbers of broadcast messages: 18 digits of the platform, the day, four digits of sequence (R22). Persisted, never reused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from anlan.dissemination.channels.routing import RouteSettings, route_settings
from anlan.kernel.clock import SHANGHAI

_PLATFORM = re.compile(r"\d{18}")
_NUMBER = re.compile(r"\d{30}")
#: Four digits; what comes after them on one day gets no number and is refused by the channel, never a used one.
LAST = 9_999


def platform_id() -> str:
    """The county's own resource code from `routes.json`, or "" where none is configured. It is never made up."""
    for entry in route_settings("loudspeaker"):
        if entry.kind == "ebd":
            return checked_platform(entry)
    return ""


def checked_platform(entry: RouteSettings) -> str:
    given = entry.text("platform_id")
    if not _PLATFORM.fullmatch(given):
        raise entry.bad("platform_id must be the 18 digits that the platform was given")
    return given


def message_numbers(count: int, *, at: datetime) -> Sequence[str]:
    """`count` new numbers of the day (Beijing time) of `at`; fewer when the day is used up, none without a platform."""
    platform = platform_id() if count else ""
    if not platform:
        return ()
    from anlan.dissemination.services.numbers import next_numbers  # the codec and its tools need no database

    day = f"{at.astimezone(SHANGHAI):%Y%m%d}"
    taken = next_numbers(f"ebm:{platform}:{day}", count)
    return [f"{platform}{day}{number:04d}" for number in taken if number <= LAST]


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
