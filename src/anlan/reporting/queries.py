"""Reads of reporting for pages, papers and scores."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from anlan.incidents.models import Incident
from anlan.journal import clocks as runs
from anlan.kernel.actor import Actor
from anlan.reporting import content
from anlan.reporting.access import visible_clocks, visible_reports
from anlan.reporting.models import ReportClock, ReportDelivery, ReportingFinding, UpwardReport
from anlan.reporting.services.common import family_of
from anlan.reporting.types import NextClock, ReportContent
from anlan.vocab.posts import Right

_SHOWN = 200


def report_content(report: UpwardReport, *, at: datetime | None = None) -> ReportContent:
    """Everything that stands in a report, as a paper prints it. A signed one reads from its own snapshot."""
    return content.report_content(report, at=at or runs.now(report.exercise_id))


def is_late(clock: ReportClock, now: datetime) -> bool:
    """迟报, from true times alone, also before any worker looked: met after its limit, or not met and the limit is past."""
    if clock.state == "open":
        return now > clock.due_at
    return clock.met_at > clock.due_at if clock.met_at is not None else clock.is_late


def next_clock(actor: Actor, *, now: datetime) -> NextClock | None:
    """The limit of the actor's places that ends next, and how many are past theirs. One small query on an index unless some are."""
    rows = _own_open(actor)
    first = next(iter(rows.order_by("due_at")[:1]), None)
    if first is None:
        return None
    late = 0
    if first.due_at < now:
        late = rows.filter(due_at__lt=now).count()
        first = next(iter(rows.filter(due_at__gte=now).order_by("due_at")[:1]), first)
    return NextClock(
        clock_id=first.pk,
        incident_id=first.incident_id,
        label_zh=first.label_zh,
        label_en=first.label_en,
        what=_what(first),
        due_at=first.due_at,
        late_count=late,
    )


def due(actor: Actor, *, limit: int = _SHOWN) -> list[ReportClock]:
    """Every open limit of the actor's places that binds us, the soonest first."""
    return list(_own_open(actor).order_by("due_at")[:limit])


def to_sign(actor: Actor) -> list[UpwardReport]:
    """What waits for this person's signature, the oldest first. His own drafts wait for somebody else."""
    return _waiting(actor, Right.SIGN_REPORTS, ("in_review", "reviewed"))


def to_review(actor: Actor) -> list[UpwardReport]:
    return _waiting(actor, Right.REVIEW_REPORTS, ("in_review",))


def to_write(actor: Actor) -> list[UpwardReport]:
    """Own drafts, and what came back to be changed."""
    rows = visible_reports(actor).filter(
        state__in=("draft", "returned"), exercise_id=runs.default_exercise_id()
    )
    return list(rows.filter(drafted_by=actor.ref).order_by("drafted_at")[:_SHOWN])


def to_send(actor: Actor) -> list[UpwardReport]:
    """Signed and not sent yet."""
    if not actor.can_somewhere(Right.TAKE_REPORTS):
        return []
    rows = visible_reports(actor).filter(state="signed", exercise_id=runs.default_exercise_id())
    return list(rows.order_by("signed_at")[:_SHOWN])


def to_take(actor: Actor) -> list[UpwardReport]:
    """Reports of lower levels that the county has not taken in."""
    rows = visible_reports(actor).filter(exercise_id=runs.default_exercise_id())
    below = Q(state="received") | Q(state="sent", division__level="township")
    found = rows.filter(below).exclude(kind="nil").order_by("drafted_at")[:_SHOWN]
    return [row for row in found if _is_above(actor, row)]


def unconfirmed(actor: Actor, *, limit: int = _SHOWN) -> list[ReportDelivery]:
    """Deliveries that nobody has confirmed, the longest first."""
    rows = ReportDelivery.objects.filter(
        state__in=("waiting", "handed", "failed"),
        report__in=visible_reports(actor).filter(exercise_id=runs.default_exercise_id()).values("pk"),
    )
    return list(rows.select_related("report", "report__division").order_by("asked_at")[:limit])


