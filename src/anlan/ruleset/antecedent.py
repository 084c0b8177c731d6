"""Antecedent rain and the soil state that it stands for: dry, normal or wet chooses the column of thresholds (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.tables import SoilState

SOIL_WORDS: dict[SoilState, tuple[str, str]] = {
    "dry": ("土壤偏干", "dry soil"),
    "normal": ("土壤含水一般", "normal soil"),
    "wet": ("土壤湿润", "wet soil"),
}


class SoilWanted(NamedTuple):
    """Daily decay 0 < k < 1, and the edges of the index in mm: below `dry_below` dry, from `wet_from` on wet."""

    decay: float
    dry_below: float
    wet_from: float


class Soil(NamedTuple):
    """`missing_days`: days without enough readings; their rain is unknown, so a low index is not trusted."""

    state: SoilState
    rain_index: Decimal
    missing_days: int


def antecedent_index(daily_mm: Sequence[Decimal | None], decay: float) -> Decimal:
    """Pa = Σ kⁱ · Pᵢ with i = 1 for yesterday; `daily_mm` newest first, None counts as no rain known."""
    k = Decimal(str(decay))
    return sum((k**i * rain for i, rain in enumerate(daily_mm, start=1) if rain is not None), Decimal(0))


def soil_state(daily_mm: Sequence[Decimal | None], wanted: SoilWanted) -> Soil:
    """The state by the index. With a day missing the soil is never called dry: the true index can only be larger."""
    index = antecedent_index(daily_mm, wanted.decay)
    missing = sum(rain is None for rain in daily_mm)
    if index >= Decimal(str(wanted.wet_from)):
        return Soil("wet", index, missing)
    if index < Decimal(str(wanted.dry_below)) and not missing:
        return Soil("dry", index, missing)
    return Soil("normal", index, missing)
