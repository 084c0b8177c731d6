"""What callers give to the verbs of the case library, and what they get back when cases are offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.incidents.models import Incident
    from anlan.places.models import Division
    from anlan.review.models import CaseRecord, Review


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """A case before it is stored. `division` is the place that it is kept for; a case from elsewhere is kept for the county.

    `source` is where it is known from, in the words of whoever writes it. `tags` are codes of `incidents.tags`.
    """

    title: str
    event_type: str
    division: Division
    happened_on: date | None = None
    place_words: str = ""
    tags: tuple[str, ...] = ()
    summary: str = ""
    course: str = ""
    lessons: str = ""
    source: str = ""
    incident: Incident | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A case that may help now, and why: `place` is "same", "near" or ""."""

    case: CaseRecord
    is_same_type: bool
    place: str
    tags: tuple[str, ...]

    @property
    def weight(self) -> int:
        return (4 if self.is_same_type else 1) + {"same": 3, "near": 2}.get(self.place, 0) + len(self.tags)
