"""How sure a value is that was read from somebody's words."""

from __future__ import annotations

from enum import StrEnum


class Confidence(StrEnum):
    """`likely`: completed from context (a missing year). `assumed`: not said. `conflict`: two things were said."""

    SURE = "sure"
    LIKELY = "likely"
    ASSUMED = "assumed"
    CONFLICT = "conflict"
    MISSING = "missing"
