"""Observed properties: unit, stored decimals and plausible range.

Ranges are engineering defaults (not verified against a standard); a station's own range overrides them in the catalogue.
The SL 651 element id beside a quantity is for reading only; the mapping itself lives with the driver.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Quantity(NamedTuple):
    """`decimals` digits after the point are stored, as an integer of 10^-decimals `unit`."""

    code: str
    unit: str
    decimals: int
    zh: str
    en: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def to_stored(self, value: Decimal) -> int:
        """The integer that is stored; half a last digit rounds to even."""
        return int(value.scaleb(self.decimals).to_integral_value())

    def from_stored(self, stored: int) -> Decimal:
        return Decimal(stored).scaleb(-self.decimals)


def _q(code: str, unit: str, decimals: int, zh: str, en: str, low: str | None, high: str | None) -> Quantity:
    return Quantity(
        code,
        unit,
        decimals,
        zh,
        en,
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
    )


QUANTITIES: dict[str, Quantity] = {
    quantity.code: quantity
    for quantity in (
        _q("rain_5min", "mm", 1, "5分钟雨量", "rain in 5 minutes", "0", "60"),
        _q("rain_10min", "mm", 1, "10分钟雨量", "rain in 10 minutes", "0", "100"),
        _q("rain_30min", "mm", 1, "30分钟雨量", "rain in 30 minutes", "0", "200"),
        _q("rain_1h", "mm", 1, "1小时雨量", "rain in 1 hour", "0", "300"),
        _q("rain_2h", "mm", 1, "2小时雨量", "rain in 2 hours", "0", "500"),
        _q("rain_3h", "mm", 1, "3小时雨量", "rain in 3 hours", "0", "700"),
        _q("rain_6h", "mm", 1, "6小时雨量", "rain in 6 hours", "0", "1000"),
        _q("rain_12h", "mm", 1, "12小时雨量", "rain in 12 hours", "0", "1500"),
        _q("rain_day", "mm", 1, "日雨量", "rain of the day", "0", "2000"),
        _q("rain_current", "mm", 1, "当前降水量", "current rain", "0", "2000"),
        _q("rain_total", "mm", 1, "累计雨量", "accumulated rain", "0", "99999"),
        _q("stage", "m", 3, "水位", "stage", "-100", "9000"),
        _q("stage_upstream", "m", 3, "闸上水位", "stage above the gate", "-100", "9000"),
        _q("stage_downstream", "m", 3, "闸下水位", "stage below the gate", "-100", "9000"),
        _q("discharge", "m³/s", 3, "流量", "discharge", "-10000", "200000"),
        _q("velocity", "m/s", 3, "流速", "flow velocity", "-20", "20"),
        _q("battery_v", "V", 2, "电源电压", "supply voltage", "0", "60"),
        _q("water_temperature", "℃", 1, "水温", "water temperature", "-5", "60"),
    )
}


def quantity_of(code: str) -> Quantity:
    """The known quantity, or for a code nobody described one without unit and range that keeps three decimals.

    A point ("displacement_x@G03") belongs to the stream and not to the quantity.
    """
    known = QUANTITIES.get(code.partition("@")[0])
    return known if known is not None else Quantity(code, "", 3, code, code)


def point_of(code: str) -> str:
    """The measuring point of a stream's quantity, "" where the station has one only."""
    return code.partition("@")[2]
