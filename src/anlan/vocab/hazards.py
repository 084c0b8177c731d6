"""Hazard types a county warns about, with the event code that stands for each in the national format (R26)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class HazardType(StrEnum):
    FLASH_FLOOD = "flash_flood"
    RIVER_FLOOD = "river_flood"
    GEOHAZARD = "geohazard"
    FOREST_FIRE = "forest_fire"
    SILENT_STATION = "silent_station"


class HazardFace(NamedTuple):
    """`event_code` is None where R26 names no code that was verified."""

    zh: str
    en: str
    event_code: str | None


FACES: dict[HazardType, HazardFace] = {
    HazardType.FLASH_FLOOD: HazardFace("山洪", "flash flood", None),
    HazardType.RIVER_FLOOD: HazardFace("洪水", "river flood", "11A01"),
    HazardType.GEOHAZARD: HazardFace("地质灾害", "geohazard", "11B37"),
    HazardType.FOREST_FIRE: HazardFace("森林火险", "forest fire", "11B25"),
    HazardType.SILENT_STATION: HazardFace("测站离线", "silent station", None),
}
