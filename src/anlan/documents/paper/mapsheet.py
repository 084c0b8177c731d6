"""A map for a paper: boundaries, points and warned areas as SVG, with a scale bar, a north arrow and a legend. No network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 960, 540
MARGIN, LEGEND = 24, 230
#: A degree of latitude in km.
KM = 111.2
_FONT = "Noto Sans CJK SC, Noto Sans SC, WenQuanYi Zen Hei, SimHei, Microsoft YaHei, sans-serif"
#: Mark, colour and legend. Every mark has a shape of its own: papers are copied in black and white.
MARKS: dict[str, tuple[str, str, str]] = {
    "incident": ("star", "#d4121a", "事件地点"),
    "over": ("triangle", "#c85a00", "超警（超限）测站"),
    "rain": ("drop", "#1668dc", "雨量站（毫米）"),
    "station": ("dot", "#5a6270", "测站"),
}
#: Level to colour and pattern step: red, orange, yellow, blue.
ZONES: dict[int, tuple[str, int, str]] = {
    1: ("#d4121a", 5, "红色预警区"),
    2: ("#f07800", 8, "橙色预警区"),
    3: ("#c79f00", 11, "黄色预警区"),
    4: ("#1668dc", 14, "蓝色预警区"),
}
Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class MapArea:
    """A named area of GeoJSON polygons; `level` 1–4 hatches it, `is_outer` draws the county's own line thicker."""

    name: str
    geometry: dict[str, Any]
    level: int | None = None
    is_outer: bool = False


@dataclass(frozen=True, slots=True)
class MapPoint:
    lon: float
    lat: float
    label: str = ""
    mark: str = "station"


@dataclass(slots=True)
class _Frame:
    """From degrees to pixels; flat, with degrees of longitude shrunk by the latitude. Right for a county."""

    west: float
    north: float
    shrink: float
    scale: float
    left: float = field(default=MARGIN)
    top: float = field(default=MARGIN)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            self.left + (lon - self.west) * self.shrink * self.scale,
            self.top + (self.north - lat) * self.scale,
        )


def map_svg(areas: Sequence[MapArea], points: Sequence[MapPoint] = ()) -> str:
    """The drawing; "" where there is no boundary to draw."""
    frame = _frame(areas)
    if frame is None:
        return ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_patterns(),
    ]
    plain = [area for area in areas if area.level is None]
    hatched = [area for area in areas if area.level is not None]
    parts += [_area(area, frame) for area in sorted(plain, key=lambda area: area.is_outer)]
    parts += [_area(area, frame) for area in hatched]
    taken: list[Spot] = []
    parts += list(_names(plain, frame, taken))
    parts += _points(points, frame, taken)
    parts += _scale(frame) + _north() + _legend(hatched, points)
    return "".join([*parts, "</svg>"])


