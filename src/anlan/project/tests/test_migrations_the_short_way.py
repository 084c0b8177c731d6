"""On an empty database the migrations go a short way (`project/migrating.py`); what they leave behind is what the models say."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from anlan.project import migrating
from anlan.project.migrating import the_short_way

pytestmark = pytest.mark.django_db


def tables_by_the_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def test_every_model_has_its_table_with_its_columns_and_no_other() -> None:
    wrong = {}
    with connection.cursor() as cursor:
        for model in tables_by_the_models():
            found = connection.introspection.get_table_description(cursor, model._meta.db_table)
            there = {(column.name, bool(column.null_ok)) for column in found}
            said = {(field.column, field.null) for field in model._meta.local_concrete_fields}
            if there != said:
                wrong[model._meta.db_table] = there ^ said
    assert wrong == {}


def test_every_index_constraint_and_reference_of_a_model_is_in_the_database() -> None:
    missing = []
    with connection.cursor() as cursor:
        for model in tables_by_the_models():
            table = model._meta.db_table
            found = connection.introspection.get_constraints(cursor, table)
            missing += [
                (table, one.name)
                for one in (*model._meta.indexes, *model._meta.constraints)
                if one.name not in found
            ]
            fields: Any = model._meta.local_concrete_fields
            for field in fields:
                is_kept = any(
                    held["columns"] == [field.column]
                    and (held["index"] or held["unique"] or held["primary_key"])
                    for held in found.values()
                )
                if (field.unique or field.db_index) and not is_kept:
                    missing.append((table, field.column))
                if field.remote_field and field.db_constraint:
                    target = (field.related_model._meta.db_table, field.target_field.column)
                    references = [held["foreign_key"] for held in found.values()]
                    if target not in references:
                        missing.append((table, str(target)))
    assert missing == []


def test_nothing_of_the_short_way_is_left_in_the_framework() -> None:
    state: Any = ProjectState
    before = (Migration.apply, state._find_reload_model)
    with the_short_way():
        assert Migration.apply is not before[0]
    assert (Migration.apply, state._find_reload_model) == before


def test_a_database_that_holds_something_is_migrated_in_the_framework_s_own_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ways: list[Any] = []

    def migrate(*_words: Any, **_options: Any) -> None:
        ways.append(Migration.apply)

    own = Migration.apply
    monkeypatch.setattr("django.core.management.call_command", migrate)
    migrating.migrate()
    monkeypatch.setattr(connection.introspection, "table_names", list)
    migrating.migrate()
    assert ways[0] is own
    assert ways[1] is not own
