"""Which villages a warning concerns: those the station speaks for, with their danger zones, or those a person chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.sensing import queries as sensing
from anlan.sensing.models import Crossing
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.warning.models import WarningVillage
from anlan.warning.refusals import NoVillages, UnknownVillage
from anlan.warning.types import Concern


def of_crossing(crossing: Crossing) -> list[Concern]:
    """The villages that the binding speaks for; where none is linked, the village in which the station stands."""
    villages = list(sensing.villages_of_binding(crossing.binding))
    if villages:
        return _with_zones(villages, because="link", detail=crossing.station.name)
    home = crossing.station.division
    if home.level != DivisionLevel.VILLAGE:
        return []
    return _with_zones([home], because="station", detail=crossing.station.name)


def chosen(codes: Iterable[str], *, by: Actor) -> list[Concern]:
    """Villages that a person chose; each must lie in his jurisdiction."""
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise NoVillages
    found = Division.objects.filter(code__in=wanted, level=DivisionLevel.VILLAGE, valid_to=None).in_bulk()
    for code in wanted:
        if code not in found or not by.can(Right.DRAFT, found[code].path):
            raise UnknownVillage(code=code)
    return _with_zones([found[code] for code in wanted], because="chosen", detail="")


def of_warning(rows: Iterable[WarningVillage]) -> list[Concern]:
    """The villages that an earlier warning listed."""
    return [Concern(row.division_id, row.division.name, row.because, row.detail) for row in rows]


def union(first: Sequence[Concern], second: Sequence[Concern]) -> list[Concern]:
    """Both lists, each village once, the newer reason first."""
    by_code = {concern.code: concern for concern in [*second, *first]}
    return sorted(by_code.values(), key=lambda concern: concern.code)


def _with_zones(villages: Sequence[Division], *, because: str, detail: str) -> list[Concern]:
    names: dict[str, list[str]] = {}
    for zone in risk.zones_of([village.code for village in villages]):
        for village in villages:
            if zone.division.path == village.path or zone.division.path.startswith(f"{village.path}/"):
                names.setdefault(village.code, []).append(zone.name)
    return [
        Concern(
            village.code,
            village.name,
            "zone" if village.code in names else because,
            _detail(names.get(village.code), detail),
        )
        for village in sorted(villages, key=lambda village: village.code)
    ]


def _detail(zones: list[str] | None, detail: str) -> str:
    """Zones first: that is where people have to leave. At most 120 characters, the column's width."""
    text = "、".join(sorted(zones)) if zones else detail
    return text if len(text) <= 120 else f"{text[:119]}…"
