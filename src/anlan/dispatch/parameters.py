"""How orders are chased, as data: `data/orders.json`, which a county replaces by `orders.json` in its data folder."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Literal

import msgspec
from django.conf import settings

from anlan.kernel.refusals import BadSetting


class Rise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told of a late order, and how many minutes after the step before."""

    to: Literal["addressee", "leader", "commander"]
    after_min: int


class OrderTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ack_min` is the time to acknowledge where an order sets none, minutes. A reminder within `again_s` seconds is one.
    A link goes on working for `link_hours_after_end` hours after the incident was closed."""

    version: str
    source: str
    is_verified: bool
    ack_min: int
    again_s: int
    link_hours_after_end: int
    steps: list[Rise]


def parameters() -> OrderTable:
    """The table that applies here. Raises `BadSetting` where the county's own cannot be read."""
    own = Path(settings.ANLAN_DATA) / "orders.json"
    path = own if own.exists() else Path(__file__).parent / "data" / "orders.json"
    return _load(str(path), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load(path: str, _stamp: int) -> OrderTable:
    try:
        return msgspec.convert(json.loads(Path(path).read_text(encoding="utf-8")), OrderTable)
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSetting(
            name=path, why=str(error), example="the file dispatch/data/orders.json of the package"
        ) from error
