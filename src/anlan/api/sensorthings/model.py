"""Entity types of SensorThings: which properties and links each has. The names are the standard's."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.api.sensorthings.errors import bad


@dataclass(frozen=True, slots=True)
class Link:
    target: str
    is_many: bool


@dataclass(frozen=True, slots=True)
class EntityType:
    """`costly` properties are given where one entity is asked for, or where `$select` names them."""

    collection: str
    properties: tuple[str, ...]
    links: dict[str, Link]
    costly: tuple[str, ...] = ()

    @property
    def all_properties(self) -> tuple[str, ...]:
        return self.properties + self.costly


def _many(*names: str) -> dict[str, Link]:
    return {name: Link(name, True) for name in names}


def _one(**targets: str) -> dict[str, Link]:
    return {name: Link(target, False) for name, target in targets.items()}


TYPES: dict[str, EntityType] = {
    kind.collection: kind
    for kind in (
        EntityType(
            "Things",
            ("name", "description", "properties"),
            _many("Locations", "HistoricalLocations", "Datastreams"),
        ),
        EntityType(
            "Locations",
            ("name", "description", "encodingType", "location", "properties"),
            _many("Things", "HistoricalLocations"),
        ),
        EntityType("HistoricalLocations", ("time",), _one(Thing="Things") | _many("Locations")),
        EntityType(
            "Datastreams",
            ("name", "description", "observationType", "unitOfMeasurement", "properties"),
            _one(Thing="Things", Sensor="Sensors", ObservedProperty="ObservedProperties")
            | _many("Observations"),
            # An observed area is not given: a station is a point. QGIS asks for it nevertheless.
            ("phenomenonTime", "resultTime", "observedArea"),
        ),
        EntityType(
            "Sensors",
            ("name", "description", "encodingType", "metadata", "properties"),
            _many("Datastreams"),
        ),
        EntityType(
            "ObservedProperties",
            ("name", "definition", "description", "properties"),
            _many("Datastreams"),
        ),
        EntityType(
            "Observations",
            ("phenomenonTime", "resultTime", "result", "resultQuality"),
            _one(Datastream="Datastreams", FeatureOfInterest="FeaturesOfInterest"),
        ),
        EntityType(
            "FeaturesOfInterest",
            ("name", "description", "encodingType", "feature", "properties"),
            _many("Observations"),
        ),
    )
}
#: Properties whose value is a JSON object, into which a filter may reach.
DEEP = ("properties", "unitOfMeasurement", "resultQuality", "location", "feature", "observedArea")
ID_NAMES = ("id", "@iot.id")


def check_path(kind: EntityType, parts: tuple[str, ...], *, to_one: bool = False) -> None:
    """Raises StaError unless the property can be reached; with `to_one` not through a link to many."""
    here = kind
    for n, part in enumerate(parts):
        link = here.links.get(part)
        if link is None:
            rest = parts[n + 1 :]
            is_known = part in ID_NAMES or part in here.all_properties
            if not is_known or (rest and part not in DEEP):
                raise bad(f"{here.collection} have no property {'/'.join(parts[n:])[:80]!r}.")
            return
        if part == "Observations":
            raise bad("A filter does not reach into Observations; ask for the Observations themselves.")
        if link.is_many and to_one:
            raise bad(f"One cannot sort by a link to many: {part}.")
        here = TYPES[link.target]
    raise bad(f"A property of {here.collection} is expected after {'/'.join(parts)[:80]!r}.")
