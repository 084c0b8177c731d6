"""`anlan manage …`: maintenance commands of the web framework (migrate, makemigrations, shell)."""

from __future__ import annotations

import os


def run(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["anlan manage", *arguments])
    return 0
