"""Which quantities are amounts of a period that ends with their time: they are summed, all others are averaged."""

from __future__ import annotations

#: Rain that stations report once for each period of its length. Longer ones (3 h … a day) overlap and are not summed.
AMOUNTS = frozenset({"rain_1min", "rain_5min", "rain_10min", "rain_30min", "rain_1h"})


def is_amount(quantity: str) -> bool:
    return quantity.partition("@")[0] in AMOUNTS


def hour_of(t: int, *, amount: bool) -> int:
    """The hour since 1970 a reading belongs to; the amount read at 09:00 fell before 09:00."""
    return (t - 1 if amount else t) // 3600
