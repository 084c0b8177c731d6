"""Symbols for plotting (标绘): our own set.

No national or military symbol standard was verified for this list, so none is claimed; codes, names and drawings are ours.
The drawings lie in `console/static/console/symbols/CODE.svg`. The sign inside says the same as the colour.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Shape(StrEnum):
    """What a mark is drawn as: a GeoJSON Point, LineString or Polygon."""

    POINT = "point"
    LINE = "line"
    AREA = "area"


SHAPE_LABELS: dict[Shape, tuple[str, str]] = {
    Shape.POINT: ("点", "point"),
    Shape.LINE: ("线", "line"),
    Shape.AREA: ("面", "area"),
}
#: The GeoJSON type of each shape.
GEOJSON_TYPES: dict[Shape, str] = {
    Shape.POINT: "Point",
    Shape.LINE: "LineString",
    Shape.AREA: "Polygon",
}


class Symbol(NamedTuple):
    """`colour` is a custom property of the console's style sheet; `is_dashed` sets lines of one colour apart."""

    zh: str
    en: str
    shape: Shape
    colour: str
    is_dashed: bool = False


_OWN, _DANGER, _ATTENTION = "--level-blue", "--level-red", "--level-orange"
_SAFE, _LOST, _PLAIN = "--state-done", "--state-lost", "--ink-soft"

SYMBOLS: dict[str, Symbol] = {
    "command_post": Symbol("指挥部", "command post", Shape.POINT, _OWN),
    "staging_area": Symbol("集结点", "staging area", Shape.POINT, _OWN),
    "team": Symbol("队伍", "team", Shape.POINT, _OWN),
    "shelter": Symbol("安置点", "shelter", Shape.POINT, _SAFE),
    "supply_point": Symbol("物资点", "supply point", Shape.POINT, _SAFE),
    "medical_point": Symbol("医疗点", "medical point", Shape.POINT, _SAFE),
    "helicopter_landing": Symbol("直升机起降点", "helicopter landing", Shape.POINT, _OWN),
    "trapped_people": Symbol("被困人员", "trapped people", Shape.POINT, _DANGER),
    "blocked_road": Symbol("道路中断", "blocked road", Shape.POINT, _DANGER),
    "dyke_breach": Symbol("堤坝决口", "dyke breach", Shape.POINT, _DANGER),
    "landslide": Symbol("滑坡点", "landslide", Shape.POINT, _DANGER),
    "water_level_mark": Symbol("水位标记", "water level mark", Shape.POINT, _ATTENTION),
    "power_cut": Symbol("停电", "power cut", Shape.POINT, _LOST),
    "telecom_cut": Symbol("通信中断", "telecom cut", Shape.POINT, _LOST),
    "text": Symbol("文字", "text", Shape.POINT, _PLAIN),
    "fire_edge": Symbol("火线", "fire edge", Shape.LINE, _DANGER),
    "cordon": Symbol("警戒线", "cordon", Shape.LINE, _ATTENTION, is_dashed=True),
    "evacuation_route": Symbol("转移路线", "evacuation route", Shape.LINE, _SAFE),
    "line": Symbol("自由线", "free line", Shape.LINE, _PLAIN),
    "danger_area": Symbol("危险区域", "danger area", Shape.AREA, _DANGER),
    "area": Symbol("自由面", "free area", Shape.AREA, _PLAIN),
}
#: What a point, line or area of a TAK client becomes that names no symbol of ours.
FREE: dict[Shape, str] = {Shape.POINT: "text", Shape.LINE: "line", Shape.AREA: "area"}


def symbols_of(shape: Shape) -> dict[str, Symbol]:
    """The symbols that are drawn as this shape, in the order of the palette."""
    return {code: one for code, one in SYMBOLS.items() if one.shape is shape}
