"""One division of a list. Knows nothing of Django, so that the national list can be converted without it."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.vocab.divisions import DivisionLevel


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """`parent` is a code or "" at the top; degrees are WGS84. `line` is where it stood."""

    code: str
    name: str
    parent: str
    level: DivisionLevel
    lon: float | None = None
    lat: float | None = None
    households: int | None = None
    population: int | None = None
    #: Of an enterprise; "" leaves what is known.
    trade: str = ""
    line: int = 0
