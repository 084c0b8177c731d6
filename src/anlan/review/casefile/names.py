"""What rows point to, in words: places, people, teams, plans, and the rows of the incident themselves."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.db.models import ForeignKey, Model

from anlan.accounts.models import User
from anlan.directory.models import Person
from anlan.journal.models import Journaled, journaled_models
from anlan.places.models import Division
from anlan.review.folding import Fields, State

#: What a row is called by, the first that it has; a number goes before a name.
_CALLED = ("title", "headline", "name", "words", "question", "task")
_KEYS_AT_ONCE = 500
#: The program's own parts, as they appear in the journal.
_PARTS = {"system": "系统", "rule": "规则", "channel": "渠道", "link": "链接"}


@functools.lru_cache(maxsize=1)
def models_by_type() -> dict[str, type[Journaled]]:
    return {model.journal_type: model for model in journaled_models()}


@functools.lru_cache(maxsize=256)
def pointers(kind: str) -> dict[str, type[Model]]:
    """The journaled fields of a kind of row that point to other rows."""
    model = models_by_type().get(kind)
    if model is None:
        return {}
    found: dict[str, type[Model]] = {}
    for name in model.journal_fields:
        column = model._meta.get_field(name)
        if isinstance(column, ForeignKey):
            found[name] = column.related_model
    return found


class Names:
    """Names of everything that a state points to; a query for each kind of row."""

    def __init__(self, rows: State, actors: Iterable[str]) -> None:
        self._rows = rows
        wanted: dict[type[Model], set[str]] = {}
        for kind, found in rows.items():
            for name, model in pointers(kind).items():
                keys = {str(fields[name]) for fields in found.values() if fields.get(name)}
                wanted.setdefault(model, set()).update(keys)
        self._names = {model: _names(model, sorted(keys)) for model, keys in wanted.items() if keys}
        self._actors = _people(actors)

    def pointed(self, kind: str, name: str, value: Any) -> str:
        """The words for what a field points to."""
        model = pointers(kind).get(name)
        if model is None or value in (None, ""):
            return ""
        own = self._rows.get(getattr(model, "journal_type", ""), {}).get(str(value))
        if own is not None and (said := called(own)):
            return said
        return self._names.get(model, {}).get(str(value), str(value))

    def actor(self, ref: str) -> str:
        """Who did it; the reference itself where nobody is known by it."""
        known = self._actors.get(ref)
        if known is not None:
            return known
        kind, _colon, part = ref.partition(":")
        return f"{_PARTS[kind]}{part}" if kind == "rule" else _PARTS.get(kind, ref)

    def division(self, code: str) -> str:
        return self._names.get(Division, {}).get(code, code)


def called(fields: Fields) -> str:
    """A row in a few words."""
    name = next((str(fields[one]) for one in _CALLED if fields.get(one)), "")
    number = fields.get("number")
    return f"{number} {name}".strip()[:120] if isinstance(number, str) and number else name[:120]


def _names(model: type[Model], keys: list[str]) -> dict[str, str]:
    columns = {one.name for one in model._meta.concrete_fields}
    asked = [one for one in ("number", *_CALLED) if one in columns]
    if not asked and "person" in columns:
        asked = ["person__name"]
    if not asked:
        return {}
    found: dict[str, str] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        rows = model._default_manager.filter(pk__in=keys[start : start + _KEYS_AT_ONCE]).values("pk", *asked)
        for row in rows:
            said = called({name.removeprefix("person__"): value for name, value in row.items()})
            found[str(row["pk"])] = said or str(row["pk"])
    return found


def _people(refs: Iterable[str]) -> dict[str, str]:
    listed = set(refs)
    users = {int(ref[5:]) for ref in listed if ref.startswith("user:") and ref[5:].isdigit()}
    rows = User.objects.filter(pk__in=users).select_related("person")
    found = {f"user:{row.pk}": row.person.name if row.person else row.get_username() for row in rows}
    people = {ref.partition(":")[2] for ref in listed if ref.startswith("person:")}
    names = Person.objects.filter(pk__in=[key for key in people if len(key) == 36]).values_list("pk", "name")
    return found | {f"person:{key}": name for key, name in names}
