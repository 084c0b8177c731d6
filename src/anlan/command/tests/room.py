"""What the tests of the room share: an incident, orders, entries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from anlan.command.models import Decision
from anlan.dispatch.models import Instruction, TeamJob
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import FigureDetails, IncidentDetails
from anlan.journal.services import record_all
from anlan.plans.models import Plan, PlanVersion
from anlan.resources.models import Expert, Team
from anlan.response.models import Activation, LevelChange
from anlan.testing import County


def incident(county: County, where: str = "Upper Willow", **fields: Any) -> Incident:
    details = {
        "title": "上柳村后山滑坡",
        "event_type": "landslide",
        "division": county.divisions[where],
        "informant": "village",
        "known_at": county.now,
        **fields,
    }
    return incidents.open_incident(IncidentDetails(**details), by=county.actor("Chen"), at=county.now)


def counted(
    county: County, row: Incident, code: str, value: int, source: str = "柳河镇", why: str = ""
) -> None:
    details = FigureDetails(code, Decimal(value), source, county.now, why=why)
    incidents.add_figure(row, details, by=county.actor("Chen"), at=county.now)


def orders(county: County, row: Incident, count: int, **fields: Any) -> list[Instruction]:
    """Issued orders, due in half an hour; each is one entry of the journal."""
    at = county.now
    made = [
        Instruction(
            **{
                "state": "issued", "number": f"令{n:05d}-{row.number}", "incident": row, "origin": "free",
                "title": f"转移第{n}组群众", "addressee": county.divisions["Willow River"], "planned_at": at,
                "issued_at": at, "acknowledge_by": at + timedelta(minutes=10), "due_at": at + timedelta(minutes=30),
                "exercise_id": row.exercise_id, **fields,
            }
        )
        for n in range(count)
    ]  # fmt: skip
    record_all(made, by=county.actor("Chen"), at=at, kind="issued")
    return made


def team(county: County, name: str = "县消防救援大队", leader: str | None = "Zhou") -> Team:
    return Team(
        code=name, name=name, kind="fire", division=county.division, readiness="ready", strength=12,
        leader=None if leader is None else county.people[leader], registered_at=county.now,
    ).record(by=county.by, at=county.now, kind="registered")  # fmt: skip


def job(county: County, row: Incident, **fields: Any) -> TeamJob:
    return TeamJob(
        **{
            "state": "told", "number": f"动{TeamJob.objects.count():04d}", "incident": row, "team": team(county),
            "division": row.division, "words": "搜救", "told_at": county.now, "exercise_id": row.exercise_id, **fields,
        }
    ).record(by=county.by, at=county.now, kind="told")  # fmt: skip


def expert(county: County, who: str = "Zhou", types: tuple[str, ...] = ("landslide",)) -> Expert:
    return Expert(
        person=county.people[who], title="高级工程师", unit_words="县地质环境监测站", event_types=list(types),
        registered_at=county.now,
    ).record(by=county.by, at=county.now, kind="registered")  # fmt: skip


def activation(county: County, row: Incident, content: dict[str, Any], level: int = 3) -> Activation:
    """A plan that was opened for the incident, with its first level."""
    at = county.now
    plan = Plan(
        state="in_force", number=f"预{Plan.objects.count():03d}", title="地质灾害应急预案", kind="special",
        division=county.division, protected_kind="none", opened_at=at,
    ).record(by=county.by, at=at, kind="opened")  # fmt: skip
    version = PlanVersion(state="in_force", plan=plan, number=1, content=content, made_at=at).record(
        by=county.by, at=at, kind="drafted"
    )
    made = Activation(
        state="active", incident=row, plan=plan, plan_version=version, division=county.division, level=level,
        started_at=at, exercise_id=row.exercise_id,
    ).record(by=county.by, at=at, kind="active")  # fmt: skip
    LevelChange(activation=made, to_level=level, happened_at=at, exercise_id=row.exercise_id).record(
        by=county.by, at=at, kind="made"
    )
    return made


def orders_in_bulk(county: County, row: Incident, count: int) -> list[Instruction]:
    """The same with numbers of their own, beside those of `orders`."""
    at = county.now
    made = [
        Instruction(
            state="issued", number=f"批{n:05d}", incident=row, origin="free", title=f"任务{n}",
            addressee=county.divisions["Willow River"], planned_at=at, issued_at=at, due_at=at + timedelta(minutes=30),
        )
        for n in range(count)
    ]  # fmt: skip
    record_all(made, by=county.actor("Chen"), at=at, kind="issued")
    return made


def decisions_in_bulk(county: County, row: Incident, count: int) -> None:
    """Many short entries of the journal."""
    at = county.now
    rows = [
        Decision(
            incident=row, words=f"决定{n}", made_at=at, made_by_name="王建国", exercise_id=row.exercise_id
        )
        for n in range(count)
    ]
    record_all(rows, by=county.actor("Chen"), at=at, kind="made")
