"""Query options, also those nested in `$expand`. What is not understood is refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from anlan.api.sensorthings.errors import bad
from anlan.api.sensorthings.evaluate import paths
from anlan.api.sensorthings.grammar import Node, Path, parse, parse_path
from anlan.api.sensorthings.lexer import LONGEST
from anlan.api.sensorthings.model import ID_NAMES, TYPES, EntityType, check_path

PAGE = 100
#: The most entities in one answer; a longer list goes on behind its nextLink.
MOST = 1_000
DEEPEST_EXPAND = 5
_FAR = 10_000_000


@dataclass(frozen=True, slots=True)
class Sort:
    path: Path
    is_down: bool


@dataclass(frozen=True, slots=True)
class Options:
    """`select` None: everything. `token` is our own mark in a nextLink, from where a list goes on."""

    filter: Node | None = None
    orderby: tuple[Sort, ...] = ()
    top: int | None = None
    skip: int = 0
    is_counted: bool = False
    select: tuple[str, ...] | None = None
    expand: dict[str, Options] = field(default_factory=dict)
    token: str = ""
    is_data_array: bool = False
    #: Options as they came, for links that go on from here.
    given: tuple[tuple[str, str], ...] = ()

    @property
    def page(self) -> int:
        return PAGE if self.top is None else min(self.top, MOST)


def parse_options(kind: EntityType, given: Iterable[tuple[str, str]], depth: int = 0) -> Options:
    """Raises StaError with a sentence. `given` may hold parameters of others, which have no dollar sign."""
    found = Options()
    kept: dict[str, str] = {}
    for key, value in given:
        name = "$" + key if key == "resultFormat" else key
        if not name.startswith("$"):
            if depth:
                raise bad(f"{key[:40]!r} is no option; options begin with a dollar sign.")
            continue
        if name in kept:
            raise bad(f"{name[:40]} is given twice.")
        if len(value) > LONGEST:
            raise bad(f"An option has at most {LONGEST} characters.")
        kept[name] = value
        found = _with(found, kind, name, value.strip(), depth)
    return replace(found, given=tuple(kept.items()))


def _with(found: Options, kind: EntityType, name: str, value: str, depth: int) -> Options:
    match name:
        case "$filter":
            node = parse(value)
            for parts in paths(node):
                check_path(kind, parts)
            return replace(found, filter=node)
        case "$orderby":
            return replace(found, orderby=tuple(_sorts(kind, value)))
        case "$top":
            return replace(found, top=_number(name, value))
        case "$skip":
            return replace(found, skip=_number(name, value))
        case "$count":
            if value not in ("true", "false"):
                raise bad("$count is true or false.")
            return replace(found, is_counted=value == "true")
        case "$select":
            return replace(found, select=tuple(_selected(kind, value)))
        case "$expand":
            return replace(found, expand=_expanded(kind, value, depth))
        case "$skiptoken" if not depth:
            return replace(found, token=value)
        case "$resultFormat" if kind.collection == "Observations" and not depth:
            if value != "dataArray":
                raise bad("The only resultFormat is dataArray.")
            return replace(found, is_data_array=True)
    raise bad(f"There is no option {name[:40]!r} here.")


def _number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) > _FAR:
        raise bad(f"{name} is a whole number from 0 to {_FAR}.")
    return int(value)


def _sorts(kind: EntityType, value: str) -> Iterator[Sort]:
    for part in split(value, ","):
        text, _, direction = part.strip().rpartition(" ")
        if direction not in ("asc", "desc"):
            text, direction = part, "asc"
        path = parse_path(text)
        check_path(kind, path.parts, to_one=True)
        yield Sort(path, direction == "desc")


def _selected(kind: EntityType, value: str) -> Iterator[str]:
    for part in value.split(","):
        name = part.strip()
        if name not in (*ID_NAMES, *kind.all_properties, *kind.links, "@iot.selfLink"):
            raise bad(f"{kind.collection} have no property {name[:40]!r} to select.")
        yield "@iot.id" if name == "id" else name


def _expanded(kind: EntityType, value: str, depth: int) -> dict[str, Options]:
    if depth >= DEEPEST_EXPAND:
        raise bad(f"$expand is nested at most {DEEPEST_EXPAND} deep.")
    found: dict[str, Options] = {}
    for part in split(value, ","):
        head, opened, inner = part.strip().partition("(")
        if opened and not inner.endswith(")"):
            raise bad(f"A ')' is missing in $expand: {part[:40]!r}.")
        first, _, rest = head.partition("/")
        link = kind.links.get(first)
        if link is None:
            raise bad(f"{kind.collection} have no link {first[:40]!r} to expand.")
        target = TYPES[link.target]
        if rest:
            options = parse_options(target, [("$expand", rest + opened + inner)], depth + 1)
        else:
            pairs = [_pair(one) for one in split(inner[:-1], ";")] if inner[:-1] else []
            options = parse_options(target, pairs, depth + 1)
        found[first] = _merged(found[first], options) if first in found else options
    return found


def _merged(one: Options, other: Options) -> Options:
    """`Datastreams/Sensor,Datastreams/ObservedProperty` expands both."""
    plain = {"$expand"}
    if {name for name, _ in other.given} - plain and {name for name, _ in one.given} - plain:
        raise bad("A link is expanded twice with different options.")
    expand = dict(one.expand)
    for name, options in other.expand.items():
        expand[name] = _merged(expand[name], options) if name in expand else options
    base = one if {name for name, _ in one.given} - plain else other
    return replace(base, expand=expand)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.strip().partition("=")
    if not equals:
        raise bad(f"An option needs '=': {text[:40]!r}.")
    return name.strip(), value


def split(text: str, mark: str) -> list[str]:
    """Parts between marks that stand in no parentheses and no quotes."""
    parts, depth, is_quoted, start = [], 0, False, 0
    for at, letter in enumerate(text):
        if letter == "'":
            is_quoted = not is_quoted
        elif not is_quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not is_quoted and depth == 0 and letter == mark:
            parts.append(text[start:at])
            start = at + 1
    if depth or is_quoted:
        raise bad("Parentheses or quotes do not close.")
    return [*parts, text[start:]]
