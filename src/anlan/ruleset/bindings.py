"""A binding is one rule applied to one stream: which thresholds, which hysteresis. This is what the catalogue carries."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from anlan.ruleset.packs import Pack, load_pack
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of
from anlan.vocab.stages import LEVEL_BY_STAGE, Stage

#: Rain of (window in minutes, stage) in mm; None where the county defined nothing.
RainThresholds = Mapping[tuple[int, Stage], Decimal | float | None]

#: An edge that no value reaches; stands for "not defined".
NEVER = 1 << 60

_DAY_MIN = 24 * 60
_DAY_S = 60 * _DAY_MIN
#: The longest window of a rolling sum or a change; the engine's arrays grow with the longest that is in use.
LONGEST_WINDOW_MIN = 3 * _DAY_MIN
_SLOT_S = 300

Evaluator = Literal["rolling_rain", "level", "below", "rise"]
#: `warn` becomes a warning, `enterprise` an alarm of the enterprise, `condition` only feeds combined rules.
Purpose = Literal["warn", "enterprise", "condition"]
#: Evaluators that look at a span of time, not at the reading alone.
_WINDOWED = frozenset({"rolling_rain", "rise"})


class BadBinding(ValueError):
    """A binding that no evaluator can run; the message names the binding and the field."""


class Binding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rise` has one list a level ("1" red … "4" blue) with one entry a window; a rule without windows has one entry.

    What each evaluator compares (definitions to the letter stand in `ruleset.reference`):

    * `rolling_rain` – the sum over each window; edges in mm.
    * `level` – the reading itself, at or above the edge; edges in the unit of the quantity.
    * `below` – the reading itself, at or under the edge (red has the lowest edge); it clears above edge + `fall_drop`.
    * `rise` – the change over each window, v(now) − v(now − window), in either direction with `is_absolute`; edges in the
      unit of the quantity for the whole window and above zero.

    `rise_hold_s`: how long every reading must have stood at or over the edge before the level is reached (hold time).
    `hold_s`: how long every reading must have stood clear of the fall edge before the level is left (step-down).
    """

    id: str
    station: str
    quantity: str
    evaluator: Evaluator
    rule_id: str
    rule_version: str
    rise: dict[str, list[float | None]]
    hold_s: int
    windows_min: list[int] = []
    fall_ratio: float | None = None
    fall_drop: float | None = None
    max_gap: float = 0.2
    slot_s: int = _SLOT_S
    memory_s: int = _DAY_S
    division: str | None = None
    is_absolute: bool = False
    rise_hold_s: int = 0
    purpose: Purpose = "warn"
    #: What the rule is called in its sentence; the number and version of the rule stand there in any case.
    rule_name_zh: str = ""
    rule_name_en: str = ""

    def __post_init__(self) -> None:
        _check(self)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the catalogue; `Any` because JSON."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    @property
    def windows_s(self) -> tuple[int, ...]:
        """Window lengths in seconds; a rule about the reading itself has one, written as 0."""
        return tuple(60 * minutes for minutes in self.windows_min) or (0,)

    @property
    def rise_gap_s(self) -> int:
        """Readings further apart say nothing about the time between them, so a hold time begins anew."""
        return self.rise_hold_s + 3600

    @property
    def sign(self) -> int:
        """-1 where low is bad: value and edges are negated, so that every evaluator asks "at or over the edge"."""
        return -1 if self.evaluator == "below" else 1

    def edges(self, window: int) -> Edges:
        """Rise and fall edges of the window at this index, in stored integers times `sign`."""
        decimals = quantity_of(self.quantity).decimals
        rises = [
            self._signed(self.rise.get(str(level.value), [None] * (window + 1))[window]) for level in Level
        ]
        return Edges(
            rise=tuple(_scaled(rise, decimals) for rise in rises),
            fall=tuple(_scaled(_fall_of(rise, self.fall_ratio, self.fall_drop), decimals) for rise in rises),
        )

    def _signed(self, edge: float | None) -> float | None:
        return None if edge is None else self.sign * edge


class Edges(NamedTuple):
    """Edges of red, orange, yellow, blue as stored integers; a value at or above the edge counts as over it."""

    rise: tuple[int, ...]
    fall: tuple[int, ...]


class StageMarks(NamedTuple):
    """Characteristic stages of a river station in metres; None where nobody surveyed one."""

    warning_stage: Decimal | float | None = None
    guaranteed_stage: Decimal | float | None = None
    historic_max: Decimal | float | None = None
    #: The zero of the gauge: with this mark the offset of an edge is the stage itself.
    datum: Decimal | float | None = 0


def bindings_for_rain(
    station: str,
    *,
    division: str | None = None,
    thresholds: RainThresholds | None = None,
    pack: Pack | None = None,
) -> list[Binding]:
    """The default table for the station, or the own table of one village below it; no binding when all is blank."""
    pack = pack or load_pack("R12")
    own = {key: value for key, value in (thresholds or {}).items() if value is not None}
    if thresholds is not None and not own:
        return []
    windows = sorted({minutes for minutes, _ in own}) if own else list(pack.rain.windows_min)
    rise = _rise_of_stages(own, windows) if own else {k: list(v) for k, v in pack.rain.rise.items()}
    return [
        Binding(
            id=f"{pack.rule_id}:{station}" + (f":{division}" if division else ""),
            station=station,
            quantity=pack.rain.quantity,
            evaluator="rolling_rain",
            rule_id=pack.rule_id,
            rule_version=pack.version,
            windows_min=windows,
            rise=rise,  # type: ignore[arg-type]  # LevelKey is a str
            fall_ratio=pack.number("fall_ratio"),
            hold_s=int(pack.number("hold_s")),
            memory_s=int(pack.number("memory_s")),
            max_gap=pack.number("max_gap"),
            slot_s=int(pack.number("slot_s")),
            division=division,
        )
    ]


