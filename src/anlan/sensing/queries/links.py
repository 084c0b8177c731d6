"""For which villages a binding speaks."""

from __future__ import annotations

from anlan.places.types import Division
from anlan.sensing.models import RuleWork, Station, StationLink


def villages_of_binding(binding_id: str) -> list[Division]:
    """The linked villages that a crossing of this binding concerns, in order of code; none for an unknown binding.

    `R12:CODE` is the pack's table: every village of the station without thresholds of its own. `R12:CODE:DIVISION` is one
    village's own table. A river stage (R13) concerns every linked village, whatever rain thresholds it has, and so does any
    other rule of the station. A combined rule concerns the villages of all stations that it watches.
    """
    rule_id, _, rest = binding_id.partition(":")
    code, _, own = rest.partition(":")
    links = StationLink.objects.filter(station__code__in=_stations_of(binding_id, code), is_active=True)
    if own.isdigit():
        links = links.filter(division_id=own)
    elif rule_id == "R12":
        links = links.filter(thresholds={})
    found = links.select_related("division").order_by("division_id")
    return list({link.division_id: link.division for link in found}.values())


def _stations_of(binding_id: str, code: str) -> list[str]:
    watched = RuleWork.objects.filter(key=binding_id).values_list("watches", flat=True).first()
    return list(watched) if watched else [code]


def linked_villages(station: Station) -> list[Division]:
    """Every village the station speaks for, with or without own thresholds; empty where nobody linked one."""
    links = StationLink.objects.filter(station=station, is_active=True).select_related("division")
    return [link.division for link in links.order_by("division_id")]
