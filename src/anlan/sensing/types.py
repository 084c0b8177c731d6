"""Values that cross the door of sensing. Times are aware UTC; values are in the unit of their quantity."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from anlan.sensing.models import Camera, Crossing, Station
from anlan.vocab.levels import Level
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

#: The two rows cross the door to be held and read; only sensing saves them.
__all__ = [
    "BindingLine",
    "Camera",
    "Condition",
    "Crossing",
    "CrossingLine",
    "FrameLine",
    "LatestValue",
    "LinkedVillage",
    "RainSum",
    "Station",
    "StationDetail",
    "StationLine",
    "ThresholdLine",
]


class Condition(StrEnum):
    """How a station stands now, worst first: not heard, never heard, heard with gaps, fine."""

    SILENT = "silent"
    NEVER = "never"
    UNCERTAIN = "uncertain"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class LatestValue:
    """The newest value of one quantity; `value` None means that the station said "no reading"."""

    quantity: str
    value: Decimal | None
    phenomenon_time: datetime
    received_at: datetime
    flag: QualityFlag

    @property
    def unit(self) -> str:
        return quantity_of(self.quantity).unit


@dataclass(frozen=True, slots=True)
class RainSum:
    """Rain of the last `window_min` minutes in mm. A sum with too many gaps is at least this much, never "safe"."""

    window_min: int
    value: Decimal
    missing_slots: int
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class StationLine:
    """A station as lists and the map show it. `age` counts from the newest value's own time; None before the first."""

    id: uuid.UUID
    code: str
    name: str
    kind: str
    division_code: str
    division_name: str
    division_path: str
    lon: float
    lat: float
    condition: Condition
    state_since: datetime | None
    last_heard: datetime | None
    level: Level | None
    level_since: datetime | None
    newest: LatestValue | None
    age: timedelta | None
    rain_1h: RainSum | None
    rain_3h: RainSum | None


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """One threshold with its rule. `village` is "" in the station's own table; `window_min` is None for a stage."""

    rule_id: str
    rule_version: str
    is_verified: bool
    binding: str
    village: str
    window_min: int | None
    level: Level
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class LinkedVillage:
    code: str
    name: str
    has_own_thresholds: bool


@dataclass(frozen=True, slots=True)
class CrossingLine:
    """A crossing as a list shows it."""

    id: uuid.UUID
    binding: str
    quantity: str
    direction: str
    level: Level | None
    previous_level: Level | None
    window_min: int | None
    value: Decimal
    threshold: Decimal | None
    missing_slots: int
    is_late: bool
    phenomenon_time: datetime
    received_at: datetime
    explanation_zh: str
    explanation_en: str


@dataclass(frozen=True, slots=True)
class BindingLine:
    """How one rule on the station stands now."""

    binding: str
    level: Level | None
    level_since: datetime | None
    is_uncertain: bool
    uncertain_windows_min: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A raw frame; `fields` is what the driver makes of it, empty for what is no frame of a known protocol."""

    received_at: datetime
    source: str
    data: bytes
    fields: dict[str, object]

    @property
    def hex(self) -> str:
        return self.data.hex(" ").upper()


@dataclass(frozen=True, slots=True)
class StationDetail:
    """Everything the station page shows but the chart, narrowed to what the actor may see."""

    line: StationLine
    owner: str
    silent_after: timedelta
    is_active: bool
    warning_stage: Decimal | None
    guaranteed_stage: Decimal | None
    historic_max_stage: Decimal | None
    latest: tuple[LatestValue, ...]
    thresholds: tuple[ThresholdLine, ...]
    bindings: tuple[BindingLine, ...]
    villages: tuple[LinkedVillage, ...]
    #: Linked villages outside the actor's jurisdiction; counted, not named.
    other_villages: int
    crossings: tuple[CrossingLine, ...]
    clock_offset_s: float | None
    frames: tuple[FrameLine, ...]
