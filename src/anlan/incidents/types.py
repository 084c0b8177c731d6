"""What the verbs of incidents take and give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class FigureDetails:
    """One counted thing. `scope` None is the incident's own place."""

    code: str
    value: Decimal
    source: str
    as_of: datetime
    scope: Division | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class IncidentDetails:
    """What is known of an incident when it is opened; times UTC. Where `occurred_at` is unknown it is None."""

    title: str
    event_type: str
    division: Division
    informant: str
    known_at: datetime
    occurred_at: datetime | None = None
    kind: str = "impact"
    place_words: str = ""
    lon: float | None = None
    lat: float | None = None
    unit: Division | None = None
    unit_head_knew_at: datetime | None = None
    course: str = ""
    cause_words: str = ""
    measures: str = ""
    trend: str = ""
    reference: str = ""
    is_sensitive: bool = False
    sensitive_why: str = ""
    figures: tuple[FigureDetails, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a grade: one indicator, in Chinese and English, with the rule that says so."""

    zh: str
    en: str
    rule: str
    level: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A computed grade with its reasons; `regrade_at` is when the missing begin to count as dead (R03), `is_complete` whether nothing needed was absent."""

    grade: int | None
    reasons: tuple[Reason, ...] = ()
    regrade_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rolling:
    """The present value of one counted thing: from whom, as of when, and whether sources of the same place disagree."""

    code: str
    value: Decimal
    source: str
    as_of: datetime
    is_verified: bool
    disagree: tuple[tuple[str, Decimal], ...] = ()
