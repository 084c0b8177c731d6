"""Values that cross the doors of dissemination."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Meaning(StrEnum):
    """What an answer says; the first three are steps. A note, or having rung back, is not an answer."""

    ANSWERED = "answered"
    ACTING = "acting"
    DONE = "done"
    NOTE = "note"
    RANG_BACK = "rang_back"


class Via(StrEnum):
    """How an answer came."""

    REPLY = "reply"
    KEY = "key"
    LINK = "link"
    TICK = "tick"
    PAGE = "page"
    CALLBACK = "callback"


class Treatment(StrEnum):
    """What became of an event that a provider told us."""

    MATCHED = "matched"
    SECOND_ANSWER = "second_answer"
    CAME_LATE = "came_late"
    UNKNOWN_NUMBER = "unknown_number"
    UNKNOWN_DELIVERY = "unknown_delivery"
    AMBIGUOUS = "ambiguous"
    NOT_AN_ANSWER = "not_an_answer"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """One event of the phone gateway, already checked. `happened_at` is the provider's time, aware, UTC.

    `callback`: somebody rang the number that had called. A `key` with digits collected after it reads "3*12#".
    """

    event_id: str
    type: Literal["receipt", "reply", "keypress", "callback"]
    happened_at: datetime
    client_ref: str = ""
    provider_ref: str = ""
    status: str = ""
    sender: str = ""
    text: str = ""
    key: str = ""


@dataclass(slots=True)
class TakeReport:
    """`refused` lists (event_id, code); a refused event is still kept when its shape was readable."""

    accepted: int = 0
    repeated: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LastFact:
    """The newest thing known about a seat: `code` is a delivery state, a meaning or "queued"; `who` may be empty."""

    code: str
    at: datetime
    who: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One seat as the board shows it. `address` is masked unless the reader may see numbers."""

    seat_id: uuid.UUID
    division_code: str
    village: str
    township_code: str
    township: str
    state: str
    rung: int
    person: str
    role: str
    channel: str
    address: str
    waiting_since: datetime
    waiting_s: int
    next_step_at: datetime | None
    next_step: str
    #: How long the next step is overdue, in seconds; lateness shows even if every timer died.
    late_s: int
    last_fact: LastFact | None
    answered_at: datetime | None
    answered_by: str
    answered_via: str
    households_moved: int | None
    people_moved: int | None
    escalated_to: str
    possibly_twice: bool
    skipped: tuple[tuple[str, str], ...]
    note: str
    #: "owed" or "missing" where somebody said "done" and not what was done; else "".
    feedback: str = ""
    #: The called person, where the seat is one person's and not the place's.
    party: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of seats by state. `heard` have answered at least once; `silent` still owe an answer."""

    total: int
    by_state: dict[str, int]
    #: Seats of a large call-out that are not opened yet; they are not in `total`.
    opening: int = 0

    @property
    def heard(self) -> int:
        return sum(self.by_state.get(state, 0) for state in ("answered", "acting", "done"))

    @property
    def silent(self) -> int:
        return sum(self.by_state.get(state, 0) for state in ("waiting", "unanswered", "lost_contact"))


@dataclass(frozen=True, slots=True)
class TownshipTab:
    code: str
    name: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the call-out page shows. `at` is the run's time at which it was read."""

    rows: list[BoardRow]
    progress: Progress
    townships: list[TownshipTab]
    at: datetime
