"""A line on the ground in metres: how long it is, where a point lies along it and how far off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

#: Metres of one degree of latitude; a sphere of 6371 km is within half a percent.
_DEGREE_M = 111_195.0
#: The end of a line flows into another line that is closer than this; drawn networks do not meet exactly.
SNAP_M = 300.0

T = TypeVar("T")


class Place(NamedTuple):
    """Where the nearest point of a course lies, from its source, and how far off the point is."""

    along_m: float
    off_m: float


class Course:
    """`line` is [[lon, lat], …] in the direction of flow."""

    def __init__(self, line: Sequence[Sequence[float]]) -> None:
        self._east = _DEGREE_M * math.cos(math.radians(line[0][1]))
        self._points = [self._metres(point) for point in line]
        self._at = [0.0]
        for here, there in zip(self._points, self._points[1:], strict=False):
            self._at.append(self._at[-1] + math.dist(here, there))

    @property
    def length_m(self) -> float:
        return self._at[-1]

    def place(self, point: Sequence[float], *, from_m: float = 0.0) -> Place:
        """The nearest point of the course at or below `from_m`."""
        spot = self._metres(point)
        best = Place(self.length_m, math.dist(spot, self._points[-1]))
        for n, (here, there) in enumerate(zip(self._points, self._points[1:], strict=False)):
            length = self._at[n + 1] - self._at[n]
            if self._at[n + 1] < from_m or not length:
                continue
            share = sum((s - h) * (t - h) for s, h, t in zip(spot, here, there, strict=True)) / length**2
            least = max(0.0, (from_m - self._at[n]) / length)
            share = min(1.0, max(least, share))
            foot = [h + share * (t - h) for h, t in zip(here, there, strict=True)]
            found = Place(self._at[n] + share * length, math.dist(spot, foot))
            best = min(best, found, key=lambda one: one.off_m)
        return best

    def _metres(self, point: Sequence[float]) -> tuple[float, float]:
        return point[0] * self._east, point[1] * _DEGREE_M


def nearest_course(
    point: Sequence[float], courses: Iterable[tuple[T, Course]], *, within_m: float = SNAP_M
) -> tuple[T, float] | None:
    """The nearest course that is close enough, with the metres along it."""
    places = [(one, course.place(point)) for one, course in courses]
    near = [(one, place) for one, place in places if place.off_m <= within_m]
    if not near:
        return None
    best, place = min(near, key=lambda item: item[1].off_m)
    return best, place.along_m
