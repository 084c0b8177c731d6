"""Entities and collections as JSON: selection, expansion, order, pages and links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from anlan.api.sensorthings.bounds import Bounds, bounds_of
from anlan.api.sensorthings.errors import bad
from anlan.api.sensorthings.evaluate import conjuncts, holds, paths
from anlan.api.sensorthings.grammar import Node, Span
from anlan.api.sensorthings.options import Options, Sort
from anlan.api.sensorthings.walk import Reading, walk
from anlan.api.sensorthings.world import Entity, World, to_json
from anlan.sensing.connect import observations as told
from anlan.sensing.hot.streams import StreamKey

Json = dict[str, Any]  # Any: JSON
#: Entities that one answer may hold, expanded ones among them.
MOST_ENTITIES = 20_000
_TIMES = ("phenomenonTime", "resultTime")


@dataclass(frozen=True, slots=True)
class Page:
    """`more` are the options with which the list goes on, None at its end."""

    entities: list[Entity]
    count: int | None
    more: dict[str, str] | None


class Answers:
    """Makes the JSON of one request; counts what it makes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._made = 0

    # -- entities

    def entity(self, entity: Entity, options: Options, *, is_single: bool = False) -> Json:
        self._made += 1
        if self._made > MOST_ENTITIES:
            raise bad(
                f"This answer would hold more than {MOST_ENTITIES} entities. Use $top, also in $expand."
            )
        kind, own, chosen = entity.kind, entity.address(self.world.base), options.select
        made: Json = {}
        if chosen is None or "@iot.id" in chosen:
            made["@iot.id"] = entity.id
        if chosen is None or "@iot.selfLink" in chosen:
            made["@iot.selfLink"] = own
        for name in kind.all_properties:
            if name in chosen if chosen is not None else is_single or name not in kind.costly:
                value = to_json(self.world.value(entity, name))
                if value is not None or name not in kind.costly:
                    made[name] = value
        for name in kind.links:
            if name in options.expand:
                made.update(self._expanded(entity, name, options.expand[name]))
            elif chosen is None or name in chosen:
                made[f"{name}@iot.navigationLink"] = f"{own}/{name}"
        return made

    def _expanded(self, entity: Entity, name: str, options: Options) -> Json:
        link = entity.kind.links[name]
        if not link.is_many:
            return {name: self.entity(self.world.linked(entity, name)[0], options)}
        page = self.page(entity.kind.links[name].target, options, entity, name)
        made: Json = {name: [self.entity(one, options) for one in page.entities]}
        if page.count is not None:
            made[f"{name}@iot.count"] = page.count
        if page.more is not None:
            address = f"{entity.address(self.world.base)}/{name}"
            made[f"{name}@iot.nextLink"] = with_options(address, page.more)
        return made

    # -- collections

    def page(self, target: str, options: Options, entity: Entity | None = None, link: str = "") -> Page:
        """One page of a collection: of everything, or of what lies behind a link of an entity."""
        if target == "Observations":
            return Observations(self.world, entity, options).page()
        if options.token or options.is_data_array:
            raise bad("Only Observations have that option.")
        found = self.world.all(target) if entity is None else self.world.linked(entity, link)
        found = [one for one in found if passes(self.world, options.filter, one)]
        found = ordered(self.world, found, options.orderby)
        shown = found[options.skip : options.skip + options.page]
        return Page(
            shown,
            len(found) if options.is_counted else None,
            _going_on(options, len(found) > options.skip + len(shown), options.skip + len(shown)),
        )

    def collection(self, page: Page, options: Options, address: str) -> Json:
        made: Json = {} if page.count is None else {"@iot.count": page.count}
        if page.more is not None:
            made["@iot.nextLink"] = with_options(address, page.more)
        made["value"] = (
            self._arrays(page.entities, options)
            if options.is_data_array
            else [self.entity(one, options) for one in page.entities]
        )
        return made

    def _arrays(self, entities: Sequence[Entity], options: Options) -> list[Json]:
        """`resultFormat=dataArray`: the rows of each datastream under the names of their columns."""
        if options.expand:
            raise bad("A data array cannot be expanded.")
        chosen = options.select or ("@iot.id", *told.OBSERVATION_PROPERTIES)
        names = [name for name in ("@iot.id", *told.OBSERVATION_PROPERTIES) if name in chosen]
        groups: dict[StreamKey, list[list[Any]]] = {}  # Any: JSON
        for one in entities:
            row = [to_json(self.world.value(one, name)) for name in names]
            groups.setdefault(one.row.key, []).append(row)
        columns = ["id" if name == "@iot.id" else name for name in names]
        return [
            {
                "Datastream@iot.navigationLink": self.world.base
                + told.address("Datastreams", told.datastream_id(*key)),
                "components": columns,
                "dataArray@iot.count": len(rows),
                "dataArray": rows,
            }
            for key, rows in groups.items()
        ]


