"""Warning levels and colours (R01; Emergency Response Law of the PRC, revised 2024-06-28, warning chapter).

The colour of a warning, the grade of an event and the level of a response are three independent fields.
Colour to CAP severity is a convention (R26, own knowledge, not verified), kept here as one table.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """1 is the most severe; comparisons use `is_worse_than` so that nobody mixes up the direction."""

    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4

    def is_worse_than(self, other: Level | None) -> bool:
        return other is None or self < other

    @property
    def face(self) -> LevelFace:
        return FACES[self]


class LevelFace(NamedTuple):
    """How a level is written: colour words, roman numeral, wording of the law, CAP severity."""

    token: str
    zh: str
    en: str
    roman: str
    wording_zh: str
    severity: str


FACES: dict[Level, LevelFace] = {
    Level.RED: LevelFace("red", "红色", "red", "Ⅰ", "特别严重", "Extreme"),
    Level.ORANGE: LevelFace("orange", "橙色", "orange", "Ⅱ", "严重", "Severe"),
    Level.YELLOW: LevelFace("yellow", "黄色", "yellow", "Ⅲ", "较重", "Moderate"),
    Level.BLUE: LevelFace("blue", "蓝色", "blue", "Ⅳ", "一般", "Minor"),
}
