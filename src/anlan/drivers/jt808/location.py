"""The body of a location report: alarm and status bits, position, BCD time, and items of id, length and value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from anlan.drivers.jt808.alarms import ALARM_BITS, bits_of
from anlan.drivers.jt808.times import BEIJING_H, utc_of
from anlan.drivers.types import Fields, Happening, Reading

#: Alarm 4, status 4, latitude 4, longitude 4, altitude 2, speed 2, direction 2, time 6.
FIXED = 28
_ACC, _LOCATED, _SOUTH, _WEST = 1, 2, 4, 8


class ItemRule(NamedTuple):
    """`quantity` of `vocab.quantities`; the value on the wire counts steps of 10^-`decimals`."""

    quantity: str
    size: int
    decimals: int


#: Items of the standard that become readings; every other is kept in the fields as it came.
ITEMS: dict[int, ItemRule] = {
    0x01: ItemRule("vehicle_mileage", 4, 1),
    0x02: ItemRule("vehicle_fuel", 2, 1),
}


class Item(NamedTuple):
    id: int
    #: As the item declares it; the value may be shorter where the body ends.
    length: int
    value: bytes

    def fields(self) -> Fields:
        return {"id": f"{self.id:02X}", "len": self.length, "hex": self.value.hex()}


@dataclass(frozen=True, slots=True)
class Location:
    """`lat` and `lon` in degrees, south and west negative; `speed` in km/h; `time_raw` yyMMddHHmmss as written."""

    alarm: int
    status: int
    lat: Decimal
    lon: Decimal
    altitude_m: int
    speed_kmh: Decimal
    direction: int
    time_raw: str
    items: tuple[Item, ...]
    items_fit: bool

    @property
    def is_located(self) -> bool:
        return bool(self.status & _LOCATED)

    @property
    def is_plausible(self) -> bool:
        """Fixed and on the globe. (0, 0) is what receivers give before their first fix."""
        is_on_the_globe = abs(self.lat) <= 90 and abs(self.lon) <= 180
        return self.is_located and is_on_the_globe and bool(self.lat or self.lon)

    def fields(self) -> Fields:
        return {
            "alarm": f"{self.alarm:08X}",
            "alarms": [ALARM_BITS[bit].code for bit in bits_of(self.alarm)],
            "status": f"{self.status:08X}",
            "acc_on": bool(self.status & _ACC),
            "located": self.is_located,
            "lat": float(self.lat),
            "lon": float(self.lon),
            "altitude_m": self.altitude_m,
            "speed_kmh": float(self.speed_kmh),
            "direction": self.direction,
            "time_bcd": self.time_raw,
            "extras": [item.fields() for item in self.items],
            "extras_fit": self.items_fit,
        }


def read_location(body: bytes) -> Location | None:
    """None where the body is too short for its fixed part."""
    if len(body) < FIXED:
        return None
    alarm, status = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    lat, lon = (Decimal(int.from_bytes(body[at : at + 4], "big")).scaleb(-6) for at in (8, 12))
    items, fit = read_items(body[FIXED:])
    return Location(
        alarm,
        status,
        -lat if status & _SOUTH else lat,
        -lon if status & _WEST else lon,
        int.from_bytes(body[16:18], "big"),
        Decimal(int.from_bytes(body[18:20], "big")).scaleb(-1),
        int.from_bytes(body[20:22], "big"),
        body[22:28].hex(),
        items,
        fit,
    )


def read_items(data: bytes) -> tuple[tuple[Item, ...], bool]:
    """The items, and whether they fill the body to its last byte."""
    items = []
    at = 0
    while at + 2 <= len(data):
        size = data[at + 1]
        items.append(Item(data[at], size, data[at + 2 : at + 2 + size]))
        at += 2 + size
    return tuple(items), at == len(data)


def readings_of(station: str, place: Location, offset_h: float = BEIJING_H) -> tuple[Reading, ...]:
    """Readings of one report; none without a usable time, and no position without a fix: neither is invented."""
    time = utc_of(place.time_raw, offset_h)
    if time is None:
        return ()
    found: list[tuple[str, Decimal, str]] = []
    if place.is_plausible:
        found += [
            ("position_lat", place.lat, "lat"),
            ("position_lon", place.lon, "lon"),
            ("vehicle_altitude", Decimal(place.altitude_m), "altitude"),
            ("vehicle_speed", place.speed_kmh, "speed"),
            ("vehicle_direction", Decimal(place.direction), "direction"),
        ]
    for item in place.items:
        rule = ITEMS.get(item.id)
        if rule is not None and len(item.value) == rule.size:
            value = Decimal(int.from_bytes(item.value, "big")).scaleb(-rule.decimals)
            found.append((rule.quantity, value, f"{item.id:02X}"))
    return tuple(Reading(station, quantity, time, value, element) for quantity, value, element in found)


def happenings_of(station: str, place: Location, offset_h: float = BEIJING_H) -> tuple[Happening, ...]:
    """One happening for each kind of alarm that is on, with the bits that say so and where the vehicle was."""
    by_kind: dict[str, list[int]] = {}
    for bit in bits_of(place.alarm):
        by_kind.setdefault(ALARM_BITS[bit].kind, []).append(bit)
    where: Mapping[str, object] = (
        {"lat": float(place.lat), "lon": float(place.lon), "speed_kmh": float(place.speed_kmh)}
        if place.is_plausible
        else {}
    )
    time = utc_of(place.time_raw, offset_h)
    return tuple(
        Happening(
            station,
            kind,
            time,
            {
                "alarms": [ALARM_BITS[bit].code for bit in bits],
                "text": "、".join(ALARM_BITS[bit].zh for bit in bits),
                **where,
            },
        )
        for kind, bits in by_kind.items()
    )
