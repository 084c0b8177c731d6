"""Real messages of others, which live beside the checkout and are never copied into it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict

import pytest

from anlan.drivers.types import Fields


class Vector(TypedDict):
    id: str
    raw_hex: str
    #: In place of raw_hex, for text protocols.
    text: str
    valid: bool
    decoded: Fields
    trailing_garbage_hex: str | None


def shared_folder() -> Path:
    """`ANLAN_SHARED`, or the folder `shared` beside the checkout."""
    named = os.environ.get("ANLAN_SHARED")
    return Path(named) if named else Path(__file__).resolve().parents[4].parent / "shared"


def vector_file(protocol: str) -> Path:
    return shared_folder() / "vectors" / f"{protocol}.json"


def load_vectors(protocol: str) -> list[Vector]:
    """The vectors of a protocol; the module that asks is skipped where they are absent."""
    path = vector_file(protocol)
    if not path.is_file():
        pytest.skip(f"the {protocol} vectors are not beside this checkout", allow_module_level=True)
    vectors: list[Vector] = json.loads(path.read_text(encoding="utf-8"))
    return vectors
