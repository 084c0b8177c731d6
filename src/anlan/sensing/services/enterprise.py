"""Alarms of enterprises: opened by a crossing or a report, answered by the enterprise, closed by the regulator.

No warning to the public comes of them; that is the warning floor's own decision about other rules.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from anlan.accounts.access import require
from anlan.directory import queries as directory
from anlan.events.published import EnterpriseAlarmMoved, EnterpriseAlarmOverdue
from anlan.journal.services import announce
from anlan.kernel.actor import Actor, rule, system
from anlan.kernel.refusals import Refusal
from anlan.sensing import rights
from anlan.sensing.enterprise_limits import limits
from anlan.sensing.models import OPEN_ALARM, Crossing, EnterpriseAlarm, Station, StationHappening
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.happenings import happening_kind
from anlan.vocab.posts import PostKind

_BY = system("enterprise")
_WORDS = 500
#: A restoration may have been before the alarm was answered, never in the future by more than clocks differ.
_SLACK = timedelta(minutes=2)


class NoCause(Refusal):
    code = "enterprise.no_cause"
    text = _("The cause and the measure are both needed.")
    next_step = _("Say in a few words what happened and what is being done.")
    status = 422


class NoCloseReason(Refusal):
    code = "enterprise.no_close_reason"
    text = _("Closing an alarm of an enterprise needs a reason.")
    next_step = _("Write in a few words why nothing more is to be done.")
    status = 422


class RestoredWhen(Refusal):
    code = "enterprise.restored_when"
    text = _("It cannot have been restored before it began, or in the future.")
    next_step = _("Correct the time.")
    status = 422


class AlarmIsElsewhere(Refusal):
    code = "enterprise.alarm_moved_on"
    text = _("The alarm is not at this step any more.")
    next_step = _("Look at it again.")
    status = 409


def open_from_crossing(crossing: Crossing, *, at: datetime) -> EnterpriseAlarm | None:
    """Open, raise or mark as fallen; safe to repeat. Crossings of other purposes open nothing."""
    if crossing.purpose != "enterprise":
        return None
    source = f"crossing:{crossing.pk}"
    found = _open(crossing.binding, crossing.exercise_id)
    if crossing.direction == "down" or crossing.level is None:
        if found is not None and found.fell_at is None and crossing.level is None:
            found.change(by=rule(crossing.rule_id), at=at, kind="fell", cause=source, fell_at=at)
        return found
    words = (crossing.explanation_zh, crossing.explanation_en)
    return _raise(
        crossing.binding, crossing.station, crossing.level, source, words, crossing.exercise_id, at=at
    )


def open_from_happening(row: StationHappening, *, at: datetime) -> EnterpriseAlarm | None:
    """The same for what a device of an enterprise reported: persons at a sealed mine, gas, a seal off line."""
    if row.station.division.level != DivisionLevel.ENTERPRISE:
        return None
    level = limits().level_of(row.kind)
    if level is None:
        return None
    known, station = happening_kind(row.kind), row.station
    said = str(row.fields.get("text", ""))[:200]
    words = (
        f"{known.zh}：{station.name}（{station.code}）{said}",
        f"{known.en}: {station.name} ({station.code}) {said}".strip(),
    )
    affair = f"happening:{row.kind}:{station.code}"
    return _raise(affair, station, level, f"station_happening:{row.pk}", words, row.exercise_id, at=at)


def _raise(
    affair: str,
    station: Station,
    level: int,
    source: str,
    words: tuple[str, str],
    run: uuid.UUID | None,
    *,
    at: datetime,
) -> EnterpriseAlarm:
    found = _open(affair, run)
    if found is None:
        row = _new(affair, station, level, source, words, run, at)
        try:
            with transaction.atomic():
                return row.record(by=_BY, at=at, kind="opened", cause=source)
        except IntegrityError:  # opened by another worker in the same moment
            found = _open(affair, run)
            if found is None:
                raise
    if found.source == source:
        return found
    if level < found.level:
        return _reopen(found, "worsened", level, source, words, at=at)
    if found.state == "restored":
        return _reopen(found, "again", found.level, source, words, at=at)
    if found.fell_at is not None:
        found.change(by=_BY, at=at, kind="rose", cause=source, fell_at=None)
    return found


def _new(
    affair: str,
    station: Station,
    level: int,
    source: str,
    words: tuple[str, str],
    run: uuid.UUID | None,
    at: datetime,
) -> EnterpriseAlarm:
    limit = limits().of(station.kind, level)
    return EnterpriseAlarm(
        state="open",
        station=station,
        division=station.division,
        affair=affair[:160],
        source=source,
        level=level,
        text_zh=words[0][:400],
        text_en=words[1][:400],
        opened_at=at,
        raised_at=at,
        due_at=_acknowledge_by(station, limit.acknowledge, at),
        explain_by=at + limit.explain,
        exercise_id=run,
    )


def _acknowledge_by(station: Station, limit: timedelta, at: datetime) -> datetime:
    """Where nobody of an enterprise could acknowledge, the regulator is told at once instead of after the limit."""
    place = station.division
    if place.level != DivisionLevel.ENTERPRISE:
        return at
    held = directory.holders(PostKind.ENTERPRISE_SAFETY_MANAGER, [place.code], at)
    return at + limit if held.get(place.code) else at


def _reopen(
    row: EnterpriseAlarm, kind: str, level: int, source: str, words: tuple[str, str], *, at: datetime
) -> EnterpriseAlarm:
    """It must be acknowledged and explained again; what was said before stays in the journal."""
    limit = limits().of(row.station.kind, level)
    fields: dict[str, Any] = {  # columns differ in type
        "level": level,
        "source": source,
        "text_zh": words[0][:400],
        "text_en": words[1][:400],
        "raised_at": at,
        "due_at": _acknowledge_by(row.station, limit.acknowledge, at),
        "explain_by": at + limit.explain,
        "fell_at": None,
        "acknowledged_by": "",
        "acknowledged_at": None,
        "explained_at": None,
        "restored_at": None,
        "restored_by": "",
        "escalated_at": None,
    }
    if row.state == "open":
        return row.change(by=_BY, at=at, kind=kind, cause=source, fields=fields)
    return row.advance("open", by=_BY, at=at, cause=source, **fields)


def acknowledge_alarm(row: EnterpriseAlarm, *, by: Actor, at: datetime) -> EnterpriseAlarm:
    """The enterprise has seen it; the explanation is due next."""
    require(by, rights.ANSWER_FOR_ENTERPRISE, row.division.path)
    if row.state != "open":
        raise AlarmIsElsewhere
    with transaction.atomic(savepoint=False):
        _acknowledge(row, by, at)
        _tell(row, at)
    return row


def _acknowledge(row: EnterpriseAlarm, by: Actor, at: datetime) -> None:
    row.advance(
        "acknowledged",
        by=by,
        at=at,
        acknowledged_by=by.ref,
        acknowledged_at=at,
        due_at=max(at, row.explain_by),
    )


def explain_alarm(
    row: EnterpriseAlarm,
    *,
    cause: str,
    measure: str,
    restored_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> EnterpriseAlarm:
    """Cause and measure, and when it was restored if it is. Whoever explains has acknowledged too."""
    require(by, rights.ANSWER_FOR_ENTERPRISE, row.division.path)
    if not cause.strip() or not measure.strip():
        raise NoCause
    if row.state not in ("open", "acknowledged"):
        raise AlarmIsElsewhere
    _check_restored(row, restored_at, at)
    with transaction.atomic(savepoint=False):
        if row.state == "open":
            _acknowledge(row, by, at)
        row.advance(
            "explained",
            by=by,
            at=at,
            cause_words=cause.strip()[:_WORDS],
            measure=measure.strip()[:_WORDS],
            explained_at=at,
            due_at=None,
        )
        if restored_at is not None:
            row.advance("restored", by=by, at=at, restored_at=restored_at, restored_by=by.ref)
        _tell(row, at)
    return row


def restore_alarm(row: EnterpriseAlarm, *, restored_at: datetime, by: Actor, at: datetime) -> EnterpriseAlarm:
    """Everything is as it should be again; the regulator looks and closes."""
    require(by, rights.ANSWER_FOR_ENTERPRISE, row.division.path)
    if row.state != "explained":
        raise AlarmIsElsewhere
    _check_restored(row, restored_at, at)
    with transaction.atomic(savepoint=False):
        row.advance("restored", by=by, at=at, restored_at=restored_at, restored_by=by.ref)
        _tell(row, at)
    return row


def close_alarm(row: EnterpriseAlarm, *, reason: str, by: Actor, at: datetime) -> EnterpriseAlarm:
    """The regulator ends it at any step, with a reason."""
    require(by, rights.SUPERVISE_ENTERPRISES, row.division.path)
    if not reason.strip():
        raise NoCloseReason
    if row.state not in OPEN_ALARM:
        raise AlarmIsElsewhere
    with transaction.atomic(savepoint=False):
        row.advance(
            "closed",
            by=by,
            at=at,
            closed_by=by.ref,
            closed_at=at,
            close_reason=reason.strip()[:300],
            due_at=None,
        )
        _tell(row, at)
    return row


def escalate_alarm(row: EnterpriseAlarm, *, at: datetime) -> None:
    """The enterprise did not take its next step in time: the regulator's duty is told, once for each step."""
    row.change(by=_BY, at=at, kind="escalated", escalated_at=at, due_at=None)
    event = EnterpriseAlarmOverdue(alarm_id=str(row.pk))
    announce(event, at=at, exercise_id=row.exercise_id, priority=row.level)


def _tell(row: EnterpriseAlarm, at: datetime) -> None:
    announce(EnterpriseAlarmMoved(alarm_id=str(row.pk), state=row.state), at=at, exercise_id=row.exercise_id)


def _check_restored(row: EnterpriseAlarm, restored_at: datetime | None, at: datetime) -> None:
    if restored_at is not None and not row.opened_at - _SLACK <= restored_at <= at + _SLACK:
        raise RestoredWhen


def _open(affair: str, run: uuid.UUID | None) -> EnterpriseAlarm | None:
    rows = EnterpriseAlarm.objects.select_related("station__division", "division")
    return rows.filter(affair=affair[:160], exercise_id=run, state__in=OPEN_ALARM).first()
