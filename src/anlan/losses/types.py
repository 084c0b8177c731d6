"""What the verbs of the statistics take and give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.incidents.models import Incident
    from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class CourseDetails:
    """What is known when a course is opened; times UTC."""

    title: str
    county: Division
    townships: tuple[Division, ...]
    sub_hazards: tuple[str, ...]
    began_at: datetime
    known_at: datetime
    main_hazard: str = ""
    incident: Incident | None = None
    separate_why: str = ""


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """One line of the list of dead and missing people; everything but the state may follow later."""

    name: str = ""
    sex: str = ""
    age: int | None = None
    identity: str = ""
    home: str = ""
    happened_at: datetime | None = None
    place_words: str = ""
    cause_words: str = ""


@dataclass(frozen=True, slots=True)
class HouseDetails:
    """One household of the list of destroyed and damaged houses."""

    head: str
    members: int | None = None
    structure: str = ""
    is_rural: bool = True
    rooms_collapsed: int = 0
    rooms_severe: int = 0
    rooms_slight: int = 0


@dataclass(frozen=True, slots=True)
class TownshipLine:
    """A township on the board: what it submitted last, what its villages filed since, and what it owes."""

    code: str
    name: str
    path: str
    submitted: dict[str, Decimal] | None
    submitted_at: datetime | None
    data_until: datetime | None
    number: int
    is_late: bool
    is_returned: bool
    village_sums: dict[str, Decimal]
    villages_filed: int
    villages_total: int
    has_changed: bool
    due_at: datetime | None
    is_overdue: bool

    @property
    def values(self) -> dict[str, Decimal]:
        return self.submitted if self.submitted is not None else {}

    @property
    def is_zero(self) -> bool:
        return self.submitted is not None and not self.submitted


@dataclass(frozen=True, slots=True)
class Board:
    """The county's board of one course, narrowed to what the reader sees."""

    lines: tuple[TownshipLine, ...]
    sums: dict[str, Decimal]
    #: With what villages filed and townships have not submitted yet.
    live: dict[str, Decimal]
    submitted: int
    total: int


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One indicator of a report with its former value and the explanation of its jump."""

    code: str
    zh: str
    en: str
    unit: str
    value: Decimal
    former: Decimal | None
    needs_why: bool = False
    why: str = ""
    is_part: bool = False

    @property
    def change(self) -> Decimal | None:
        return None if self.former is None else self.value - self.former


@dataclass(frozen=True, slots=True)
class ReportGroup:
    code: str
    zh: str
    en: str
    lines: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that a paper or a workbook prints of one report of the county."""

    report_id: str
    course_number: str
    course_title: str
    county: str
    form_zh: str
    kind_zh: str
    kind_en: str
    hazard_zh: str
    first_hazard_zh: str
    began_at: datetime
    data_until: datetime
    groups: tuple[ReportGroup, ...]
    townships: tuple[tuple[str, dict[str, Decimal]], ...]
    situation: str
    measures: str
    text: str
    explanations: tuple[tuple[str, str], ...]
    reported_to: tuple[str, ...]
    drafted_by: str
    reviewed_by: str
    signed_by: str
    signed_at: datetime | None
    due_at: datetime | None
    is_late: bool
    is_signed: bool
    listed_people: int
    source: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the statistics beside the incident's rolling one; `rolling` None where nobody counted it there."""

    code: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    statistics: Decimal
    rolling: Decimal | None
    source: str = ""
    as_of: datetime | None = None

    @property
    def differs(self) -> bool:
        return self.rolling != self.statistics


@dataclass(frozen=True, slots=True)
class Edit:
    """What the drafter changes in a draft: words, explanations, and figures with the reason for each."""

    situation: str = ""
    measures: str = ""
    explanations: dict[str, str] = field(default_factory=dict)
