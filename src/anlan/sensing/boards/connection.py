"""Connected or not, by owner and kind (A-29), and who must be connected and is not (A-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from anlan.kernel.actor import Actor
from anlan.places.enterprises import visible_enterprises
from anlan.sensing.access import visible_stations
from anlan.sensing.boards.types import MandatoryLine, Matrix, MatrixCell, MatrixRow
from anlan.sensing.models import Station, StationState
from anlan.sensing.queries.overview import hot_reader
from anlan.vocab.kinds import KINDS, kind_of
from anlan.vocab.mandatory import MandatoryRow, mandatory_rule

#: What asks for an act comes first.
_ORDER = ("never", "silent", "not_registered", "unknown_fact", "connected")


def owner_of(station: Station) -> str:
    """Who owns a station: as registered, else the department that usually owns its kind."""
    return station.owner or kind_of(station.kind).owner_zh


def standing_of(station: Station, heard: datetime | None) -> str:
    """connected, silent or never. A first reading alone shows that a station is connected."""
    if station.state == StationState.SILENT:
        return "silent"
    return "never" if heard is None and station.state == StationState.NEVER else "connected"


def connection_matrix(actor: Actor) -> Matrix:
    """Owners by kinds over the stations the actor may see; one query and one look at the hot store."""
    heard = hot_reader().heard()
    cells: dict[tuple[str, str], list[tuple[str, datetime | None]]] = defaultdict(list)
    named: set[str] = set()
    for station in visible_stations(actor):
        at = heard.get(station.code)
        cells[owner_of(station), station.kind].append((standing_of(station, at), at))
        named |= {station.owner} - {""}
    kinds = sorted({kind for _owner, kind in cells}, key=_kind_order)
    rows = []
    for owner in sorted({owner for owner, _kind in cells}):
        of_owner = {kind: _cell(cells[owner, kind]) for kind in kinds if (owner, kind) in cells}
        total = _cell([one for kind in of_owner for one in cells[owner, kind]])
        rows.append(MatrixRow(owner, owner not in named, of_owner, total))
    return Matrix(tuple(kinds), tuple(rows))


def mandatory_lines(actor: Actor) -> list[MandatoryLine]:
    """Every installation that a row of the rule is about, what asks for an act first."""
    heard = hot_reader().heard()
    rule = mandatory_rule()
    stations = list(visible_stations(actor))
    lines = [
        _line(row, station, heard.get(station.code), applies)
        for row in rule.rows
        for station in stations
        if station.kind == row.kind and (applies := row.applies_to(station.attributes)) is not False
    ]
    lines += _unregistered(actor, stations)
    return sorted(
        lines, key=lambda one: (not one.is_mandatory, _ORDER.index(one.standing), one.name, one.rule)
    )


def _line(row: MandatoryRow, station: Station, heard: datetime | None, applies: bool | None) -> MandatoryLine:
    facts = {one.code: one for one in kind_of(station.kind).attributes}
    value = station.attributes.get(row.fact)
    shown = f"{value:g}" if isinstance(value, int | float) else str(value or "")
    unit = facts[row.fact].unit if row.fact else ""
    return MandatoryLine(
        rule=row.id,
        is_mandatory=row.is_mandatory,
        station_code=station.code,
        name=station.name,
        division_code=station.division_id,
        division_name=station.division.name,
        owner=owner_of(station),
        fact=f"{shown} {unit}".strip(),
        standing="unknown_fact" if applies is None else standing_of(station, heard),
        last_heard=heard,
    )


def _unregistered(actor: Actor, stations: Iterable[Station]) -> list[MandatoryLine]:
    """Enterprises of a trade that have none of its installations in the register."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for station in stations:
        kinds[station.division_id].add(station.kind)
    by_trade = mandatory_rule().kinds_by_trade
    return [
        MandatoryLine(
            rule=f"trade_{place.trade}", is_mandatory=True, station_code="", name=place.name, division_code=place.code,
            division_name=place.parent.name if place.parent and actor.sees(place.parent.path) else "", owner=place.name,
            fact="", standing="not_registered", last_heard=None,
        )
        for place in visible_enterprises(actor).defer("geometry")
        if place.trade in by_trade and not kinds[place.code].intersection(by_trade[place.trade])
    ]  # fmt: skip


def _cell(standings: Iterable[tuple[str, datetime | None]]) -> MatrixCell:
    listed = list(standings)
    words = [standing for standing, _at in listed]
    times = [at for _standing, at in listed if at is not None]
    return MatrixCell(
        words.count("connected"), words.count("silent"), words.count("never"), max(times, default=None)
    )


def _kind_order(code: str) -> tuple[int, str]:
    return (list(KINDS).index(code) if code in KINDS else len(KINDS)), code
