"""The five steps of an incident (F-11: 接报、研判、指令、调度、到达), each with its time and what it took since the step before."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from anlan.dispatch.models import Instruction, TeamJob
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.vocab.incidents import GRADE_LABELS

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
    return times_of_many([incident])[incident.pk]


def times_of_many(incidents: Sequence[Incident]) -> dict[uuid.UUID, Times]:
    """The same of a whole page of them, still three queries."""
    keys = [one.pk for one in incidents]
    orders = Instruction.objects.filter(incident__in=keys).order_by().values("incident")
    ordered = dict(orders.annotate(first=Min("issued_at")).values_list("incident", "first"))
    jobs = TeamJob.objects.filter(incident__in=keys).exclude(state="refused").order_by().values("incident")
    rows = jobs.annotate(told=Min("told_at"), arrived=Min("arrived_at"))
    teams = {key: (told, arrived) for key, told, arrived in rows.values_list("incident", "told", "arrived")}
    judged = _judged(incidents)
    return {
        one.pk: Times(one.known_at, judged.get(one.pk), ordered.get(one.pk), *teams.get(one.pk, (None, None)))
        for one in incidents
    }


def _judged(incidents: Iterable[Incident]) -> dict[uuid.UUID, datetime]:
    """When each was first verified, or got a grade, as the journal has it. That the rules found none is no judgement."""
    listed = list(incidents)
    graded = Q(pk__in=[])
    for grade in GRADE_LABELS:
        graded |= Q(payload__contains=f'"grade":{int(grade)}')
    entries = Entry.objects.filter(
        Q(kind="incident.verified") | Q(kind__in=("incident.graded", "incident.graded_by_hand")) & graded,
        subject_type="incident",
        subject_id__in=[str(one.pk) for one in listed],
    )
    first = entries.order_by().values("subject_id").annotate(first=Min("at"))
    known = {uuid.UUID(key): at for key, at in first.values_list("subject_id", "first")}
    # What has a grade and no such entry was graded by the rule when it was entered.
    return {one.pk: one.known_at for one in listed if one.grade is not None} | known
