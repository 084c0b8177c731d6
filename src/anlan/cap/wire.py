"""How single values are written in CAP: times, references, points, lists of words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from anlan.cap.model import Circle, Point, Polygon, Reference

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[-+]\d\d:?\d\d)")
_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?")
#: Years outside these are slips of the pen, and would leave the calendar when turned into UTC.
_YEARS = range(1900, 2201)
_FORBIDDEN = re.compile(r"[\s,<&]")


class NoZone(ValueError):
    """A time that might be any of 27 hours; none is guessed."""


def read_time(text: str) -> datetime:
    """An aware time that keeps its offset. Raises ValueError for none, `NoZone` for a time without a zone."""
    text = text.strip()
    if _WITHOUT_ZONE.fullmatch(text):
        raise NoZone(text)
    if not _WITH_ZONE.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.year not in _YEARS:
        raise ValueError(text)
    return moment


def write_time(moment: datetime) -> str:
    """`yyyy-mm-ddThh:mm:ss±hh:mm`; UTC is written -00:00, as CAP asks. Fractions of a second are cut."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone was given")
    text = moment.replace(microsecond=0).isoformat()
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def has_restricted_characters(text: str) -> bool:
    """Spaces, commas, `<` and `&` would break every reference to the message."""
    return bool(_FORBIDDEN.search(text))


def read_references(text: str) -> tuple[Reference, ...]:
    """Raises ValueError with the part that is none."""
    return tuple(_reference(part) for part in text.split())


def _reference(part: str) -> Reference:
    fields = part.split(",")
    if len(fields) != 3 or not all(fields):
        raise ValueError(part)
    try:
        return Reference(fields[0], fields[1], read_time(fields[2]))
    except ValueError:
        raise ValueError(part) from None


def write_reference(one: Reference) -> str:
    return f"{one.sender},{one.identifier},{write_time(one.sent)}"


def read_words(text: str) -> tuple[str, ...]:
    """A list separated by blanks; an item with blanks stands in double quotes."""
    return tuple(quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', text))


def write_words(words: Iterable[str]) -> str:
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)


def read_point(text: str) -> Point:
    """ "latitude,longitude"; raises ValueError. The range is not judged here."""
    lat, comma, lon = text.partition(",")
    if not comma:
        raise ValueError(text)
    point = (float(lat), float(lon))
    if not all(math.isfinite(number) for number in point):
        raise ValueError(text)
    return point


def read_polygon(text: str) -> Polygon:
    """Raises ValueError with the pair that is none."""
    points = []
    for pair in text.split():
        try:
            points.append(read_point(pair))
        except ValueError:
            raise ValueError(pair) from None
    return tuple(points)


def read_circle(text: str) -> Circle:
    centre, _blank, radius = text.strip().partition(" ")
    lat, lon = read_point(centre)
    radius_km = float(radius)
    if not math.isfinite(radius_km):
        raise ValueError(text)
    return Circle(lat, lon, radius_km)


def write_number(number: float) -> str:
    """At most six decimals (about 0.1 m), never an exponent."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def write_polygon(polygon: Polygon) -> str:
    return " ".join(f"{write_number(lat)},{write_number(lon)}" for lat, lon in polygon)


def write_circle(circle: Circle) -> str:
    return f"{write_number(circle.lat)},{write_number(circle.lon)} {write_number(circle.radius_km)}"


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
