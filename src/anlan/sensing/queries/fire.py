"""Fire devices by building, with what each says now; the newest state word is kept by the gateway, the place by the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from anlan.drivers.gb26875 import tables
from anlan.kernel.actor import Actor
from anlan.sensing.access import visible_stations
from anlan.sensing.models import FireDevice, Station, StationState
from anlan.sensing.queries.overview import hot_reader, latest_for
from anlan.sensing.types import LatestValue
from anlan.vocab.quality import UNUSABLE
from anlan.vocab.quantities import point_of

FIRE_KIND, FIRE_PROTOCOL = "fire_device", "gb26875"
#: Quantities of other protocols that say the same as a bit of the state word.
_BIT_BY_QUANTITY = {"fire_alarm": 1, "smoke_alarm": 1, "device_fault": 2}


class FireCondition(StrEnum):
    """How a device stands, worst first. ACTIVE is started, supervised, delayed: neither alarm nor rest."""

    ALARM = "alarm"
    FAULT = "fault"
    SHIELDED = "shielded"
    ACTIVE = "active"
    UNKNOWN = "unknown"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class FireDeviceLine:
    """`states` are (Chinese, English) words of the bits that are set; `said_at` is the device's own time of them."""

    station_code: str
    station_name: str
    point: str
    kind: tuple[str, str]
    building: str
    floor: str
    room: str
    description: str
    condition: FireCondition
    states: tuple[tuple[str, str], ...]
    said_at: datetime | None
    last_heard: datetime | None
    is_silent: bool
    is_doubtful: bool
    is_registered: bool


@dataclass(frozen=True, slots=True)
class Building:
    """`name` is "" for devices that report and are in no register."""

    name: str
    place: str
    place_code: str
    devices: tuple[FireDeviceLine, ...]

    @property
    def condition(self) -> FireCondition:
        return min((device.condition for device in self.devices), key=_RANK.__getitem__)

    @property
    def is_silent(self) -> bool:
        return any(device.is_silent for device in self.devices)

    def count(self, condition: FireCondition) -> int:
        return sum(device.condition is condition for device in self.devices)


#: By kind of happening, worst first.
_BY_KIND = {
    "fire_alarm": FireCondition.ALARM,
    "fire_fault": FireCondition.FAULT,
    "fire_shielded": FireCondition.SHIELDED,
}
_RANK = {condition: rank for rank, condition in enumerate(FireCondition)}


def fire_buildings(actor: Actor, *, only_open: bool = False) -> list[Building]:
    """Every building that the actor may see: alarms first, then faults, shields, silence.

    With `only_open`, only devices that are neither normal nor heard in time.
    """
    lines, places = _lines(actor)
    grouped: dict[tuple[str, str], list[FireDeviceLine]] = {}
    for line in lines:
        if not only_open or line.is_silent or line.condition is not FireCondition.NORMAL:
            grouped.setdefault((places[line.station_code][1], line.building), []).append(line)
    buildings = [_building(name, devices, places) for (_code, name), devices in grouped.items()]
    return sorted(
        buildings, key=lambda one: (_RANK[one.condition], not one.is_silent, one.name == "", one.name)
    )


def _building(name: str, devices: list[FireDeviceLine], places: dict[str, tuple[str, str]]) -> Building:
    ordered = sorted(devices, key=lambda one: (_RANK[one.condition], not one.is_silent, one.floor, one.point))
    place, code = places[ordered[0].station_code]
    return Building(name, place, code, tuple(ordered))


def _lines(actor: Actor) -> tuple[list[FireDeviceLine], dict[str, tuple[str, str]]]:
    registered = FireDevice.objects.filter(is_active=True)
    is_fire = (
        Q(kind=FIRE_KIND)
        | Q(protocol=FIRE_PROTOCOL)
        | Q(pk__in=registered.values_list("station_id", flat=True))
    )
    stations = list(visible_stations(actor).filter(is_fire))
    by_station: dict[object, list[FireDevice]] = {}
    for device in registered.filter(station__in=[station.pk for station in stations]):
        by_station.setdefault(device.station_id, []).append(device)
    latest, heard = latest_for(stations), hot_reader().heard()
    lines = [
        line
        for station in stations
        for line in _of_station(
            station,
            by_station.get(station.pk, []),
            latest.get(station.code, ()),
            heard.get(station.code),
        )
    ]
    places = {station.code: (station.division.name, station.division_id) for station in stations}
    return lines, places


