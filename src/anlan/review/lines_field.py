"""Steps of the field and the room: teams, supplies, scenes, decisions, consultations, experts."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from anlan.command.models import Consultation, Decision, ExpertCall, Scene
from anlan.command.services.asking import ANSWERS_WITHIN
from anlan.dispatch.models import SupplyLine, SupplyRequest, TeamJob
from anlan.incidents.models import Incident
from anlan.journal.models import Entry
from anlan.review.lines import NOTHING, Line, Mark, Words, mark_of

#: Step of a team, what it is counted from, where it ends.
_STEPS = (
    ("left", "told_at", "left_at"),
    ("arrived", "told_at", "arrived_at"),
    ("working", "arrived_at", "working_at"),
    ("done", "arrived_at", "done_at"),
    ("back", "done_at", "back_at"),
)


def of_teams(ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Two queries. A team that could not go is said so."""
    rows = TeamJob.objects.filter(incident__in=ids).exclude(state="cancelled")
    jobs = list(rows.select_related("team", "team__division").order_by("told_at", "number"))
    silences = _silences(jobs)
    for job in jobs:
        said: dict[str, Any] = {"title": f"{job.number} {job.words}"[:120], "who": job.team.name, "unit": job.team.division_id, "subject": f"team_job:{job.pk}"}  # fmt: skip
        for step, start, end in _STEPS:
            line = _team_step(job, step, getattr(job, start), getattr(job, end), said, now)
            if line is not None:
                yield line
        missed = silences.get(str(job.pk))
        if missed:
            every = job.check_every_min
            yield Line(
                "team.checks",
                f"checks/{job.team.code}",
                Mark.MISSED,
                due_at=missed[0],
                source=(f"每{every}分钟报平安", f"every {every} minutes") if every else NOTHING,
                note=(f"漏报{len(missed)}次", f"{len(missed)} not heard"),
                **said,
            )


def _silences(jobs: Sequence[TeamJob]) -> dict[str, list[datetime]]:
    """When each job's check-in did not come; the row itself forgets it once the team is heard again."""
    found: dict[str, list[datetime]] = defaultdict(list)
    entries = Entry.objects.filter(
        subject_type="team_job", subject_id__in=[str(job.pk) for job in jobs], kind="team_job.check_missed"
    )
    for key, at in entries.order_by("at", "id").values_list("subject_id", "at"):
        found[key].append(at)
    return found


def _team_step(
    job: TeamJob, step: str, start: datetime | None, end: datetime | None, said: dict[str, Any], now: datetime
) -> Line | None:
    due, source, note, is_verified = None, NOTHING, NOTHING, True
    if step == "arrived":
        due, source, is_verified = _arrive_by(job)
    if end is None and due is None and step != "left":
        return None
    if job.state == "refused":
        if step != "left":
            return None
        note = (f"不能出动：{job.ended_why}", f"cannot go: {job.ended_why}")
    return Line(
        f"team.{step}", f"team_{step}/{job.team.code}", mark_of(end, due, now), starts_at=start, done_at=end, due_at=due,
        source=source, note=note, is_verified=is_verified, **said,
    )  # fmt: skip


def _arrive_by(job: TeamJob) -> tuple[datetime | None, Words, bool]:
    """The moment that was ordered, else half as long again as the estimate of the way says: the limit that chases a team."""
    if job.arrive_by is not None:
        return job.arrive_by, (f"下达人{job.told_by_name}", f"set by {job.told_by_name}"), True
    if job.travel_min is None or job.left_at is None:
        return None, NOTHING, True
    words = (f"行程估算{job.travel_min}分钟的1.5倍", f"1.5 times the estimated way of {job.travel_min} min")
    return job.left_at + timedelta(minutes=job.travel_min * 1.5), words, False


