"""What a mark is when somebody typed it instead of drawing it."""

from __future__ import annotations

import re
from typing import Any

from anlan.command.plotrefusals import NoGeometry, UnknownSymbol
from anlan.vocab.symbols import GEOJSON_TYPES, SYMBOLS, Shape

#: Longest text of places that is read, characters.
MOST_TEXT = 100_000


def typed_geometry(symbol: str, text: str) -> Any:
    """GeoJSON as it is, else "lon lat; lon lat; …" in degrees as the shape of the symbol. Raises `NoGeometry`, `UnknownSymbol`."""
    face = SYMBOLS.get(symbol)
    if face is None:
        raise UnknownSymbol(given=symbol[:40])
    text = text.strip()[:MOST_TEXT]
    if text.startswith("{"):
        return text
    corners = [_corner(part) for part in re.split(r"[;；\n]+", text) if part.strip()]
    if not corners:
        raise NoGeometry
    coordinates: Any = corners
    if face.shape is Shape.POINT:
        if len(corners) != 1:
            raise NoGeometry
        coordinates = corners[0]
    elif face.shape is Shape.AREA:
        coordinates = [corners]
    return {"type": GEOJSON_TYPES[face.shape], "coordinates": coordinates}


def typed_text(geometry: dict[str, Any]) -> str:
    """The corners as a person types them; only the outline of an area, since holes are drawn on the map."""
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        coordinates = [coordinates]
    elif geometry["type"] == "Polygon":
        coordinates = coordinates[0][:-1]
    return "; ".join(f"{lon} {lat}" for lon, lat in coordinates)


def _corner(text: str) -> list[float]:
    parts = re.split(r"[,，\s]+", text.strip())
    if len(parts) != 2:
        raise NoGeometry
    try:
        return [float(parts[0]), float(parts[1])]
    except ValueError:
        raise NoGeometry from None