def _of_station(
    station: Station,
    devices: Iterable[FireDevice],
    values: Iterable[LatestValue],
    heard: datetime | None,
) -> list[FireDeviceLine]:
    """The registered devices, then points that report without being in the register, and the transmission device itself."""
    said = _by_point(values)
    by_point = {device.point: device for device in devices}
    buildings = {device.building for device in by_point.values()}
    home = next(iter(buildings)) if len(buildings) == 1 else ""
    points = [*by_point, *(point for point in said if point not in by_point)]
    if "" not in points:
        points.append("")
    return [_line(station, point, by_point.get(point), said.get(point, []), heard, home) for point in points]


def _by_point(values: Iterable[LatestValue]) -> dict[str, list[LatestValue]]:
    found: dict[str, list[LatestValue]] = {}
    for value in values:
        bare = value.quantity.partition("@")[0]
        if bare == "fire_state" or bare in _BIT_BY_QUANTITY:
            found.setdefault(point_of(value.quantity), []).append(value)
    return found


def _line(
    station: Station,
    point: str,
    device: FireDevice | None,
    values: list[LatestValue],
    heard: datetime | None,
    home: str,
) -> FireDeviceLine:
    state = _state_of(values)
    bits = state_table(point)
    return FireDeviceLine(
        station_code=station.code,
        station_name=station.name,
        point=point,
        kind=_kind_of(point, device),
        building=device.building if device is not None else (home if point == "" else ""),
        floor=device.floor if device is not None else "",
        room=device.room if device is not None else "",
        description=device.description if device is not None else "",
        condition=condition_of(state, bits),
        states=tuple((bit.zh, bit.code.replace("_", " ")) for bit in tables.states_of(state or 0, bits)),
        said_at=max((value.phenomenon_time for value in values), default=None),
        last_heard=heard,
        is_silent=station.state != StationState.REPORTING
        and not (station.state == StationState.NEVER and heard),
        is_doubtful=any(value.flag & UNUSABLE for value in values),
        is_registered=device is not None or point == "",
    )


def _state_of(values: Iterable[LatestValue]) -> int | None:
    """The bits that the newest values set; None where nothing was said."""
    state: int | None = None
    for value in values:
        if value.value is None:
            continue
        bit = _BIT_BY_QUANTITY.get(value.quantity.partition("@")[0])
        said = int(value.value) if bit is None else (1 << bit if value.value else 1)
        state = (state or 0) | said
    return state


def condition_of(state: int | None, bits: dict[int, tables.StateBit]) -> FireCondition:
    """The worst that a state word says by the meaning of its bits; bit 0 alone, or nothing set, is rest."""
    if state is None:
        return FireCondition.UNKNOWN
    kinds = {bit.kind for bit in tables.states_of(state, bits)}
    worst = next((_BY_KIND[kind] for kind in _BY_KIND if kind in kinds), None)
    if worst is not None:
        return worst
    return FireCondition.ACTIVE if state & ~1 else FireCondition.NORMAL


def state_table(point: str) -> dict[int, tables.StateBit]:
    """Which meaning the bits of a point have: of the transmission device, a system or a component."""
    parts = point.split(".") if point else []
    if not parts:
        return tables.DEVICE_STATE
    return tables.SYSTEM_STATE if len(parts) == 2 else tables.COMPONENT_STATE


def _kind_of(point: str, device: FireDevice | None) -> tuple[str, str]:
    numbers = [int(part) for part in point.split(".") if part.isdigit()]
    if not point:
        return "用户信息传输装置", "transmission device"
    if device is not None and device.component_type is not None:
        return tables.component_words(device.component_type)
    if len(numbers) == 4:
        return tables.component_words(numbers[2])
    return tables.system_words(numbers[0]) if len(numbers) == 2 else (point, point)