@dataclass(frozen=True, slots=True)
class Timeliness:
    """One limit as it was kept, for scores."""

    clock_id: uuid.UUID
    incident_id: uuid.UUID | None
    division: str
    code: str
    tier: str
    due_at: datetime
    met_at: datetime | None
    is_late: bool
    is_ours: bool
    state: str


def timeliness(
    *, since: datetime, until: datetime, now: datetime, exercise_id: uuid.UUID | None = None
) -> list[Timeliness]:
    """Every limit that ended in a period, computed from true times; closed ones count where they were late."""
    rows = ReportClock.objects.filter(due_at__gte=since, due_at__lt=until, exercise_id=exercise_id)
    return [
        Timeliness(
            row.pk,
            row.incident_id,
            row.division_id,
            row.code,
            row.tier,
            row.due_at,
            row.met_at,
            is_late(row, now),
            row.is_ours,
            row.state,
        )
        for row in rows.order_by("due_at")
    ]


def findings_of(incident: Incident) -> list[ReportingFinding]:
    """Every decision about an incident and what was merged into it, the newest first."""
    rows = ReportingFinding.objects.filter(incident__in=family_of(incident))
    return list(rows.select_related("division").order_by("-decided_at", "-id"))


def standing(findings: Iterable[ReportingFinding]) -> list[ReportingFinding]:
    """Those that hold now: the newest of each kind and place, where it was not taken back."""
    newest: dict[tuple[str, str], ReportingFinding] = {}
    for one in sorted(findings, key=lambda row: (row.decided_at, row.pk)):
        newest[one.kind, one.division_id] = one
    return [one for one in newest.values() if one.is_upheld]


def reports_of(incident: Incident) -> list[UpwardReport]:
    """The chain of an incident as it is read: its own and those of what was merged into it, the earliest first."""
    rows = UpwardReport.objects.filter(incident__in=family_of(incident))
    return list(rows.select_related("division", "former").order_by("drafted_at", "id"))


def clocks_of(incident: Incident) -> list[ReportClock]:
    """Its limits, open ones first, then by limit. Those of merged incidents stand with these."""
    main = incident.merged_into or incident
    rows = ReportClock.objects.filter(incident=main).select_related("division")
    return sorted(rows, key=lambda row: (row.state != "open", row.due_at, row.tier, row.nth))


def _own_open(actor: Actor):  # type: ignore[no-untyped-def]  # a queryset of the door's making
    return visible_clocks(actor).filter(state="open", is_ours=True, exercise_id=runs.default_exercise_id())


def _what(clock: ReportClock) -> str:
    if clock.incident is not None:
        return clock.incident.number if clock.incident.is_restricted else clock.incident.title
    return clock.report.title if clock.report is not None else ""


def _waiting(actor: Actor, need: Right, states: tuple[str, ...]) -> list[UpwardReport]:
    if not actor.can_somewhere(need):
        return []
    rows = visible_reports(actor).filter(state__in=states, exercise_id=runs.default_exercise_id())
    rows = rows.exclude(drafted_by=actor.ref)
    return [row for row in rows.order_by("drafted_at")[:_SHOWN] if actor.can(need, row.division.path)]


def may_take(actor: Actor, report: UpwardReport) -> bool:
    """Whether the actor's level takes this report of a lower one into an incident."""
    is_below = bool(report.origin) or report.division.level == "township"
    is_waiting = report.state in ("sent", "received") and report.kind != "nil"
    return is_below and is_waiting and _is_above(actor, report)


def _is_above(actor: Actor, report: UpwardReport) -> bool:
    """Whether the actor takes reports at a level above the one that sent it."""
    upper = report.division.path.rpartition("/")[0] or report.division.path
    return actor.can(Right.TAKE_REPORTS, upper) if upper else False
