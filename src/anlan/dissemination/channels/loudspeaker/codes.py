"""Code values of the messages as data; every one is marked an assumption until the county's platform confirms it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from anlan.vocab.hazards import FACES, HazardType


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    is_assumption: bool
    version: str
    message_types: dict[str, str]
    severity_by_level: dict[str, str]
    severity_unknown: str
    message_class: dict[str, str]
    language: str
    auxiliary_audio: str
    result_ok: str
    priority_by_level: dict[str, str]
    terminal_states: dict[str, str]


@cache
def codes() -> Codes:
    return msgspec.json.decode((Path(__file__).parent / "codes.json").read_bytes(), type=Codes)


def event_type(hazard_type: str) -> str:
    """The R26 code of a hazard; "" where R26 names none that was verified: then the element is left out, not filled."""
    try:
        return FACES[HazardType(hazard_type)].event_code or ""
    except ValueError:
        return ""
