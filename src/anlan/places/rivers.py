"""Rivers to draw under everything else: lines in WGS84 from a GeoJSON file, kept as one file in the data folder.

The file is scenery, so it needs no journal beyond who loaded it. What flows into what is kept by sensing (`load_network`).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.places.refusals import BadRivers

#: A county's rivers are some hundred kilobytes; more is not a map for a browser.
MAX_BYTES = 8 * 1024 * 1024
_LINES = frozenset({"LineString", "MultiLineString"})
_EMPTY = b'{"type":"FeatureCollection","features":[]}'


def store_rivers(data: bytes, *, by: Actor, at: datetime) -> int:
    """Keep the lines of a GeoJSON collection with their names; returns how many. Raises `BadRivers`, then nothing changes."""
    features = lines_of(data)
    body = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    )
    with transaction.atomic(savepoint=False):
        payload = {"lines": len(features), "sha256": hashlib.sha256(body.encode()).hexdigest()}
        note(kind="rivers.loaded", subject=("rivers", "county"), payload=payload, by=by, at=at)
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(body, encoding="utf-8")
        os.replace(fresh, path)
    return len(features)


def lines_of(data: bytes) -> list[dict[str, Any]]:
    """The checked lines with nothing but their names. Raises `BadRivers`."""
    return [_line(number, feature) for number, feature in enumerate(_features(data), start=1)]


def read_rivers() -> bytes:
    """The collection as UTF-8 JSON; an empty one where nobody loaded rivers."""
    try:
        return _path().read_bytes()
    except FileNotFoundError:
        return _EMPTY


def _path() -> Path:
    folder: Path = settings.ANLAN_DATA / "media"
    return folder / "rivers.geojson"


def _features(data: bytes) -> list[Any]:
    if len(data) > MAX_BYTES:
        raise BadRivers(why=f"it is larger than {MAX_BYTES // 2**20} MB")
    try:
        collection = json.loads(data)
    except (ValueError, RecursionError):
        raise BadRivers(why="it is not JSON") from None
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        raise BadRivers(why="it has no list of features")
    return features


def _line(number: int, feature: Any) -> dict[str, Any]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in _LINES:
        raise BadRivers(why=f"feature {number} is not a line")
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if geometry["type"] == "LineString" else coordinates
    if not isinstance(parts, list) or not all(_is_line(part) for part in parts):
        raise BadRivers(why=f"feature {number} has a point that is not longitude and latitude in degrees")
    properties = feature.get("properties")
    name = properties.get("name", "") if isinstance(properties, dict) else ""
    return {
        "type": "Feature",
        "properties": {"name": str(name)[:80]},
        "geometry": {"type": geometry["type"], "coordinates": coordinates},
    }


def _is_line(part: Any) -> bool:
    return isinstance(part, list) and len(part) >= 2 and all(_is_position(position) for position in part)


def _is_position(position: Any) -> bool:
    if not isinstance(position, list) or len(position) < 2:
        return False
    lon, lat = position[:2]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat)):
        return False
    return bool(-180 <= lon <= 180 and -90 <= lat <= 90)
