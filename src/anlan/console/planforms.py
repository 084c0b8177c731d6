"""The editor of plans: rows shown as forms and read back. What is wrong is said beside its field; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from anlan.console.planfields import ADDRESS, BASICS, FIELDS, Choices, Desk, Field
from anlan.console.planwords import field_words
from anlan.plans.arranging import PARTS
from anlan.plans.content import Address, AddressKind, Content, Trigger, TriggerKind

#: What a form sent or a row would send: one text or several by name.
Typed = Mapping[str, Any]
#: Empty lines offered below the addresses and triggers that there are, and the most of either in one form.
_SPARE = {"addresses": 2, "triggers": 1}
_MOST_NESTED = 60
_COUNTED = ("number", "decimal")
#: What people begin with in a new row.
_FIRST = {"from_level": "4", "count": "1"}


class Wrong(Exception):
    """Something typed has no meaning; `errors` say what, by the name of the input."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("wrong")
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Bound:
    """One field with its present input, ready for the template."""

    name: str
    id: str
    label: str
    kind: str
    value: Any
    choices: Choices
    is_needed: bool
    most: int
    error: str
    #: Of addresses and triggers: the fields of each line.
    lines: tuple[tuple[Bound, ...], ...] = ()


def typed_of(given: QueryDict) -> dict[str, Any]:
    """The form as it was sent; what may come several times as a list."""
    return {name: values if len(values) > 1 else values[0] for name, values in given.lists() if values}


def blank(part: str) -> dict[str, Any]:
    return {name: value for name, value in _FIRST.items() if any(one.name == name for one in FIELDS[part])}


def shown(fields: Iterable[Field], row: Any, desk: Desk, prefix: str = "") -> dict[str, Any]:
    """A row as its form would send it unchanged."""
    found: dict[str, Any] = {}
    for one in fields:
        value: Any = getattr(row, one.name, "")
        name = prefix + one.name
        if one.kind == "address":
            found |= _address_typed(value, desk, f"{name}-")
        elif one.kind == "addresses":
            for number, each in enumerate(value):
                found |= _address_typed(each, desk, f"{name}-{number}-")
        elif one.kind == "triggers":
            for number, each in enumerate(value):
                found |= shown(one.nested, each, desk, f"{name}-{number}-")
        else:
            found[name] = _text(one, value)
    return found


def _text(one: Field, value: Any) -> Any:
    if one.kind == "lines":
        return "\n".join(value)
    if one.kind == "choices":
        return list(value)
    if one.kind == "check":
        return "1" if value else ""
    if one.kind in _COUNTED:
        return f"{value:g}" if value else ""
    return str(value) if value else ""


def _address_typed(value: Address | None, desk: Desk, prefix: str) -> dict[str, str]:
    if value is None:
        return {}
    place = desk.names.get(value.code, value.name or value.code)
    return {f"{prefix}kind": value.kind.value, f"{prefix}place": place, f"{prefix}post": value.post}


def bound(
    fields: Iterable[Field], typed: Typed, desk: Desk, errors: Mapping[str, str], prefix: str = ""
) -> list[Bound]:
    """Fields for the template, with what stands in them."""
    labels = field_words() | {
        "kind": _("Kind"),
        "place": _("Place"),
        "post": field_words()["post"] if not prefix else _("Post there"),
    }
    return [_bound(one, typed, desk, errors, prefix, labels) for one in fields]


def _bound(
    one: Field, typed: Typed, desk: Desk, errors: Mapping[str, str], prefix: str, labels: dict[str, str]
) -> Bound:
    name = prefix + one.name
    lines: tuple[tuple[Bound, ...], ...] = ()
    if one.kind == "address":
        lines = (tuple(bound(one.nested, typed, desk, errors, f"{name}-")),)
    elif one.kind in _SPARE:
        count = min(_lines_typed(typed, name) + _SPARE[one.kind], _MOST_NESTED)
        lines = tuple(
            tuple(bound(one.nested, typed, desk, errors, f"{name}-{number}-")) for number in range(count)
        )
    value = typed.get(name, "")
    if one.kind == "choices":
        value = [value] if isinstance(value, str) else list(value)
    return Bound(
        name, f"f-{name}", labels.get(one.name, one.name), one.kind, value,
        one.choices(desk) if one.choices is not None else [], one.is_needed, one.most, errors.get(name, ""), lines,
    )  # fmt: skip


