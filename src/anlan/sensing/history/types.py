"""What history says and refuses. Times are UTC; `t` epoch seconds, hours and days are numbers since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class HistoryUnavailable(Refusal):
    code = "history.unavailable"
    text = _("Readings of settled days cannot be read now: %(why)s.")
    next_step = _("Try again in a minute; newer days are shown as ever.")
    status = 503


#: What `why` may say; pages translate it.
REASONS = (
    _("its reader does not start"),
    _("its reader stopped"),
    _("its reader does not answer"),
    _("the question needs too much memory"),
    _("a settled file cannot be read"),
    _("the question failed"),
)


class HistoryTooSlow(Refusal):
    code = "history.too_slow"
    text = _("The question took longer than %(seconds)s s and was stopped.")
    next_step = _("Ask for a shorter time or fewer stations.")
    status = 503


class SegmentBroken(Exception):
    """What was written is not what was read; the hot file stays in use."""


@dataclass(frozen=True, slots=True)
class SettledDay:
    """A day whose readings are read from `folder`. `sources` are the names of the hot files that went into it."""

    day: int
    folder: Path
    sources: frozenset[str]


class StoredRow(NamedTuple):
    """A reading as it is stored; v is None for "no reading", `received` epoch milliseconds."""

    t: int
    s: int
    v: int | None
    flag: int
    received: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Usable readings of one hour or day, which begins at `start`. `total` is their sum, None where none was usable."""

    start: datetime
    count: int
    total: Decimal | None
    low: Decimal | None
    high: Decimal | None

    @property
    def mean(self) -> Decimal | None:
        return None if self.total is None or not self.count else self.total / self.count