def bindings_for_stage(station: str, marks: StageMarks, *, pack: Pack | None = None) -> list[Binding]:
    """R13 for one river station; no binding where no mark is known."""
    pack = pack or load_pack("R13")
    rise: dict[str, list[float | None]] = {}
    for level, edge in pack.stage.edges.items():
        mark = getattr(marks, edge.mark)
        if mark is not None:
            rise[level] = [float(Decimal(str(mark)) + Decimal(str(edge.offset_m)))]
    if not rise:
        return []
    return [
        Binding(
            id=f"{pack.rule_id}:{station}",
            station=station,
            quantity=pack.stage.quantity,
            evaluator="level",
            rule_id=pack.rule_id,
            rule_version=pack.version,
            rise=rise,
            fall_drop=pack.number("fall_drop"),
            hold_s=int(pack.number("hold_s")),
            memory_s=int(pack.number("memory_s")),
        )
    ]


def _rise_of_stages(
    thresholds: Mapping[tuple[int, Stage], Decimal | float | None], windows: list[int]
) -> dict[str, list[float | None]]:
    rise: dict[str, list[float | None]] = {}
    for stage, level in LEVEL_BY_STAGE.items():
        row = [thresholds.get((minutes, stage)) for minutes in windows]
        if any(value is not None for value in row):
            rise[str(level.value)] = [None if value is None else float(value) for value in row]
    return rise


@lru_cache(maxsize=4096)
def _fall_of(rise: float | None, ratio: float | None, drop: float | None) -> Decimal | None:
    """The lower edge that belongs to a rise edge."""
    if rise is None:
        return None
    edge = Decimal(str(rise))
    return edge * Decimal(str(ratio)) if ratio is not None else edge - Decimal(str(drop or 0))


@lru_cache(maxsize=4096)
def _scaled(value: Decimal | float | None, decimals: int) -> int:
    """The smallest stored integer at or above the edge, so that an integer comparison decides exactly."""
    if value is None:
        return NEVER
    return int(Decimal(str(value)).scaleb(decimals).to_integral_value(rounding=ROUND_CEILING))


def _check(binding: Binding) -> None:
    columns = len(binding.windows_s)
    if binding.evaluator in _WINDOWED:
        _check_windows(binding)
    elif binding.windows_min:
        raise BadBinding(f"{binding.id}: windows_min belongs to rolling_rain and rise only")
    for level, row in binding.rise.items():
        if level not in {"1", "2", "3", "4"}:
            raise BadBinding(f"{binding.id}: rise has the level {level!r}; levels are 1 to 4")
        if len(row) != columns:
            raise BadBinding(f"{binding.id}: rise[{level}] has {len(row)} values for {columns} windows")
    _check_fall(binding)
    if not 0 <= binding.max_gap < 1 or binding.hold_s < 0 or not 0 < binding.memory_s <= _DAY_S:
        raise BadBinding(f"{binding.id}: max_gap, hold_s or memory_s (up to one day) is out of range")
    if not 0 <= binding.rise_hold_s <= _DAY_S:
        raise BadBinding(f"{binding.id}: rise_hold_s is {binding.rise_hold_s}; it lies between 0 and one day")


def _check_fall(binding: Binding) -> None:
    if binding.fall_ratio is not None and not 0 < binding.fall_ratio <= 1:
        raise BadBinding(f"{binding.id}: fall_ratio is {binding.fall_ratio}; it lies above 0 and up to 1")
    if binding.fall_drop is not None and binding.fall_drop < 0:
        raise BadBinding(f"{binding.id}: fall_drop is {binding.fall_drop}; it is zero or more")
    if binding.fall_ratio is not None and binding.evaluator == "below":
        raise BadBinding(f"{binding.id}: a share of an edge means nothing where low is bad; use fall_drop")
    if binding.is_absolute and binding.evaluator != "rise":
        raise BadBinding(f"{binding.id}: is_absolute belongs to rise only")
    edges = [edge for row in binding.rise.values() for edge in row if edge is not None]
    if binding.evaluator == "rise" and any(edge <= 0 for edge in edges):
        raise BadBinding(f"{binding.id}: the edges of a change are above zero")


def _check_windows(binding: Binding) -> None:
    if binding.slot_s != _SLOT_S:
        raise BadBinding(f"{binding.id}: windows need five-minute slots")
    if binding.evaluator == "rolling_rain" and quantity_of(binding.quantity).decimals != 1:
        raise BadBinding(f"{binding.id}: rolling rain needs five-minute slots of 0.1 mm")
    if not binding.windows_min:
        raise BadBinding(f"{binding.id}: {binding.evaluator} needs at least one window")
    for minutes in binding.windows_min:
        if not 5 <= minutes <= LONGEST_WINDOW_MIN or minutes % 5:
            raise BadBinding(
                f"{binding.id}: a window of {minutes} minutes; use multiples of 5 up to {LONGEST_WINDOW_MIN}"
            )
