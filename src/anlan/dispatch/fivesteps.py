"""The five steps of an incident (F-11: 接报、研判、指令、调度、到达), each with its time and what it took since the step before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from anlan.dispatch.models import Instruction, TeamJob
from anlan.incidents.models import Incident
from anlan.journal.models import Entry

STEPS: dict[str, tuple[str, str]] = {
    "received": ("接报", "received"),
    "judged": ("研判", "judged"),
    "ordered": ("指令", "ordered"),
    "moved": ("调度", "resources moved"),
    "arrived": ("到达", "force arrived"),
}


@dataclass(frozen=True, slots=True)
class Times:
    """When each step was true, UTC; None where it has not come."""

    received: datetime
    judged: datetime | None = None
    ordered: datetime | None = None
    moved: datetime | None = None
    arrived: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`minutes` since the latest step before it that came, None for the first and for what has not come; whole minutes.
    `is_skipped` where a later step came without it."""

    key: str
    zh: str
    en: str
    at: datetime | None
    minutes: int | None
    is_skipped: bool = False


def five_steps(times: Times) -> list[Step]:
    """The strip. A step that came before the one it should follow took no time."""
    moments = {key: getattr(times, key) for key in STEPS}
    found: list[Step] = []
    former: datetime | None = None
    for number, (key, (zh, en)) in enumerate(STEPS.items()):
        at = moments[key]
        minutes = None if at is None or former is None else max(0, int((at - former).total_seconds() // 60))
        later = list(moments.values())[number + 1 :]
        found.append(Step(key, zh, en, at, minutes, at is None and any(one is not None for one in later)))
        if at is not None:
            former = at if former is None else max(former, at)
    return found


def times_of(incident: Incident) -> Times:
    """The facts of an incident: its own, the first order, the first team told, the first that arrived. Three queries."""
    orders = Instruction.objects.filter(incident=incident).aggregate(first=Min("issued_at"))
    jobs = TeamJob.objects.filter(incident=incident).exclude(state="refused")
    teams = jobs.aggregate(told=Min("told_at"), arrived=Min("arrived_at"))
    return Times(incident.known_at, _judged(incident), orders["first"], teams["told"], teams["arrived"])


def _judged(incident: Incident) -> datetime | None:
    """When it was first verified, or graded, as the journal has it."""
    entries = Entry.objects.filter(
        subject_type="incident",
        subject_id=str(incident.pk),
        kind__in=("incident.verified", "incident.graded", "incident.graded_by_hand"),
    )
    if incident.grade is not None and not entries.exists():
        return incident.known_at  # graded by the rule when it was entered
    found: Iterable[datetime] = entries.order_by("at").values_list("at", flat=True)[:1]
    return next(iter(found), None)
