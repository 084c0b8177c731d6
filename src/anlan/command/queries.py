"""Reads of the room: who commands, which scenes, what is open. Each a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from anlan.command.models import (
    CommandGroup,
    CommandTransfer,
    Decision,
    RollingAssessment,
    Scene,
)
from anlan.incidents.models import Incident
from anlan.resources.models import Expert

#: The parts of a rolling assessment, in the order of the page.
PARTS = ("situation", "trend", "risks", "advice")

Role = tuple[str, uuid.UUID | None]


def transfers_of(incident: Incident) -> list[CommandTransfer]:
    """Every transfer, the newest first: by when command changed hands, then by when it was entered."""
    rows = CommandTransfer.objects.filter(incident=incident).select_related("person", "scene")
    return list(rows.order_by("-happened_at", "-recorded_at", "-pk"))


def in_command(incident: Incident) -> dict[Role, CommandTransfer]:
    """Who has each role now, by (role, scene or None)."""
    return newest(transfers_of(incident))


def newest(transfers: Iterable[CommandTransfer]) -> dict[Role, CommandTransfer]:
    """The first of each role and scene among transfers that come newest first."""
    found: dict[Role, CommandTransfer] = {}
    for one in transfers:
        found.setdefault((one.role, one.scene_id), one)
    return found


def scenes_of(incident: Incident) -> list[Scene]:
    """Open ones by priority, then those that are over."""
    rows = Scene.objects.filter(incident=incident).select_related("division").defer("division__geometry")
    return sorted(rows, key=lambda one: (one.state == "closed", one.priority, one.number))


def groups_of(incident: Incident) -> list[CommandGroup]:
    """Open groups first, each in the order in which it was opened."""
    rows = (
        CommandGroup.objects.filter(incident=incident).select_related("unit", "lead").defer("unit__geometry")
    )
    return sorted(rows, key=lambda one: (one.closed_at is not None, one.opened_at, one.pk))


def open_decisions(incident: Incident) -> list[Decision]:
    """What has yet to be decided, the next one first; without a time last."""
    rows = Decision.objects.filter(incident=incident, made_at=None, dropped_why="")
    return sorted(rows, key=lambda one: (one.needed_by is None, one.needed_by or one.pk, one.pk))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rolling assessment and which of its parts differ from the version before."""

    row: RollingAssessment
    changed: tuple[str, ...]


def versions_of(incident: Incident) -> list[Version]:
    """The newest first; the first version changed whatever it says."""
    rows = list(RollingAssessment.objects.filter(incident=incident).order_by("number"))
    found = []
    former: RollingAssessment | None = None
    for row in rows:
        found.append(Version(row, changed_parts(former, row)))
        former = row
    return found[::-1]


def changed_parts(former: RollingAssessment | None, row: RollingAssessment) -> tuple[str, ...]:
    """Which parts of an assessment say something else than the former one."""
    return tuple(
        part for part in PARTS if getattr(row, part) != ("" if former is None else getattr(former, part))
    )


def experts_for(experts: Iterable[Expert], event_type: str) -> list[Expert]:
    """Those for this kind of event first, then those for every kind; the others are left out."""
    listed = list(experts)
    fit = [one for one in listed if event_type in one.event_types]
    return fit + [one for one in listed if not one.event_types]
