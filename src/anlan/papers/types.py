"""What builders of papers give to the verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anlan.documents.paper.content import Content

if TYPE_CHECKING:
    from anlan.incidents.models import Incident
    from anlan.places.models import Division


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper before it has a number. `division` is whose paper it is."""

    kind: str
    title: str
    content: Content
    division: Division
    subject: str = ""
    incident: Incident | None = None
    is_restricted: bool = False
    period_from: datetime | None = None
    period_to: datetime | None = None
    #: Of a report that its own chain has signed: the paper carries that signature and number and waits for no other.
    signed_by: str = ""
    signed_at: datetime | None = None
