"""Kinds of stations: what each measures, who owns it, how often it speaks. A kind is data; no code asks for one by name but the first three."""

from __future__ import annotations

from enum import StrEnum


class StationKind(StrEnum):
    """The kinds that the rules R12 and R13 look for."""

    RAIN = "rain"
    RIVER = "river"
    RAIN_RIVER = "rain_river"
