"""Values that cross the door of places."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.places.models import Division
from anlan.places.rows import DivisionRow

#: The row itself crosses the door to be held and read; only places saves it.
__all__ = ["BoundaryReport", "Division", "DivisionRow", "InitReport", "LoadReport"]


@dataclass(slots=True)
class LoadReport:
    """Counts of what happened; `moved` are divisions below one that got another parent."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0


@dataclass(slots=True)
class BoundaryReport:
    """`unknown` are codes that no division has; `invalid` says by code why a shape was left out."""

    stored: int = 0
    unchanged: int = 0
    unknown: tuple[str, ...] = ()
    invalid: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InitReport:
    """What `init_county` set up."""

    code: str
    name: str
    townships: int
    villages: int
    created: int
    changed: int
