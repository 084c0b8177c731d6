"""The demo county's incident room: two scenes, who commands them, one consultation and a question that waits for a decision."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from anlan.kernel.actor import Actor


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> dict[str, int]:
    """On the newest open incident of the run that may be commanded; nothing where there is none. Returns how much was made."""
    from anlan.command import services
    from anlan.incidents.models import Incident

    open_ones = Incident.objects.filter(
        exercise_id=exercise_id, state__in=("received", "verified"), is_restricted=False
    )
    row = open_ones.select_related("division").order_by("-known_at", "-pk").first()
    if row is None:
        return {"scenes": 0, "consultations": 0}
    first = services.open_scene(row, name="一号现场", sector="上游", note="（演示）", by=by, at=at)
    services.open_scene(row, name="二号现场", sector="下游", note="（演示）", by=by, at=at)
    services.move_scene(first, "working", by=by, at=at)
    give = {"why": "先期处置（演示）", "by": by, "at": at}
    services.transfer_command(row, role="commander", name="王建国", title="指挥长", **give)  # type: ignore[arg-type]  # the same for both
    services.transfer_command(row, role="scene_commander", scene=first, name="现场负责人", **give)  # type: ignore[arg-type]
    services.ask_decision(row, words="是否扩大转移范围", needed_by=at + timedelta(hours=1), by=by, at=at)
    services.plan_consultation(
        row,
        title="趋势会商",
        starts_at=at,
        chair="王建国",
        attendees=["县气象局", "县水利局", "县自然资源局"],
        by=by,
        at=at,
    )
    return {"scenes": 2, "consultations": 1}
