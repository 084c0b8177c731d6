"""Values that cross the doors of the warning floor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.sensing.models import Crossing
from anlan.warning.models import HazardWarning, PreAuthorisation


@dataclass(frozen=True, slots=True)
class Concern:
    """A village that a warning concerns and why; the reasons are those of `WarningVillage.because`."""

    code: str
    name: str
    because: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TextIn:
    """What a person wrote in one language for one audience (codes of `texts.AUDIENCES`). Empty parts are not said."""

    language: str
    audience: str = "post"
    headline: str = ""
    body: str = ""
    recommended_action: str = ""
    voice_text: str = ""
    plain_text: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where and whom a person chose beside the villages: GeoJSON of the area, where it comes from, the audience's choice."""

    area: str = ""
    source: str = ""
    audience: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class VillageLine:
    """One village on the warning page. `households`, `people`: in its danger zones where there are any, else of the village."""

    code: str
    name: str
    township: str
    because: str
    detail: str
    zones: tuple[str, ...]
    households: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class WarningDetail:
    """Everything the warning and review pages show. `villages` are only those in the reader's jurisdiction."""

    warning: HazardWarning
    crossing: Crossing | None
    fell: Crossing | None
    villages: tuple[VillageLine, ...]
    villages_total: int
    households: int
    people: int
    #: What `dissemination.queries.progress` says about the call-out; None before one was opened.
    progress: object | None
    permission: PreAuthorisation | None
    replaced_by: uuid.UUID | None
    can_sign: bool
    #: English sentence (translatable) why this reader cannot sign; "" when he can or nothing waits for a signature.
    why_not: str
    sms_segments: int
    #: What about it nobody has confirmed yet, in the reader's language.
    unverified: tuple[str, ...]
    seen_at: datetime
