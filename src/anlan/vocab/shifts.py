"""Kinds of shifts and of periods that change how a room is manned.

Three modes of duty — daily, statutory holiday, special period — are named by a city bureau's rule (R25, verified there); the
round-the-clock forest-fire watch is requirement A-25; flood season and joint duty (D-20) are practice, wording ours.
"""

from __future__ import annotations

from enum import StrEnum


class ShiftKind(StrEnum):
    DAILY = "daily"
    HOLIDAY = "holiday"
    SPECIAL = "special"
    FOREST_FIRE = "forest_fire"
    FLOOD_SEASON = "flood_season"
    JOINT = "joint"


#: code -> (Chinese, English)
LABELS: dict[ShiftKind, tuple[str, str]] = {
    ShiftKind.DAILY: ("日常", "daily"),
    ShiftKind.HOLIDAY: ("法定节假日", "statutory holiday"),
    ShiftKind.SPECIAL: ("特殊时段", "special period"),
    ShiftKind.FOREST_FIRE: ("7×24森林防火", "forest-fire watch, 24 hours"),
    ShiftKind.FLOOD_SEASON: ("汛期值班", "flood season"),
    ShiftKind.JOINT: ("联合值守", "joint duty"),
}
#: Named by a rule that was read; the others are not.
VERIFIED = frozenset({ShiftKind.DAILY, ShiftKind.HOLIDAY, ShiftKind.SPECIAL})
