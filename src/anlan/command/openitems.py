"""What of the incident rooms a shift hands over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from anlan.command.models import Consultation, Decision, ExpertCall, Scene
from anlan.kernel.openitems import OpenItem, open_items

_PHASES = {
    "reported": ("待处置", "reported"),
    "working": ("处置中", "work goes on"),
    "controlled": ("已控制", "under control"),
}


def _here(path: str) -> Q:
    return Q(incident__division__path=path) | Q(incident__division__path__startswith=f"{path}/")


@open_items("decisions", zh="待决事项", en="Decisions to be made")
def decisions(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = Decision.objects.filter(_here(path), made_at=None, dropped_why="", exercise_id=exercise_id)
    for row in rows.select_related("incident", "incident__division").order_by("needed_by", "pk"):
        one = row.incident
        yield OpenItem(
            f"decision:{row.pk}", "decisions", f"{one.number} {row.words}"[:160], one.known_at, one.division.path,
            "待决", "to be decided", row.needed_by, is_restricted=one.is_restricted,
        )  # fmt: skip


@open_items("scenes", zh="未结束的现场", en="Open scenes")
def scenes(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = Scene.objects.filter(_here(path), exercise_id=exercise_id).exclude(state="closed")
    for row in rows.select_related("incident", "incident__division").order_by("incident", "priority", "pk"):
        one, (zh, en) = row.incident, _PHASES[row.state]
        yield OpenItem(
            f"scene:{row.pk}", "scenes", f"{one.number} {row.name}", row.opened_at, one.division.path, zh, en,
            is_restricted=one.is_restricted,
        )  # fmt: skip


@open_items("experts_asked", zh="未答复的专家咨询", en="Experts who have not answered")
def experts(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = ExpertCall.objects.filter(_here(path), state="asked", exercise_id=exercise_id)
    for row in rows.select_related("incident", "incident__division", "expert__person").order_by(
        "asked_at", "pk"
    ):
        one = row.incident
        yield OpenItem(
            f"expert_call:{row.pk}", "experts_asked", f"{row.expert.person.name}：{row.question}"[:160], row.asked_at,
            one.division.path, "待答复", "waits for the answer", row.rise_at, is_restricted=one.is_restricted,
        )  # fmt: skip


@open_items("consultations", zh="会商", en="Consultations")
def consultations(path: str, at: datetime, exercise_id: uuid.UUID | None) -> Iterator[OpenItem]:
    rows = Consultation.objects.filter(_here(path), state__in=("planned", "open"), exercise_id=exercise_id)
    for row in rows.select_related("incident", "incident__division").order_by("starts_at", "pk"):
        one = row.incident
        zh, en = ("已安排", "planned") if row.state == "planned" else ("进行中", "going on")
        yield OpenItem(
            f"consultation:{row.pk}", "consultations", f"{one.number} {row.title}", row.starts_at, one.division.path, zh, en,
            row.starts_at if row.state == "planned" else None, is_restricted=one.is_restricted,
        )  # fmt: skip
