"""Values that cross the door of the directory."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One way to reach a person. `verified_at` is when somebody last answered on it or checked it, None for never."""

    kind: str
    value: str
    verified_at: datetime | None
    id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """One person on one post at one moment. `points` are filled in by `responsible` only, and so is what the roster says:

    `is_off_duty` for somebody who is away, or whose post another person mans by shift; `stands_in_for` names whom a deputy
    replaces; `is_on_shift` for whoever mans the post by shift.
    """

    post_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    role: str
    kind: str
    division_code: str
    points: tuple[ContactPoint, ...] = ()
    is_off_duty: bool = False
    is_on_shift: bool = False
    stands_in_for: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A person's id and name."""

    person_id: uuid.UUID
    name: str
    division_code: str
