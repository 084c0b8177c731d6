"""What builders share: names, times, the map, the line that anchors the journal's chain on paper."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from anlan.documents.paper.content import Picture
from anlan.documents.paper.mapsheet import HEIGHT, WIDTH, MapArea, MapPoint, map_svg
from anlan.incidents.models import Incident
from anlan.incidents.queries import rolling_of
from anlan.journal.models import ChainHead
from anlan.kernel.clock import SHANGHAI
from anlan.papers.services.making import said
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import GRADE_LABELS
from anlan.warning.authority import office

#: Counted things in the order in which a paper names them.
ORDER = ("deaths", "missing", "serious_injuries", "injured", "trapped", "at_risk", "affected", "evacuated")


def unit_of(division: Division) -> str:
    """Who gives the paper out."""
    if division.level == DivisionLevel.COUNTY:
        return office(division, "*")
    return f"{division.name}应急值班室"


def ending_of(division: Division, at: datetime) -> tuple[str, ...]:
    return (unit_of(division), said(at))


def moment(at: datetime | None) -> str:
    """7月1日08:00, local; the year only where it is not clear."""
    if at is None:
        return "时间待核"
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def stamp(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def chain_line() -> str:
    """The journal's head at this moment. On paper it stands outside the machine, so that nobody can rewrite what was before."""
    head = ChainHead.objects.filter(origin=settings.ANLAN_NODE).first()
    return chain_words(0, "") if head is None else chain_words(head.seq, head.hash)


def chain_words(seq: int, chain_hash: str) -> str:
    """Entry number and hash of a head of the journal."""
    return f"留痕链：第{seq}号，首端哈希 {chain_hash}" if seq else "留痕链：尚无封存条目"


def grade_words(grade: int | None) -> str:
    if grade is None:
        return "待定级"
    roman, zh, _en = GRADE_LABELS[grade]
    return f"{zh}（{roman}级）"


def number_words(value: Decimal) -> str:
    """Without useless zeros, with ten thousands where it is large."""
    if value and value % 10_000 == 0 and value >= 100_000:
        return f"{value / 10_000:f}".rstrip("0").rstrip(".") + "万"
    return f"{value.normalize():f}" if value else "0"


def figure_words(incident: Incident) -> str:
    """What is counted of it, in one sentence; what nobody verified is said so."""
    counted = rolling_of(incident)
    codes = [*(code for code in ORDER if code in counted), *(code for code in counted if code not in ORDER)]
    parts = [
        f"{FIGURES[code].zh}{number_words(counted[code].value)}{FIGURES[code].unit_zh}"
        + ("" if counted[code].is_verified else "（待核实）")
        for code in codes
        if code in FIGURES
    ]
    return "，".join(parts)


def map_picture(
    division: Division,
    points: Sequence[MapPoint] = (),
    zones: Iterable[tuple[str, str, int]] = (),
    caption: str = "位置示意图",
) -> Picture:
    """The county's boundaries with points and warned areas (name, GeoJSON, level); words where no boundary is known."""
    levels = [DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP]
    top = places.county() or division
    areas = [
        MapArea(place.name, json.loads(place.geometry), is_outer=place.level == DivisionLevel.COUNTY)
        for place in places.with_boundaries(top.path, levels)
    ]
    hatched = [MapArea(name, json.loads(shape), level=level) for name, shape, level in zones if shape]
    svg = map_svg([*areas, *hatched], points) if areas else ""
    return Picture(svg, WIDTH, HEIGHT, caption, instead="（本县未导入行政区划边界，未附位置图。）")


def point_of(incident: Incident, label: str = "") -> list[MapPoint]:
    place: Any = incident if incident.lon is not None else incident.division
    if place.lon is None or place.lat is None:
        return []
    return [MapPoint(place.lon, place.lat, label or incident.division.name, "incident")]


def joined(parts: Iterable[str], between: str = "；", empty: str = "") -> str:
    return between.join(part for part in parts if part) or empty


def sentence(text: str) -> str:
    """Ends in a full stop once."""
    text = text.strip()
    return text if not text or text[-1] in "。！？；：" else f"{text}。"
