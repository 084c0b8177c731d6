"""The county as SensorThings sees it, narrowed to one actor: stations are Things, their quantities are Datastreams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import shapely
from django.conf import settings
from shapely.geometry.base import BaseGeometry

from anlan.api.sensorthings.bounds import Bounds
from anlan.api.sensorthings.evaluate import Several
from anlan.api.sensorthings.grammar import Span
from anlan.api.sensorthings.model import ID_NAMES, TYPES, EntityType
from anlan.api.sensorthings.walk import Budget, Reading, walk
from anlan.kernel.actor import Actor
from anlan.sensing.access import visible_stations
from anlan.sensing.connect import observations as told
from anlan.sensing.history.amounts import is_amount
from anlan.sensing.history.queries import History
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.models import Station
from anlan.sensing.queries.overview import hot_reader, run_key
from anlan.vocab.kinds import kind_of
from anlan.vocab.quantities import point_of, quantity_of

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
GEOJSON = "application/geo+json"
ANY_PROTOCOL = "any"


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """One of a collection. `row` is what it is made of: a station, a stream, a code, or a reading."""

    kind: EntityType
    id: str
    row: Any  # Any: a Station, a StreamKey, a str, a (kind, protocol) pair or a Reading, by `kind`

    def address(self, base: str) -> str:
        return base + told.address(self.kind.collection, self.id)


class World:
    """Loads what is asked for, once a request. `base` is the address of the service with a slash at its end."""

    def __init__(self, actor: Actor, base: str, now: datetime) -> None:
        self.actor, self.base, self.now = actor, base, now
        self.budget = Budget()
        self.exercise = run_key() or None

    # -- what there is

    @cached_property
    def history(self) -> History:
        return History(settings.ANLAN_DATA)

    @cached_property
    def stations(self) -> dict[str, Station]:
        return {station.code: station for station in visible_stations(self.actor)}

    @cached_property
    def streams(self) -> dict[str, StreamKey]:
        """By id: every quantity that a visible station ever told, whatever its flags, unless dated ahead."""
        heard = hot_reader().latest(self.stations, exercise=self.exercise or "")
        keys = sorted(StreamKey(*key) for key in heard)
        return {told.datastream_id(*key): key for key in keys}

    @cached_property
    def _streams_at(self) -> dict[str, list[Entity]]:
        found: dict[str, list[Entity]] = {}
        for id_, key in self.streams.items():
            found.setdefault(key.station, []).append(_entity("Datastreams", id_, key))
        return found

    def all(self, collection: str) -> list[Entity]:
        """Every entity of a collection but Observations, in order of its id."""
        match collection:
            case "Things" | "Locations" | "HistoricalLocations" | "FeaturesOfInterest":
                return [_entity(collection, code, row) for code, row in self.stations.items()]
            case "Datastreams":
                return [_entity(collection, id_, key) for id_, key in self.streams.items()]
            case "ObservedProperties":
                codes = sorted({_bare(key) for key in self.streams.values()})
                return [_entity(collection, code, code) for code in codes]
            case _:
                pairs = sorted({self._sensor_of(key) for key in self.streams.values()})
                return [_entity("Sensors", ":".join(pair), pair) for pair in pairs]

    def get(self, collection: str, id_: str) -> Entity | None:
        match collection:
            case "Things" | "Locations" | "HistoricalLocations" | "FeaturesOfInterest":
                station = self.stations.get(id_)
                return None if station is None else _entity(collection, id_, station)
            case "Datastreams":
                key = self.streams.get(id_)
                return None if key is None else _entity(collection, id_, key)
            case "Observations":
                return self._observation(id_)
        return next((one for one in self.all(collection) if one.id == id_), None)

    def _observation(self, id_: str) -> Entity | None:
        named = told.split_observation_id(id_)
        key = None if named is None else self.streams.get(named[0])
        if named is None or key is None:
            return None
        found = list(
            walk(self.history, [key], Bounds(named[1], named[1]), self.budget, exercise=self.exercise)
        )
        return self.of_reading(found[0]) if found else None

    def of_reading(self, reading: Reading) -> Entity:
        id_ = told.observation_id(told.datastream_id(*reading.key), reading.t)
        return _entity("Observations", id_, reading)

    # -- what an entity says

    def value(self, entity: Entity, name: str) -> Any:  # Any: times and shapes as such, everything else JSON
        """A property by the standard's name."""
        if name in ID_NAMES:
            return entity.id
        if name == "@iot.selfLink":
            return entity.address(self.base)
        match entity.row:
            case Station() as station:
                return _of_station(entity.kind.collection, station, name)
            case StreamKey() as key:
                return self._of_stream(key, name)
            case Reading() as reading:
                return _of_reading(reading, name)
            case str() as code:
                return self._of_quantity(entity, code, name)
            case pair:
                return _of_sensor(pair, name)

    def linked(self, entity: Entity, name: str) -> list[Entity]:
        """The entities behind a link other than Observations; a link to one gives a list of one."""
        target = entity.kind.links[name].target
        match entity.row:
            case Station() as station if target != "Datastreams":
                return [_entity(target, station.code, station)]
            case Station() as station:
                return self._streams_at.get(station.code, [])
            case StreamKey() as key:
                return [self._beside(key, target)]
            case Reading() as reading:
                if target == "Datastreams":
                    return [_entity(target, told.datastream_id(*reading.key), reading.key)]
                return [_entity(target, reading.key.station, self.stations[reading.key.station])]
            case str() as code:
                return [one for one in self.all(target) if _bare(one.row) == code]
            case pair:
                return [one for one in self.all(target) if self._sensor_of(one.row) == pair]

    def keys_of(self, entity: Entity | None) -> list[StreamKey]:
        """The streams whose Observations lie behind an entity; of all without one."""
        if entity is None:
            return list(self.streams.values())
        if isinstance(entity.row, StreamKey):
            return [entity.row]
        return [one.row for one in self._streams_at.get(entity.id, [])]

    def lookup(self, entity: Entity, parts: tuple[str, ...]) -> Any:  # Any: see `value`
        """What a path in a filter stands for; checked against the model before."""
        here, is_several = [entity], False
        for n, part in enumerate(parts):
            link = here[0].kind.links.get(part) if here else None
            if link is None:
                found = [_dig(self.value(one, part), parts[n + 1 :]) for one in here]
                return Several(tuple(found)) if is_several else found[0]
            is_several = is_several or link.is_many
            here = [other for one in here for other in self.linked(one, part)]
        return Several(())

    # -- streams

    def _beside(self, key: StreamKey, target: str) -> Entity:
        if target == "Things":
            return _entity(target, key.station, self.stations[key.station])
        if target == "Sensors":
            pair = self._sensor_of(key)
            return _entity(target, ":".join(pair), pair)
        return _entity(target, _bare(key), _bare(key))

    def _sensor_of(self, key: StreamKey) -> tuple[str, str]:
        station = self.stations[key.station]
        return station.kind, station.protocol or ANY_PROTOCOL

    def _of_stream(self, key: StreamKey, name: str) -> Any:  # Any: see `value`
        known, point, station = quantity_of(key.quantity), point_of(key.quantity), self.stations[key.station]
        match name:
            case "name":
                return f"{station.name} {known.zh} {point}".strip()
            case "description":
                return f"{known.en} {point}".strip() + f" at {station.code}"
            case "observationType":
                return MEASUREMENT
            case "unitOfMeasurement":
                unit = known.unit or None
                return {"name": unit, "symbol": unit, "definition": None}
            case "properties":
                return {
                    "quantity": known.code,
                    "point": point or None,
                    "decimals": known.decimals,
                    "phenomenonTimeIs": "end of the period" if is_amount(key.quantity) else "instant",
                }
            case "observedArea":
                return None
            case _:
                return self._extent(key)

    def _extent(self, key: StreamKey) -> Span | None:
        """From the first to the last stored reading. Observed readings are told at once, so this is the result time too."""
        ends: list[datetime] = []
        for is_down in (False, True):
            readings = walk(
                self.history, [key], Bounds(), self.budget, is_down=is_down, exercise=self.exercise
            )
            first = next(readings, None)
            if first is not None:
                ends.append(told.moment_of(first.t))
        return Span(ends[0], ends[1]) if ends else None

    def _of_quantity(self, entity: Entity, code: str, name: str) -> Any:  # Any: see `value`
        known = quantity_of(code)
        match name:
            case "name":
                return known.zh
            case "definition":
                return entity.address(self.base)
            case "description":
                return known.en
            case _:
                return {"code": code, "unit": known.unit or None}


