"""The tables that evaluators ask for, one type each. An unknown field is refused, so a typing error never becomes a silent rule.

Levels are the keys "1" red … "4" blue. Lengths in metres, rain in mm, durations named by their unit. Days of a calendar are
"MM-DD" in local time (Asia/Shanghai).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from anlan.ruleset.quality import QualityRule

LevelKey = Literal["1", "2", "3", "4"]
SoilState = Literal["dry", "normal", "wet"]
Rows = dict[LevelKey, list[float | None]]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table."""


class SoilColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Thresholds for a dry and a wet soil; those for the normal state are the table's own (R12, `R[d, s]`)."""

    dry: Rows
    wet: Rows


class RainTable(Table, frozen=True):
    """Thresholds in mm: one row a level, one column a window (minutes)."""

    quantity: str
    unit: Literal["mm"]
    windows_min: list[int]
    rise: Rows
    soil: SoilColumns | None = None

    def rise_for(self, soil: SoilState) -> Rows:
        """The rows for a soil state; a table without columns of its own has the same for all three."""
        if self.soil is None or soil == "normal":
            return self.rise
        return self.soil.dry if soil == "dry" else self.soil.wet


class StageEdge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level starts at a mark of the station plus an offset in metres; the mark "datum" makes the offset the stage itself."""

    mark: Literal["warning_stage", "guaranteed_stage", "historic_max", "datum"]
    offset_m: float


class StageTable(Table, frozen=True):
    quantity: str
    unit: Literal["m"]
    edges: dict[LevelKey, StageEdge]


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """I = a · D^-b with I in mm/h and D in hours."""

    a: float
    b: float


class IdCurveTable(Table, frozen=True):
    """Intensity–duration curves, read at some durations (minutes) and watched as rolling sums."""

    quantity: str
    unit: Literal["mm"]
    durations_min: list[int]
    curves: dict[LevelKey, Curve]


class GradeTable(Table, frozen=True):
    """How a published risk grade reads as a colour: roman number to level."""

    colours: dict[Literal["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"], LevelKey]


class CalendarStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From the first to the last day, both included ("MM-DD"); may pass the turn of the year."""

    first: str
    last: str
    limit_m: float


class CalendarTable(Table, frozen=True):
    """Flood-limit levels of one reservoir by season, with its design and check flood levels (m)."""

    quantity: str
    unit: Literal["m"]
    stages: list[CalendarStage]
    design_m: float | None = None
    check_m: float | None = None


class LimitsTable(Table, frozen=True):
    """Limits of any quantity, high and low; `points` are measuring points of the device, none = the quantity itself."""

    quantity: str
    unit: str
    above: dict[LevelKey, float | None] = {}
    below: dict[LevelKey, float | None] = {}
    points: list[str] = []


class ChangeTable(Table, frozen=True):
    """A change over a window in the quantity's unit: rise of a stage, velocity of a displacement."""

    quantity: str
    unit: str
    windows_min: list[int]
    rise: Rows
    is_absolute: bool = False
    points: list[str] = []


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points of every value at or above `lowest` (in the order of the list the first that fits); null fits the rest."""

    lowest: float | None
    points: int


class FireTable(Table, frozen=True):
    """HTZ = A + B + C + D − E (R10): factors by value, then grades one to five by their highest HTZ, then colours by grade."""

    temperature: list[Step]
    humidity: list[Step]
    dry_days: list[int]
    wind_force: list[int]
    cover: dict[str, int]
    #: What covers the ground now, a key of `cover`; the county sets it by the season. "" = nobody said.
    cover_now: str
    grades_up_to: list[int]
    levels: dict[Literal["2", "3", "4", "5"], LevelKey]


class PondItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One monitored item of a pond and the quantities that belong to it."""

    code: str
    zh: str
    en: str
    quantities: list[str]


class PondTable(Table, frozen=True):
    """R14: how many points of one level make the next, and the items of a pond."""

    items: list[PondItem]
    blue_to_yellow: int
    yellow_to_orange: int
    orange_to_red: int


class MinimumTable(Table, frozen=True):
    """The least freeboard and dry beach (m) by the grade of the pond, "1" to "5", by way of building the dam."""

    freeboard_quantity: str
    beach_quantity: str
    freeboard_m: dict[str, float]
    beach_upstream_m: dict[str, float]
    beach_other_m: dict[str, float]


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose rules count: one station, or each station of a place or of a catchment; `rule_id` "" stands for its worst."""

    station: str = ""
    division: str = ""
    catchment: str = ""
    rule_id: str = ""
    at_least: LevelKey = "4"


class CombinedTable(Table, frozen=True):
    """All, any, or at least `needed` of the members; `result` fixes the level, else it is the needed-th worst."""

    mode: Literal["all", "any", "n_of"]
    members: list[Member]
    needed: int = 1
    result: LevelKey | None = None


class InverseTable(Table, frozen=True):
    """Inverse velocity: colours by hours left until the fitted line of 1/v reaches zero."""

    quantity: str
    unit: Literal["mm"]
    hours_left: dict[LevelKey, float]
    points: list[str] = []


class ForecastTable(Table, frozen=True):
    """Rain observed in the last hours plus rain forecast for the next ones, in mm."""

    quantity: str
    unit: Literal["mm"]
    observed_h: int
    ahead_h: int
    rise: dict[LevelKey, float | None]


class SealTable(Table, frozen=True):
    """Electronic seal of a mine: what counts as somebody going in, and which attribute says that the mine is sealed."""

    entry_quantity: str
    sealed_attribute: str
    sealed_values: list[str]


class SettingsTable(Table, frozen=True):
    """How one station (or a kind) is watched, where it differs from the register: seconds, [low, high], field names."""

    silent_after_s: int | None = None
    ranges: dict[str, list[float | None]] = {}
    mandatory: list[str] = []
    #: Quality control of single quantities, in place of the shipped rule.
    quality: dict[str, QualityRule] = {}


TABLE_BY_EVALUATOR: dict[str, type[Table]] = {
    "rolling_rain": RainTable,
    "level": StageTable,
    "id_curve": IdCurveTable,
    "weather_grade": GradeTable,
    "calendar": CalendarTable,
    "limits": LimitsTable,
    "change": ChangeTable,
    "fire_weather": FireTable,
    "pond": PondTable,
    "pond_minimum": MinimumTable,
    "combined": CombinedTable,
    "inverse_velocity": InverseTable,
    "forecast_sum": ForecastTable,
    "seal": SealTable,
    "settings": SettingsTable,
}

#: Evaluators that the gateway runs on every reading, by way of bindings; the others run in the worker.
FAST = frozenset(
    {"rolling_rain", "level", "id_curve", "calendar", "limits", "change", "pond_minimum", "seal"}
)
SLOW = frozenset({"fire_weather", "pond", "combined", "inverse_velocity", "forecast_sum", "seal"})
