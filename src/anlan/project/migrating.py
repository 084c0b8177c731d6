"""Applying the migrations; on an empty database in seconds instead of most of a minute.

The framework builds the classes of all related models anew after every single step. From nothing that is work for the square
of the number of models, and it changes nothing in the database: a step that only adds looks at the model it adds to. Here
such steps renew that one class; any other step starts from classes that are all fresh. A database that holds something is
always migrated in the framework's own way. `test_migrations_the_short_way.py` compares the tables with the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Steps that look at no model but their own.
_ONLY_ADDS = frozenset({"CreateModel", "AddField", "AddIndex", "AddConstraint"})


def migrate() -> None:
    """Bring the database of these settings to this release."""
    from django.core.management import call_command
    from django.db import connection

    if connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
        return
    with the_short_way():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def the_short_way() -> Iterator[None]:
    """Migrations applied meanwhile renew one class a step. Only for empty databases, in a process that does nothing else."""
    from django.db.migrations import migration, state

    one: Any = migration.Migration
    whole: Any = state.ProjectState
    apply, related = one.apply, whole._find_reload_model
    adds_only = stale = False

    def apply_short(self: Any, now: Any, editor: Any, collect_sql: bool = False) -> Any:
        nonlocal adds_only, stale
        steps = self.operations
        try:
            for step in steps:
                adds_only = type(step).__name__ in _ONLY_ADDS
                if stale and not adds_only:
                    now.__dict__.pop("apps", None)
                    now.apps  # noqa: B018 - builds the classes of all models from the ground
                stale = adds_only
                self.operations = [step]
                now = apply(self, now, editor, collect_sql)
        finally:
            self.operations = steps
        return now

    def related_short(self: Any, app_label: str, model_name: str, delay: bool = False) -> Any:
        return {(app_label, model_name)} if adds_only else related(self, app_label, model_name, delay)

    one.apply, whole._find_reload_model = apply_short, related_short
    try:
        yield
    finally:
        one.apply, whole._find_reload_model = apply, related
