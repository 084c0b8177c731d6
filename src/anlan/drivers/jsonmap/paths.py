"""Where things stand in a JSON document.

A path is written with dots: `data.points.[]` is every item of a list, `{device}.{sensor}` every key of an object, bound to a
name; `*` is any key, unnamed. A key that itself holds a dot needs the list form, `["a.b", "[]"]`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

#: What `json` and `msgspec` make of a document.
Json = object
_NAME = re.compile(r"\{(\w+)\}")
_HOLE = re.compile(r"\{([^{}]+)\}")
DEEPEST = 12


class Missing:
    """The type of MISSING: a field that is not there, unlike one that is null."""


MISSING: Final = Missing()


class AbsentField(LookupError):
    """A template names a field that the record does not have."""


def segments(path: str | Sequence[str]) -> tuple[str, ...]:
    """The steps of a path; "" and "." are none. Raises ValueError for what cannot be a step."""
    steps = tuple(path.split(".")) if isinstance(path, str) else tuple(path)
    if path in ("", "."):
        return ()
    if any(not step for step in steps) or len(steps) > DEEPEST:
        raise ValueError(f"{path!r} is no path: a step is empty, or there are more than {DEEPEST}")
    return steps


_steps = functools.lru_cache(maxsize=1024)(segments)


@dataclass(frozen=True, slots=True)
class Scope:
    """One record and everything a template may name around it."""

    record: Json
    root: Json
    names: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[Json, ...] = ()
    topic: tuple[str, ...] = ()
    #: Such as `data.points[3]`, for the person who looks for the bad row.
    place: str = "$"

    def with_names(self, more: Mapping[str, str]) -> Scope:
        if not more:
            return self
        return Scope(self.record, self.root, {**self.names, **more}, self.parents, self.topic, self.place)

    def find(self, expression: str) -> Json:
        """`$.a` from the top, `^.a` in the enclosing object, `topic.2`, a bound name, or a path in the record."""
        if expression in self.names:
            return self.names[expression]
        if expression.startswith("$."):
            return descend(self.root, _steps(expression[2:]))
        if expression.startswith("^"):
            up = len(expression) - len(expression.lstrip("^"))
            if up > len(self.parents):
                return MISSING
            return descend(self.parents[-up], _steps(expression[up:].lstrip(".")))
        head, _, rest = expression.partition(".")
        if head == "topic" and rest.isdigit():
            number = int(rest)
            return self.topic[number - 1] if 0 < number <= len(self.topic) else MISSING
        return descend(self.record, _steps(expression))

    def fill(self, template: str) -> str:
        """The template with its `{…}` filled in. Raises AbsentField."""

        def text(hole: re.Match[str]) -> str:
            found = plain(self.find(hole[1]))
            if found is None or found == "":
                raise AbsentField(hole[1])
            return found

        return _HOLE.sub(text, template)


def holes(template: str) -> list[str]:
    return _HOLE.findall(template)


def descend(value: Json, steps: Sequence[str]) -> Json:
    """The value under fixed steps; a number counts list items from 0."""
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def plain(value: Json) -> str | None:
    """A scalar as text: numbers without trailing zeros, so that 1, 1.0 and "1" are the same; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 40:
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return None


@dataclass(frozen=True, slots=True)
class Astray:
    """A place where the document is not shaped as the path says."""

    place: str
    reason: str


def walk(root: Json, steps: Sequence[str], topic: tuple[str, ...]) -> Iterator[Scope | Astray]:
    """Every record under `steps`. A missing fixed key yields nothing; a wrong shape yields where it is."""
    yield from _walk(Scope(root, root, topic=topic), steps)


def _walk(here: Scope, steps: Sequence[str]) -> Iterator[Scope | Astray]:
    if not steps:
        yield here
        return
    step, rest, value = steps[0], steps[1:], here.record
    name = _NAME.fullmatch(step)
    if step == "[]":
        if not isinstance(value, list):
            yield Astray(here.place, "A list was expected here.")
            return
        for number, item in enumerate(value):
            yield from _walk(_inside(here, item, {}, f"{here.place}[{number}]"), rest)
    elif name or step == "*":
        if not isinstance(value, dict):
            yield Astray(here.place, "An object was expected here.")
            return
        for key, item in value.items():
            bound = {name[1]: key} if name else {}
            yield from _walk(_inside(here, item, bound, f"{here.place}.{key[:40]}"), rest)
    else:
        found = descend(value, (step,))
        if not isinstance(found, Missing):
            yield from _walk(_inside(here, found, {}, f"{here.place}.{step}"), rest)


def _inside(here: Scope, value: Json, bound: Mapping[str, str], place: str) -> Scope:
    parents = (*here.parents, here.record) if isinstance(here.record, dict) else here.parents
    return Scope(value, here.root, {**here.names, **bound}, parents, here.topic, place)


def match(pattern: str, text: str) -> dict[str, str] | None:
    """`*` stands for anything and `{name}` for anything that is remembered: "L1_GP_{no}". None where it does not fit."""
    if "*" not in pattern and "{" not in pattern:
        return {} if pattern == text else None
    found = _compiled(pattern).fullmatch(text)
    return None if found is None else found.groupdict()


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*|\{\w+\})", pattern)
    out = []
    for part in parts:
        if part == "*":
            out.append(".*?")
        elif part.startswith("{") and part.endswith("}"):
            out.append(f"(?P<{part[1:-1]}>.+?)")
        else:
            out.append(re.escape(part))
    return re.compile("".join(out), re.DOTALL)
