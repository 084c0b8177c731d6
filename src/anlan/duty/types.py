"""Values that cross the door of the duty room."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One person on duty in a room at a moment. `shift_id` is null for whoever holds the post while no shift is planned."""

    post_kind: str
    post_zh: str
    post_en: str
    person_id: uuid.UUID
    name: str
    role: str
    is_leader: bool
    shift_id: uuid.UUID | None = None
    stands_in_for: str = ""
    checked_in_at: datetime | None = None
    is_late: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """One open thing on a sheet. `is_new` was not on the last one; `is_unknown` when its owner could not be asked."""

    key: str
    title: str
    state_zh: str
    state_en: str
    since: datetime
    due_at: datetime | None
    is_new: bool
    is_unknown: bool
    is_restricted: bool
    #: How many sheets it has been on before this one.
    carried: int


@dataclass(frozen=True, slots=True)
class HandoverGroup:
    """The open things of one kind."""

    code: str
    zh: str
    en: str
    lines: list[HandoverLine]


@dataclass(frozen=True, slots=True)
class HandoverContent:
    """What is printed on a handover sheet."""

    number: str
    room_name: str
    shift_from: datetime
    shift_to: datetime
    given_by: str
    given_at: datetime
    taken_by: str
    taken_at: datetime | None
    taken_words: str
    summary: str
    groups: list[HandoverGroup]
    done: list[HandoverLine]
    on_duty: list[str]
    next_on_duty: list[str]
    #: Of the later signature; the head of the journal's chain.
    chain_seq: int
    chain_hash: str
    given_seq: int
    given_hash: str
    clock_sync: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the duty log. A free note may correct an older one; `corrected_by` is the newer one."""

    entry_id: uuid.UUID
    seq: int | None
    at: datetime
    who: str
    kind: str
    subject: str
    text: str
    is_note: bool
    place: str = ""
    corrects: uuid.UUID | None = None
    corrected_by: uuid.UUID | None = None
    payload: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogContent:
    """The duty log of one room for one interval, oldest first; `is_cut` when there was more than was read."""

    room_name: str
    start: datetime
    end: datetime
    on_duty: list[str]
    lines: list[LogLine]
    is_cut: bool
    chain_seq: int
    chain_hash: str


@dataclass(frozen=True, slots=True)
class RoomStatistics:
    """How one room kept its duty in an interval."""

    room_id: uuid.UUID
    room_name: str
    division_code: str
    called: int
    answered: int
    late: int
    absent: int
    mean_answer_s: float | None
    shifts: int
    checked_in: int
    checked_late: int
    missing: int
    silent_s: int
