"""What of responses a shift hands over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.kernel.openitems import OpenItem, open_items
from anlan.response.models import Activation, JointDuty, ResponseNotice
from anlan.response.types import ROMAN

_STATES = {"proposed": ("待决定", "to be decided"), "active": ("响应中", "running")}
_NOTICES = {"draft": ("待签发", "to be signed"), "signed": ("待发送", "to be sent")}


def _here(path: str, field: str = "division__path") -> Q:
    return Q(**{field: path}) | Q(**{f"{field}__startswith": f"{path}/"})


@open_items("responses", zh="应急响应", en="Responses")
def responses(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = Activation.objects.filter(_here(path), state__in=list(_STATES), exercise_id=exercise_id)
    for row in rows.select_related("plan", "division", "incident").order_by("level", "id"):
        zh, en = _STATES[row.state]
        since = row.started_at or row.proposed_at or at
        yield OpenItem(
            f"activation:{row.pk}", "responses", f"{row.plan.title} {ROMAN[row.level]}级 {row.incident.number}", since,
            row.division.path, zh, en, row.remind_at, is_restricted=row.incident.is_restricted,
        )  # fmt: skip


@open_items("response_notices", zh="未发出的响应通知", en="Response notices not sent")
def notices(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = ResponseNotice.objects.filter(
        _here(path, "activation__division__path"), state__in=list(_NOTICES), exercise_id=exercise_id
    )
    rows = rows.select_related("activation__division", "activation__incident", "level_change")
    for row in rows.order_by("level_change__happened_at", "id"):
        zh, en = _NOTICES[row.state]
        yield OpenItem(
            f"response_notice:{row.pk}", "response_notices", row.title, row.level_change.happened_at,
            row.activation.division.path, zh, en, is_restricted=row.activation.incident.is_restricted,
        )  # fmt: skip


@open_items("joint_duties", zh="联合值守", en="Joint duty")
def duties(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = JointDuty.objects.filter(_here(path), ends_at=None, exercise_id=exercise_id)
    for row in rows.select_related("division").order_by("starts_at", "id"):
        yield OpenItem(
            f"joint_duty:{row.pk}",
            "joint_duties",
            row.title,
            row.starts_at,
            row.division.path,
            "值守中",
            "going on",
        )
