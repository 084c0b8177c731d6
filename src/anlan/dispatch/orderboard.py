"""Orders of an incident as rows of a board: late ones first, counted by unit, group and state. Pure but for `orders_of`."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.dispatch.models import Instruction, InstructionStep
from anlan.incidents.models import Incident
from anlan.journal import clocks

#: Late first, then what waits for an answer, then what goes on, then what is over.
_ORDER = {
    "could_not": 1,
    "issued": 2,
    "acknowledged": 3,
    "started": 4,
    "waiting": 5,
    "finished": 6,
    "withdrawn": 7,
}
RUNNING = ("issued", "acknowledged", "started")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order. `deadline` is the limit that it must keep next, None when it keeps none; times UTC."""

    id: uuid.UUID
    number: str
    title: str
    words: str
    addressee: str
    addressee_code: str
    team: str
    state: str
    origin: str
    level: int | None
    group_key: str
    task_key: str
    activation_id: uuid.UUID | None
    scene_id: uuid.UUID | None
    is_late: bool
    deadline: datetime | None
    progress: int
    risen: int
    issued_at: datetime | None
    acknowledged_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    issued_by_name: str
    result: str
    last_words: str = ""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders of each state; `late` are among the others, `total` leaves out those taken back."""

    total: int
    waiting: int
    issued: int
    acknowledged: int
    started: int
    finished: int
    could_not: int
    withdrawn: int
    late: int

    @property
    def percent(self) -> int:
        return 100 * self.finished // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """One addressee, or one group, with its counts."""

    key: str
    name: str
    counts: Counts


#: What a row of the board is read from, in the order of `_row`; whole rows of two hundred orders cost three times as much.
_COLUMNS = (
    "pk", "number", "title", "words", "addressee__name", "addressee_id", "team__name", "state", "origin", "level",
    "group_key", "task_key", "activation_id", "scene_id", "acknowledge_by", "due_at", "progress", "risen", "issued_at",
    "acknowledged_at", "started_at", "finished_at", "issued_by_name", "result",
)  # fmt: skip


def orders_of(incident: Incident, at: datetime | None = None) -> list[OrderRow]:
    """Every order about an incident, late first. Two queries."""
    moment = at if at is not None else clocks.now(incident.exercise_id)
    rows = Instruction.objects.filter(incident=incident)
    steps = InstructionStep.objects.filter(instruction__incident=incident).exclude(words="")
    said = {
        key: (words, happened_at)
        for key, words, happened_at in steps.order_by("recorded_at", "pk").values_list(
            "instruction_id", "words", "happened_at"
        )
    }
    listed = [_row(values, moment, said.get(values[0])) for values in rows.values_list(*_COLUMNS)]
    return sorted(listed, key=urgency)


def _row(values: Sequence[Any], at: datetime, said: tuple[str, datetime] | None) -> OrderRow:
    """The same as `row_of` from columns."""
    found = dict(zip(_COLUMNS, values, strict=True))
    limit = _limit(found["state"], found.pop("acknowledge_by"), found.pop("due_at"))
    return OrderRow(
        id=found.pop("pk"),
        addressee=found.pop("addressee__name"),
        addressee_code=found.pop("addressee_id"),
        team=found.pop("team__name") or "",
        is_late=limit is not None and limit <= at,
        deadline=limit,
        last_words=said[0] if said is not None else "",
        last_at=said[1] if said is not None else None,
        **found,
    )


def urgency(row: OrderRow) -> tuple[bool, int, datetime, str]:
    """What sorts a board: late first, by state, by limit."""
    return (not row.is_late, _ORDER.get(row.state, 9), row.deadline or _FAR, row.number)


_FAR = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def row_of(row: Instruction, at: datetime, said: tuple[str, datetime] | None = None) -> OrderRow:
    """One order as the board shows it at `at`."""
    deadline = deadline_of(row)
    return OrderRow(
        id=row.pk,
        number=row.number,
        title=row.title,
        words=row.words,
        addressee=row.addressee.name,
        addressee_code=row.addressee_id,
        team="" if row.team is None else row.team.name,
        state=row.state,
        origin=row.origin,
        level=row.level,
        group_key=row.group_key,
        task_key=row.task_key,
        activation_id=row.activation_id,
        scene_id=row.scene_id,
        is_late=deadline is not None and deadline <= at,
        deadline=deadline,
        progress=row.progress,
        risen=row.risen,
        issued_at=row.issued_at,
        acknowledged_at=row.acknowledged_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        issued_by_name=row.issued_by_name,
        result=row.result,
        last_words=said[0] if said is not None else "",
        last_at=said[1] if said is not None else None,
    )


def deadline_of(row: Instruction) -> datetime | None:
    """The limit that an order must keep next: to be acknowledged, then to be finished."""
    return _limit(row.state, row.acknowledge_by, row.due_at)


def _limit(state: str, acknowledge_by: datetime | None, due_at: datetime | None) -> datetime | None:
    if state not in RUNNING:
        return None
    if state == "issued" and acknowledge_by is not None:
        return min(acknowledge_by, due_at) if due_at is not None else acknowledge_by
    return due_at


def count(rows: Iterable[OrderRow]) -> Counts:
    listed = list(rows)
    states = Counter(row.state for row in listed)
    return Counts(
        total=len(listed) - states["withdrawn"],
        waiting=states["waiting"],
        issued=states["issued"],
        acknowledged=states["acknowledged"],
        started=states["started"],
        finished=states["finished"],
        could_not=states["could_not"],
        withdrawn=states["withdrawn"],
        late=sum(row.is_late for row in listed),
    )


def progress_by_unit(rows: Sequence[OrderRow]) -> list[UnitProgress]:
    """Counts of each addressee, whoever is late first."""
    return _grouped(rows, lambda row: (row.addressee_code, row.addressee))


def progress_by_group(rows: Sequence[OrderRow]) -> list[UnitProgress]:
    """Counts of each command group that a plan names; the name is its key, which the plan explains."""
    return _grouped([row for row in rows if row.group_key], lambda row: (row.group_key, row.group_key))


def _grouped(rows: Sequence[OrderRow], key_of: Callable[[OrderRow], tuple[str, str]]) -> list[UnitProgress]:
    found: dict[tuple[str, str], list[OrderRow]] = {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    units = [UnitProgress(key, name, count(listed)) for (key, name), listed in found.items()]
    return sorted(units, key=lambda unit: (-unit.counts.late, unit.counts.percent, unit.key))
