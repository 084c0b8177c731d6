"""Rows as they stood: unsaved instances made from what the journal keeps, so that the boards of today show the past as well."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import ForeignKey, Model

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
        return {
            fields[name]
            for rows in self.state.values()
            for fields in rows.values()
            for name in names
            if isinstance(fields.get(name), str)
        }


def thaw(model: type[J], key: str, fields: Fields) -> J:
    """One row as the journal tells it. It is not saved, and what it points to is not there yet."""
    row = model()
    row.pk = model._meta.pk.to_python(key)
    for name, value in fields.items():
        _set(row, name, value)
    return row


def _set(row: Model, name: str, value: Any) -> None:
    column: Any = row._meta.get_field(name)
    if isinstance(column, ForeignKey):
        setattr(row, column.attname, column.target_field.to_python(value) if value is not None else None)
        return
    setattr(row, name, column.to_python(value) if value is not None else None)


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
