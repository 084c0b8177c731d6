"""Mappings that ship with the product, as data. Each is a start to be checked against what the sender really sends."""

from __future__ import annotations

from importlib.resources import files

NAMES = (
    "geohazard",
    "tailings_pond",
    "major_hazard",
    "dust_explosion",
    "mine_seal",
    "air_quality",
    "sl323",
    "drop_rain",
)


def example(name: str) -> str:
    """The JSON text of one shipped mapping."""
    if name not in NAMES:
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}.json").read_text("utf-8")
