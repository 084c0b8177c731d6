"""A script of the library with a county's own places and stations in it. The same seed casts the same people and places."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import msgspec
from django.db.models import Q

from anlan.drills.library import DrillPack, PackLine, expects_of, filled
from anlan.drills.script import Script, ScriptLine
from anlan.places.models import Division
from anlan.sensing.models import Station
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.kinds import kind_of

#: What a script says where the county has no such place; somebody writes the real one in.
NO_ENTERPRISE, NO_TOWNSHIP, NO_VILLAGE = "某企业（待填写）", "某乡镇（待填写）", "某村（待填写）"
NO_STATION = "本县没有该要素的测站，由导调口述读数"
_MOST = 5_000


@dataclass(slots=True)
class Cast:
    """Who and what plays. `missing` names what the county does not have, in words for whoever prepares the drill."""

    names: dict[str, str]
    codes: dict[str, str]
    stations: dict[str, Station] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def cast(pack: DrillPack, division: Division, *, seed: int) -> Cast:
    """Choose places below `division` and a station for each quantity; a village that has a station of the first one comes first."""
    draw = random.Random(f"{pack.code}/{division.pk}/{seed}")
    stations = _stations(pack, division, draw)
    names, codes = _places(division, draw, next(iter(stations.values()), None))
    wanted = [line.quantity for line in pack.lines if line.quantity]
    missing = [f"{NO_STATION}：{code}" for code in dict.fromkeys(wanted) if code not in stations]
    missing += [text for text in (NO_ENTERPRISE, NO_TOWNSHIP, NO_VILLAGE) if text in names.values()]
    return Cast(names, codes, stations, missing)


def script_of(pack: DrillPack, division: Division, *, seed: int) -> tuple[Script, Cast]:
    """The script as it can be played, and its cast."""
    chosen = cast(pack, division, seed=seed)
    lines = tuple(_line(line, f"L{n}", chosen) for n, line in enumerate(pack.lines, start=1))
    return Script(lines=lines, begins=pack.begins, background=filled(pack.background, chosen.names)), chosen


def _line(line: PackLine, key: str, chosen: Cast) -> ScriptLine:
    names = dict(chosen.names)
    station = chosen.stations.get(line.quantity)
    kind, payload = line.kind, _payload(line, chosen)
    if line.kind == "station" and station is None:
        kind = "note"
        payload = {"words": f"【演练】{line.title}。{NO_STATION}：{line.values or line.relative}"}
    elif station is not None:
        values = _values(line, station)
        payload = {"station": station.code, "quantity": line.quantity, "values": values}
        if not values:
            kind, payload = (
                "note",
                {"words": f"【演练】{station.name}：{line.title}。站点未设警戒值，由导调口述水位"},
            )
    title = filled(line.title, names)[:120]
    steps = tuple(
        msgspec.structs.replace(one, words=filled(one.words, names)[:120]) for one in expects_of(line, key)
    )
    return ScriptLine(key=key, at_min=line.at, kind=kind, title=title, payload=payload, expects=steps)


def _payload(line: PackLine, chosen: Cast) -> dict[str, str]:
    if line.kind in ("caller", "message"):
        found = {
            "source": line.source,
            "text": filled(line.text, chosen.names),
            "caller_name": filled(line.caller_name or line.from_, chosen.names),
            "division": chosen.codes["village"],
            "event_type": line.event_type,
        }
    else:
        found = {"words": filled(line.words, chosen.names), "what": line.what}
    return {name: value for name, value in found.items() if value}


def _values(line: PackLine, station: Station) -> str:
    if not line.relative:
        return line.values
    if station.warning_stage is None:
        return ""
    try:
        return " ".join(str(station.warning_stage + Decimal(word)) for word in line.relative.split())
    except InvalidOperation:
        return ""


def _stations(pack: DrillPack, division: Division, draw: random.Random) -> dict[str, Station]:
    rows = Station.objects.filter(_below(division, "division__path"), is_active=True)
    known = list(rows.select_related("division").defer("division__geometry").order_by("code")[:_MOST])
    found: dict[str, Station] = {}
    for line in pack.lines:
        code = line.quantity
        if not code or code in found:
            continue
        fitting = [one for one in known if kind_of(one.kind).quantity(code) is not None]
        if line.relative:
            fitting = [one for one in fitting if one.warning_stage is not None] or fitting
        if fitting:
            found[code] = draw.choice(fitting)
    return found


def _places(
    division: Division, draw: random.Random, station: Station | None
) -> tuple[dict[str, str], dict[str, str]]:
    rows = Division.objects.filter(_below(division, "path"), valid_to=None).order_by("code")
    known = list(rows.only("code", "name", "level", "path", "parent_id")[:_MOST])
    townships = [one for one in known if one.level == DivisionLevel.TOWNSHIP]
    villages = [one for one in known if one.level == DivisionLevel.VILLAGE]
    enterprises = [one for one in known if one.level == DivisionLevel.ENTERPRISE]
    village = _near(villages, station) or (draw.choice(villages) if villages else division)
    township = next((one for one in townships if _is_in(village, one)), None)
    if township is None and division.level == DivisionLevel.TOWNSHIP:
        township = division
    others = [one for one in villages if one.pk != village.pk]
    same = [one for one in others if one.parent_id == village.parent_id] or others
    second = draw.choice(same) if same else None
    far = [one for one in townships if township is None or one.pk != township.pk]
    names = {
        "county": _county(division),
        "township": _name(township, NO_TOWNSHIP),
        "township2": _name(draw.choice(far) if far else None, NO_TOWNSHIP),
        "village": village.name,
        "village2": _name(second, NO_VILLAGE),
        "enterprise": _name(draw.choice(enterprises) if enterprises else None, NO_ENTERPRISE),
        "station": "" if station is None else station.name,
    }
    return names, {"village": village.code}


def _below(division: Division, field_name: str) -> Q:
    return Q(**{field_name: division.path}) | Q(**{f"{field_name}__startswith": f"{division.path}/"})


def _is_in(place: Division, other: Division) -> bool:
    return place.path == other.path or place.path.startswith(f"{other.path}/")


def _near(villages: list[Division], station: Station | None) -> Division | None:
    """The village where the station stands."""
    if station is None:
        return None
    return next((one for one in villages if _is_in(station.division, one)), None)


def _county(division: Division) -> str:
    at: Division | None = division
    while at is not None and at.level != DivisionLevel.COUNTY:
        at = at.parent
    return division.name if at is None else at.name


def _name(place: Division | None, otherwise: str) -> str:
    return otherwise if place is None else place.name
