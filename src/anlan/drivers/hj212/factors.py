"""Which quantity an item of a data message is.

A real-time value becomes the quantity that the county knows ("cod"); what it does not know, and every mean, extreme and sum, becomes
"hj212:" and the code of the 2017 list, whichever list the station used. Minute, hourly and daily statistics are told apart.
"""

from __future__ import annotations

from anlan.drivers.hj212.layout import AMBIENT_AIR, PERIOD_SUFFIX
from anlan.vocab.factors import FACTORS_OF_2005, PREFIX

#: Suffix of an item → ending of the quantity.
_ENDINGS = {
    "Rtd": "",
    "Avg": "_avg",
    "Min": "_min",
    "Max": "_max",
    "Cou": "_cou",
    "ZsRtd": "_zs",
    "ZsAvg": "_zsavg",
    "ZsMin": "_zsmin",
    "ZsMax": "_zsmax",
}

#: Factor → quantity of the county, and the power of ten from the factor's unit to the quantity's.
_QUANTITIES: dict[str, tuple[str, int]] = {
    "w01001": ("ph", 0),
    "w01003": ("turbidity", 0),
    "w01009": ("dissolved_oxygen", 0),
    "w01010": ("water_temperature", 0),
    "w01014": ("conductivity", 0),
    "w01018": ("cod", 0),
    "w01019": ("permanganate_index", 0),
    "w21001": ("total_nitrogen", 0),
    "w21003": ("ammonia_nitrogen", 0),
    "w21011": ("total_phosphorus", 0),
}
#: The same, for air-quality stations only: at a chimney the same code has another unit and another meaning.
_AMBIENT: dict[str, tuple[str, int]] = {
    "a01001": ("air_temperature", 0),
    "a01002": ("relative_humidity", 0),
    "a01006": ("air_pressure", 1),
    "a01007": ("wind_speed", 0),
    "a01008": ("wind_direction", 0),
    "a34002": ("pm10", 0),
    "a34004": ("pm25", 0),
    "a21026": ("so2", 0),
    "a21004": ("no2", 0),
    "a21005": ("co", 0),
}


def quantity_of_item(code: str, suffix: str, *, command: str, system: str) -> tuple[str, int] | None:
    """The quantity of "code-suffix" and the power of ten to it; None for items that are no values, such as Flag."""
    ending = _ENDINGS.get(suffix)
    if ending is None or not code:
        return None
    old = FACTORS_OF_2005.get(code)
    name = old.code if old else code
    if suffix == "Rtd":
        known = _QUANTITIES.get(name) or (_AMBIENT.get(name) if system == AMBIENT_AIR else None)
        return known or (f"{PREFIX}{name}", 0)
    return f"{PREFIX}{name}{ending}{PERIOD_SUFFIX.get(command, '')}", 0
