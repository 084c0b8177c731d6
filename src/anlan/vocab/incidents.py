"""Classes, kinds and types of incidents, and who tells of them (R01; glossary).

The type codes are our own: no national code list of incident types was verified, so none is claimed. A county adds types
in its rule data, never by renaming these.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple


class EventClass(IntEnum):
    """R01, Emergency Response Law (revised 2024-06-28) Art. 2–3. Class 4 may have no grade."""

    NATURAL = 1
    ACCIDENT = 2
    HEALTH = 3
    SECURITY = 4


CLASS_LABELS: dict[EventClass, tuple[str, str]] = {
    EventClass.NATURAL: ("自然灾害", "natural disaster"),
    EventClass.ACCIDENT: ("事故灾难", "accident"),
    EventClass.HEALTH: ("公共卫生事件", "public-health event"),
    EventClass.SECURITY: ("社会安全事件", "social-security event"),
}
#: Class, place, count and reference only; restricted reading, no statistics (requirements Q-01, Q-02).
RESTRICTED = frozenset({EventClass.HEALTH, EventClass.SECURITY})

#: Grades of incidents (R01): number to (roman, zh, en). Independent of warning and response levels.
GRADE_LABELS: dict[int, tuple[str, str, str]] = {
    1: ("Ⅰ", "特别重大", "extremely serious"),
    2: ("Ⅱ", "重大", "serious"),
    3: ("Ⅲ", "较大", "fairly serious"),
    4: ("Ⅳ", "一般", "ordinary"),
}


class IncidentKind(StrEnum):
    """险情: something threatens; 灾情: something has struck."""

    THREAT = "threat"
    IMPACT = "impact"


KIND_LABELS: dict[IncidentKind, tuple[str, str]] = {
    IncidentKind.THREAT: ("险情", "threatening situation"),
    IncidentKind.IMPACT: ("灾情", "impact"),
}


class IncidentType(NamedTuple):
    """`grading` names the table that grades it ("" = by hand): accident R03, forest_fire R10, geohazard R11, earthquake R24."""

    event_class: EventClass
    zh: str
    en: str
    grading: str = ""


TYPES: dict[str, IncidentType] = {
    "flood": IncidentType(EventClass.NATURAL, "洪涝", "flood", "disaster"),
    "flash_flood": IncidentType(EventClass.NATURAL, "山洪", "flash flood", "disaster"),
    "drought": IncidentType(EventClass.NATURAL, "干旱", "drought", "disaster"),
    "wind_hail": IncidentType(EventClass.NATURAL, "风雹", "wind and hail", "disaster"),
    "cold": IncidentType(EventClass.NATURAL, "低温冷冻", "frost", "disaster"),
    "snow": IncidentType(EventClass.NATURAL, "雪灾", "snow", "disaster"),
    "earthquake": IncidentType(EventClass.NATURAL, "地震", "earthquake", "earthquake"),
    "landslide": IncidentType(EventClass.NATURAL, "滑坡", "landslide", "geohazard"),
    "collapse": IncidentType(EventClass.NATURAL, "崩塌", "rock fall", "geohazard"),
    "debris_flow": IncidentType(EventClass.NATURAL, "泥石流", "debris flow", "geohazard"),
    "ground_subsidence": IncidentType(EventClass.NATURAL, "地面塌陷", "ground subsidence", "geohazard"),
    "forest_fire": IncidentType(EventClass.NATURAL, "森林草原火灾", "forest or grass fire", "forest_fire"),
    "other_natural": IncidentType(EventClass.NATURAL, "其他自然灾害", "other natural disaster"),
    "coal_mine": IncidentType(EventClass.ACCIDENT, "煤矿事故", "coal-mine accident", "accident"),
    "mine": IncidentType(EventClass.ACCIDENT, "非煤矿山事故", "mine accident", "accident"),
    "tailings_pond": IncidentType(EventClass.ACCIDENT, "尾矿库事故", "tailings-pond accident", "accident"),
    "hazardous_chemicals": IncidentType(
        EventClass.ACCIDENT, "危险化学品事故", "hazardous-chemicals accident", "accident"
    ),
    "fireworks": IncidentType(EventClass.ACCIDENT, "烟花爆竹事故", "fireworks accident", "accident"),
    "construction": IncidentType(EventClass.ACCIDENT, "建筑施工事故", "construction accident", "accident"),
    "industry": IncidentType(EventClass.ACCIDENT, "工商贸事故", "industrial accident", "accident"),
    "road_traffic": IncidentType(EventClass.ACCIDENT, "道路交通事故", "road traffic accident", "accident"),
    "fire": IncidentType(EventClass.ACCIDENT, "火灾", "fire", "accident"),
    "gas": IncidentType(EventClass.ACCIDENT, "燃气事故", "gas accident", "accident"),
    "special_equipment": IncidentType(
        EventClass.ACCIDENT, "特种设备事故", "special-equipment accident", "accident"
    ),
    "drowning": IncidentType(EventClass.ACCIDENT, "溺水", "drowning", "accident"),
    "other_accident": IncidentType(EventClass.ACCIDENT, "其他事故", "other accident", "accident"),
    "public_health": IncidentType(EventClass.HEALTH, "公共卫生事件", "public-health event"),
    "social_security": IncidentType(EventClass.SECURITY, "社会安全事件", "social-security event"),
}

#: Types for which the 7-day rule holds in place of the 30-day rule (R03).
SEVEN_DAYS = frozenset({"road_traffic", "fire"})


class Informant(StrEnum):
    """Where something was heard from (requirements D-01, A-29)."""

    C110 = "110"
    C119 = "119"
    C120 = "120"
    C122 = "122"
    C12345 = "12345"
    C12379 = "12379"
    C12350 = "12350"
    C141 = "141"
    PHONE = "phone"
    PORTAL = "portal"
    FIELD = "field"
    TOWNSHIP = "township"
    VILLAGE = "village"
    ENTERPRISE = "enterprise"
    DEPARTMENT = "department"
    STATION = "station"
    OPINION = "opinion"
    MILITARY = "military"
    UPPER = "upper"
    OTHER = "other"


INFORMANT_LABELS: dict[Informant, tuple[str, str]] = {
    Informant.C110: ("110 报警", "110 police"),
    Informant.C119: ("119 消防", "119 fire"),
    Informant.C120: ("120 急救", "120 ambulance"),
    Informant.C122: ("122 交警", "122 traffic police"),
    Informant.C12345: ("12345 热线", "12345 citizens' line"),
    Informant.C12379: ("12379 预警", "12379 warnings"),
    Informant.C12350: ("12350 举报", "12350 safety complaints"),
    Informant.C141: ("基层141平台", "141 grassroots platform"),
    Informant.PHONE: ("值班电话", "duty phone"),
    Informant.PORTAL: ("公众网页", "public page"),
    Informant.FIELD: ("手机速报", "quick report by phone page"),
    Informant.TOWNSHIP: ("乡镇", "township"),
    Informant.VILLAGE: ("村", "village"),
    Informant.ENTERPRISE: ("企业", "enterprise"),
    Informant.DEPARTMENT: ("部门", "department"),
    Informant.STATION: ("监测设备", "station"),
    Informant.OPINION: ("舆情", "public opinion"),
    Informant.MILITARY: ("驻军与兵团", "military"),
    Informant.UPPER: ("上级", "upper level"),
    Informant.OTHER: ("其他", "other"),
}
