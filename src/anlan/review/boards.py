"""The boards of an incident at a moment, by pure functions over a state: the same for now (`live_boards`) and for then (`boards_at`).

Orders, teams and requests are made by the row functions of `dispatch`, figures by `incidents.rolling`: what the room shows.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import OuterRef, Subquery

from anlan.command.models import CommandGroup, CommandTransfer, Decision, PlotMark, Scene
from anlan.command.plotting import as_feature
from anlan.command.trail import Subjects, subjects_of
from anlan.dispatch.boards import RequestRow, TeamRow, request_row, team_row
from anlan.dispatch.models import (
    Instruction,
    InstructionStep,
    PositionFix,
    SupplyLine,
    SupplyRequest,
    TeamJob,
)
from anlan.dispatch.orderboard import OrderRow, row_of, urgency
from anlan.incidents.models import Figure, Incident
from anlan.incidents.rolling import rolling
from anlan.incidents.types import Rolling
from anlan.response.models import Activation
from anlan.review.folding import Fields, State
from anlan.review.keeping import state_at
from anlan.review.thawing import Thawed, live_state

#: Kinds of rows that the boards are made of.
KINDS = (
    "incident", "figure", "activation", "instruction", "instruction_step", "team_job", "supply_request", "supply_line",
    "scene", "decision", "command_group", "command_transfer", "plot_mark",
)  # fmt: skip
Fixes = dict[uuid.UUID, PositionFix]


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One scene; degrees WGS84."""

    id: uuid.UUID
    number: int
    name: str
    sector: str
    priority: int
    state: str
    place: str
    lon: float | None
    lat: float | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision, or one that is still needed."""

    id: uuid.UUID
    words: str
    needed_by: datetime | None
    made_at: datetime | None
    made_by_name: str
    dropped_why: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A working group."""

    id: uuid.UUID
    key: str
    name: str
    lead: str
    members: int
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A response: level 1 is the highest."""

    id: uuid.UUID
    plan: str
    level: int
    state: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadRow:
    """Who has a role, of the whole incident where `scene_id` is None."""

    role: str
    scene_id: uuid.UUID | None
    name: str
    title: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Boards:
    """Everything that the room shows at `at`. Two of them are equal exactly when each field of each row is."""

    at: datetime
    state: str
    grade: int | None
    levels: tuple[LevelRow, ...]
    figures: dict[str, Rolling]
    orders: tuple[OrderRow, ...]
    teams: tuple[TeamRow, ...]
    requests: tuple[RequestRow, ...]
    scenes: tuple[SceneRow, ...]
    decisions: tuple[DecisionRow, ...]
    groups: tuple[GroupRow, ...]
    leads: tuple[LeadRow, ...]
    marks: tuple[str, ...]

    @property
    def level(self) -> int | None:
        """The gravest level of a running response; None while none runs."""
        return min((one.level for one in self.levels if one.state == "active"), default=None)


def boards_at(incident: Incident, moment: datetime) -> Boards:
    """The boards as they stood at a moment of the incident's run."""
    return boards_of(incident.pk, state_at(incident, moment, KINDS), moment, fixes_at(incident, moment))


def live_boards(incident: Incident, moment: datetime, subjects: Subjects | None = None) -> Boards:
    """The boards of now, from the rows themselves."""
    found = subjects if subjects is not None else subjects_of(incident, with_messages=False)
    kept = {kind: keys for kind, keys in found.items() if kind in KINDS}
    return boards_of(incident.pk, live_state(kept), moment, fixes_at(incident, moment))


def boards_of(incident_id: uuid.UUID, state: State, at: datetime, fixes: Fixes | None = None) -> Boards:
    """The boards of one state. Nothing but names of places, teams and plans is read from the database."""
    rows = Thawed({kind: state[kind] for kind in KINDS if kind in state})
    own = state.get("incident", {}).get(str(incident_id), {})
    return Boards(
        at=at,
        state=str(own.get("state", "")),
        grade=own.get("grade"),
        levels=_levels(rows),
        figures=_figures(rows),
        orders=_orders(rows, at),
        teams=_teams(rows, fixes or {}),
        requests=_requests(rows),
        scenes=_scenes(rows),
        decisions=_decisions(rows, at),
        groups=_groups(rows),
        leads=_leads(rows),
        marks=tuple(_mark(mark) for mark in rows.rows(PlotMark) if mark.removed_at is None),
    )


def fixes_at(incident: Incident, moment: datetime) -> Fixes:
    """The last position of each job that was known at the moment: received by then, whenever it was true. Two queries."""
    known = PositionFix.objects.filter(job=OuterRef("pk"), happened_at__lte=moment, received_at__lte=moment)
    newest = known.order_by("-happened_at", "-received_at", "-pk").values("pk")[:1]
    jobs = TeamJob.objects.filter(incident=incident).annotate(fix=Subquery(newest))
    rows = PositionFix.objects.in_bulk([fix for fix in jobs.values_list("fix", flat=True) if fix is not None])
    return {row.job_id: row for row in rows.values() if row.job_id is not None}


