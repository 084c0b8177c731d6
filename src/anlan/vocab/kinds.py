"""Kinds of stations: what each measures, who owns it, how often it speaks. A kind is data; code asks for one by name only where a rule is about it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from anlan.vocab.kind_rows import ROWS
from anlan.vocab.kind_types import FAMILY_LABELS, Attribute, Family, Kind, KindQuantity

__all__ = [
    "BY_ZH",
    "FAMILY_LABELS",
    "KINDS",
    "WITH_RAIN",
    "WITH_STAGE",
    "Attribute",
    "Family",
    "Kind",
    "KindQuantity",
    "StationKind",
    "kind_of",
    "main_quantities",
    "plausible_range",
]


class StationKind(StrEnum):
    """The kinds that the rules R12 and R13 look for."""

    RAIN = "rain"
    RIVER = "river"
    RAIN_RIVER = "rain_river"


KINDS: dict[str, Kind] = {kind.code: kind for kind in ROWS}
BY_ZH: dict[str, Kind] = {kind.zh: kind for kind in ROWS}

#: Kinds that report rain of 5 minutes, and kinds that report a stage of a river or a lake.
WITH_RAIN: frozenset[str] = frozenset(kind.code for kind in ROWS if kind.quantity("rain_5min"))
WITH_STAGE: frozenset[str] = frozenset(kind.code for kind in ROWS if kind.quantity("stage"))


def kind_of(code: str) -> Kind:
    """The known kind; for a code that nobody described (a newer node's) one without quantities that bears the code as its name."""
    known = KINDS.get(code)
    return known if known is not None else Kind(code, code, code, Family.CITY, "", 86_400, (), ())


def plausible_range(kind: str, quantity: str) -> tuple[Decimal | None, Decimal | None]:
    """Lower and upper bound of a reading in the quantity's unit, of the kind where it has its own, else of the quantity."""
    of_kind = kind_of(kind).quantity(quantity)
    found = KindQuantity(quantity, 0) if of_kind is None else of_kind
    return found.minimum, found.maximum


def main_quantities(kind: str) -> tuple[str, ...]:
    """The codes that a chart opens with: the required ones, else the first."""
    found = kind_of(kind)
    return tuple(one.code for one in found.required) or tuple(one.code for one in found.quantities[:1])
