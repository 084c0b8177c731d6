"""What pages and other floors ask about responses."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from anlan.dispatch.models import Instruction
from anlan.dissemination.models import Delivery
from anlan.incidents.models import Incident
from anlan.response.models import (
    Activation,
    BodyMember,
    CoordinatingBody,
    JointDuty,
    LevelChange,
    Mode,
    ModeSwitch,
    ResponseNotice,
)
from anlan.response.parameters import table

ROLE_ORDER = {"chief": 0, "deputy": 1, "secretary": 2, "member": 3}


def mode(at: datetime, run: uuid.UUID | None) -> str:
    """平时 or 战时 ("routine", "emergency") of one run at a moment.

    Emergency while a response runs. A switch by hand counts from then on, until a response starts or the last one ends.
    """
    active = Activation.objects.filter(state="active", exercise_id=run, started_at__lte=at)
    derived = Mode.EMERGENCY if active.exists() else Mode.ROUTINE
    switch = (
        ModeSwitch.objects.filter(exercise_id=run, happened_at__lte=at)
        .order_by("-happened_at", "-id")
        .first()
    )
    if switch is None:
        return derived.value
    moved = Activation.objects.filter(exercise_id=run).filter(
        Q(started_at__gt=switch.happened_at, started_at__lte=at)
        | Q(ended_at__gt=switch.happened_at, ended_at__lte=at)
    )
    if derived == Mode.EMERGENCY:
        moved = moved.filter(started_at__gt=switch.happened_at)
    return derived.value if moved.exists() else switch.mode


def active(incident: Incident) -> list[Activation]:
    """Running responses of an incident, the gravest first."""
    rows = Activation.objects.filter(incident=incident, state="active")
    return list(
        rows.select_related("plan", "plan_version", "division", "body").order_by("level", "started_at")
    )


def of_incident(incident: Incident) -> list[Activation]:
    """Every response of an incident: proposed, running, ended, declined."""
    rows = Activation.objects.filter(incident=incident).select_related("plan", "division", "body")
    return list(rows.order_by("-started_at", "-proposed_at", "-id"))


def changes_of(activation: Activation) -> list[LevelChange]:
    """Every change of level, oldest first."""
    return list(activation.changes.order_by("happened_at", "id"))


def notices_of(activation: Activation) -> QuerySet[ResponseNotice]:
    return activation.notices.select_related("level_change").order_by("-level_change__happened_at", "-id")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """Progress of one addressee: how many of its orders stand where. `late` counts open ones past their time."""

    code: str
    name: str
    total: int
    waiting: int
    issued: int
    acknowledged: int
    started: int
    finished: int
    could_not: int
    late: int

    @property
    def open(self) -> int:
        return self.waiting + self.issued + self.acknowledged + self.started


def progress(rows: QuerySet[Instruction], *, at: datetime) -> list[UnitLine]:
    """Orders by unit in one query, units with late orders first. Withdrawn orders are not counted."""

    def of(state: str) -> Count:
        return Count("pk", filter=Q(state=state))

    is_open = Q(state__in=("issued", "acknowledged", "started"))
    is_late = Q(due_at__lt=at) | Q(state="issued", acknowledge_by__lt=at)
    found = (
        rows.exclude(state="withdrawn")
        .values("addressee_id", "addressee__name")
        .annotate(
            total=Count("pk"), waiting=of("waiting"), issued=of("issued"), acknowledged=of("acknowledged"),
            started=of("started"), finished=of("finished"), could_not=of("could_not"),
            late=Count("pk", filter=is_open & is_late),
        )
        .order_by("addressee_id")
    )  # fmt: skip
    lines = [
        UnitLine(
            one["addressee_id"], one["addressee__name"], one["total"], one["waiting"], one["issued"], one["acknowledged"],
            one["started"], one["finished"], one["could_not"], one["late"],
        )
        for one in found
    ]  # fmt: skip
    return sorted(lines, key=lambda one: (-one.late, one.total == one.finished, one.code))


def orders_of(activation: Activation) -> QuerySet[Instruction]:
    """Orders that a response gave."""
    return Instruction.objects.filter(activation_id=activation.pk)


def receipts_of(notice: ResponseNotice) -> list[Delivery]:
    """The short messages of a notice with what is proved about each."""
    rows = Delivery.objects.filter(subject=f"response_notice:{notice.pk}").select_related("person")
    return list(rows.order_by("person__name", "id"))


def bodies_for(event_type: str) -> list[CoordinatingBody]:
    """Standing bodies that lead such incidents."""
    rows = CoordinatingBody.objects.filter(dissolved_at=None).select_related("division").order_by("code")
    return [row for row in rows if event_type in row.event_types]


def members_of(body: CoordinatingBody) -> list[BodyMember]:
    """Who belongs to it now: chief, deputies, secretariat, members."""
    rows = body.members.filter(left_at=None).select_related("unit", "person").order_by("joined_at", "id")
    return sorted(rows, key=lambda one: ROLE_ORDER.get(one.role, 9))


def special_commands(incident: Incident) -> list[tuple[CoordinatingBody, list[BodyMember]]]:
    """From 较大 on (a parameter): the special commands that should be formed for this incident, with their people."""
    if incident.grade is None or incident.grade > table().special_command_grade:
        return []
    return [(body, members_of(body)) for body in bodies_for(incident.event_type)]


def running_duties(run: uuid.UUID | None) -> Sequence[JointDuty]:
    rows = JointDuty.objects.filter(ends_at=None, exercise_id=run).select_related("division", "activation")
    return list(rows.order_by("starts_at"))