def _orders(rows: Thawed, at: datetime) -> tuple[OrderRow, ...]:
    said = _last_words(rows.state.get(InstructionStep.journal_type, {}))
    found = []
    for row in rows.rows(Instruction):
        row.addressee = rows.division(row.addressee_id)
        row.team = rows.team(row.team_id) if row.team_id is not None else None
        found.append(row_of(row, at, said.get(str(row.pk))))
    return tuple(sorted(found, key=urgency))


def _last_words(steps: Mapping[str, Fields]) -> dict[str, tuple[str, datetime]]:
    """What was said last of each order. There are thousands of steps, so they are read as the journal wrote them."""
    newest: dict[str, tuple[datetime, str]] = {}
    for key, fields in steps.items():
        if fields["words"]:
            moment = (datetime.fromisoformat(fields["recorded_at"]), key)
            order = fields["instruction"]
            if order not in newest or moment > newest[order]:
                newest[order] = moment
    return {
        order: (steps[key]["words"], datetime.fromisoformat(steps[key]["happened_at"]))
        for order, (_moment, key) in newest.items()
    }


def _teams(rows: Thawed, fixes: Fixes) -> tuple[TeamRow, ...]:
    found = []
    for job in rows.rows(TeamJob):
        job.team, job.division = rows.team(job.team_id), rows.division(job.division_id)
        found.append(team_row(job, fixes.get(job.pk)))
    return tuple(sorted(found, key=lambda row: row.number))


def _requests(rows: Thawed) -> tuple[RequestRow, ...]:
    lines: dict[uuid.UUID, list[SupplyLine]] = defaultdict(list)
    for line in rows.rows(SupplyLine):
        lines[line.request_id].append(line)
    found = []
    for row in rows.rows(SupplyRequest):
        row.division = rows.division(row.division_id)
        # What `prefetch_related` leaves behind, so that nobody asks the database of today.
        row._prefetched_objects_cache = {"lines": lines[row.pk]}  # type: ignore[attr-defined]
        found.append(request_row(row))
    return tuple(sorted(found, key=lambda row: row.number))


def _figures(rows: Thawed) -> dict[str, Rolling]:
    figures = rows.rows(Figure)
    for figure in figures:
        figure.scope = rows.division(figure.scope_id)
    return rolling(figures)


def _levels(rows: Thawed) -> tuple[LevelRow, ...]:
    found = [
        LevelRow(row.pk, rows.plan(row.plan_id).title, row.level, row.state, row.started_at, row.ended_at)
        for row in rows.rows(Activation)
    ]
    return tuple(sorted(found, key=lambda row: (row.state != "active", row.level, row.id)))


def _scenes(rows: Thawed) -> tuple[SceneRow, ...]:
    found = [
        SceneRow(
            row.pk, row.number, row.name, row.sector, row.priority, row.state,
            f"{rows.division(row.division_id).name}{row.place_words}", row.lon, row.lat, row.opened_at, row.closed_at,
        )
        for row in rows.rows(Scene)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda row: (row.state == "closed", row.priority, row.number)))


def _decisions(rows: Thawed, at: datetime) -> tuple[DecisionRow, ...]:
    found = []
    for row in rows.rows(Decision):
        is_open = row.made_at is None and not row.dropped_why
        is_late = is_open and row.needed_by is not None and row.needed_by <= at
        found.append(
            DecisionRow(
                row.pk, row.words, row.needed_by, row.made_at, row.made_by_name, row.dropped_why, is_late
            )
        )
    return tuple(found)


def _groups(rows: Thawed) -> tuple[GroupRow, ...]:
    return tuple(
        GroupRow(
            row.pk, row.key, row.name, row.lead_words, len(row.members or ()), row.opened_at, row.closed_at
        )
        for row in rows.rows(CommandGroup)
    )


def _leads(rows: Thawed) -> tuple[LeadRow, ...]:
    """The newest of each role and scene."""
    newest: dict[tuple[str, uuid.UUID | None], CommandTransfer] = {}
    for row in sorted(rows.rows(CommandTransfer), key=lambda one: (one.happened_at, one.recorded_at, one.pk)):
        newest[row.role, row.scene_id] = row
    return tuple(
        LeadRow(role, scene, row.name, row.title, row.happened_at)
        for (role, scene), row in sorted(newest.items(), key=lambda one: (one[0][0], str(one[0][1])))
    )


def _mark(mark: PlotMark) -> str:
    """A mark as the map gets it, as one text that compares by value."""
    return orjson.dumps(as_feature(mark)).decode()


def marks_geojson(boards: Boards) -> dict[str, Any]:
    """The marks of a moment for the map."""
    return {"type": "FeatureCollection", "features": [orjson.loads(mark) for mark in boards.marks]}
