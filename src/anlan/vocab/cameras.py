"""What a camera looks at: hazard areas and shelters (A-14, A-16), and how it is doing."""

from __future__ import annotations

#: Hazard areas by which video is tagged; A-16 names forest fire, flood, typhoon, earthquake and geology, and shelters.
HAZARD_AREAS: dict[str, tuple[str, str]] = {
    "forest_fire": ("林火", "forest fire"),
    "flood": ("防汛", "flood"),
    "typhoon": ("台风", "typhoon"),
    "earthquake": ("地震", "earthquake"),
    "geology": ("地质易发区", "geohazard area"),
    "waterlogging": ("内涝", "waterlogging"),
    "shelter": ("避难场所", "shelter"),
    "enterprise": ("企业", "enterprise"),
    "traffic": ("交通", "traffic"),
}
AREA_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in HAZARD_AREAS.items()}

#: How a camera is doing, as its catalogue or a person said.
CAMERA_STATES: dict[str, tuple[str, str]] = {
    "online": ("在线", "on line"),
    "offline": ("离线", "off line"),
    "unknown": ("未知", "unknown"),
}
STATE_BY_ZH: dict[str, str] = {zh: code for code, (zh, _en) in CAMERA_STATES.items()}

#: An agreement that ends within so many days is shown; a product choice.
AGREEMENT_NOTICE_DAYS = 30
#: How far a camera sees where its catalogue says nothing, metres; an engineering assumption, not verified.
ASSUMED_RANGE_M = 500.0
#: Its opening where the catalogue says nothing, degrees; cameras on towers usually turn all round. Not verified.
ASSUMED_ANGLE_DEG = 360.0
