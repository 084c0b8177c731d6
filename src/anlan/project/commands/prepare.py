"""Run as a child before serving: migrate the database and write the station catalogue."""

from __future__ import annotations

from anlan.project.cli import use_django


def main() -> int:
    use_django()
    from django.core.management import call_command

    from anlan.sensing.catalogue import write_catalogue

    call_command("migrate", verbosity=0, interactive=False)
    write_catalogue()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