def of_supplies(ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Two queries."""
    rows = SupplyRequest.objects.filter(incident__in=ids).exclude(state="cancelled")
    rows = rows.select_related("division").defer("division__geometry").prefetch_related("lines")
    for row in rows.order_by("asked_at", "number"):
        said: dict[str, Any] = {"title": f"{row.number} {row.why}"[:120], "who": row.division.name, "unit": row.division_id, "subject": f"supply_request:{row.pk}"}  # fmt: skip
        end = f"{row.division_id}/{'+'.join(sorted(line.item or line.name for line in row.lines.all()))}"[:80]
        refused = f"未批准：{row.refused_why}", f"refused: {row.refused_why}"
        steps = (
            ("approved", row.asked_at, row.approved_at, None, _quantities(row, "approved")),
            ("sent", row.approved_at, row.sent_at, None, _quantities(row, "sent")),
            ("received", row.asked_at, row.received_at, row.needed_by, _quantities(row, "received")),
        )
        for step, start, done, due, note in steps:
            if row.state == "refused":
                due, note = None, refused
            if done is None and step != "received":
                continue
            source = ("请求写明的需用时间", "the time by which it was needed") if due else NOTHING
            yield Line(
                f"supply.{step}", f"supply_{step}/{end}", mark_of(done, due, now), starts_at=start, done_at=done,
                due_at=due, source=source, note=note, **said,
            )  # fmt: skip


def _quantities(row: SupplyRequest, step: str) -> Words:
    """What was asked for against what came at this step."""
    found = []
    for line in row.lines.all():
        value: Decimal | None = getattr(line, step)
        found.append(f"{line.name} {_number(value)}/{_number(line.asked)}{_unit(line)}")
    words = "，".join(found)
    return words, words


def _unit(line: SupplyLine) -> str:
    return line.unit


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:f}".rstrip("0").rstrip(".") or "0"


def of_room(incident: Incident, ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    """Five queries."""
    for scene in Scene.objects.filter(incident__in=ids).select_related("division").order_by("opened_at", "pk"):  # fmt: skip
        yield Line(
            "room.scene", f"scene/{scene.number}", mark_of(scene.closed_at, None, now), title=scene.name,
            who=scene.division.name, starts_at=scene.opened_at, done_at=scene.closed_at, subject=f"scene:{scene.pk}",
        )  # fmt: skip
    yield from _decisions(incident, ids, now)
    for talk in Consultation.objects.filter(incident__in=ids, state__in=("open", "closed")).order_by("starts_at", "pk"):  # fmt: skip
        yield Line(
            "room.consultation", f"consultation/{talk.title[:40]}", mark_of(talk.ended_at, None, now), title=talk.title, who=talk.chair,
            starts_at=talk.starts_at, done_at=talk.ended_at, subject=f"consultation:{talk.pk}",
        )  # fmt: skip
    experts = ExpertCall.objects.filter(incident__in=ids).exclude(state="declined")
    for call in experts.select_related("expert__person").order_by("asked_at", "pk"):
        due = call.asked_at + ANSWERS_WITHIN
        yield Line(
            "room.expert", f"expert/{call.question[:40]}", mark_of(call.answered_at, due, now), title=call.question[:120],
            who=call.expert.person.name, starts_at=call.asked_at, done_at=call.answered_at, due_at=due,
            source=("平台设定的专家答复时限", "the platform’s own limit for experts"), subject=f"expert_call:{call.pk}",
            is_verified=False,
        )  # fmt: skip


def _decisions(incident: Incident, ids: Sequence[uuid.UUID], now: datetime) -> Iterator[Line]:
    rows = list(Decision.objects.filter(incident__in=ids, dropped_why="").order_by("made_at", "pk"))
    asked = Entry.objects.filter(
        subject_type="decision", subject_id__in=[str(row.pk) for row in rows], kind="decision.asked"
    )
    since = dict(asked.values_list("subject_id", "at"))
    for row in rows:
        start = since.get(str(row.pk))
        # One that nobody had asked for has no time of its own: it is a fact of the timeline.
        yield Line(
            "room.decision", f"decision/{row.words[:40]}", mark_of(row.made_at, row.needed_by, now), title=row.words[:120],
            who=row.made_by_name, starts_at=start, done_at=row.made_at, due_at=row.needed_by,
            source=("提请时写明的需用时间", "the time by which it was needed") if row.needed_by else NOTHING,
            subject=f"decision:{row.pk}",
        )  # fmt: skip
