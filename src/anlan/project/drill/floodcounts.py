"""What the stores say of a flood day: warnings, levels, orders, notices, the room, teams and supplies, without ids or wall times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from anlan.project.drill.floodscript import Day

if TYPE_CHECKING:
    from anlan.dispatch.models import Instruction
    from anlan.response.models import Activation


def activation(script: Day) -> Activation | None:
    """The response of the county's plan that the day is about."""
    from anlan.response.models import Activation

    rows = Activation.objects.filter(plan__title__contains=script.plan).exclude(state="declined")
    return rows.select_related("incident__division", "plan").order_by("proposed_at").first()


def warnings() -> dict[str, Any]:
    from anlan.warning.models import HazardWarning

    rows = HazardWarning.objects.all()
    by_level = Counter(rows.exclude(issued_at=None).order_by("level").values_list("level", flat=True))
    return {
        "issued_by_level": {str(level): count for level, count in sorted(by_level.items())},
        "signed_in_advance": rows.exclude(pre_authorisation=None).exclude(issued_at=None).count(),
        "still_in_force": rows.filter(state="issued").count(),
        "drafts_left": rows.filter(state="draft").count(),
    }


def response(row: Activation | None, script: Day) -> dict[str, Any]:
    """Each change of level with what it opened, withdrew and let go on, in minutes of the day."""
    from anlan.response.models import Activation, LevelChange

    if row is None:
        return {"changes": [], "others": []}
    changes = LevelChange.objects.filter(activation=row).order_by("happened_at")
    others = Activation.objects.exclude(pk=row.pk).order_by("plan__title")
    return {
        "proposed_by": row.proposed_by,
        "state": row.state,
        "changes": [
            {
                "from": one.from_level, "to": one.to_level, "minute": minute(one.happened_at, script), "by": one.by_name,
                "opened": one.opened, "withdrawn": one.closed, "kept": one.kept,
            }
            for one in changes
        ],
        "suggestions_put_aside": _count_entries("activation.suggestion_declined"),
        "others": [[one.plan.title, one.state, one.level] for one in others.select_related("plan")],
    }  # fmt: skip


def _count_entries(kind: str) -> int:
    from anlan.journal.models import Entry

    return Entry.objects.filter(kind=kind).count()


def minute(moment: Any, script: Day) -> int:
    """Whole minutes of the day: the clock creeps a little while people work."""
    return int((moment - script.clock_start).total_seconds() // 60)


def _orders(row: Activation | None) -> list[Instruction]:
    from anlan.dispatch.models import Instruction

    if row is None:
        return []
    rows = Instruction.objects.filter(activation_id=row.pk).exclude(task_key="").select_related("addressee")
    return list(rows.defer("addressee__geometry").order_by("task_key", "addressee_id"))


def orders(row: Activation | None, script: Day) -> dict[str, Any]:
    """How many for whom, how each ended, and who was late with what, by the journal."""
    rows = _orders(row)
    late = _risen()
    levels = {"department": set[str](), "township": set[str]()}
    for one in rows:
        levels.setdefault(str(one.addressee.level), set()).add(one.addressee.name)
    return {
        "total": len(rows),
        "departments": len(levels["department"]),
        "townships": len(levels["township"]),
        "elsewhere": sorted({one.addressee.name for one in rows if one.addressee.level not in levels})
        + sorted(name for level, names in levels.items() if level not in ("department", "township") for name in names),
        "by_level": dict(sorted(Counter(str(one.level) for one in rows).items())),
        "by_state": dict(sorted(Counter(one.state for one in rows).items())),
        "acknowledged": sum(one.acknowledged_at is not None for one in rows),
        "finished_late": sorted(
            f"{one.addressee.name}：{one.title}"
            for one in rows
            if one.finished_at is not None and one.due_at is not None and one.finished_at > one.due_at
        ),
        "chased": sorted({f"{one.addressee.name}：{late[str(one.pk)]}次" for one in rows if str(one.pk) in late}),
        "unacknowledged": sum(one.issued_at is not None and one.acknowledged_at is None for one in rows),
        "silent": _silent(rows),
    }  # fmt: skip


def _silent(rows: list[Instruction]) -> list[str]:
    """Addressees who were given orders and never said a word."""
    told = {one.addressee.name for one in rows if one.issued_at is not None}
    return sorted(told - {one.addressee.name for one in rows if one.acknowledged_at is not None})


def _risen() -> Counter[str]:
    from anlan.journal.models import Entry

    rows = Entry.objects.filter(subject_type="instruction", kind="instruction.late")
    return Counter(rows.values_list("subject_id", flat=True))


def notices(row: Activation | None) -> dict[str, Any]:
    from anlan.dissemination.models import Delivery
    from anlan.response.models import ResponseNotice

    rows = ResponseNotice.objects.filter(activation=row).order_by("signed_at") if row is not None else []
    found = []
    for one in rows:
        told = Delivery.objects.filter(subject=f"response_notice:{one.pk}")
        reached = told.filter(state__in=["delivered", "read"]).count()
        found.append(
            {
                "kind": one.kind,
                "state": one.state,
                "number": one.number,
                "told": told.count(),
                "reached": reached,
            }
        )
    return {"notices": found}


def room(row: Activation | None) -> dict[str, Any]:
    from anlan.command.models import Consultation, Decision, Scene, SituationReport
    from anlan.command.queries import newest, transfers_of

    if row is None:
        return {}
    incident = row.incident
    return {
        "incident": [incident.title, incident.state],
        "scenes": [
            [one.name, one.sector, one.state] for one in Scene.objects.filter(incident=incident).order_by("number")
        ],
        "commander": [one.name for one in newest(transfers_of(incident)).values() if one.scene_id is None],
        "decided": Decision.objects.filter(incident=incident).exclude(made_at=None).count(),
        "consultations": Consultation.objects.filter(incident=incident, state="closed").count(),
        "situation_reports": SituationReport.objects.filter(incident=incident, state="final").count(),
    }  # fmt: skip


def teams(row: Activation | None) -> dict[str, Any]:
    from anlan.dispatch.models import TeamJob
    from anlan.journal.models import Entry

    jobs = TeamJob.objects.filter(incident=row.incident) if row is not None else TeamJob.objects.none()
    listed = list(jobs.select_related("team").order_by("number"))
    missed = Counter(Entry.objects.filter(kind="team_job.check_missed").values_list("subject_id", flat=True))
    return {
        "sent": len(listed),
        "arrived": sum(one.arrived_at is not None for one in listed),
        "back": sum(one.state == "back" for one in listed),
        "proposed_with_reasons": sum(bool(one.why) for one in listed),
        "teams": [one.team.name for one in listed],
        "check_ins": sum(one.checks.count() for one in listed),
        "missed_check_ins": {one.team.name: missed[str(one.pk)] for one in listed if str(one.pk) in missed},
    }


def supplies(row: Activation | None) -> list[dict[str, Any]]:
    from anlan.dispatch.models import SupplyRequest

    rows = SupplyRequest.objects.filter(incident=row.incident) if row is not None else []
    return [
        {
            "number": one.number,
            "state": one.state,
            "lines": [
                [line.item, *(str(getattr(line, name)) for name in ("asked", "approved", "sent", "received"))]
                for line in one.lines.order_by("id")
            ],
        }
        for one in rows
    ]
