"""Fills a scratch folder with one incident of six hours: orders, teams, requests, scenes, marks, figures and their messages.

First entries are written by the services' own `record_all`; what changed later is written to the journal alone, for only the journal
is rebuilt.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from anlan.project.benching.replay import HOURS

START = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
VILLAGES = 139
#: Rows of each kind for 20,000 entries, and how often each changes after its first entry.
_PARTS = {
    "instruction": (1_000, 5), "instruction_step": (5_000, 0), "team_job": (60, 9), "team_check": (700, 0),
    "supply_request": (80, 3), "supply_line": (240, 3), "scene": (12, 8), "plot_mark": (200, 3), "figure": (400, 1),
    "decision": (90, 1), "command_group": (15, 3), "delivery": (1_200, 3),
}  # fmt: skip


def fill(entries: int) -> Any:  # Any: models are loaded late here
    """The incident, with about as many entries about it; everything else in the journal is the county itself."""
    from django.db import transaction

    from anlan.incidents.services import open_incident
    from anlan.incidents.types import IncidentDetails
    from anlan.journal.sealer import seal_everything
    from anlan.kernel.actor import system
    from anlan.places.models import Division

    by = system("bench")
    with transaction.atomic():
        _places(by)
        county = Division.objects.get(level="county")
        details = IncidentDetails(
            title="柳河洪水", event_type="flood", division=county, informant="department", known_at=START,
            lon=102.9, lat=27.4,
        )  # fmt: skip
        incident = open_incident(details, by=by, at=START)
        _rows(incident, list(Division.objects.filter(level="village").defer("geometry")), entries, by)
    seal_everything()
    return incident


def count() -> int:
    from anlan.journal.models import Entry

    return Entry.objects.count()


def _places(by: Any) -> None:
    from anlan.places.services import load_divisions
    from anlan.places.types import DivisionRow
    from anlan.vocab.divisions import DivisionLevel

    rows = [
        DivisionRow("999901000000", "云岭县", "", DivisionLevel.COUNTY, lon=102.9, lat=27.4),
        DivisionRow("999901101000", "柳河镇", "999901000000", DivisionLevel.TOWNSHIP, lon=102.9, lat=27.4),
    ]
    rows += [
        DivisionRow(f"999901101{n:03d}", f"村{n}", "999901101000", DivisionLevel.VILLAGE, lon=102.9, lat=27.4)
        for n in range(200, 200 + VILLAGES)
    ]
    load_divisions(rows, by=by, at=START)


def _rows(incident: Any, villages: list[Any], entries: int, by: Any) -> None:
    from anlan.journal.models import Entry
    from anlan.journal.services import make_entry, record_all

    whole = sum(rows * (1 + changes) for rows, changes in _PARTS.values())
    dice = random.Random(7)
    made: dict[str, list[Any]] = {}
    later: list[Any] = []
    for kind, (rows, changes) in _PARTS.items():
        number = max(1, rows * entries // whole)
        made[kind] = [_row(kind, incident, villages, n, made, dice) for n in range(number)]
        for first in range(0, number, 200):
            record_all(
                made[kind][first : first + 200], by=by, at=_moment(first / number * 0.7), kind="recorded"
            )
        for n, row in enumerate(made[kind]):
            for turn in range(changes):
                share = n / number * 0.7 + (turn + 1) / (changes + 1) * 0.3
                fields = {**_change(kind, turn), "version": turn + 2}
                later.append(
                    make_entry(
                        kind=f"{kind}.changed", subject=(kind, str(row.pk)), payload={"set": fields}, by=by,
                        at=_moment(share), path=incident.division.path,
                    )
                )  # fmt: skip
    Entry.objects.bulk_create(later, batch_size=500)
    _fixes(made["team_job"][:12], dice)


def _moment(share: float) -> datetime:
    return START + timedelta(seconds=60 + share * (HOURS * 3600 - 60))


def _row(
    kind: str, incident: Any, villages: list[Any], n: int, made: dict[str, list[Any]], dice: random.Random
) -> Any:
    from anlan.command.models import CommandGroup, Decision, PlotMark, Scene
    from anlan.dispatch.models import (
        Instruction,
        InstructionStep,
        SupplyLine,
        SupplyRequest,
        TeamCheck,
        TeamJob,
    )
    from anlan.dissemination.models import Delivery
    from anlan.incidents.models import Figure

    at, place, words = (
        START,
        villages[n % len(villages)],
        "转移沿河低洼地带群众到安置点，清点人数后报县指挥部。",
    )
    point = {"lon": 102.9 + dice.random() / 10, "lat": 27.4 + dice.random() / 10}
    if kind == "instruction":
        return Instruction(state="issued", number=f"令{n:05d}", incident=incident, origin="plan", task_key=f"t{n}", title=f"转移{place.name}群众",
                           words=words, addressee=place, issued_by_name="王建国", planned_at=at, issued_at=at, ack_limit_min=10,
                           limit_min=60, acknowledge_by=at + timedelta(minutes=10), due_at=at + timedelta(hours=1))  # fmt: skip
    if kind == "instruction_step":
        return InstructionStep(instruction=made["instruction"][n % len(made["instruction"])], step="reported", words=words, progress=n % 100,
                               happened_at=at, recorded_at=at, by_name="李梅", via="page")  # fmt: skip
    if kind == "team_job":
        return TeamJob(state="told", number=f"动{n:05d}", incident=incident, team=_team(n), division=place, words=words, told_at=at,
                       told_by_name="陈静", arrive_by=at + timedelta(minutes=40), strength=12, **point)  # fmt: skip
    if kind == "team_check":
        job = made["team_job"][n % len(made["team_job"])]
        return TeamCheck(
            job=job, happened_at=at, recorded_at=at, is_well=True, people=12, by_name="周平", via="phone"
        )
    if kind == "supply_request":
        return SupplyRequest(state="asked", number=f"需{n:05d}", incident=incident, division=place, why="安置点缺物资", asked_by_name="李梅",
                             asked_at=at, needed_by=at + timedelta(hours=2))  # fmt: skip
    if kind == "supply_line":
        return SupplyLine(
            request=made["supply_request"][n % len(made["supply_request"])],
            name="棉被",
            unit="床",
            asked=Decimal(200),
        )
    if kind == "scene":
        return Scene(state="reported", incident=incident, number=n + 1, name=f"现场{n}", priority=n + 1, division=place, opened_at=at, **point)  # fmt: skip
    if kind == "plot_mark":
        shape = '{"type":"Point","coordinates":[102.9,27.4]}'
        return PlotMark(
            incident=incident,
            symbol="team",
            geometry=shape,
            label=f"标{n}",
            placed_by_name="陈静",
            placed_at=at,
        )
    if kind == "figure":
        code = ("affected", "evacuated", "injured", "missing")[n % 4]
        return Figure(state="claimed", incident=incident, code=code, value=Decimal(n), scope=place, source="柳河镇", as_of=at, recorded_at=at)  # fmt: skip
    if kind == "decision":
        return Decision(incident=incident, words="是否转移下游三个村", needed_by=at + timedelta(hours=1))
    if kind == "command_group":
        return CommandGroup(
            incident=incident, key=f"g{n}", name=f"工作组{n}", source="free", opened_at=at, members=["李梅"]
        )
    order = made["instruction"][n % len(made["instruction"])]
    return Delivery(state="queued", purpose="notice", subject=f"instruction:{order.pk}", channel="sms", address="10000000006", text=words,
                    send_key=f"bench-{n}", recipient=place.name)  # fmt: skip


def _team(n: int) -> Any:
    from anlan.kernel.actor import system
    from anlan.places.models import Division
    from anlan.resources.models import Team

    county = Division.objects.get(level="county")
    row = Team(code=f"D{n:03d}", name=f"救援{n}队", kind="fire", division=county, readiness="ready", strength=12, registered_at=START)  # fmt: skip
    return row.record(by=system("bench"), at=START, kind="registered")


def _change(kind: str, turn: int) -> dict[str, Any]:
    """What one later entry sets: a state and a time or a few words, as the services do."""
    states = {
        "instruction": ("acknowledged", "started", "started", "started", "finished"),
        "team_job": ("left", "arrived", "working", "working", "working", "working", "working", "done", "back"),
        "supply_request": ("approved", "sent", "received"),
        "scene": ("working", "controlled", "working", "controlled", "working", "controlled", "working", "closed"),
        "delivery": ("handing", "sent", "delivered"),
    }  # fmt: skip
    moment = _moment(turn / 10).isoformat()
    fields: dict[str, Any] = {"state": states[kind][turn]} if kind in states else {}
    if kind == "instruction":
        fields |= {"progress": turn * 20, "started_at": moment, "rise_at": None}
    if kind == "team_job":
        fields |= {"heard_at": moment, "step_words": "正在处置", "check_due_at": None}
    if kind == "plot_mark":
        fields |= {
            "moved_at": moment,
            "geometry": f'{{"type":"Point","coordinates":[102.9{turn},27.4{turn}]}}',
        }
    if kind == "supply_line":
        fields |= {"approved": "180.00"}
    if kind == "decision":
        fields |= {"made_at": moment, "made_by_name": "王建国"}
    if kind == "command_group":
        fields |= {"members": ["李梅", "周平"]}
    if kind == "figure":
        fields |= {"state": "verified", "verified_at": moment}
    return fields


def _fixes(jobs: list[Any], dice: random.Random) -> None:
    """A position of each of twelve teams every half minute."""
    from anlan.dispatch.models import PositionFix

    rows = [
        PositionFix(job=job, team=job.team, lon=102.9 + dice.random() / 10, lat=27.4, happened_at=at, received_at=at, source="phone")
        for job in jobs
        for step in range(HOURS * 120)
        for at in [START + timedelta(seconds=30 * step)]
    ]  # fmt: skip
    PositionFix.objects.bulk_create(rows, batch_size=1_000)
