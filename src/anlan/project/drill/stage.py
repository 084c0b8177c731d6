"""Builds a data folder with the fictional county from the simulator's own files, by the ordinary imports.

Run as `python -m anlan.project.drill.stage`: settings are read once a process, so each folder gets its own process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from anlan.kernel.clock import parse_instant
from anlan.project.drill import watching

COUNTY = "999901"
#: Accounts of the demo county: (name to sign in, person, post, division).
CAST = (
    ("chen", "county_duty"),
    ("wang", "commander"),
    ("chief", "county_duty_chief"),
    ("leader", "duty_leader"),
    ("li", "township_duty"),
    ("tang", "enterprise_safety_manager"),
    ("gao", "township_leader"),
    ("yu", "department_duty"),
    ("zhao", "information_officer"),
)
#: In this order: a row names only what an earlier workbook made.
BOOKS = (
    "places",
    "departments",
    "enterprises",
    "sites",
    "contacts",
    "stations",
    "cameras",
    "links",
    "zones",
    "households",
    "hazard_sites",
)
#: The demo's passwords are public: its county does not exist and its data folder belongs to the demo alone.
DEMO_PASSWORD = "yunling-anlan-2026"  # noqa: S105 - see above


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stage")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--scenario", default="storm")
    parser.add_argument("--clock-start", type=parse_instant, required=True)
    parser.add_argument("--wall-start", type=float, required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--pre-authorise", action="store_true")
    parser.add_argument(
        "--plans", action="store_true", help="with plans, coordinating bodies, teams and stock"
    )
    parser.add_argument(
        "--faults-min", type=int, help="watch the stations that are faulty in a run of so many minutes"
    )
    parser.add_argument(
        "--account", action="append", default=[], help="only these accounts; default all of the cast"
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    world = options.data / "world"
    world.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "simulator", "county", "--seed", str(options.seed), "--out", str(world)]
    drawing = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    exercise_id = str(uuid.uuid4())
    (options.data / "exercise").write_text(exercise_id)
    (options.data / "node").write_text(COUNTY)
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    secrets_made = Stage(options, uuid.UUID(exercise_id), world, drawing).build()
    (options.data / "stage.json").write_text(json.dumps(secrets_made))
    return 0


class Stage:
    """One building of the county; `at` is an hour before the storm's history starts to matter, on the exercise's clock."""

    def __init__(
        self,
        options: argparse.Namespace,
        exercise_id: uuid.UUID,
        world: Path,
        drawing: subprocess.Popen[bytes],
    ) -> None:
        #: The simulator draws the county in a process beside this one.
        self.drawing = drawing
        self.options = options
        self.exercise_id = exercise_id
        self.world = world
        self.at: datetime = options.clock_start - timedelta(hours=25)

    def build(self) -> dict[str, Any]:
        from anlan.kernel.actor import system
        from anlan.project.migrating import migrate

        migrate()
        self.by = system("stage")
        self._start_run()
        if self.drawing.wait() != 0:
            raise SystemExit("the simulator could not draw the county")
        self._load_county()
        self._accounts()
        self._desk()
        if self.options.plans:
            self._plans()
        if self.options.pre_authorise:
            self._pre_authorise()
        if self.options.faults_min:
            self._watch_faulty_stations()
        from anlan.sensing.catalogue import write_catalogue
        from anlan.sensing.services import create_source

        token = create_source("drill-history", stations=["*"], by=self.by, at=self.at)
        write_catalogue()
        more = {"night": self._night, "flood-day": self._doors}.get(self.options.scenario)
        return {"exercise": str(self.exercise_id), "ingest_token": token, **(more() if more else {})}

    def _doors(self) -> dict[str, Any]:
        """Which account answers the orders of which place: {"doors": {name of the place: name to sign in with}}."""
        from anlan.accounts.models import User
        from anlan.directory.models import Holding

        found = {}
        for username in ("li", "yu"):
            person = User.objects.get(username=username).person
            held = Holding.objects.filter(person=person, held_to=None).select_related("post__division")
            found[held.order_by("pk")[0].post.division.name] = username
        return {"doors": found}

    def _start_run(self) -> None:
        from datetime import UTC

        from anlan.journal.models import ExerciseRun

        ExerciseRun.objects.create(
            id=self.exercise_id,
            scenario=self.options.scenario,
            seed=self.options.seed,
            clock_start=self.options.clock_start,
            wall_start=datetime.fromtimestamp(self.options.wall_start, UTC),
            speed=self.options.speed,
        )

    def _load_county(self) -> None:
        from django.db import transaction

        from anlan.documents.imports import import_kind, run_import
        from anlan.places.init import init_county
        from anlan.project import imports

        init_county(COUNTY, divisions_csv=self.world / "divisions.csv", by=self.by, at=self.at)
        for name in BOOKS:
            with transaction.atomic():
                report = run_import(import_kind(name), self.world / f"{name}.xlsx", by=self.by, at=self.at)
            if report.problems:
                first = report.problems[0].to_json()
                raise SystemExit(f"the {name} of the demo county do not import: {first}")
        imports.import_file("boundaries", self.world / "boundaries.geojson")
        imports.import_file("rivers", self.world / "rivers.geojson")

    def _accounts(self) -> None:
        from anlan.accounts.services import create_account
        from anlan.directory.models import Holding

        wanted = self.options.account or [username for username, _kind in CAST]
        for username, kind in CAST:
            if username not in wanted:
                continue
            holding = (
                Holding.objects.filter(post__kind=kind, role="A", held_to=None)
                .select_related("person")
                .order_by("post__division_id")
                .first()
            )
            if holding is None:
                raise SystemExit(f"the demo county has nobody as {kind}")
            create_account(
                holding.person,
                username=username,
                password=DEMO_PASSWORD,
                must_change=False,
                by=self.by,
                at=self.at,
            )

    def _desk(self) -> None:
        """Rooms to be on duty in, the offices that reports go to, and the brief that is drafted each morning."""
        from django.db import transaction

        from anlan.duty.services.rooms import open_rooms
        from anlan.papers.services import ensure_schedules
        from anlan.places.models import Division
        from anlan.reporting.services import first_receivers

        county = Division.objects.get(pk=f"{COUNTY}000000")
        with transaction.atomic():
            open_rooms(county, by=self.by, at=self.at, exercise_id=self.exercise_id)
            first_receivers(county, by=self.by, at=self.at)
            ensure_schedules(
                county,
                by=self.by,
                at=self.at,
                exercise_id=self.exercise_id,
                after=self.options.clock_start,
            )

    def _plans(self) -> None:
        """What a county commands with: teams and stock, plans in force, who leads, and what was filed."""
        from anlan.project.drill import stage_filings, stage_forces, stage_plans, stage_response

        areas = [stage_forces.build, stage_response.build, stage_plans.build, stage_filings.build]
        if self.options.scenario == "flood-day":
            areas = [stage_forces.build, stage_response.build, stage_plans.build_county]
        for build in areas:
            build(by=self.by, at=self.at, exercise_id=self.exercise_id)

    def _night(self) -> dict[str, Any]:
        """What the outside world needs to speak to the desk, and a colleague who takes over."""
        from django.db import transaction

        from anlan.intake.services import list_sender
        from anlan.places.models import Division

        county = Division.objects.get(pk=f"{COUNTY}000000")
        tokens = {}
        with transaction.atomic():
            for source in ("110", "119", "120", "12345"):
                fields = {"kind": "token", "source": source, "division": county, "by": self.by, "at": self.at}
                _sender, tokens[source] = list_sender(name=source, **fields)  # type: ignore[arg-type]  # its arguments
            _line, tokens["line"] = list_sender(
                name="值班电话", kind="line", source="phone", division=county, by=self.by, at=self.at
            )
        accounts = {}
        for place in Division.objects.filter(level="township").order_by("code"):
            name = self._account(f"town{place.code[6:9]}", "township_duty", division=place.pk, role="A")
            accounts[place.pk] = (name, DEMO_PASSWORD)
        self._account("hu", "county_duty", division=county.pk, role="B")
        return {"tokens": tokens, "accounts": accounts}

    def _account(self, username: str, kind: str, *, division: str, role: str) -> str:
        """Returns the name to sign in with: the known one of somebody who has an account."""
        from anlan.accounts.models import User
        from anlan.accounts.services import create_account
        from anlan.directory.models import Holding

        held = Holding.objects.filter(post__kind=kind, post__division_id=division, role=role, held_to=None)
        holding = held.select_related("person").order_by("person__name", "pk").first()
        if holding is None:
            raise SystemExit(f"the demo county has nobody as {kind} in {division}")
        known = User.objects.filter(person=holding.person).first()
        if known is not None:
            return known.get_username()
        create_account(
            holding.person,
            username=username,
            password=DEMO_PASSWORD,
            must_change=False,
            by=self.by,
            at=self.at,
        )
        return username

    def _watch_faulty_stations(self) -> None:
        found = watching.faults_of(
            self.world / "world.json",
            seed=self.options.seed,
            clock_start=self.options.clock_start,
            duration_min=self.options.faults_min,
        )
        watching.watch(found, at=self.at)

    def _pre_authorise(self) -> None:
        from django.db import transaction

        from anlan.accounts.actors import actor_for
        from anlan.accounts.models import User
        from anlan.warning.services import sign_pre_authorisation

        wang = actor_for(User.objects.get(username="wang"), at=self.at)
        for hazard, name in (("flash_flood", "山洪红橙预授权"), ("river_flood", "洪水红橙预授权")):
            with transaction.atomic():
                sign_pre_authorisation(
                    name=name,
                    hazard_type=hazard,
                    worst_level=1,
                    mildest_level=2,
                    division=COUNTY.ljust(12, "0"),
                    valid_from=self.at,
                    valid_to=self.at + timedelta(days=30),
                    by=wang,
                    at=self.at,
                    exercise_id=self.exercise_id,
                )


if __name__ == "__main__":
    raise SystemExit(main())
