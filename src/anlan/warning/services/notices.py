"""Numbered risk notices and the reports that answer them: drafted, signed by another person, answered, accepted, closed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from anlan.accounts.access import require
from anlan.kernel.actor import Actor, system
from anlan.places.models import Division
from anlan.vocab.posts import Right
from anlan.warning.aftermath import notice_number
from anlan.warning.authority import office
from anlan.warning.models import HazardWarning, NoticeState, RectificationReport, RiskNotice
from anlan.warning.refusals import (
    DrafterCannotSign,
    NoticeIncomplete,
    NoticeNotOpen,
    PersonNeeded,
    ReplyDatePast,
    ReportIncomplete,
)
from anlan.warning.services.common import reason_given

BEIJING = ZoneInfo("Asia/Shanghai")
BY = system("notice")
#: How often an overdue report is asked for again. Parameter, assumption.
CHASE_EVERY = timedelta(days=1)


def draft_notice(
    *,
    title: str,
    body: str,
    demands: str,
    division: Division,
    addressee: str,
    addressee_place: Division | None,
    reply_by: datetime | None,
    hazard_type: str = "",
    level: int | None = None,
    warning: HazardWarning | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> RiskNotice:
    """Without a number: it gets one when it is signed, so that the numbers have no gaps."""
    require(by, Right.DRAFT, division.path)
    if by.person_id is None:
        raise PersonNeeded
    if not (title.strip() and body.strip() and addressee.strip()) or reply_by is None:
        raise NoticeIncomplete
    if reply_by <= at:
        raise ReplyDatePast
    notice = RiskNotice(
        state=NoticeState.DRAFT,
        title=title.strip()[:200],
        body=body.strip(),
        demands=demands.strip(),
        hazard_type=hazard_type,
        level=level,
        issuer=office(division, hazard_type or "*"),
        division=division,
        addressee=addressee.strip()[:120],
        addressee_place=addressee_place,
        warning=warning,
        drafted_by=by.name or by.ref,
        drafted_by_person_id=by.person_id,
        drafted_at=at,
        reply_by=reply_by,
        exercise_id=exercise_id if warning is None else warning.exercise_id,
    )
    return notice.record(by=by, at=at, kind="drafted")


def sign_notice(notice: RiskNotice, *, by: Actor, at: datetime) -> RiskNotice:
    """A second person signs; the next number of the year is taken in the same transaction (two at once: one is refused)."""
    require(by, Right.SIGN_OFF, notice.division.path)
    if by.person_id is None:
        raise PersonNeeded
    if by.person_id == notice.drafted_by_person_id:
        raise DrafterCannotSign
    if notice.state != NoticeState.DRAFT:
        raise NoticeNotOpen
    year = at.astimezone(BEIJING).year
    with transaction.atomic(savepoint=False):
        used = RiskNotice.objects.filter(division=notice.division, year=year).aggregate(last=Max("serial"))
        serial = (used["last"] or 0) + 1
        return notice.advance(
            NoticeState.ISSUED,
            by=by,
            at=at,
            year=year,
            serial=serial,
            number=notice_number(year=year, serial=serial),
            signed_by=by.name or by.ref,
            signed_by_person_id=by.person_id,
            issued_at=at,
            reply_due_at=notice.reply_by,
        )


def withdraw_notice(notice: RiskNotice, *, reason: str, by: Actor, at: datetime) -> RiskNotice:
    require(by, Right.DRAFT, notice.division.path)
    why = reason_given(reason)
    if notice.state != NoticeState.DRAFT:
        raise NoticeNotOpen
    return notice.advance(NoticeState.WITHDRAWN, by=by, at=at, close_words=why[:300], closed_at=at)


def file_report(
    notice: RiskNotice,
    *,
    body: str,
    finished_on: date | None,
    attachment_ids: Sequence[uuid.UUID] = (),
    reported_by: str = "",
    by: Actor,
    at: datetime,
) -> RectificationReport:
    """What was done about it; filed by the addressee, or entered by the desk for somebody who sent paper."""
    place = notice.addressee_place or notice.division
    if not (by.can(Right.SEE, place.path) or by.can(Right.DRAFT, notice.division.path)):
        require(by, Right.SEE, place.path)
    if notice.state not in (NoticeState.ISSUED, NoticeState.ANSWERED):
        raise NoticeNotOpen
    if not body.strip() or finished_on is None:
        raise ReportIncomplete
    report = RectificationReport(
        notice=notice,
        number=f"{notice.number}-报{notice.reports.count() + 1}",
        body=body.strip(),
        finished_on=finished_on,
        reported_by=reported_by.strip()[:120] or by.name or by.ref,
        reported_by_person_id=by.person_id,
        reported_at=at,
        attachment_ids=[str(one) for one in attachment_ids],
        exercise_id=notice.exercise_id,
    )
    with transaction.atomic(savepoint=False):
        report.record(by=by, at=at, kind="filed", cause=f"risk_notice:{notice.pk}")
        if notice.state == NoticeState.ISSUED:
            notice.advance(NoticeState.ANSWERED, by=by, at=at, reply_due_at=None)
    return report


def judge_report(
    report: RectificationReport,
    *,
    accepted: bool,
    words: str,
    new_reply_by: datetime | None = None,
    by: Actor,
    at: datetime,
) -> RectificationReport:
    """Accepted: the pair is closed. Returned: the notice waits for another report, with a new day."""
    notice = report.notice
    require(by, Right.SIGN_OFF, notice.division.path)
    if by.person_id is None:
        raise PersonNeeded
    if notice.state != NoticeState.ANSWERED or report.verdict:
        raise NoticeNotOpen
    why = reason_given(words)
    if not accepted and (new_reply_by is None or new_reply_by <= at):
        raise ReplyDatePast
    with transaction.atomic(savepoint=False):
        report.change(
            by=by,
            at=at,
            kind="judged",
            verdict="accepted" if accepted else "returned",
            verdict_words=why[:300],
            verdict_by=by.name or by.ref,
            verdict_at=at,
        )
        if accepted:
            notice.advance(
                NoticeState.CLOSED,
                by=by,
                at=at,
                closed_at=at,
                closed_by=by.name or by.ref,
                close_words=why[:300],
                reply_due_at=None,
            )
        else:
            notice.advance(NoticeState.ISSUED, by=by, at=at, reply_due_at=new_reply_by, reply_by=new_reply_by)
    return report


def chase_report(notice: RiskNotice, *, at: datetime) -> RiskNotice:
    """The day is over and no report came: that is written down, shown in red, and asked for again."""
    return notice.change(
        by=BY,
        at=at,
        kind="overdue",
        overdue_at=notice.overdue_at or at,
        reply_due_at=at + CHASE_EVERY,
    )
