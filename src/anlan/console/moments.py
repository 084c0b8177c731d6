"""Times as people type them: in Asia/Shanghai unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.console.refusals import NoSuchMoment
from anlan.kernel.clock import SHANGHAI

#: Beyond these a page cannot step to the day before or after.
YEARS = (1900, 9998)


def parse_moment(text: str) -> datetime:
    """ "2026-07-01T02:14" (Asia/Shanghai), or with a zone of its own; UTC. Raises `NoSuchMoment`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NoSuchMoment(value=text[:40]) from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise NoSuchMoment(value=text[:40])
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def input_moment(moment: datetime) -> str:
    """As an `<input type="datetime-local">` wants it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
