"""Vehicles and equipment."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.resources.models import Asset, AssetState
from anlan.resources.refusals import IsRetired
from anlan.resources.services.checking import among, free_code, point, reason, tidy_name
from anlan.resources.types import AssetDetails
from anlan.vocab.skills import ASSET_CATEGORIES, ASSET_KINDS, ASSET_STATES


def register_asset(
    details: AssetDetails,
    *,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
    kind: str = "registered",
) -> Asset:
    """Enter a vehicle or a kind of equipment."""
    return new_asset(details, at=at, exercise_id=exercise_id).record(by=by, at=at, kind=kind)


def new_asset(details: AssetDetails, *, at: datetime, exercise_id: uuid.UUID | None = None) -> Asset:
    """The row, checked and not yet stored."""
    point(details.lon, details.lat)
    return Asset(
        code=free_code(Asset, details.code, "ZB"),
        name=tidy_name(details.name),
        kind=among(details.kind, ASSET_KINDS),
        category=among(details.category, ASSET_CATEGORIES),
        count=details.count,
        unit=details.unit.strip()[:12],
        team=details.team,
        division=details.division,
        tracker=details.tracker.strip()[:64],
        lon=details.lon,
        lat=details.lat,
        asset_state=AssetState.USABLE,
        state_at=at,
        registered_at=at,
        exercise_id=exercise_id,
    )


def change_asset(asset: Asset, *, by: Actor, at: datetime, **fields: Any) -> Asset:
    """Correct what is known of it."""
    _in_the_register(asset)
    if "name" in fields:
        fields["name"] = tidy_name(fields["name"])
    if "category" in fields:
        among(fields["category"], ASSET_CATEGORIES)
    point(fields.get("lon", asset.lon), fields.get("lat", asset.lat))
    different = {name: value for name, value in fields.items() if getattr(asset, name) != value}
    return asset.change(by=by, at=at, kind="changed", fields=different) if different else asset


def set_asset_state(asset: Asset, state: str, *, why: str = "", by: Actor, at: datetime) -> Asset:
    """Usable, away or under repair; the latter two need the reason."""
    _in_the_register(asset)
    among(state, ASSET_STATES)
    words = why.strip()[:200] if state == AssetState.USABLE else reason(why)
    return asset.change(by=by, at=at, kind="state", asset_state=state, state_why=words, state_at=at)


def retire_asset(asset: Asset, *, by: Actor, at: datetime) -> Asset:
    """Strike it from the register."""
    _in_the_register(asset)
    return asset.change(by=by, at=at, kind="retired", retired_at=at)


def _in_the_register(asset: Asset) -> None:
    if asset.retired_at is not None:
        raise IsRetired(name=asset.name)
