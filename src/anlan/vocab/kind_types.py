"""What a kind of station says about itself; the kinds are in `kind_rows`, looked up through `kinds`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from anlan.vocab.quantities import Quantity, quantity_of


class Family(StrEnum):
    """The six families of A-04, then the wider nets of A-05, A-19, A-27 and the trades of A-06…A-22."""

    FOREST_FIRE = "forest_fire"
    EARTHQUAKE = "earthquake"
    GEOLOGY = "geology"
    METEOROLOGY = "meteorology"
    WATER = "water"
    AGRICULTURE = "agriculture"
    ENVIRONMENT = "environment"
    HEALTH = "health"
    CITY = "city"
    FIRE_SAFETY = "fire_safety"
    WORK_SAFETY = "work_safety"
    VEHICLE = "vehicle"


FAMILY_LABELS: dict[Family, tuple[str, str]] = {
    Family.FOREST_FIRE: ("森林草原火灾", "forest and grassland fire"),
    Family.EARTHQUAKE: ("地震", "earthquake"),
    Family.GEOLOGY: ("地质", "geology"),
    Family.METEOROLOGY: ("气象", "meteorology"),
    Family.WATER: ("水旱", "water and drought"),
    Family.AGRICULTURE: ("农业", "agriculture"),
    Family.ENVIRONMENT: ("生态环境", "air and water quality"),
    Family.HEALTH: ("疫病", "disease"),
    Family.CITY: ("城市安全", "city lifelines"),
    Family.FIRE_SAFETY: ("消防", "fire safety"),
    Family.WORK_SAFETY: ("安全生产", "work safety"),
    Family.VEHICLE: ("车辆", "vehicles"),
}


@dataclass(frozen=True, slots=True)
class KindQuantity:
    """One quantity of a kind. `interval_s` is the usual time between two readings in quiet times, seconds.

    `low` and `high` bound what is plausible here, in the quantity's unit; None takes the quantity's own bound.
    `has_points` means that one device reports it at several points ("displacement_x@G03"). `note` says where a sampling
    interval or a bound comes from if it is more than an engineering default.
    """

    code: str
    interval_s: int
    is_required: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    has_points: bool = False
    note: str = ""

    @property
    def quantity(self) -> Quantity:
        return quantity_of(self.code)

    @property
    def minimum(self) -> Decimal | None:
        return self.quantity.minimum if self.low is None else self.low

    @property
    def maximum(self) -> Decimal | None:
        return self.quantity.maximum if self.high is None else self.high


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact of a station of this kind, by which rules speak of it: {"slope_height_m": 210}."""

    code: str
    zh: str
    en: str
    unit: str = ""
    #: Words that may be given; empty for a number.
    choices: tuple[str, ...] = ()
    is_text: bool = False


#: Facts that a station of any kind may have. A station may report more rarely than its kind does; boards expect what it says.
COMMON_ATTRIBUTES = (Attribute("report_interval_min", "上报间隔", "reports every", "min"),)


@dataclass(frozen=True, slots=True)
class Kind:
    """`sources` are rows of the requirements and rules (A-11, R14). Times are seconds.

    `are_ranges_verified` is False for every kind so far: no standard's list of plausible ranges was seen. Sampling intervals are
    engineering defaults too where a quantity has no note.
    """

    code: str
    zh: str
    en: str
    family: Family
    owner_zh: str
    silent_after_s: int
    quantities: tuple[KindQuantity, ...]
    sources: tuple[str, ...]
    is_enterprise: bool = False
    is_mobile: bool = False
    has_video: bool = False
    #: Read or seen by a person; nobody expects it between two visits.
    is_by_hand: bool = False
    attributes: tuple[Attribute, ...] = ()
    are_ranges_verified: bool = False

    @property
    def facts(self) -> tuple[Attribute, ...]:
        """Facts of this kind, and those of any station."""
        return (*self.attributes, *COMMON_ATTRIBUTES)

    def quantity(self, code: str) -> KindQuantity | None:
        """What the kind says about a quantity, also when it is given with a point."""
        bare = code.partition("@")[0]
        return next((one for one in self.quantities if one.code == bare), None)

    @property
    def required(self) -> tuple[KindQuantity, ...]:
        return tuple(one for one in self.quantities if one.is_required)
