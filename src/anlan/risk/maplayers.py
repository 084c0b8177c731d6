"""Danger zones and sites as layers of the map: GeoJSON in WGS84."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from anlan.kernel.actor import Actor
from anlan.risk.access import visible_hazard_sites, visible_sites, visible_zones
from anlan.risk.models import DangerZone
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.sites import HAZARD_SITE_KINDS, KINDS


def zones(actor: Actor, *, url_of: Callable[[uuid.UUID], str]) -> dict[str, Any]:
    """A FeatureCollection of the zones the actor may see; `level` is null, since a zone is no warning."""
    features = [_feature(zone, url_of) for zone in visible_zones(actor)]
    return {"type": "FeatureCollection", "features": features}


def _feature(zone: DangerZone, url_of: Callable[[uuid.UUID], str]) -> dict[str, Any]:
    face = FACES[HazardType(zone.hazard_type)]
    is_english = (get_language() or "").startswith("en")
    properties = {
        "id": str(zone.pk),
        "name": zone.name,
        "level": None,
        "state_text": face.en if is_english else face.zh,
        "url": url_of(zone.pk),
    }
    return {"type": "Feature", "properties": properties, "geometry": json.loads(zone.geometry)}


def sites(actor: Actor) -> dict[str, Any]:
    """Sites and hazard sites as points: `group` is "site" or "hazard", `kind` a code of `vocab.sites`."""
    is_english = (get_language() or "").startswith("en")
    features = []
    for site in visible_sites(actor):
        if site.place.lon is not None and site.place.lat is not None:
            words = KINDS[site.kind][1 if is_english else 0]
            point = (site.place.lon, site.place.lat)
            features.append(_point("site", site.kind, site.place_id, site.place.name, words, point))
    for spot in visible_hazard_sites(actor):
        words = HAZARD_SITE_KINDS[spot.kind][1 if is_english else 0]
        features.append(_point("hazard", spot.kind, spot.code, spot.name, words, (spot.lon, spot.lat)))
    return {"type": "FeatureCollection", "features": features}


def _point(
    group: str, kind: str, code: str, name: str, words: str, point: tuple[float, float]
) -> dict[str, Any]:
    properties = {"group": group, "kind": kind, "code": code, "name": name, "state_text": words}
    geometry = {"type": "Point", "coordinates": [round(point[0], 5), round(point[1], 5)]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
