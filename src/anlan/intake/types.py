"""What the verbs of intake take and give."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class IntakeDetails:
    """One call or message as it was told; times UTC. What was not said is empty.

    `reference` names the message at its sender, so that it counts once. `foreign_code` is a division code that this county
    does not have.
    """

    source: str
    text: str
    received_at: datetime
    reference: str = ""
    sender_name: str = ""
    occurred_at: datetime | None = None
    caller_name: str = ""
    caller_post: str = ""
    caller_number: str = ""
    place_words: str = ""
    division: Division | None = None
    foreign_code: str = ""
    lon: float | None = None
    lat: float | None = None
    event_type: str = ""
    casualties: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    told: str = ""
    call_id: str = ""
    recording: str = ""
    unit: Division | None = None
    unit_head_knew_at: datetime | None = None
    needs_signature: bool = False
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Something that may be the same: a message or an incident, with how much speaks for it (0 to 1) and why."""

    kind: str
    id: uuid.UUID
    number: str
    title: str
    place: str
    at: datetime
    score: float
    distance_km: float | None
    same_place: bool
    minutes: int
    words: float
    is_incident: bool = False


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that words may mean. `kind` is "village", "township", "site", "enterprise", "landmark" or "station"."""

    name: str
    kind: str
    division: Division
    within: str
    lon: float | None
    lat: float | None

    @property
    def label(self) -> str:
        """As it is typed and chosen: the name, and where it lies."""
        return f"{self.name}（{self.within}）" if self.within else self.name


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the matrix of sources."""

    source: str
    heard_at: datetime | None
    nil_at: datetime | None
    today: int
    is_silent: bool
    silent_after_h: float | None
