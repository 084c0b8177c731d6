"""Run as a child before serving: migrate the database and write the station catalogue."""

from __future__ import annotations

from anlan.project.cli import use_django
from anlan.project.prepared import mark_of_migrations, note_prepared


def main() -> int:
    use_django()
    from django.conf import settings
    from django.db import connection

    from anlan.project.migrating import migrate
    from anlan.sensing.catalogue import write_catalogue

    migrate()
    write_catalogue()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA user_version = {mark_of_migrations()}")
        note_prepared(settings.ANLAN_DATA)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
