"""What a county decided about ladders: its versions in force, and which ladder is used for what at which hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from anlan.dissemination.ladders import DEFAULT, Hours, presets
from anlan.dissemination.models import LadderAssignment, LadderVersion
from anlan.places.models import Division

SHIPPED = Path(__file__).parent / "choice" / "assignments.json"


class Assigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the table: what it is for, and the ladder. Empty and null mean "any"."""

    ladder: str
    kind: str = ""
    level: int | None = None
    hazard_type: str = ""
    between: Hours | None = None
    source: str = ""
    is_assumption: bool = True

    def holds(self, kind: str, level: int | None, hazard_type: str, at: datetime) -> bool:
        return (
            self.kind in ("", kind)
            and self.level in (None, level)
            and hazard_type.startswith(self.hazard_type)
            and (self.between is None or self.between.hold(at))
        )

    @property
    def weight(self) -> tuple[bool, bool, int, bool]:
        """The more exact line comes first: level, then hours, then hazard, then kind."""
        return self.level is not None, self.between is not None, len(self.hazard_type), bool(self.kind)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ladder's name, the line that chose it, and whether the county wrote that line."""

    name: str
    line: Assigned
    is_own: bool


@cache
def shipped_assignments() -> tuple[Assigned, ...]:
    return tuple(msgspec.json.decode(SHIPPED.read_bytes(), type=list[Assigned]))


def version_in_force(name: str, at: datetime, division: Division) -> LadderVersion | None:
    """The county's version that counts at `at`, of the nearest division above; one query."""
    rows = LadderVersion.objects.filter(
        name=name, state="in_force", effective_from__lte=at, division_id__in=division.path.split("/")
    ).select_related("division")
    return max(rows, key=lambda row: (len(row.division.path), row.effective_from, row.number), default=None)


def known_names(division: Division | None, at: datetime) -> list[str]:
    """Every ladder that can be used in a place: the shipped ones and those of the county."""
    names = set(presets())
    if division is not None:
        own = LadderVersion.objects.filter(
            state="in_force", effective_from__lte=at, division_id__in=division.path.split("/")
        )
        names |= set(own.values_list("name", flat=True))
    return sorted(names)


def choose(
    kind: str, level: int | None, hazard_type: str, at: datetime, *, division: Division | None = None
) -> Chosen:
    """Which ladder is used: the county's most exact line in force, else the package's. `at` is the run's time."""
    own = _of_county(division) if division is not None else []
    for lines, is_own in ((own, True), (shipped_assignments(), False)):
        fitting = [line for line in lines if line.holds(kind, level, hazard_type, at)]
        if fitting:
            best = max(fitting, key=lambda line: line.weight)
            return Chosen(best.ladder, best, is_own)
    return Chosen(DEFAULT, Assigned(DEFAULT), False)


def _of_county(division: Division) -> list[Assigned]:
    rows = LadderAssignment.objects.filter(state="in_force", division_id__in=division.path.split("/"))
    return [as_line(row) for row in rows.order_by("-approved_at")]


def as_line(row: LadderAssignment) -> Assigned:
    """A county's row in the form of the table."""
    between = Hours(row.from_hour, row.to_hour) if row.from_hour and row.to_hour else None
    return Assigned(
        ladder=row.ladder_name,
        kind=row.kind,
        level=row.level,
        hazard_type=row.hazard_type,
        between=between,
        source=row.reason,
        is_assumption=False,
    )