def rings_of(geometry: dict[str, Any]) -> Iterator[Ring]:
    """The rings of a polygon or of several."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind == "Polygon":
        yield from coordinates
    elif kind == "MultiPolygon":
        for polygon in coordinates:
            yield from polygon


def _frame(areas: Iterable[MapArea]) -> _Frame | None:
    places = [place for area in areas for ring in rings_of(area.geometry) for place in ring]
    if not places:
        return None
    west, east = min(place[0] for place in places), max(place[0] for place in places)
    south, north = min(place[1] for place in places), max(place[1] for place in places)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = WIDTH - LEGEND - 2 * MARGIN, HEIGHT - 2 * MARGIN
    scale = min(wide / max((east - west) * shrink, 1e-6), high / max(north - south, 1e-6))
    frame = _Frame(west, north, shrink, scale)
    frame.left += (wide - (east - west) * shrink * scale) / 2
    frame.top += (high - (north - south) * scale) / 2
    return frame


def _path(geometry: dict[str, Any], frame: _Frame) -> str:
    """Rounded to a pixel, points that fall together are left out: a boundary of 10,000 points stays small."""
    lines = []
    for ring in rings_of(geometry):
        kept: list[tuple[int, int]] = []
        for place in ring:
            x, y = frame.at(place[0], place[1])
            spot = (round(x), round(y))
            if not kept or abs(kept[-1][0] - spot[0]) + abs(kept[-1][1] - spot[1]) >= 2:
                kept.append(spot)
        if len(kept) >= 3:
            lines.append("M" + "L".join(f"{x} {y}" for x, y in kept) + "Z")
    return "".join(lines)


def _patterns() -> list[str]:
    made = []
    for level, (color, step, _name) in ZONES.items():
        made.append(
            f'<pattern id="z{level}" width="{step}" height="{step}" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate({45 if level % 2 else 135})">'
            f'<rect width="{step}" height="{step}" fill="{color}" fill-opacity="0.12"/>'
            f'<rect width="1.6" height="{step}" fill="{color}"/></pattern>'
        )
    return ["<defs>", *made, "</defs>"]


def _area(area: MapArea, frame: _Frame) -> str:
    path = _path(area.geometry, frame)
    if area.level is not None:
        color = ZONES[area.level][0]
        return f'<path d="{path}" fill="url(#z{area.level})" stroke="{color}" stroke-width="1.5" fill-rule="evenodd"/>'
    if area.is_outer:
        return f'<path d="{path}" fill="none" stroke="#20242c" stroke-width="2.6"/>'
    return (
        f'<path d="{path}" fill="#f6f7f9" stroke="#7a818d" stroke-width="1"'
        ' stroke-dasharray="6 3" fill-rule="evenodd"/>'
    )


def _text(x: float, y: float, words: str, size: int, color: str = "#20242c", anchor: str = "start") -> str:
    common = f'x="{x:.0f}" y="{y:.0f}" font-family="{_FONT}" font-size="{size}" text-anchor="{anchor}"'
    halo = f'<text {common} fill="#ffffff" stroke="#ffffff" stroke-width="3">{escape(words)}</text>'
    return f'{halo}<text {common} fill="{color}">{escape(words)}</text>'


Spot = tuple[float, float]


def _names(areas: Iterable[MapArea], frame: _Frame, taken: list[Spot]) -> Iterator[str]:
    for area in areas:
        if area.is_outer:
            continue
        ring = max(rings_of(area.geometry), key=len, default=None)
        if ring:
            spots = [frame.at(place[0], place[1]) for place in ring]
            x, y = (sum(spot[n] for spot in spots) / len(spots) for n in (0, 1))
            taken.append((x - 9.5 * len(area.name), y))
            yield _text(x, y, area.name, 19, "#4a505b", "middle")


def _points(points: Sequence[MapPoint], frame: _Frame, taken: list[Spot]) -> list[str]:
    """The first points matter most: they keep their labels and are drawn over the others."""
    marks: list[str] = []
    labels: list[str] = []
    for point in points:
        x, y = frame.at(point.lon, point.lat)
        if not (0 <= x <= WIDTH - LEGEND and 0 <= y <= HEIGHT):
            continue
        marks.append(_mark(x, y, point.mark))
        # A label that would cover another one is left out: the table beside the map has it.
        if point.label and all(abs(x - ox) > 16 * len(point.label) or abs(y - oy) > 20 for ox, oy in taken):
            taken.append((x, y))
            labels.append(_text(x + 10, y + 5, point.label, 17))
    return [*reversed(marks), *labels]


def _mark(x: float, y: float, mark: str) -> str:
    shape, color, _name = MARKS[mark]
    if shape == "star":
        spots = [
            (x + radius * math.sin(math.pi * n / 5), y - radius * math.cos(math.pi * n / 5))
            for n in range(10)
            for radius in (11 if n % 2 == 0 else 4.6,)
        ]
        drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in spots)
        return f'<polygon points="{drawn}" fill="{color}" stroke="#ffffff" stroke-width="1"/>'
    if shape == "triangle":
        drawn = f"{x:.1f},{y - 8:.1f} {x + 7:.1f},{y + 5:.1f} {x - 7:.1f},{y + 5:.1f}"
        return f'<polygon points="{drawn}" fill="{color}" stroke="#ffffff" stroke-width="1"/>'
    if shape == "drop":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{color}" stroke="#ffffff" stroke-width="1"/>'
    return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{color}"/>'


def _scale(frame: _Frame) -> list[str]:
    """A bar of a round length, at most a quarter of the map."""
    pixels_of_km = frame.scale / KM
    longest = (WIDTH - LEGEND) / 4 / pixels_of_km
    power = 10 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    width = length * pixels_of_km
    x, y = WIDTH - LEGEND + 16, HEIGHT - 40
    half = width / 2
    words = f"{length:g} 公里"
    return [
        f'<rect x="{x:.0f}" y="{y}" width="{half:.1f}" height="6" fill="#20242c"/>',
        f'<rect x="{x + half:.1f}" y="{y}" width="{half:.1f}" height="6" fill="#ffffff" stroke="#20242c"/>',
        _text(x, y - 6, "0", 17),
        _text(min(x + width, WIDTH - 40), y - 6, words, 17, anchor="middle"),
    ]


def _north() -> list[str]:
    x, y = WIDTH - LEGEND + 30, 34
    return [
        f'<polygon points="{x},{y - 16} {x + 8},{y + 14} {x},{y + 7} {x - 8},{y + 14}" fill="#20242c"/>',
        _text(x, y + 34, "北", 19, anchor="middle"),
    ]


def _legend(hatched: Sequence[MapArea], points: Sequence[MapPoint]) -> list[str]:
    x, y = WIDTH - LEGEND + 16, 110
    parts = [_text(x, y, "图  例", 20)]
    lines: list[tuple[str, str]] = [
        (f'<line x1="{x}" y1="{{y}}" x2="{x + 26}" y2="{{y}}" stroke="#20242c" stroke-width="2.6"/>', "县界"),
        (
            f'<line x1="{x}" y1="{{y}}" x2="{x + 26}" y2="{{y}}" stroke="#7a818d" stroke-dasharray="6 3"/>',
            "乡镇界",
        ),
    ]
    for level in sorted({area.level for area in hatched if area.level is not None}):
        box = f'<rect x="{x}" y="{{t}}" width="26" height="14" fill="url(#z{level})" stroke="{ZONES[level][0]}"/>'
        lines.append((box, ZONES[level][2]))
    for mark in [mark for mark in MARKS if any(point.mark == mark for point in points)]:
        lines.append((f"mark:{mark}", MARKS[mark][2]))
    for number, (shape, name) in enumerate(lines):
        row = y + 32 * (number + 1)
        if shape.startswith("mark:"):
            parts.append(_mark(x + 13, row - 5, shape[5:]))
        else:
            parts.append(shape.format(y=row - 5, t=row - 12))
        parts.append(_text(x + 36, row, name, 17))
    return parts
