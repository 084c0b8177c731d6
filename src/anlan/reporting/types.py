"""What the verbs of reporting take, and what pages and papers read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uuid

    from anlan.places.models import Division
    from anlan.reporting.models import ReportReceiver


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote. `elements` by code; `unknown` are those that are being checked (待核实)."""

    kind: str
    title: str = ""
    elements: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    is_direct: bool = False
    target_tier: str = ""
    known_at: datetime | None = None
    #: Of a township's report: what an incident is made of ("event_type", "division", "occurred_at", "figures").
    facts: dict[str, Any] = field(default_factory=dict)
    period_from: datetime | None = None
    period_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One receiver and the way that was chosen."""

    receiver: ReportReceiver
    way: str


@dataclass(frozen=True, slots=True)
class WordOfMouth:
    """A signature given on the phone: who said yes, when, at which number, as the duty officer wrote it down."""

    signer_person_id: uuid.UUID
    said_at: datetime
    number: str


@dataclass(frozen=True, slots=True)
class ReceiverDetails:
    name: str
    code: str
    tier: str
    ways: tuple[tuple[str, str], ...]
    classes: tuple[int, ...] = ()
    from_grade: int | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """One limit as the rules give it: who (`tier`) must know by when, counted from `starts_at`.

    `code` says what meets it: "phone" any delivery there, "written" one that is not spoken, "image" one with pictures,
    "follow_up" the next report, "knowing" our own knowing, "" only a person's word.
    """

    code: str
    tier: str
    meets: str
    starts_at: datetime
    due_at: datetime
    label_zh: str
    label_en: str
    source: str
    is_verified: bool
    warn_at: datetime | None = None
    is_ours: bool = True
    nth: int = 0
    met_at: datetime | None = None
    met_by: str = ""
    #: Why it no longer runs, "" while it does.
    over_why: str = ""


@dataclass(frozen=True, slots=True)
class ElementValue:
    """One required or usual element of a report (R04, R05)."""

    code: str
    zh: str
    en: str
    words: str
    is_required: bool
    is_missing: bool
    is_unknown: bool
    #: What the report before said; None where it said the same or there was none.
    former: str | None = None

    @property
    def is_changed(self) -> bool:
        return self.former is not None


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A rolling figure as it stood when the report was signed (or stands now, in a draft)."""

    code: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    value: Decimal
    source: str
    as_of: datetime
    is_verified: bool
    former: Decimal | None = None
    #: Whether the value before differs, or it was not told before.
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A report as structure: what a paper prints and an interface sends. Times are UTC."""

    report_id: uuid.UUID
    kind: str
    serial: int
    kind_zh: str
    kind_en: str
    number: str
    title: str
    state: str
    division: Division
    incident_id: uuid.UUID | None
    incident_number: str
    event_class: int | None
    event_type: str
    type_zh: str
    grade: int | None
    is_sensitive: bool
    is_restricted: bool
    is_direct: bool
    known_at: datetime | None
    occurred_at: datetime | None
    place: str
    elements: tuple[ElementValue, ...]
    figures: tuple[FigureValue, ...]
    text: str
    former_title: str
    drafter: str
    reviewer: str
    signer: str
    signed_way: str
    signed_at: datetime | None
    receivers: tuple[str, ...]
    image_ids: tuple[uuid.UUID, ...]
    is_exercise: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextClock:
    """The limit that ends next, for every screen."""

    clock_id: uuid.UUID
    incident_id: uuid.UUID | None
    label_zh: str
    label_en: str
    what: str
    due_at: datetime
    late_count: int
