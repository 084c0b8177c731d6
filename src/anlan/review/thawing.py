"""Rows as they stood: unsaved instances made from what the journal keeps, so that the boards of today show the past as well."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
    UUIDField,
)
from django.db.models.base import ModelState

from anlan.journal.models import Journaled, journaled_models
from anlan.journal.services import projection
from anlan.places.models import Division
from anlan.plans.models import Plan
from anlan.resources.models import Team
from anlan.review.folding import Fields, State

J = TypeVar("J", bound=Journaled)


class Thawed:
    """The rows of one state as instances, with the present names of the places, teams and plans that they point to."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._divisions: dict[Any, Division] | None = None
        self._teams: dict[Any, Team] | None = None
        self._plans: dict[Any, Plan] | None = None

    def rows(self, model: type[J]) -> list[J]:
        """Every row of one kind, by id, which is by when it was made."""
        found = self.state.get(model.journal_type, {})
        return [thaw(model, key, found[key]) for key in sorted(found)]

    def division(self, key: str) -> Division:
        """A place as it is called now; what no longer exists is called by its code."""
        if self._divisions is None:
            keys = {one for one in self._keys("division", "addressee", "scope", "unit") if one}
            rows = Division.objects.filter(pk__in=keys).defer("geometry")
            self._divisions = {row.pk: row for row in rows}
        return self._divisions.get(key) or Division(code=key, name=key, path=key)

    def team(self, key: uuid.UUID) -> Team:
        if self._teams is None:
            self._teams = Team.objects.in_bulk([uuid.UUID(one) for one in self._keys("team") if one])
        return self._teams.get(key) or Team(pk=key, name="—")

    def plan(self, key: uuid.UUID) -> Plan:
        if self._plans is None:
            self._plans = Plan.objects.in_bulk([uuid.UUID(one) for one in self._keys("plan") if one])
        return self._plans.get(key) or Plan(pk=key, title="—")

    def _keys(self, *names: str) -> set[str]:
        """What the rows point to under these names. Rows of one kind have the same fields, so kinds without them are passed over."""
        found: set[str] = set()
        for rows in self.state.values():
            sample = next(iter(rows.values()), {})
            for name in (one for one in names if one in sample):
                found.update(key for fields in rows.values() if isinstance(key := fields.get(name), str))
        return found


def thaw(model: type[J], key: str, fields: Fields) -> J:
    """One row as the journal tells it. It is not saved, and what it points to is not there yet.

    Its columns are set past the model's own constructor: a board of a thousand orders is asked for while somebody moves a slider.
    """
    form = _form(model)
    row = model.__new__(model)
    own = row.__dict__
    own.update(form.defaults)
    own["_state"] = ModelState()
    own[form.pk] = form.read_pk(key)
    ways = form.columns
    for name, value in fields.items():
        if name not in ways:
            continue  # a field of former years
        column, read = ways[name]
        own[column] = value if read is None or value is None else read(value)
    return row


class _Form(NamedTuple):
    """How the rows of one model are made: defaults of every column, and for each journaled field its column and what reads it."""

    defaults: dict[str, Any]
    pk: str
    read_pk: Callable[[str], Any]
    columns: dict[str, tuple[str, Callable[[Any], Any] | None]]


@functools.lru_cache(maxsize=128)
def _form(model: type[Model]) -> _Form:
    made = model()
    defaults = {one.attname: getattr(made, one.attname) for one in model._meta.concrete_fields}
    pk: Any = model._meta.pk
    fields: list[Any] = list(model._meta.concrete_fields)
    return _Form(
        defaults, pk.attname, _reader(pk) or str, {one.name: (one.attname, _reader(one)) for one in fields}
    )


def _reader(column: Any) -> Callable[[Any], Any] | None:
    """What makes the value of a column from its form in the journal; None where they are the same."""
    target = column.target_field if isinstance(column, ForeignKey) else column
    if isinstance(target, UUIDField):
        return _uuid
    if isinstance(target, DateTimeField):
        return datetime.fromisoformat
    if isinstance(target, CharField | TextField | BooleanField | JSONField | IntegerField):
        return None
    to_python: Callable[[Any], Any] = target.to_python
    return to_python


@functools.lru_cache(maxsize=20_000)
def _uuid(text: str) -> uuid.UUID:
    """The same few hundred keys are read over and over."""
    return uuid.UUID(text)


def live_state(subjects: Mapping[str, set[str]]) -> State:
    """The rows of now in the same form as the past: what the journal must give for them."""
    state: State = {}
    for model in journaled_models():
        keys = sorted(subjects.get(model.journal_type, ()))
        found: dict[str, Fields] = {}
        for start in range(0, len(keys), 500):
            for row in model._default_manager.filter(pk__in=keys[start : start + 500]):
                found[str(row.pk)] = projection(row)
        if found:
            state[model.journal_type] = found
    return state
