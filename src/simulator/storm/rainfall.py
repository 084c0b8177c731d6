"""Rain of a moving storm cell, in tenths of a millimetre per 5-minute slot.

A day of light rain comes first and must stay under every threshold; then the cell crosses a part of the county.
A few stations are given a scripted course, because a warning rule is only tested by the hard cases.
"""

import random
from dataclasses import dataclass
from math import cos, exp, hypot, pi, sin

from simulator.seeds import stream
from simulator.world import RainStation, World

#: Length of the storm's core, slots of 5 minutes; what a longer run has after it is a dry tail.
CORE_SLOTS = 8
#: Slots of the core in which the cell is over the county; the last ones only drizzle.
CELL_SLOTS = 6
HISTORY_SLOTS = 288
#: Rain at the centre of the cell in 0.1 mm per slot, its radius, and how far it moves per slot.
PEAK_TENTHS = 170.0
RADIUS_KM = 6.0
STEP_KM = 3.5
#: More than a gauge with one byte per slot can say is never scripted.
MOST_TENTHS = 240

Rain = list[int | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """The storm cell: the middle of its way (km) and its direction (radians)."""

    x_km: float
    y_km: float
    heading: float

    def tenths_at(self, x_km: float, y_km: float, slot: int) -> float:
        """Rain at a point in one slot of the core, before noise."""
        along = (slot - (CELL_SLOTS - 1) / 2) * STEP_KM
        centre = self.x_km + along * cos(self.heading), self.y_km + along * sin(self.heading)
        gap = hypot(x_km - centre[0], y_km - centre[1])
        return PEAK_TENTHS * exp(-((gap / RADIUS_KM) ** 2) / 2) if slot < CELL_SLOTS else 0.0


def storm_cell(seed: int) -> Cell:
    """Where the storm goes for a seed: its way's middle lies within 9 km of the county's centre."""
    rng = stream(seed, "cell")
    turn, away = rng.uniform(0, 2 * pi), rng.uniform(2.0, 9.0)
    return Cell(away * cos(turn), away * sin(turn), rng.uniform(0, 2 * pi))


def light_rain(station: str, seed: int) -> list[int]:
    """A day of drizzle: 6 to 20 mm in all, 1 to 3 mm of them in the last hour; whole tenths."""
    rng = stream(seed, "light", station)
    share = stream(seed, "light-hours")
    hourly = [share.choice([0.0, 0.0, 0.2, 0.5, 1.0]) for _ in range(23)] + [2.0]
    factor = rng.uniform(0.7, 1.3)
    exact = [hourly[slot // 12] * factor * 10 / 12 for slot in range(HISTORY_SLOTS)]
    return _whole(exact, rng.random())


def _whole(exact: list[float], carry: float = 0.0) -> list[int]:
    """Tip the bucket: whole tenths whose running total follows the exact one."""
    tipped: list[int] = []
    for amount in exact:
        carry += amount
        tipped.append(int(carry))
        carry -= tipped[-1]
    return tipped


def natural_storm(station: RainStation, cell: Cell, seed: int, slots: int) -> list[int]:
    """What the cell brings to a station, with gusts; then the dry tail."""
    rng = stream(seed, "gusts", station.code)
    core = [
        cell.tenths_at(station.x_km, station.y_km, slot) * rng.lognormvariate(0, 0.12)
        for slot in range(slots)
    ]
    return [min(MOST_TENTHS, amount) for amount in _whole(core)]


@dataclass(frozen=True, slots=True)
class RainCourse:
    """One station's rain: a day of history, then the storm and its tail; None = the gauge gave no reading."""

    station: str
    role: str
    history: list[int]
    storm: Rain


def _climbing(history: list[int], rng: random.Random) -> list[int]:
    """One-hour sums rise through all four colours, one after the other."""
    sums = [150, 240, 385, 510, 690, 845]
    return [*_increments(history, [total + rng.randint(-8, 8) for total in sums]), 12, 3]


def _hovering(history: list[int], rng: random.Random) -> list[int]:
    """The one-hour sum reaches 35 mm and then swings around it by half a millimetre."""
    return _increments(history, [150, 250, 352, 346, 351, 345, 353 + rng.randint(0, 2), 347])


def _increments(history: list[int], hour_sums: list[int]) -> list[int]:
    """Slot values that give these one-hour sums after this history."""
    before = list(history[-12:])
    for total in hour_sums:
        before.append(max(0, total - sum(before[-11:])))
    return before[12:]


#: One hour of even rain, so that a swinging sum has something to lose.
EVEN_HOUR = [10] * 12
#: 24 h to 99.9 mm: 75.0 mm of steady rain with a dry start (nothing leaves the window), then 24.9 mm.
STEADY_DAY = [0] * 36 + _whole([750 / 252 + 1e-9] * 252)
ALMOST = [20, 40, 60, 50, 40, 29, 10, 0]
#: A third of the hour is missing, and what is left still crosses.
HOLED: Rain = [220, None, None, None, None, 232, 12, 2]
#: Too much is missing to call it safe, and what is left does not cross.
UNKNOWN: Rain = [80, None, None, None, None, None, 60, 10]


def rain_courses(world: World, seed: int, slots: int) -> list[RainCourse]:
    """The course of every rain station over the history and the given number of live slots."""
    cell = storm_cell(seed)
    history = {s.code: light_rain(s.code, seed) for s in world.rain_stations}
    storm: dict[str, Rain] = {s.code: [*natural_storm(s, cell, seed, slots)] for s in world.rain_stations}
    roles = cast_roles(world, storm)
    rng = stream(seed, "roles")
    for code, role in roles.items():
        if role == "hovering":
            history[code][-12:] = EVEN_HOUR
        if role == "almost":
            history[code] = list(STEADY_DAY)
        scripted = _scripted(role, history[code], rng)
        if scripted is not None:
            storm[code] = ([*scripted] + [0] * slots)[:slots]
    return [RainCourse(code, roles.get(code, "plain"), history[code], storm[code]) for code in history]


def _scripted(role: str, history: list[int], rng: random.Random) -> Rain | None:
    match role:
        case "climbing":
            return [*_climbing(history, rng)]
        case "hovering":
            return [*_hovering(history, rng)]
        case "almost":
            return [*ALMOST]
        case "holed":
            return HOLED
        case "unknown":
            return UNKNOWN
        case _:
            return None


def cast_roles(world: World, storm: dict[str, Rain]) -> dict[str, str]:
    """Give the hard courses to stations that the storm really passes, faults of the device to the driest."""
    surveyed = {link.station for link in world.links if link.own}
    wettest = sorted(storm, key=lambda code: (-sum(value or 0 for value in storm[code]), code))
    plain = [code for code in wettest if code not in surveyed]
    return {
        wettest[-1]: "dead",
        wettest[-2]: "skewed",
        plain[0]: "climbing",
        plain[2]: "holed",
        plain[9]: "hovering",
        plain[11]: "almost",
        plain[13]: "unknown",
    }
