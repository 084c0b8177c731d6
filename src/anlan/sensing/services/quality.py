"""Judging readings and granting maintenance. What is decided travels in the catalogue to the gateway that stores the reading."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.utils.translation import gettext_noop as _

from anlan.accounts.access import require
from anlan.journal import clocks
from anlan.kernel.actor import Actor, system
from anlan.kernel.refusals import NotAllowed, Refusal
from anlan.sensing import catalogue, rights
from anlan.sensing.hot.types import Signal
from anlan.sensing.models import Amendment, MaintenanceWindow, Station

_GATEWAY = system("gateway")
LONGEST_WINDOW = timedelta(days=30)
_REASON_LENGTH = 300


class NoReason(Refusal):
    code = "quality.no_reason"
    text = _("A decision about readings needs a reason.")
    next_step = _("Write in a few words why.")


class BadWindow(Refusal):
    code = "quality.bad_window"
    text = _("The window must end after it starts and last 30 days at most.")
    next_step = _("Correct the times.")


class BadReading(Refusal):
    code = "quality.bad_reading"
    text = _("The form names no reading.")
    next_step = _("Open the list again and choose the reading there.")


class AlreadyDecided(Refusal):
    code = "quality.already_decided"
    text = _("A decision about this reading is on its way already.")
    next_step = _("Wait until it is in force.")
    status = 409


class AmendedBody(msgspec.Struct, frozen=True):
    """What the gateway tells about an amendment."""

    amendment: str
    outcome: str
    station: str
    flag_before: int = 0
    exercise: str | None = None


class SuspectBody(msgspec.Struct, frozen=True):
    """A flagged reading that would have meant orange or red."""

    station: str
    quantity: str
    phenomenon_time: datetime
    value: float
    flag: int
    would_reach: int
    reason_zh: str = ""
    reason_en: str = ""
    exercise: str | None = None


def judge_reading(
    station: Station,
    *,
    quantity: str,
    phenomenon_time: datetime,
    value: int,
    is_accepted: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> Amendment:
    """Accept or withdraw one stored reading; `value` is the stored integer that the person looked at."""
    require(by, rights.JUDGE_READINGS, station.division.path)
    if not reason.strip():
        raise NoReason
    exercise_id = clocks.default_exercise_id()
    row = Amendment(
        state="pending",
        station=station,
        quantity=quantity,
        phenomenon_time=phenomenon_time,
        value=value,
        is_accepted=is_accepted,
        reason=reason.strip()[:_REASON_LENGTH],
        decided_by=by.ref,
        decided_at=at,
        exercise_id=exercise_id,
    )
    waiting = Amendment.objects.filter(
        state="pending",
        station=station,
        quantity=quantity,
        phenomenon_time=phenomenon_time,
        exercise_id=exercise_id,
    )
    if waiting.exists():
        raise AlreadyDecided
    with transaction.atomic(savepoint=False):
        row.record(by=by, at=at, kind="accepted" if is_accepted else "rejected")
        catalogue.refresh_after_commit()
    return row


def take_amended(signal: Signal, body: AmendedBody, *, at: datetime) -> None:
    """The gateway has put a decision into force, or could not."""
    id_ = _uuid(body.amendment)
    if id_ is None:
        return
    row = Amendment.objects.filter(pk=id_, state="pending").select_related("station__division").first()
    if row is None:
        return
    to = "applied" if body.outcome == "applied" else "failed"
    row.advance(
        to, by=_GATEWAY, at=at, cause=signal.id, outcome=body.outcome[:20], flag_before=body.flag_before
    )
    catalogue.refresh_after_commit()


def ask_maintenance(
    station: Station,
    *,
    starts_at: datetime,
    ends_at: datetime,
    quantities: Sequence[str] = (),
    reason: str,
    by: Actor,
    at: datetime,
) -> MaintenanceWindow:
    """Ask that a station's readings count for nothing in a window. Whoever may grant it has asked and still must grant."""
    if not may_ask(by, station.division.path):
        raise NotAllowed
    if not reason.strip():
        raise NoReason
    if not timedelta(0) < ends_at - starts_at <= LONGEST_WINDOW:
        raise BadWindow
    row = MaintenanceWindow(
        state="asked",
        station=station,
        quantities=sorted(set(quantities)),
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:_REASON_LENGTH],
        asked_by=by.ref,
        asked_at=at,
        exercise_id=clocks.default_exercise_id(),
    )
    with transaction.atomic(savepoint=False):
        row.record(by=by, at=at, kind="asked")
    return row


def decide_maintenance(
    row: MaintenanceWindow, *, is_granted: bool, decision: str = "", by: Actor, at: datetime
) -> MaintenanceWindow:
    """Grant or decline a window."""
    if not may_grant(by, row.station.division.path):
        raise NotAllowed
    with transaction.atomic(savepoint=False):
        row.advance(
            "granted" if is_granted else "declined",
            by=by,
            at=at,
            decided_by=by.ref,
            decided_at=at,
            decision=decision.strip()[:_REASON_LENGTH],
        )
        catalogue.refresh_after_commit()
    return row


def withdraw_maintenance(row: MaintenanceWindow, *, by: Actor, at: datetime) -> MaintenanceWindow:
    """Not needed any more; readings that were kept out count again."""
    if by.ref != row.asked_by and not may_grant(by, row.station.division.path):
        raise NotAllowed
    with transaction.atomic(savepoint=False):
        row.advance("withdrawn", by=by, at=at)
        catalogue.refresh_after_commit()
    return row


def may_ask(actor: Actor, path: str) -> bool:
    return may_grant(actor, path) or actor.can(rights.ANSWER_FOR_ENTERPRISE, path)


def may_grant(actor: Actor, path: str) -> bool:
    return actor.can(rights.JUDGE_READINGS, path) or actor.can(rights.SUPERVISE_ENTERPRISES, path)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
