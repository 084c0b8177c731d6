"""The demo county's filings, studies and findings: some accepted, one returned, one waiting. Called once its plans are in force."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from anlan.kernel.actor import Actor

if TYPE_CHECKING:
    from anlan.plans.models import PlanFiling


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> dict[str, int]:
    """Hand in what the townships and enterprises owe and check every plan. Returns how many of each were made."""
    from anlan.plans import services
    from anlan.plans.models import Plan, PlanFiling

    owed = PlanFiling.objects.filter(
        exercise_id=exercise_id, state="due", plan__kind__in=("township", "enterprise")
    )
    rows = list(owed.select_related("plan__division").order_by("plan__number")[:6])
    for number, filing in enumerate(rows):
        _hand_in(filing, is_complete=number != 1, by=by, at=at)
    receiver = Actor(ref="system:county", name="县应急管理局")
    for number, filing in enumerate(rows[:-1]):
        if number == 1:
            services.return_filing(filing, why="缺征求意见与评审意见，请补齐后重报。", by=receiver, at=at)
        else:
            services.accept_filing(filing, by=receiver, at=at)
    plans = list(Plan.objects.filter(exercise_id=exercise_id).exclude(state="withdrawn").order_by("number"))
    found = sum(len(services.check_plan(plan, by=by, at=at)) for plan in plans)
    return {"filings": len(rows), "plans": len(plans), "findings": found}


def _hand_in(filing: PlanFiling, *, is_complete: bool, by: Actor, at: datetime) -> None:
    from anlan.plans import services

    parts = ("plan", "opinions") if is_complete else ("plan",)
    for part in parts:
        body = f"%PDF-1.4\n% {filing.plan.title}（演示文件：{part}）\n".encode()
        services.keep_part(filing, part, [body], name=f"{filing.plan.number}-{part}.pdf", by=by, at=at)
    for kind, title in (("risk_assessment", "风险评估报告"), ("resource_survey", "应急资源调查报告")):
        services.add_study(filing.plan, kind=kind, title=f"{filing.plan.division.name}{title}", by=by, at=at)
    services.submit_filing(filing, explanation="按本县实际修订，征求了各单位意见。（演示）", by=by, at=at)