def _lines_typed(typed: Typed, name: str) -> int:
    """How many nested lines are filled in, counted to the last one."""
    filled = [number for number in range(_MOST_NESTED) if typed.get(f"{name}-{number}-kind")]
    return max(filled, default=-1) + 1


# -- reading -----------------------------------------------------------------------------------------------------------


def read_row(part: str, typed: Typed, desk: Desk) -> Any:
    """The row that was typed. Raises `Wrong` with every mistake at once."""
    values = _read(FIELDS[part], typed, desk)
    kind, letter = PARTS[part]
    if letter:
        values["key"] = desk.key
    for name in ("from_level", "level"):
        if name in values:
            values[name] = int(values[name])
    if part == "levels" and any(
        one.level == values["level"] and one is not desk.row for one in desk.content.levels
    ):
        raise Wrong({"level": _("This level is in the plan already.")})
    return msgspec.convert(values, kind)


def read_basics(typed: Typed, desk: Desk) -> Content:
    return msgspec.structs.replace(desk.content, **_read(BASICS, typed, desk))


def _read(fields: Iterable[Field], typed: Typed, desk: Desk, prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in fields:
        name = prefix + one.name
        try:
            found[one.name] = _READERS[one.kind](one, typed, name, desk)
        except Wrong as wrong:
            errors |= wrong.errors
            continue
        if one.is_needed and found[one.name] in ("", None, (), 0):
            errors[_first_input(one, name)] = _("This is needed.")
    if errors:
        raise Wrong(errors)
    return found


def _first_input(one: Field, name: str) -> str:
    return f"{name}-kind" if one.kind == "address" else name


def _read_text(one: Field, typed: Typed, name: str, desk: Desk) -> str:
    text = str(typed.get(name, "")).strip().replace("\r\n", "\n")
    if len(text) > one.most:
        raise Wrong({name: _("Longer than %(most)s letters.") % {"most": one.most}})
    return text


def _read_lines(one: Field, typed: Typed, name: str, desk: Desk) -> tuple[str, ...]:
    return tuple(line.strip() for line in _read_text(one, typed, name, desk).split("\n") if line.strip())


def _read_choice(one: Field, typed: Typed, name: str, desk: Desk) -> str:
    value = _read_text(one, typed, name, desk)
    if value and value not in _known(one, desk):
        raise Wrong({name: _("Choose one from the list.")})
    return value


def _known(one: Field, desk: Desk) -> set[str]:
    groups = one.choices(desk) if one.choices is not None else []
    return {value for _head, pairs in groups for value, _word in pairs}


def _read_choices(one: Field, typed: Typed, name: str, desk: Desk) -> tuple[str, ...]:
    given = typed.get(name, [])
    values = tuple(dict.fromkeys(value for value in ([given] if isinstance(given, str) else given) if value))
    if not set(values) <= _known(one, desk):
        raise Wrong({name: _("Choose one from the list.")})
    return values


def _read_check(one: Field, typed: Typed, name: str, desk: Desk) -> bool:
    return typed.get(name) == "1"


def _read_decimal(one: Field, typed: Typed, name: str, desk: Desk) -> float:
    text = str(typed.get(name, "")).strip().replace(",", "").replace("，", "")
    if not text:
        return 0
    try:
        value = float(text)
    except ValueError:
        raise Wrong({name: _("“%(value)s” is not a number.") % {"value": text[:30]}}) from None
    if not 0 <= value <= one.most:
        raise Wrong({name: _("From 0 to %(most)s.") % {"most": one.most}})
    return value


def _read_number(one: Field, typed: Typed, name: str, desk: Desk) -> int:
    value = _read_decimal(one, typed, name, desk)
    if value != int(value):
        raise Wrong({name: _("A whole number.")})
    return int(value)


def _read_address(one: Field, typed: Typed, name: str, desk: Desk) -> Address | None:
    kind = _read_choice(ADDRESS[0], typed, f"{name}-kind", desk)
    if not kind:
        return None
    place = str(typed.get(f"{name}-place", "")).strip()[:80]
    post = _read_choice(ADDRESS[2], typed, f"{name}-post", desk)
    if kind not in (AddressKind.DEPARTMENT, AddressKind.DIVISION):
        return Address(AddressKind(kind), post=post)
    code = _code_of(place, desk)
    if code:
        return Address(AddressKind(kind), code=code, post=post)
    if kind == AddressKind.DIVISION or not place:
        raise Wrong({f"{name}-place": _("Choose a place from the list.")})
    return Address(AddressKind.DEPARTMENT, name=place, post=post)


def _code_of(place: str, desk: Desk) -> str:
    """The code of a place by its label, its code or, where one alone has it, its name; also of one that the plan named before."""
    if place in desk.codes:
        return desk.codes[place]
    if place in desk.names:
        return place
    named = [
        code for code, name in desk.names.items() if place and (name == place or name.endswith(f" {place}"))
    ]
    return named[0] if len(named) == 1 else ""


def _read_nested(read: Callable[[str], Any], typed: Typed, name: str) -> tuple[Any, ...]:
    found, errors = [], dict[str, str]()
    for number in range(_lines_typed(typed, name)):
        if not typed.get(f"{name}-{number}-kind"):
            continue
        try:
            found.append(read(f"{name}-{number}"))
        except Wrong as wrong:
            errors |= wrong.errors
    if errors:
        raise Wrong(errors)
    return tuple(found)


def _read_addresses(one: Field, typed: Typed, name: str, desk: Desk) -> tuple[Address, ...]:
    return _read_nested(lambda line: _read_address(one, typed, line, desk), typed, name)


def _read_triggers(one: Field, typed: Typed, name: str, desk: Desk) -> tuple[Trigger, ...]:
    return _read_nested(lambda line: _read_trigger(one, typed, line, desk), typed, name)


#: What a trigger of each kind cannot do without, and what else it says.
_OF_TRIGGER: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    TriggerKind.WARNING: (("hazard", "level"), ("townships",)),
    TriggerKind.GRADE: (("grade",), ("event_types",)),
    TriggerKind.FIGURE: (("figure", "at_least"), ("event_types",)),
    TriggerKind.RELIEF: (("level",), ()),
    TriggerKind.WORDS: (("words",), ()),
}


def _read_trigger(one: Field, typed: Typed, line: str, desk: Desk) -> Trigger:
    values = _read(one.nested, typed, desk, f"{line}-")
    kind = TriggerKind(values["kind"])
    needed, more = _OF_TRIGGER[kind]
    missing = [name for name in needed if not values[name]]
    if missing:
        raise Wrong({f"{line}-{name}": _("This is needed.") for name in missing})
    kept = {name: values[name] for name in (*needed, *more, "words", "source")}
    for name in ("level", "grade"):
        if name in kept:
            kept[name] = int(kept[name])
    return Trigger(kind, **kept)


_READERS: dict[str, Callable[[Field, Typed, str, Desk], Any]] = {
    "text": _read_text,
    "area": _read_text,
    "place": _read_text,
    "lines": _read_lines,
    "choice": _read_choice,
    "choices": _read_choices,
    "check": _read_check,
    "number": _read_number,
    "decimal": _read_decimal,
    "address": _read_address,
    "addresses": _read_addresses,
    "triggers": _read_triggers,
}
