"""How alike two short texts are, and how much speaks for two messages being about the same event. Pure functions.

The parameters are engineering choices, to be confirmed by the county from its own duplicates:

- words: Dice coefficient of character bigrams; Chinese needs no word borders for it.
- place: 1 at the same village or within 1 km, falling to 0 at 10 km; the same township without better knowledge counts 0.6.
- time: 1 at the same minute, falling to 0 at six hours.
- score = 0.45 place + 0.25 time + 0.3 words; what was seen at neither end gives the mean of the others. A caller who rings
  again from the same number adds 0.2. From 0.5 on it is suggested.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from datetime import datetime, timedelta

NEAR_KM, FAR_KM = 1.0, 10.0
SAME_TOWNSHIP = 0.6
WINDOW = timedelta(hours=6)
WEIGHT_PLACE, WEIGHT_TIME, WEIGHT_WORDS = 0.45, 0.25, 0.3
SAME_NUMBER = 0.2
SUGGESTED_FROM = 0.5
_EARTH_KM = 6371.0
_READ_MOST = 400


@functools.lru_cache(maxsize=4096)
def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, without spaces and signs."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text[:_READ_MOST]).lower())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def alike(first: frozenset[str], second: frozenset[str]) -> float:
    """Dice coefficient, 0 to 1."""
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great circle."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def of_distance(km: float) -> float:
    return max(0.0, min(1.0, (FAR_KM - km) / (FAR_KM - NEAR_KM)))


def of_paths(first: str, second: str) -> float:
    """1 where one lies in the other below the township, SAME_TOWNSHIP in the same township, else 0. Paths begin with the county."""
    if not first or not second:
        return 0.0
    a, b = first.split("/"), second.split("/")
    shared = sum(1 for _ in _shared(a, b))
    if shared == min(len(a), len(b)) and shared >= 3:
        return 1.0
    if shared >= 2:
        return SAME_TOWNSHIP
    return 0.0


def _shared(a: list[str], b: list[str]) -> list[str]:
    found = []
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        found.append(one)
    return found


def of_times(first: datetime, second: datetime) -> float:
    return max(0.0, 1.0 - abs(first - second) / WINDOW)


def score(*, place: float | None, time: float, words: float, same_number: bool = False) -> float:
    """All together, 0 to 1. `place` None: at one of them nothing is known."""
    if place is None:
        whole = (WEIGHT_TIME * time + WEIGHT_WORDS * words) / (WEIGHT_TIME + WEIGHT_WORDS)
    else:
        whole = WEIGHT_PLACE * place + WEIGHT_TIME * time + WEIGHT_WORDS * words
    return min(1.0, whole + (SAME_NUMBER if same_number else 0.0))
