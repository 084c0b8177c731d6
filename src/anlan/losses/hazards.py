"""Hazards of the disaster statistics: what a county reports (sub-hazard) and the first-level hazard above it (R06).

The codes are our own; the names follow R06. Several sub-hazards at once are one course with a main one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from anlan.losses.refusals import MainHazardMissing, UnknownHazard


class SubHazard(NamedTuple):
    first: str
    zh: str
    en: str


FIRST: dict[str, tuple[str, str]] = {
    "flood": ("洪涝灾害", "flood"),
    "drought": ("干旱灾害", "drought"),
    "typhoon": ("台风灾害", "typhoon"),
    "wind_hail": ("风雹灾害", "wind and hail"),
    "cold": ("低温冷冻灾害", "low temperature"),
    "snow": ("雪灾", "snow"),
    "sand": ("沙尘暴灾害", "sand storm"),
    "earthquake": ("地震灾害", "earthquake"),
    "geological": ("地质灾害", "geological disaster"),
    "marine": ("海洋灾害", "marine disaster"),
    "fire": ("森林草原火灾", "forest or grass fire"),
    "biological": ("生物灾害", "major biological disaster"),
}
SUB: dict[str, SubHazard] = {
    "flood": SubHazard("flood", "洪涝", "flood"),
    "flash_flood": SubHazard("flood", "山洪", "flash flood"),
    "drought": SubHazard("drought", "干旱", "drought"),
    "typhoon": SubHazard("typhoon", "台风", "typhoon"),
    "gale": SubHazard("wind_hail", "大风", "gale"),
    "hail": SubHazard("wind_hail", "冰雹", "hail"),
    "lightning": SubHazard("wind_hail", "雷击", "lightning"),
    "cold": SubHazard("cold", "低温冷冻", "low temperature"),
    "snow": SubHazard("snow", "雪灾", "snow"),
    "sand": SubHazard("sand", "沙尘暴", "sand storm"),
    "earthquake": SubHazard("earthquake", "地震", "earthquake"),
    "collapse": SubHazard("geological", "崩塌", "rock fall"),
    "landslide": SubHazard("geological", "滑坡", "landslide"),
    "debris_flow": SubHazard("geological", "泥石流", "debris flow"),
    "storm_surge": SubHazard("marine", "风暴潮", "storm surge"),
    "tsunami": SubHazard("marine", "海啸", "tsunami"),
    "forest_fire": SubHazard("fire", "森林草原火灾", "forest or grass fire"),
    "biological": SubHazard("biological", "生物灾害", "major biological disaster"),
}
#: Which sub-hazard a type of incident (vocab.incidents) begins with.
OF_INCIDENT: dict[str, str] = {
    "flood": "flood",
    "flash_flood": "flash_flood",
    "drought": "drought",
    "wind_hail": "hail",
    "cold": "cold",
    "snow": "snow",
    "earthquake": "earthquake",
    "landslide": "landslide",
    "collapse": "collapse",
    "debris_flow": "debris_flow",
    "forest_fire": "forest_fire",
}


def main_of(subs: Iterable[str], main: str = "") -> tuple[list[str], str, str]:
    """The sub-hazards in order without repeats, the main one and its first-level hazard.

    One hazard is its own main one. Of several somebody must say which is the main one: it names the whole course, and the
    city and the province count the course under its first-level hazard only (R06).
    """
    listed = list(dict.fromkeys(subs))
    for code in (*listed, *filter(None, [main])):
        if code not in SUB:
            raise UnknownHazard(given=code)
    if not listed and main:
        listed = [main]
    if len(listed) == 1 and not main:
        main = listed[0]
    if main not in listed:
        raise MainHazardMissing
    return listed, main, SUB[main].first
