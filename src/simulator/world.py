"""``world.json``: what the stations, the weather and the phones of the simulated county need to know."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class WorldError(Exception):
    """The world file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RainStation:
    """A rain gauge; x and y in kilometres from the county's centre."""

    code: str
    name: str
    division: str
    x_km: float
    y_km: float


@dataclass(frozen=True, slots=True)
class RiverGauge:
    """A river gauge with its reference stages (m) and the rain stations of its catchment."""

    code: str
    name: str
    division: str
    river: str
    catchment_km2: float
    warning_stage_m: float
    guaranteed_stage_m: float
    historic_max_m: float
    upstream: list[str]


@dataclass(frozen=True, slots=True)
class Link:
    """Station→village link; ``own`` maps a window in minutes to (准备转移, 立即转移) in mm, empty = default table."""

    station: str
    division: str
    own: dict[int, tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone, and how that somebody behaves when it rings."""

    phone: str
    name: str
    post: str
    division: str
    habit: str


@dataclass(frozen=True, slots=True)
class World:
    """The whole county as the outside world sees it."""

    seed: int
    county: str
    silent_after_s: int
    rain_stations: list[RainStation]
    river_gauges: list[RiverGauge]
    links: list[Link]
    people: list[Person]

    def villages_of(self, station: str) -> list[Link]:
        """Links of one station in code order."""
        return sorted(
            (link for link in self.links if link.station == station), key=lambda link: link.division
        )


def save_world(world: World, path: Path) -> None:
    """Write the world file, one readable JSON document."""
    path.write_text(json.dumps(asdict(world), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_world(path: Path) -> World:
    """Read the world file that ``simulator county`` wrote."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return World(
            seed=int(raw["seed"]),
            county=str(raw["county"]),
            silent_after_s=int(raw["silent_after_s"]),
            rain_stations=[RainStation(**row) for row in raw["rain_stations"]],
            river_gauges=[RiverGauge(**row) for row in raw["river_gauges"]],
            links=[_link(row) for row in raw["links"]],
            people=[Person(**row) for row in raw["people"]],
        )
    except OSError as error:
        raise WorldError(
            f"Cannot read {path}: {error.strerror}. Make it with: simulator county --out DIR"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise WorldError(
            f"{path} is not a world file ({error}). Make one with: simulator county --out DIR"
        ) from error


def _link(row: dict[str, Any]) -> Link:  # Any: straight from the JSON file, checked here
    own = {int(window): (prepare, now) for window, (prepare, now) in row["own"].items()}
    return Link(str(row["station"]), str(row["division"]), own)
