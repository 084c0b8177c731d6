"""Values of SL 427: packed BCD, low byte first, opposite to SL 651; and the time label in Beijing time.

A value of all A is not measured, one of all F no reading. Source of the item layouts: tables 33 to 47 and 54 of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple

BEIJING = timezone(timedelta(hours=8))


class Value(NamedTuple):
    """`quantity` is of vocab.quantities or "sl427:…"; `number` None means no reading."""

    quantity: str
    number: Decimal | None
    size: int


def bcd(data: bytes, decimals: int) -> Decimal | None:
    """The number of digits, low byte first; None where they are none."""
    digits = data[::-1].hex()
    return Decimal(int(digits)).scaleb(-decimals) if digits.isascii() and digits.isdigit() else None


def signed(data: bytes, decimals: int) -> Decimal | None:
    """The same with a sign in the highest four bits: 0 plus, F minus."""
    sign = data[-1] >> 4
    number = bcd(data[:-1] + bytes([data[-1] & 0x0F]), decimals)
    if sign not in (0, 0xF) or number is None:
        return None
    return -number if sign else number


def utc_of(label: bytes) -> datetime | None:
    """UTC of second, minute, hour, day, month, year in BCD; None where that is no time. The century is 20."""
    digits = label[:6][::-1].hex()
    if not (digits.isascii() and digits.isdigit()):
        return None
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


def label_of(at: datetime) -> bytes:
    """Six bytes of an aware time."""
    return bytes.fromhex(at.astimezone(BEIJING).strftime("%S%M%H%d%m%y"))


def _plain(quantity: str, size: int, decimals: int, *, scale: int = 0) -> Callable[[bytes], list[Value]]:
    def read(data: bytes) -> list[Value]:
        number = bcd(data, decimals)
        return [Value(quantity, None if number is None else number.scaleb(scale), size)]

    return read


def _with_sign(quantity: str, size: int, decimals: int) -> Callable[[bytes], list[Value]]:
    return lambda data: [Value(quantity, signed(data, decimals), size)]


def _flow(data: bytes) -> list[Value]:
    """Flow with sign and unit in the highest byte, then the volume so far in cubic metres."""
    high = data[4]
    number = bcd(data[:4] + bytes([high & 0x0F]), 3)
    is_hourly = (high >> 4 & 0x03) == 0x03
    if number is not None and high >> 6 == 0x03:
        number = -number
    volume = bcd(data[5:10], 0)
    return [Value("pipe_flow" if is_hourly else "discharge", number, 5), Value("sl427:volume", volume, 5)]


def _weather(data: bytes) -> list[Value]:
    """Pressure, wind, its direction as a number from 0 to 8, temperature."""
    wind = bcd(data[3:5] + bytes([data[5] & 0x0F]), 2)
    direction = data[5] >> 4
    return [
        Value("air_pressure", bcd(data[:3], 0), 3),
        Value("wind_speed", wind, 2),
        Value("sl427:wind_octant", Decimal(direction) if direction <= 8 else None, 1),
        Value("air_temperature", signed(data[6:8], 1), 2),
    ]


def _soil(data: bytes) -> list[Value]:
    depth = bcd(data[2:4], 0)
    point = "" if depth is None else f"@{int(depth)}cm"
    return [Value(f"soil_moisture{point}", bcd(data[:2], 1), 4)]


#: Minutes of a rain period that has a quantity of its own.
_RAIN = {
    5: "rain_5min",
    10: "rain_10min",
    30: "rain_30min",
    60: "rain_1h",
    120: "rain_2h",
    180: "rain_3h",
    360: "rain_6h",
    720: "rain_12h",
    1440: "rain_24h",
}
_STEPS = (5, 60, 1440)


def _rain_of_period(data: bytes) -> list[Value]:
    """One byte says how long: two bits for the unit, six for the number; 11 is a test and counts for nothing."""
    unit, number = data[0] >> 6, data[0] & 0x3F
    if unit == 0x03:
        return [Value("sl427:rain_test", bcd(data[1:], 1), 4)]
    minutes = _STEPS[unit] * number
    return [Value(_RAIN.get(minutes, f"sl427:rain_{minutes}min"), bcd(data[1:], 1), 4)]


class Item(NamedTuple):
    """One type of the control byte: the bytes of one instrument, and how they are read."""

    size: int
    zh: str
    en: str
    read: Callable[[bytes], list[Value]] | None


ITEMS: dict[int, Item] = {
    0x1: Item(3, "雨量", "rain", _plain("rain_total", 3, 1)),
    0x2: Item(4, "水位", "stage", _with_sign("stage", 4, 3)),
    0x3: Item(10, "流量（水量）", "flow and volume", _flow),
    0x4: Item(3, "流速", "velocity", _with_sign("velocity", 3, 3)),
    0x5: Item(3, "闸位", "gate", _plain("gate_opening", 3, 2)),
    0x6: Item(3, "功率", "power", _plain("load", 3, 0)),
    0x7: Item(8, "气象", "weather", _weather),
    0x8: Item(4, "电量", "energy", _plain("sl427:energy", 4, 2)),
    0x9: Item(2, "水温", "water temperature", _plain("water_temperature", 2, 1)),
    # The decimals of each substance are not in the text at hand, so nothing is read.
    0xA: Item(0, "水质", "water quality", None),
    0xB: Item(4, "土壤含水率", "soil moisture", _soil),
    0xC: Item(3, "蒸发量", "evaporation", _plain("evaporation", 3, 1)),
    0xD: Item(2, "报警或状态（电压）", "alarm or state (voltage)", _plain("battery_v", 2, 2)),
    0xE: Item(4, "统计雨量", "rain of a period", _rain_of_period),
    0xF: Item(4, "水压", "water pressure", _plain("pipe_pressure", 4, 2, scale=-3)),
}


def read_values(type_code: int, data: bytes) -> Iterator[Value]:
    """The values of one or several instruments of a type, the second and later ones with their number as point."""
    item = ITEMS.get(type_code)
    if item is None or item.read is None or not item.size:
        return
    for number in range(len(data) // item.size):
        for value in item.read(data[number * item.size : (number + 1) * item.size]):
            has_point = number > 0 and "@" not in value.quantity
            yield value._replace(quantity=f"{value.quantity}@{number + 1}") if has_point else value
