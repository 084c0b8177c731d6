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


# -- the duty room: grades of incidents, clocks of reports, what a report says, working days

#: Figures that a table may name (`vocab.figures`); "" = none.
FigureCode = Literal[
    "",
    "deaths",
    "missing",
    "serious_injuries",
    "injured",
    "trapped",
    "at_risk",
    "affected",
    "evacuated",
    "houses_destroyed",
    "households_destroyed",
    "houses_severely_damaged",
    "houses_slightly_damaged",
    "crops_ha",
    "burnt_ha",
    "direct_loss_yuan",
    "magnitude",
    "population_density",
    "threatened",
    "threatened_yuan",
]
#: Grades of events (R01), 特别重大 to 一般: no colours, those are of warnings.
GradeKey = Literal["g1", "g2", "g3", "g4"]
#: Whether missing people count among the dead: not at all, from the start, or after the days of the parameters (R03).
MissingCount = Literal["", "at_once", "after_days"]
#: Where a column holds: everywhere, or in one of the two areas of R24 by density of population.
AreaKind = Literal["", "dense", "fairly_dense"]
#: Who has a duty or gets a report, from below to above; "own" is whoever reports, "upper" the level above it.
Tier = Literal["", "own", "upper", "unit", "township", "county", "city", "province", "ministry"]


class GradeColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One indicator: from which value on it makes each grade (以上 includes the number); null = it never makes that grade.

    `also` is a second figure added to the first. `share_of` names a parameter that the value is divided by (as per cent);
    a parameter of 0 means that nobody entered it, and the column is left out.
    """

    figure: FigureCode
    from_1: float | None
    from_2: float | None
    from_3: float | None
    from_4: float | None
    source: str
    verified: bool = False
    also: FigureCode = ""
    missing: MissingCount = ""
    area: AreaKind = ""
    share_of: Literal["", "province_gdp_yuan"] = ""

    def edges(self) -> tuple[float | None, ...]:
        """The lowest values of grades 1 to 4."""
        return (self.from_1, self.from_2, self.from_3, self.from_4)


class IncidentGradeTable(Table, frozen=True):
    """The grade of an incident is the most severe one that any column reaches.

    `grading` is that of `vocab.incidents.TYPES`; `threat` limits the table to 险情, which nothing has struck yet.
    """

    grading: Literal["accident", "forest_fire", "geohazard", "earthquake", "disaster"]
    columns: list[GradeColumn]
    threat: bool = False


class NearRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    figure: FigureCode
    at_least: float
    source: str
    verified: bool = False
    also: FigureCode = ""


class NearMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only a person can see; `code` is what a caller names."""

    code: str
    zh: str
    en: str
    source: str
    verified: bool = False


class NearSeriousTable(Table, frozen=True):
    """较大涉险 (R04): any row or any mark is enough."""

    rows: list[NearRow]
    marks: list[NearMark]


class LeadRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which level leads at a grade, and what the county must do meanwhile (R02)."""

    grade: GradeKey
    leader: Tier
    zh: str
    en: str
    source: str
    verified: bool = False


class LeadingTable(Table, frozen=True):
    rows: list[LeadRow]


class ChainStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a chain of reports, in order. Its clock starts when `by` knew: the step before it was done, or was due.

    `least` is the mildest grade that the step is for, "g4" = all.
    """

    code: str
    zh: str
    en: str
    by: Tier
    to: Tier
    limit_min: float
    least: GradeKey
    source: str
    verified: bool = False


class ChainTable(Table, frozen=True):
    """R04: steps whose limits follow one another."""

    steps: list[ChainStep]


class Timer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named commitment (R08): from one moment to another within hours. `hazard` "" = of every type, else a `grading`."""

    code: str
    zh: str
    en: str
    starts: Literal["occurred", "known", "ordered"]
    limit_h: float
    source: str
    hazard: Literal["", "earthquake", "disaster"] = ""
    verified: bool = False


class TimersTable(Table, frozen=True):
    timers: list[Timer]


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a report must say. `field` is where an incident keeps it: a field, or "figures" for any count."""

    code: str
    zh: str
    en: str
    field: str
    source: str
    verified: bool = False
    phone: bool = False
    initial: bool = False
    follow_up: bool = False
    final: bool = False


class ElementsTable(Table, frozen=True):
    """Required elements (要素) of reports on one kind of incident; `of` "" = every incident, "restricted" = classes 3 and 4."""

    elements: list[Element]
    of: Literal["", "accident", "restricted", "call"] = ""


class NamedDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day that is not what its weekday says: "YYYY-MM-DD"."""

    day: str
    name: str


class WorkdaysTable(Table, frozen=True):
    """Saturdays and Sundays are free, as are the fixed days ("MM-DD"), unless a make-up day says otherwise."""

    fixed: list[str]
    holidays: list[NamedDay]
    make_up: list[NamedDay]


class ParametersTable(Table, frozen=True):
    """No table: the rule is its parameters."""


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
    "incident_grade": IncidentGradeTable,
    "near_serious": NearSeriousTable,
    "leading": LeadingTable,
    "report_chain": ChainTable,
    "timers": TimersTable,
    "report_elements": ElementsTable,
    "workdays": WorkdaysTable,
    "parameters": ParametersTable,
}

#: Evaluators that the gateway runs on every reading, by way of bindings; the others run in the worker.
FAST = frozenset(
    {"rolling_rain", "level", "id_curve", "calendar", "limits", "change", "pond_minimum", "seal"}
)
SLOW = frozenset({"fire_weather", "pond", "combined", "inverse_velocity", "forecast_sum", "seal"})

#: What the duty room asks for; no station is watched by it, so neither the gateway nor the worker runs it.
DESK = frozenset(
    {
        "incident_grade",
        "near_serious",
        "leading",
        "report_chain",
        "timers",
        "report_elements",
        "workdays",
        "parameters",
    }
)
