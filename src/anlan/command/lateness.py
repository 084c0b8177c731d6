"""What of an incident is late at a moment: one list for the leader's page, the head of the room and the situation report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from anlan.command.models import Decision, ExpertCall
from anlan.command.services.asking import ANSWERS_WITHIN
from anlan.dispatch.models import Instruction, SupplyRequest, TeamJob
from anlan.incidents.models import ChaseOrder, Incident

#: Kinds of late things in Chinese and English.
KINDS: dict[str, tuple[str, str]] = {
    "not_acknowledged": ("指令未签收", "order not acknowledged"),
    "order": ("指令未完成", "order not finished"),
    "team": ("队伍未到达", "team has not arrived"),
    "check": ("队伍未报平安", "team missed its check-in"),
    "request": ("物资未到", "supplies have not come"),
    "chase": ("督办未反馈", "chase order not answered"),
    "expert": ("专家未答复", "expert has not answered"),
    "decision": ("决策未作出", "decision not made"),
}


@dataclass(frozen=True, slots=True)
class Late:
    """One late thing. `subject` is how the journal names it."""

    kind: str
    title: str
    who: str
    due_at: datetime
    subject: str

    @property
    def words(self) -> tuple[str, str]:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Span:
    """Something with a limit. It is late from `due_at` on, until `met_at`."""

    late: Late
    known_at: datetime
    met_at: datetime | None

    def is_late(self, at: datetime) -> bool:
        return self.known_at <= at and self.late.due_at <= at and (self.met_at is None or self.met_at > at)


def late_of(incident: Incident, at: datetime) -> list[Late]:
    """What is late at `at`, the longest overdue first."""
    return late_at(spans_of(incident, until=at), at)


def late_at(spans: list[Span], at: datetime) -> list[Late]:
    return sorted((one.late for one in spans if one.is_late(at)), key=lambda one: (one.due_at, one.subject))


def spans_of(incident: Incident, *, until: datetime) -> list[Span]:
    """Every limit of the incident that may be late by then, met or not. Six queries."""
    others = (span for read in (_teams, _requests, _chases, _experts, _decisions) for span in read(incident))
    return [*_orders(incident, until), *others]


def _orders(incident: Incident, until: datetime) -> Iterator[Span]:
    """Of two hundred orders few are past a limit, so the others are not read."""
    rows = Instruction.objects.filter(incident=incident, issued_at__isnull=False)
    rows = rows.exclude(state__in=("withdrawn", "could_not", "waiting"))
    rows = rows.filter(Q(acknowledge_by__lte=until) | Q(due_at__lte=until))
    values = rows.values_list(
        "pk", "number", "title", "addressee__name", "issued_at", "acknowledge_by", "due_at", "acknowledged_at",
        "started_at", "finished_at", "state",
    )  # fmt: skip
    for pk, number, title, who, issued, ack_by, due, acked, started, finished, state in values:
        if issued is None:
            continue
        done = finished if state == "finished" else None
        seen = min((one for one in (acked, started, finished) if one is not None), default=None)
        name, subject = f"{number} {title}", f"instruction:{pk}"
        if ack_by is not None:
            yield Span(Late("not_acknowledged", name, who, ack_by, subject), issued, seen)
        if due is not None:
            # An order that nobody acknowledged is late once, for that.
            since = issued if ack_by is None or seen is None else max(issued, seen)
            if ack_by is not None and seen is None and ack_by <= due:
                continue
            yield Span(Late("order", name, who, due, subject), since, done)


def _teams(incident: Incident) -> Iterator[Span]:
    rows = TeamJob.objects.filter(incident=incident).exclude(state__in=("refused", "cancelled", "back"))
    for row in rows.select_related("team"):
        subject = f"team_job:{row.pk}"
        if row.arrive_by is not None:
            yield Span(
                Late("team", row.words[:80], row.team.name, row.arrive_by, subject),
                row.told_at,
                row.arrived_at,
            )
        if row.check_due_at is not None and row.state in ("left", "arrived", "working"):
            yield Span(
                Late("check", row.words[:80], row.team.name, row.check_due_at, subject), row.told_at, None
            )


def _requests(incident: Incident) -> Iterator[Span]:
    rows = SupplyRequest.objects.filter(incident=incident, needed_by__isnull=False)
    rows = (
        rows.exclude(state__in=("refused", "cancelled"))
        .select_related("division")
        .defer("division__geometry")
    )
    for row in rows:
        name = f"{row.number} {row.why}".strip()
        late = Late("request", name[:100], row.division.name, row.needed_by, f"supply_request:{row.pk}")  # type: ignore[arg-type]  # filtered above
        yield Span(late, row.asked_at, row.received_at)


def _chases(incident: Incident) -> Iterator[Span]:
    for row in ChaseOrder.objects.filter(incident=incident):
        late = Late("chase", f"{row.number} {row.task}"[:100], row.addressee, row.due_at, f"chase:{row.pk}")
        yield Span(late, row.issued_at, row.answered_at or row.closed_at)


def _experts(incident: Incident) -> Iterator[Span]:
    rows = ExpertCall.objects.filter(incident=incident).exclude(state="declined")
    for row in rows.select_related("expert__person"):
        due = row.asked_at + ANSWERS_WITHIN
        late = Late("expert", row.question[:100], row.expert.person.name, due, f"expert_call:{row.pk}")
        yield Span(late, row.asked_at, row.answered_at)


def _decisions(incident: Incident) -> Iterator[Span]:
    for row in Decision.objects.filter(incident=incident, needed_by__isnull=False, dropped_why=""):
        late = Late("decision", row.words[:100], "", row.needed_by, f"decision:{row.pk}")  # type: ignore[arg-type]  # filtered above
        yield Span(late, incident.known_at, row.made_at)
