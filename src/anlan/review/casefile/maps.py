"""The map of the incident: the marks as GeoJSON, and a plain drawing that any browser shows without a map service."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

import orjson

from anlan.places.models import Division
from anlan.review.casefile.parts import Part, whole
from anlan.review.casefile.state import CaseState
from anlan.review.folding import Fields
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.symbols import SYMBOLS

#: Width of the drawing, and the margin around what is drawn.
WIDTH, MARGIN = 1000.0, 60.0
#: Around a single point this much is shown, degrees.
LEAST_DEG = 0.02
MOST_PLACES = 400
_COLOURS = {"--level-blue": "#1f5f99", "--level-red": "#b3261e", "--level-orange": "#b4540a", "--state-done": "#2e6b34", "--state-lost": "#5a3d8a"}  # fmt: skip
Point = tuple[float, float]


def map_parts(state: CaseState) -> Iterator[Part]:
    marks = [_feature(key, fields) for key, fields in state.of("plot_mark") if fields.get("geometry")]
    scenes = [
        {"type": "Feature", "id": key, "geometry": {"type": "Point", "coordinates": [fields["lon"], fields["lat"]]},
         "properties": {"kind": "scene", "name": fields["name"], "number": fields["number"], "state": fields["state"]}}
        for key, fields in state.of("scene") if fields.get("lon") is not None
    ]  # fmt: skip
    body = {"type": "FeatureCollection", "features": [*marks, *scenes]}
    yield whole("map/marks.geojson", f"标绘与现场，GeoJSON（{len(marks)}个标绘，含已移除的）", "maps", orjson.dumps(body, option=orjson.OPT_INDENT_2))  # fmt: skip
    places = _places(state)
    drawn = [one for one in marks if not one["properties"]["removed_at"]]
    yield whole(
        "map/map.svg", "示意图（不含底图，比例按经纬度换算）", "maps", draw(state, places, drawn, scenes)
    )


def _feature(key: str, fields: Fields) -> dict[str, Any]:
    symbol = str(fields["symbol"])
    return {
        "type": "Feature",
        "id": key,
        "geometry": orjson.loads(fields["geometry"]),
        "properties": {
            "symbol": symbol,
            "name": SYMBOLS[symbol].zh if symbol in SYMBOLS else symbol,
            "label": fields.get("label") or "",
            "placed_at": fields.get("placed_at"),
            "placed_by": fields.get("placed_by_name") or "",
            "removed_at": fields.get("removed_at"),
        },
    }


def _places(state: CaseState) -> list[Division]:
    """Villages that the incident, its seats and its scenes name; their townships for the outline."""
    codes = {state.incident.division_id}
    for kind in ("scene", "callout_seat", "warning_village", "team_job"):
        codes |= {str(fields["division"]) for _key, fields in state.of(kind) if fields.get("division")}
    levels = (DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP, DivisionLevel.HAMLET)
    return list(
        Division.objects.filter(code__in=sorted(codes), level__in=levels).order_by("path")[:MOST_PLACES]
    )


class Canvas:
    """Degrees to the drawing: a plain cylinder at the middle latitude, which is enough for a county."""

    def __init__(self, points: Iterable[Point]) -> None:
        listed = list(points)
        west, east = min(x for x, _y in listed), max(x for x, _y in listed)
        south, north = min(y for _x, y in listed), max(y for _x, y in listed)
        self.squeeze = math.cos(math.radians((south + north) / 2))
        wide = max(east - west, LEAST_DEG)
        self.west, self.north = (
            (west + east) / 2 - wide / 2,
            (south + north) / 2 + max(north - south, LEAST_DEG) / 2,
        )
        self.scale = (WIDTH - 2 * MARGIN) / (wide * self.squeeze)
        self.height = max(north - south, LEAST_DEG) * self.scale + 2 * MARGIN

    def at(self, point: Any) -> tuple[str, str]:
        x = MARGIN + (float(point[0]) - self.west) * self.squeeze * self.scale
        y = MARGIN + (self.north - float(point[1])) * self.scale
        return f"{x:.1f}", f"{y:.1f}"

    def path(self, line: Iterable[Any]) -> str:
        return " ".join(",".join(self.at(one)) for one in line)


def draw(
    state: CaseState, places: list[Division], marks: list[dict[str, Any]], scenes: list[dict[str, Any]]
) -> str:
    """Places, marks, scenes and the point of the incident, one above the other."""
    shapes = [(row, orjson.loads(row.geometry)) for row in places if row.geometry]
    villages = [row for row in places if row.level != DivisionLevel.TOWNSHIP] or places
    points: list[Point] = [point for row, shape in shapes if row in villages for point in _points(shape)]
    points += [(row.lon, row.lat) for row in villages if row.lon is not None and row.lat is not None]
    points += [point for one in [*marks, *scenes] for point in _points(one["geometry"])]
    incident = state.incident
    if incident.lon is not None and incident.lat is not None:
        points.append((incident.lon, incident.lat))
    if not points:
        return _svg(WIDTH, 120, '<text x="20" y="60">没有可画的位置。</text>')
    canvas = Canvas(points)
    drawn = [_outline(canvas, row, shape) for row, shape in shapes]
    drawn += [_village(canvas, row) for row in places if row.lon is not None]
    drawn += [_mark(canvas, one) for one in marks]
    drawn += [_scene(canvas, one) for one in scenes]
    if incident.lon is not None and incident.lat is not None:
        x, y = canvas.at((incident.lon, incident.lat))
        drawn.append(
            f'<path d="M{x},{y} m-9,-9 l18,18 m0,-18 l-18,18" stroke="#b3261e" stroke-width="4"/>'
            + _words(x, y, f"{incident.number} 事发点", "#b3261e", down=26)
        )
    drawn.append(f'<text x="{WIDTH - 40:.0f}" y="30" text-anchor="middle">北↑</text>')
    return _svg(WIDTH, canvas.height, "\n".join(drawn))


def _svg(width: float, height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'font-family="Noto Sans CJK SC,Microsoft YaHei,sans-serif" font-size="15">'
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fbfcfd"/>\n{body}\n</svg>\n'
    )


def _points(shape: Any) -> list[Point]:
    """Every position of a GeoJSON geometry."""
    found: list[Point] = []

    def walk(value: Any) -> None:
        if value and isinstance(value[0], int | float):
            found.append((float(value[0]), float(value[1])))
        else:
            for one in value:
                walk(one)

    walk(shape.get("coordinates") or [])
    return found


def _outline(canvas: Canvas, row: Division, shape: Any) -> str:
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    rings = [ring for part in parts for ring in part]
    lines = "".join(f"M{canvas.path(ring).replace(' ', ' L')} Z" for ring in rings if ring)
    return f'<path d="{lines}" fill="#eef3f7" stroke="#8a99a8" stroke-width="1"><title>{escape(row.name)}</title></path>'


def _village(canvas: Canvas, row: Division) -> str:
    x, y = canvas.at((row.lon, row.lat))
    return f'<circle cx="{x}" cy="{y}" r="3" fill="#526170"/>' + _words(x, y, row.name, "#526170")


def _scene(canvas: Canvas, one: dict[str, Any]) -> str:
    x, y = canvas.at(one["geometry"]["coordinates"])
    name = f"{one['properties']['number']}号 {one['properties']['name']}"
    return f'<circle cx="{x}" cy="{y}" r="9" fill="none" stroke="#b3261e" stroke-width="3"/>' + _words(x, y, name, "#b3261e", down=-14)  # fmt: skip


def _mark(canvas: Canvas, one: dict[str, Any]) -> str:
    said, shape = one["properties"], one["geometry"]
    face = SYMBOLS.get(said["symbol"])
    colour = _COLOURS.get(face.colour if face is not None else "", "#3a4652")
    dash = ' stroke-dasharray="8 5"' if face is not None and face.is_dashed else ""
    words = f"{said['name']} {said['label']}".strip()
    positions = _points(shape)
    if not positions:
        return ""
    x, y = canvas.at(positions[0])
    if shape["type"] == "Point":
        drawn = (
            f'<rect x="{float(x) - 6:.1f}" y="{float(y) - 6:.1f}" width="12" height="12" fill="{colour}"/>'
        )
    elif shape["type"] == "LineString":
        drawn = f'<polyline points="{canvas.path(positions)}" fill="none" stroke="{colour}" stroke-width="3"{dash}/>'
    else:
        drawn = f'<polygon points="{canvas.path(positions)}" fill="{colour}" fill-opacity=".15" stroke="{colour}" stroke-width="2"{dash}/>'
    return drawn + _words(x, y, words, colour)


def _words(x: str, y: str, words: str, colour: str, *, down: int = 5) -> str:
    return f'<text x="{float(x) + 10:.1f}" y="{float(y) + down:.1f}" fill="{colour}">{escape(words)}</text>'
