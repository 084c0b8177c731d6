"""Propose a level, suggest another one for what runs, and say so again until somebody decides. Nothing is opened here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from anlan.incidents.models import Incident
from anlan.kernel.actor import Actor
from anlan.plans.content import read
from anlan.plans.models import Plan
from anlan.response.authority import level_of
from anlan.response.models import Activation
from anlan.response.parameters import table
from anlan.response.services.deciding import new_activation, record_once, running_of, version_in_force
from anlan.response.services.telling import tell


def propose(
    incident: Incident,
    plan: Plan,
    level: int,
    *,
    reasons: Sequence[dict[str, Any]],
    by: Actor,
    at: datetime,
    affected: Sequence[str] = (),
) -> Activation:
    """Say that a level should be opened (or that a running response should be raised, lowered or ended: level 0).

    One open proposal an incident and plan: a graver fit raises it. A running response keeps its level; the suggestion stands
    beside it. Nothing is opened, closed or lowered here.
    """
    running = running_of(incident, plan)
    if running is not None and running.state == "active":
        return _suggest(running, level, reasons, by=by, at=at)
    version = version_in_force(plan)
    level_of(read(version.content), level)
    if running is not None:
        return _raise_proposal(running, level, reasons, affected, by=by, at=at)
    row = new_activation(incident, plan, version, level)
    row.reasons, row.affected = list(reasons), list(affected)
    row.proposed_by, row.proposed_at, row.proposed_level = by.ref, at, level
    row.remind_at = at + table().remind_after
    row.state = "proposed"
    row = record_once(row, by=by, at=at, kind="proposed")
    tell(row, "proposed", at=at, level=level)
    return row


def remind(activation: Activation, *, by: Actor, at: datetime) -> Activation:
    """Nobody decided: say so again, and later once more."""
    activation.change(by=by, at=at, kind="reminded", remind_at=at + table().remind_after)
    tell(activation, "reminded", at=at, level=activation.proposed_level or activation.level)
    return activation


def _raise_proposal(
    row: Activation,
    level: int,
    reasons: Sequence[dict[str, Any]],
    affected: Sequence[str],
    *,
    by: Actor,
    at: datetime,
) -> Activation:
    wider = sorted({*row.affected, *affected})
    if level >= row.level:
        if wider == sorted(row.affected):
            return row
        return row.change(by=by, at=at, kind="widened", affected=wider)
    row.change(
        by=by, at=at, kind="proposal_raised", level=level, proposed_level=level, reasons=list(reasons), affected=wider,
        remind_at=at + table().remind_after,
    )  # fmt: skip
    tell(row, "proposed", at=at, level=level)
    return row


def _suggest(
    row: Activation, level: int, reasons: Sequence[dict[str, Any]], *, by: Actor, at: datetime
) -> Activation:
    """What the rules would do with a running response. Only a graver level rings; milder ones are shown.

    What was put aside is asked again only for something graver, or once the level has changed.
    """
    wanted = None if level == row.level else level
    if wanted == row.proposed_level:
        return row
    is_graver = wanted is not None and 0 < wanted < row.level
    if is_graver and wanted is not None and row.declined_level is not None and wanted >= row.declined_level:
        return row  # somebody put that aside already
    row.change(
        by=by,
        at=at,
        kind="suggested",
        proposed_level=wanted,
        proposed_at=at,
        proposed_by=by.ref,
        reasons=list(reasons) or row.reasons,
        remind_at=at + table().remind_after if is_graver else None,
    )
    if is_graver:
        tell(row, "proposed", at=at, level=wanted, former=row.level)
    return row
