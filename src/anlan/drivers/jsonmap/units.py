"""Units that senders use and their exact ratios. Factors are those of the SI; nothing here is rounded before the end.

A unit is written in many ways ("m³/s", "m3/s", "立方米/秒"); `canonical` brings them to one. Two units convert only inside one
dimension: a percentage of the lower explosive limit is no percentage of the volume.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

#: Digits kept where a ratio has no finite decimal form, such as m³/h to m³/s.
_DIGITS = 18


class BadUnit(ValueError):
    """`code` is unit.unknown or unit.unfit; the text is a sentence for a person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class _Unit(NamedTuple):
    """value in the base unit of the dimension = value · factor + offset."""

    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


def _f(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or "1")


_TABLE: dict[str, dict[str, str]] = {
    "length": {"μm": "0.000001", "mm": "0.001", "cm": "0.01", "dm": "0.1", "m": "1", "km": "1000"},
    "pressure": {"Pa": "1", "hPa": "100", "mbar": "100", "kPa": "1000", "bar": "100000", "MPa": "1000000"},
    "discharge": {
        "m3/s": "1", "L/s": "0.001", "L/min": "0.001/60", "m3/min": "1/60", "m3/h": "1/3600", "m3/d": "1/86400",
    },
    "speed": {
        "m/s": "1", "cm/s": "0.01", "mm/s": "0.001", "km/h": "1000/3600", "m/min": "1/60", "mm/h": "0.001/3600",
        "mm/d": "0.001/86400", "cm/d": "0.01/86400", "m/d": "1/86400",
    },
    "acceleration": {"m/s2": "1", "cm/s2": "0.01", "gal": "0.01", "g": "9.80665", "mg": "0.00980665"},
    "density": {"μg/m3": "0.000001", "mg/m3": "0.001", "g/m3": "1", "kg/m3": "1000"},
    "content": {"μg/L": "0.000001", "mg/L": "0.001", "g/L": "1"},
    "ratio": {"%": "0.01", "‰": "0.001", "1": "1"},
    "volume fraction": {"%VOL": "0.01", "%CH4": "0.01", "ppm": "0.000001", "ppb": "0.000000001"},
    "explosive limit": {"%LEL": "1"},
    "volume": {"L": "0.001", "m3": "1", "万m3": "10000", "百万m3": "1000000", "亿m3": "100000000"},
    "voltage": {"mV": "0.001", "V": "1", "kV": "1000"},
    "current": {"mA": "0.001", "A": "1"},
    "power": {"W": "1", "kW": "1000", "MW": "1000000"},
    "force": {"N": "1", "kN": "1000"},
    "angle": {"°": "1", "′": "1/60", "″": "1/3600"},
    "irradiance": {"W/m2": "1"},
    "strain": {"με": "1"},
    "turbidity": {"NTU": "1"},
    "sound": {"dB": "1"},
    "conductivity": {"μS/cm": "1", "mS/cm": "1000", "S/m": "10000"},
    "time": {"s": "1", "min": "60", "h": "3600", "d": "86400"},
}  # fmt: skip
_UNITS: dict[str, _Unit] = {
    name: _Unit(dimension, _f(factor))
    for dimension, units in _TABLE.items()
    for name, factor in units.items()
} | {
    "°C": _Unit("temperature", Fraction(1)),
    "K": _Unit("temperature", Fraction(1), Fraction("-273.15")),
    "°F": _Unit("temperature", Fraction(5, 9), Fraction(-160, 9)),
}

#: Other spellings; the key is compared after NFKC and without spaces.
_SPELLINGS: dict[str, str] = {
    "米": "m", "厘米": "cm", "毫米": "mm", "分米": "dm", "千米": "km", "公里": "km", "微米": "μm",
    "帕": "Pa", "千帕": "kPa", "兆帕": "MPa", "百帕": "hPa", "KPa": "kPa", "Kpa": "kPa", "kpa": "kPa", "Mpa": "MPa", "pa": "Pa",
    "摄氏度": "°C", "C": "°C", "℃": "°C", "华氏度": "°F", "开": "K",
    "立方米/秒": "m3/s", "立方米/小时": "m3/h", "升/秒": "L/s", "l/s": "L/s", "立方米": "m3", "万立方米": "万m3", "104m3": "万m3",
    "106m3": "百万m3", "亿立方米": "亿m3",
    "米/秒": "m/s", "毫米/天": "mm/d", "毫米/日": "mm/d", "mm/day": "mm/d", "公里/小时": "km/h", "千米/小时": "km/h",
    "毫克/立方米": "mg/m3", "克/立方米": "g/m3", "微克/立方米": "μg/m3", "ug/m3": "μg/m3", "毫克/升": "mg/L", "mg/l": "mg/L",
    "PPM": "ppm", "PPB": "ppb", "%lel": "%LEL", "LEL%": "%LEL", "lel%": "%LEL", "%vol": "%VOL", "vol%": "%VOL", "VOL%": "%VOL",
    "%(V/V)": "%VOL", "%RH": "%", "百分比": "%", "度": "°", "deg": "°", "伏": "V", "毫伏": "mV", "安": "A", "毫安": "mA",
    "千瓦": "kW", "us/cm": "μS/cm", "uS/cm": "μS/cm", "Gal": "gal", "ntu": "NTU", "秒": "s", "分钟": "min", "小时": "h", "天": "d",
}  # fmt: skip


def canonical(unit: str) -> str:
    """One spelling for a unit; what nobody knows comes back as it was, without spaces."""
    plain = unicodedata.normalize("NFKC", unit).replace(" ", "").replace("µ", "μ").replace("^", "")
    return _SPELLINGS.get(plain, plain)


def is_known(unit: str) -> bool:
    return canonical(unit) in _UNITS


def convert(value: Decimal, given: str, wanted: str) -> Decimal:
    """`value` in `wanted`, exactly (a ratio without finite decimals keeps 18 digits). Raises BadUnit."""
    source, target = canonical(given), canonical(wanted)
    if source == target:
        return value
    a, b = _UNITS.get(source), _UNITS.get(target)
    if a is None:
        raise BadUnit("unit.unknown", f"The unit {given[:20]!r} is not known.")
    if b is None or a.dimension != b.dimension:
        raise BadUnit("unit.unfit", f"{given[:20]!r} cannot be turned into {wanted!r}.")
    exact = (Fraction(value) * a.factor + a.offset - b.offset) / b.factor
    return _decimal(exact)


def _decimal(exact: Fraction) -> Decimal:
    """The finite decimal where there is one, else 18 digits after the point."""
    rest = exact.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    digits = max(twos, fives) if rest == 1 else _DIGITS
    return Decimal(round(exact * 10**digits)).scaleb(-digits)