class Observations:
    """Pages of Observations. In order of time they come straight from the walk; any other order gathers them first.

    A page of the walk ends with a mark (time and datastream) from which the next one goes on, so that each observation
    comes once although new ones arrive meanwhile.
    """

    def __init__(self, world: World, entity: Entity | None, options: Options) -> None:
        self._world, self._options = world, options
        self._node = options.filter
        keys = world.keys_of(entity)
        for condition in conjuncts(options.filter):
            if all(parts[0] in ("Datastream", "FeatureOfInterest") for parts in paths(condition)):
                keys = [key for key in keys if self._may(condition, key)]
        self._keys = keys
        self._bounds = bounds_of(options.filter, world.now)
        self._is_down = bool(options.orderby) and options.orderby[0].is_down

    def page(self) -> Page:
        options = self._options
        count = sum(1 for _ in self._found(self._bounds)) if options.is_counted else None
        if not self._is_by_time():
            return self._gathered(count)
        found = self._after_token() if options.token else self._found(self._bounds)
        if options.skip:
            found = islice(found, options.skip, None)
        shown = list(islice(found, options.page))
        has_more = len(shown) == options.page and next(found, None) is not None
        if not has_more or not shown:
            return Page([self._world.of_reading(one) for one in shown], count, None)
        more = _going_on(options, True, 0) if options.top != 0 else None
        if more is not None:
            more["$skiptoken"] = f"{shown[-1].t}|{told.datastream_id(*shown[-1].key)}"
        return Page([self._world.of_reading(one) for one in shown], count, more)

    def _gathered(self, count: int | None) -> Page:
        options = self._options
        found = [self._world.of_reading(one) for one in self._found(self._bounds)]
        found = ordered(self._world, found, options.orderby)
        shown = found[options.skip : options.skip + options.page]
        going_on = _going_on(options, len(found) > options.skip + len(shown), options.skip + len(shown))
        return Page(shown, count, going_on)

    def _is_by_time(self) -> bool:
        names = [sort.path.parts for sort in self._options.orderby]
        return not names or (len(names) == 1 and names[0] in {(name,) for name in _TIMES})

    def _found(self, bounds: Bounds) -> Iterator[Reading]:
        world = self._world
        readings = walk(
            world.history, self._keys, bounds, world.budget, is_down=self._is_down, exercise=world.exercise
        )
        if self._node is None:
            return readings
        return (one for one in readings if passes(world, self._node, world.of_reading(one)))

    def _after_token(self) -> Iterator[Reading]:
        seconds, _, datastream = self._options.token.partition("|")
        if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
            raise bad("The $skiptoken is not one of ours.")
        t, low, high = int(seconds), *self._bounds
        rest = Bounds(low, min(high, t)) if self._is_down else Bounds(max(low, t), high)
        for one in self._found(rest):
            place = (one.t, one.key)
            mark = (t, self._key_of(datastream))
            if (place < mark) if self._is_down else (place > mark):
                yield one

    def _key_of(self, datastream: str) -> StreamKey:
        key = self._world.streams.get(datastream)
        if key is None:
            raise bad("The $skiptoken is not one of ours.")
        return key

    def _may(self, condition: Node, key: StreamKey) -> bool:
        """Asked of a stream alone, by a reading that does not matter."""
        return passes(self._world, condition, self._world.of_reading(Reading(key, 0, None, 0)))


def passes(world: World, node: Node | None, entity: Entity) -> bool:
    return node is None or holds(node, lambda parts: world.lookup(entity, parts), world.now)


def ordered(world: World, found: list[Entity], sorts: Sequence[Sort]) -> list[Entity]:
    """Stable, the last named first; what has no value comes first."""

    def key(parts: tuple[str, ...]) -> Callable[[Entity], tuple[int, Any]]:  # Any: see World.value
        return lambda one: _rank(world.lookup(one, parts))

    for sort in reversed(sorts):
        found = sorted(found, key=key(sort.path.parts), reverse=sort.is_down)
    return found


def _rank(value: Any) -> tuple[int, Any]:  # Any: see World.value
    if value is None:
        return 0, 0
    if isinstance(value, bool | int | float):
        return 1, value
    if isinstance(value, Span):
        return 2, (value.start, value.end)
    return 3, str(value)


def _going_on(options: Options, has_more: bool, skip: int) -> dict[str, str] | None:
    if not has_more or options.top == 0:
        return None
    kept = {name: value for name, value in options.given if name not in ("$skip", "$skiptoken")}
    return kept | ({"$skip": str(skip)} if skip else {})


def with_options(address: str, options: dict[str, str]) -> str:
    parts = (
        f"{'resultFormat' if name == '$resultFormat' else name}={quote(value, safe=_PLAIN)}"
        for name, value in options.items()
    )
    return f"{address}?{'&'.join(parts)}"


_PLAIN = "$(),':@~/*="
