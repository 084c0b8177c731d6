"""Fills a bench folder for the incident room: departments with duty rooms, a plan with tasks for all of them, an incident with a
long timeline; and times the same work inside one process.

`python -m anlan.project.benching.fillcommand VERB …` runs one verb in a process of its own and prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from anlan.project.benching.province import COUNTY

_LEVEL = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="fillcommand")
    parser.add_argument("verb", choices=("plan", "room", "activate", "pages"))
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--departments", type=int, default=30)
    parser.add_argument("--entries", type=int, default=2_000)
    parser.add_argument("--incidents", type=int, default=6)
    parser.add_argument("--incident", default="")
    parser.add_argument("--plan", default="")
    options = parser.parse_args()
    from anlan.project.cli import use_django

    use_django()
    verbs = {"plan": _plan, "room": _room, "activate": _activate, "pages": _pages}
    print(json.dumps(verbs[options.verb](options), ensure_ascii=False))
    return 0


def _by() -> Any:  # Any: models are loaded late here
    from anlan.accounts.actors import actor_for
    from anlan.accounts.models import User
    from anlan.journal import clocks

    return actor_for(User.objects.get(username="desk"), at=clocks.wall_now())


# --- a plan for everybody ------------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> dict[str, Any]:
    """Departments with somebody on duty, the plan in force, and incidents that wait for it."""
    from django.db import transaction

    from anlan.journal import clocks
    from anlan.journal.sealer import seal_everything

    by, at = _by(), clocks.wall_now()
    with transaction.atomic():
        codes = _departments(options.departments, by, at)
        plan = _in_force(codes, options.tasks, by, at)
        incidents = [_incident(number, by, at) for number in range(options.incidents)]
    _settle()
    seal_everything()
    return {"plan": str(plan), "incidents": incidents}


def _departments(count: int, by: Any, at: datetime) -> list[str]:
    from django.conf import settings

    from anlan.directory.models import Contact, Holding, Person, Post
    from anlan.journal.services import record_all
    from anlan.places.models import Division

    since, node = at - timedelta(days=30), settings.ANLAN_NODE
    codes = [f"9999009{number:05d}" for number in range(count)]
    places = [
        Division(
            code=code, name=f"云岭县第{number + 1}局", level="department", parent_id=COUNTY,
            path=f"{COUNTY}/{code}", home_node=node,
        )
        for number, code in enumerate(codes)
    ]  # fmt: skip
    posts = [Post(kind="department_duty", division_id=code, home_node=node) for code in codes]
    people = [
        Person(name=f"值班员{number}", division_id=code, home_node=node) for number, code in enumerate(codes)
    ]
    held = [
        Holding(post=post, person=person, role="A", held_from=since, changed_by="bench", home_node=node)
        for post, person in zip(posts, people, strict=True)
    ]
    numbers = [
        Contact(
            person=person, kind="mobile", value=f"1009{number:07d}", used_from=since, changed_by="bench",
            home_node=node,
        )
        for number, person in enumerate(people)
    ]  # fmt: skip
    for rows in (places, posts, people, held, numbers):
        record_all(rows, by=by, at=at, kind="given")
    return codes


def _in_force(codes: list[str], tasks: int, by: Any, at: datetime) -> Any:
    """Level Ⅱ opens every task; a tenth of them waits for another one, as in plans of counties."""
    from anlan.places.models import Division
    from anlan.plans.content import Address, AddressKind, Content, Group, Level, Task, stored
    from anlan.plans.models import Plan, PlanVersion

    kind = AddressKind.DEPARTMENT
    own = [Address(kind=kind, code=code) for code in codes]
    listed = tuple(
        Task(
            key=f"task-{number}", title=f"第{number + 1}项任务：清点本系统受影响单位并报告",
            owner=own[number % len(own)], words="立即组织排查，统计受影响人员和设施，每小时向指挥部报告一次。",
            from_level=4 - number % 3, group="head", ack_min=20, limit_min=120 + number % 60,
            after=(f"task-{number - len(own)}",) if number % 10 == 9 and number >= len(own) else (),
        )
        for number in range(tasks)
    )  # fmt: skip
    levels = tuple(Level(level=level, authority=("commander",)) for level in (4, 3, 2, 1))
    groups = (Group(key="head", name="综合协调组", members=tuple(own)),)
    content = stored(Content(levels=levels, groups=groups, tasks=listed))
    county = Division.objects.get(pk=COUNTY)
    plan = Plan(
        state="in_force", number="P-bench", title="云岭县测量用应急预案", kind="special", event_types=["flood"],
        division=county, protected_kind="none", opened_at=at,
    ).record(by=by, at=at, kind="in_force")  # fmt: skip
    version = PlanVersion(
        state="in_force", plan=plan, number=1, content=content, made_at=at, decided_at=at
    ).record(by=by, at=at, kind="in_force")
    plan.change(by=by, at=at, kind="in_force", current=version)
    return plan.pk


def _incident(number: int, by: Any, at: datetime) -> str:
    from anlan.incidents import services
    from anlan.incidents.types import FigureDetails, IncidentDetails
    from anlan.places.models import Division

    place = Division.objects.filter(level="village").order_by("code")[number]
    figures = (FigureDetails("affected", Decimal(20 + number), "第1镇", at),)
    made = services.open_incident(
        IncidentDetails(
            title=f"{place.name}漫堤", event_type="flood", division=place, informant="township", known_at=at,
            lon=place.lon, lat=place.lat, figures=figures,
        ),
        by=by, at=at,
    )  # fmt: skip
    return str(made.pk)


def _settle() -> None:
    """What a worker would have done by then."""
    from anlan.journal.deadlines import run_reactions

    while run_reactions(owner="bench"):
        pass


# --- an incident with a long timeline ---------------------------------------------------------------------------------


def _room(options: argparse.Namespace) -> dict[str, Any]:
    """A response runs, some orders are done, and the rest of the entries are what a night leaves behind."""
    from django.db import transaction

    from anlan.command import services as command
    from anlan.console.roomtimeline import timeline
    from anlan.incidents.models import Incident
    from anlan.journal import clocks
    from anlan.journal.sealer import seal_everything
    from anlan.response.models import Activation

    row = Incident.objects.select_related("division", "unit").get(pk=options.incident)
    by, at = _by(), clocks.wall_now()
    with transaction.atomic():
        if not Activation.objects.filter(incident=row).exists():
            _open(row, options.plan, by, at)
        for number in range(3):
            command.open_scene(row, name=f"第{number + 1}现场", by=by, at=at)
        command.open_field_groups(row, level=2, by=by, at=at)
        command.transfer_command(
            row, role="commander", name="王指挥", title="副县长", why="响应启动", by=by, at=at
        )
        command.plan_consultation(row, title="雨情会商", starts_at=at, by=by, at=at)
        _worked(row, by, at)
    _settle()
    seal_everything()
    with transaction.atomic():
        _decided(row, options.entries - timeline(by, row).total, by, at)
    _settle()
    seal_everything()
    return {"incident": str(row.pk), "entries": timeline(by, row).total}


def _open(row: Any, plan: str, by: Any, at: datetime) -> None:
    from anlan.plans.models import Plan
    from anlan.response import services
    from anlan.response.types import Decided

    services.activate(
        row, Plan.objects.select_related("current", "division").get(pk=plan), _LEVEL, by=by, by_name="王指挥", at=at,
        why="雨还在下", decided=Decided(has_read_faults=True),
    )  # fmt: skip


def _worked(row: Any, by: Any, at: datetime) -> None:
    """Most orders were acknowledged, many begun, some finished; figures were corrected every few minutes."""
    from anlan.dispatch import services as dispatch
    from anlan.dispatch.models import Instruction, Via
    from anlan.incidents import services as incidents
    from anlan.incidents.types import FigureDetails

    given: dict[str, Any] = {"by": by, "by_name": "王指挥", "via": Via.DESK, "words": "已办"}
    found = Instruction.objects.filter(incident=row, state="issued")
    listed = list(
        found.select_related("incident__division", "addressee", "team").order_by("task_key", "number")
    )
    for number, order in enumerate(listed):
        when = at + timedelta(seconds=number)
        dispatch.acknowledge_instruction(order, at=when, **given)
        if number % 2:
            dispatch.start_instruction(order, at=when, **given)
    for step in range(60):
        details = FigureDetails("evacuated", Decimal(100 + step), "第1镇" if step % 2 else "应急局", at)
        incidents.add_figure(row, details, by=by, at=at + timedelta(seconds=step))


def _decided(row: Any, count: int, by: Any, at: datetime) -> None:
    """What fills the rest: calls, decisions and links, one entry each."""
    from anlan.command.models import Decision, RoomCall, RoomLink
    from anlan.journal.services import record_all

    run = row.exercise_id
    calls, links = count // 2, count // 10
    made = [
        RoomCall(
            incident=row, way="voice", name=f"值班员{n}", called_at=at, outcome="answered", exercise_id=run
        )
        for n in range(calls)
    ]
    record_all(made, by=by, at=at, kind="made")
    files = [
        RoomLink(incident=row, kind="file", title=f"航拍{n}", address=f"https://disk.example/{n}", added_at=at, exercise_id=run)
        for n in range(links)
    ]  # fmt: skip
    record_all(files, by=by, at=at, kind="added")
    decisions = [
        Decision(incident=row, words=f"第{n}项决定", made_at=at, made_by_name="王指挥", exercise_id=run)
        for n in range(max(0, count - calls - links))
    ]
    record_all(decisions, by=by, at=at, kind="made")


# --- the same inside one process ----------------------------------------------------------------------------------------


def _activate(options: argparse.Namespace) -> dict[str, Any]:
    """The deciding service alone, in a transaction of its own: wall and processor time, and statements."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from anlan.dispatch.models import Instruction
    from anlan.dissemination.models import Delivery
    from anlan.incidents.models import Incident
    from anlan.journal import clocks

    row = Incident.objects.select_related("division", "unit").get(pk=options.incident)
    by, before = _by(), Delivery.objects.count()
    with CaptureQueriesContext(connection) as asked:
        wall, cpu = time.perf_counter(), time.process_time()
        with transaction.atomic():
            _open(row, options.plan, by, clocks.wall_now())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "wall_s": round(wall, 3),
        "cpu_s": round(cpu, 3),
        "statements": len(asked),
        "orders": Instruction.objects.filter(incident=row).count(),
        "messages": Delivery.objects.count() - before,
    }


