"""Danger zones as a layer of the map: GeoJSON in WGS84."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from anlan.kernel.actor import Actor
from anlan.risk.access import visible_zones
from anlan.risk.models import DangerZone
from anlan.vocab.hazards import FACES, HazardType


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
