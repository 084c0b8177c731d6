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
    """One person on one post at one moment. `points` are filled in by `responsible` only."""

    post_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    role: str
    kind: str
    division_code: str
    points: tuple[ContactPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A person's id and name."""

    person_id: uuid.UUID
    name: str
    division_code: str