def _pages(options: argparse.Namespace) -> dict[str, Any]:
    """The room and the platform's smallest page through Django's own client: nothing shared, and shared as a second reader has it."""
    from django.conf import settings
    from django.test import Client

    from anlan.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(username="desk"), backend="django.contrib.auth.backends.ModelBackend")
    room = f"/incidents/{options.incident}/room/"
    paths = {
        "room": room, "timeline": f"{room}timeline/", "older page": f"{room}timeline/?page=9", "head": f"{room}head/",
        "leader's page": f"/incidents/{options.incident}/leader/", "smallest": "/find/",
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, path in paths.items():
        if client.get(path).status_code == 200:
            found[name] = {
                "fresh": _timed(client, path, is_fresh=True),
                "shared": _timed(client, path, is_fresh=False),
            }
    return found


def _timed(client: Any, path: str, *, is_fresh: bool, count: int = 15) -> dict[str, float]:
    """Medians in milliseconds. Fresh: what pages share between readers is thrown away before each."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    walls, cpus = [], []
    for _ in range(count):
        if is_fresh:
            cache.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        client.get(path)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    if is_fresh:
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return {"wall_ms": _middle(walls), "cpu_ms": _middle(cpus), "statements": len(asked)}


def _middle(values: list[float]) -> float:
    return round(sorted(values)[len(values) // 2], 1)


#: So that a verb can be added without another table.
Verb = Callable[[argparse.Namespace], dict[str, Any]]


if __name__ == "__main__":
    sys.exit(main())