def _entity(collection: str, id_: str, row: Any) -> Entity:  # Any: see Entity.row
    return Entity(TYPES[collection], id_, row)


def _bare(key: StreamKey) -> str:
    return key.quantity.partition("@")[0]


def _dig(value: Any, parts: Iterable[str]) -> Any:  # Any: JSON
    for part in parts:
        value = to_json(value)
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, Decimal) else value


def _of_station(collection: str, station: Station, name: str) -> Any:  # Any: see World.value
    kind = kind_of(station.kind)
    match name:
        case "name":
            return station.name
        case "description":
            return f"{kind.zh} · {station.division.name}"
        case "encodingType":
            return GEOJSON
        case "location" | "feature":
            return shapely.Point(station.lon, station.lat)
        case "time":
            # The id begins with the moment of registration, milliseconds. Moves of a station are in the journal only.
            moment = datetime.fromtimestamp((station.pk.int >> 80) / 1000, UTC)
            return Span(moment, moment)
        case _ if collection == "Things":
            return {
                "kind": station.kind,
                "kindZh": kind.zh,
                "kindEn": kind.en,
                "owner": station.owner,
                "state": station.state,
                "division": station.division_id,
                "divisionName": station.division.name,
            }
        case _:
            return {"division": station.division_id}


def _of_reading(reading: Reading, name: str) -> Any:  # Any: see World.value
    match name:
        case "result":
            return None if reading.value is None else float(reading.value)
        case "resultQuality":
            return told.quality(reading.flag)
        case _:
            moment = told.moment_of(reading.t)
            return Span(moment, moment)


def _of_sensor(pair: tuple[str, str], name: str) -> Any:  # Any: see World.value
    kind, protocol = kind_of(pair[0]), pair[1]
    match name:
        case "name":
            return f"{kind.zh} {protocol}"
        case "description":
            return f"{kind.en}, {protocol}"
        case "encodingType":
            return "text/html"
        case "metadata":
            return f"{kind.zh}; {protocol}"
        case _:
            return {"kind": pair[0], "protocol": protocol}


def to_json(value: Any) -> Any:  # Any: see World.value; out comes JSON
    """Times as text (an interval with a slash), shapes as GeoJSON."""
    if isinstance(value, Span):
        start, end = told.iso(value.start), told.iso(value.end)
        return start if value.start == value.end else f"{start}/{end}"
    if isinstance(value, BaseGeometry):
        return shapely.geometry.mapping(value)
    return value
