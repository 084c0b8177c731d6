"""`anlan init CODE`: a county's divisions, its node name and the first account."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from anlan.project.cli import use_django

if TYPE_CHECKING:
    from anlan.kernel.actor import Actor


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan init", description="Set up the data folder for a county.")
    parser.add_argument("code", help="six digits, for example 530521")
    parser.add_argument(
        "--divisions", type=Path, help="CSV with code,name,parent,level,… instead of the national list"
    )
    parser.add_argument("--admin", default="admin", help="name of the first account (administrator)")
    options = parser.parse_args(arguments)
    use_django()
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.places.init import init_county
    from anlan.project.migrating import migrate
    from anlan.project.people import first_administrator

    migrate()
    at, by = clocks.wall_now(), system("init")
    report = init_county(options.code, divisions_csv=options.divisions, by=by, at=at)
    _schedules(by, at)
    print(f"{report.name}: {report.townships} townships, {report.villages} villages")
    password = first_administrator(options.code, options.admin, by=by, at=at)
    if password:
        print(f"Sign in as {options.admin} with the password {password} (you will be asked for a new one).")
    return 0


def _schedules(by: Actor, at: datetime) -> None:
    """What is drafted by itself from the first day on: the morning brief."""
    from django.db import transaction

    from anlan.papers.services import ensure_schedules
    from anlan.places import queries as places

    county = places.county()
    if county is not None:
        with transaction.atomic():
            ensure_schedules(county, by=by, at=at)
