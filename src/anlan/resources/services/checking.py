"""What the verbs look at before anything is stored."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from anlan.resources.models import Asset, Team
from anlan.resources.refusals import BadCoordinates, CodeTaken, NameMissing, UnknownSkill, WhyMissing


def tidy_name(name: str) -> str:
    if not name.strip():
        raise NameMissing
    return name.strip()[:120]


def reason(words: str) -> str:
    if not words.strip():
        raise WhyMissing
    return words.strip()[:200]


def among(given: str, known: Iterable[str]) -> str:
    """The code if the list has it. Raises `UnknownSkill`."""
    if given not in known:
        raise UnknownSkill(given=given[:40])
    return given


def point(lon: float | None, lat: float | None) -> None:
    """Degrees WGS84, both or neither. Raises `BadCoordinates`."""
    if (lon is None) != (lat is None) or not (-180 <= (lon or 0) <= 180 and -90 <= (lat or 0) <= 90):
        raise BadCoordinates


def free_code(model: type[Team] | type[Asset], given: str, prefix: str) -> str:
    """The given code if nobody has it, or a new one."""
    code = given.strip()[:40]
    if code:
        if model._default_manager.filter(code=code).exists():
            raise CodeTaken(given=code)
        return code
    while True:
        code = f"{prefix}{secrets.randbelow(1_000_000):06d}"
        if not model._default_manager.filter(code=code).exists():
            return code
