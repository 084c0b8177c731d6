"""After a warning: judge it, decide returns, and the numbered notices with the reports that answer them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.attachments import services as attachments
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.posts import Right
from anlan.warning.access import (
    access_notice,
    access_return,
    access_warning,
    visible_notices,
    visible_returns,
)
from anlan.warning.aftermath import aftermath
from anlan.warning.models import RiskNotice
from anlan.warning.notice_paper import notice_docx
from anlan.warning.refusals import NotHappenedYet
from anlan.warning.services import followup, notices

BEIJING = ZoneInfo("Asia/Shanghai")
ROWS = 100
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@desk
@require_POST
def judge_warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """Right, false alarm or unclear; the newest judgement counts."""
    warning = access_warning(request.actor, warning_id, need=Right.SIGN_OFF)
    with transaction.atomic():
        followup.judge_warning(
            warning,
            verdict=request.POST.get("verdict", ""),
            words=request.POST.get("words", ""),
            by=request.actor,
            at=clocks.now(warning.exercise_id),
        )
    messages.success(request, _("The judgement stands in the record."))
    return redirect("console:warning", warning_id)


@desk
@require_POST
def record_missed(request: DeskRequest) -> HttpResponse:
    """Something happened of which nobody was warned in time."""
    division = access_division(request.actor, request.POST.get("division", ""), need=Right.DRAFT)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    happened_at = _moment(request.POST.get("happened_at", ""))
    if happened_at is None:
        raise NotHappenedYet
    with transaction.atomic():
        followup.record_missed(
            hazard_type=request.POST.get("hazard", "")[:24],
            level=_whole(request.POST.get("level", "")) or 0,
            division=division,
            happened_at=happened_at,
            words=request.POST.get("words", ""),
            by=request.actor,
            at=at,
            exercise_id=run,
        )
    messages.success(request, _("The missed warning is recorded and counted."))
    return redirect("console:statistics")


@desk
@require_GET
def returns(request: DeskRequest) -> HttpResponse:
    """Who waits to go home: open questions first."""
    require_somewhere(request.actor, Right.SEE)
    page = {
        "rows": [
            (row, request.actor.can(Right.SIGN_OFF, row.division.path))
            for row in visible_returns(request.actor)[:ROWS]
        ],
        "now_local": request.now.astimezone(BEIJING),
        "read_at": request.now,
    }
    return render(request, "console/followup/returns.html", page)


@desk
@require_POST
def decide_return(request: DeskRequest, decision_id: uuid.UUID) -> HttpResponse:
    row = access_return(request.actor, decision_id, need=Right.SIGN_OFF)
    at = clocks.now(row.exercise_id)
    with transaction.atomic():
        followup.decide_return(
            row,
            may_return=request.POST.get("verdict") == "may_return",
            checked_by=request.POST.get("checked_by", ""),
            checked_at=_moment(request.POST.get("checked_at", "")) or at,
            words=request.POST.get("words", ""),
            by=request.actor,
            at=at,
        )
    messages.success(request, _("Decided; those who were told of the warning there are told of it."))
    return redirect("console:returns")


@desk
@require_GET
def notice_list(request: DeskRequest) -> HttpResponse:
    """Notices and their reports, the open ones first."""
    require_somewhere(request.actor, Right.SEE)
    rows = list(visible_notices(request.actor)[:ROWS])
    order = {"answered": 0, "issued": 1, "draft": 2, "closed": 3, "withdrawn": 4}
    rows.sort(key=lambda row: order[row.state])
    page = {
        "rows": rows,
        "states": _states(),
        "can_draft": request.actor.can_somewhere(Right.DRAFT),
        "read_at": request.now,
    }
    return render(request, "console/followup/notices.html", page)


@desk
def new_notice(request: DeskRequest) -> HttpResponse:
    """The form, and what it sends."""
    require_somewhere(request.actor, Right.DRAFT)
    if request.method == "POST":
        return _draft(request)
    warning_id = request.GET.get("warning", "")
    page: dict[str, Any] = {
        "places": _addressees(request),
        "hazards": [(str(kind), FACES[kind].zh if is_chinese() else FACES[kind].en) for kind in HazardType],
        "levels": (1, 2, 3, 4),
        "warning": access_warning(request.actor, uuid.UUID(warning_id)) if _is_id(warning_id) else None,
        "read_at": request.now,
    }
    return render(request, "console/followup/new_notice.html", page)


def _draft(request: DeskRequest) -> HttpResponse:
    place = _place(request)
    county = _county(request)
    warning_id = request.POST.get("warning", "")
    with transaction.atomic():
        notice = notices.draft_notice(
            title=request.POST.get("title", ""),
            body=request.POST.get("body", ""),
            demands=request.POST.get("demands", ""),
            division=county,
            addressee=request.POST.get("addressee", "") or (place.name if place is not None else ""),
            addressee_place=place,
            reply_by=_end_of_day(request.POST.get("reply_by", "")),
            hazard_type=request.POST.get("hazard", "")[:24],
            level=_whole(request.POST.get("level", "")),
            warning=access_warning(request.actor, uuid.UUID(warning_id)) if _is_id(warning_id) else None,
            by=request.actor,
            at=request.now,
            exercise_id=clocks.default_exercise_id(),
        )
    messages.success(request, _("Drafted; another person signs it."))
    return redirect("console:notice", notice.pk)


@desk
@require_GET
def notice(request: DeskRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Both documents of the pair."""
    found = access_notice(request.actor, notice_id)
    path = found.division.path
    page = {
        "notice": found,
        "reports": [
            (report, attachments.attachments_of(f"rectification_report:{report.pk}"))
            for report in found.reports.order_by("reported_at")
        ],
        "states": _states(),
        "can_sign": found.state == "draft"
        and request.actor.can(Right.SIGN_OFF, path)
        and request.actor.person_id != found.drafted_by_person_id,
        "can_withdraw": found.state == "draft" and request.actor.can(Right.DRAFT, path),
        "can_report": found.state in ("issued", "answered"),
        "can_judge": found.state == "answered" and request.actor.can(Right.SIGN_OFF, path),
        "number_is_assumed": not aftermath().notice_number.is_verified,
        "today": request.now.astimezone(BEIJING).date(),
        "read_at": request.now,
    }
    return render(request, "console/followup/notice.html", page)


@desk
@require_POST
def act_on_notice(request: DeskRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Sign, withdraw, report, accept or return: one of the verbs, named by the pressed button."""
    verb = request.POST.get("verb", "")
    need = {"sign": Right.SIGN_OFF, "withdraw": Right.DRAFT}.get(verb, Right.SEE)
    found = access_notice(request.actor, notice_id, need=need)
    with transaction.atomic():
        _act(request, found, verb)
    messages.success(request, _("Done; the journal names you."))
    return redirect("console:notice", notice_id)


def _act(request: DeskRequest, found: RiskNotice, verb: str) -> None:
    by, at, words = request.actor, request.now, request.POST.get("words", "")
    if verb == "sign":
        notices.sign_notice(found, by=by, at=at)
    elif verb == "withdraw":
        notices.withdraw_notice(found, reason=words, by=by, at=at)
    elif verb == "report":
        _report(request, found)
    elif verb in ("accept", "return"):
        report = found.reports.filter(verdict="").order_by("-reported_at").first()
        if report is not None:
            notices.judge_report(
                report,
                accepted=verb == "accept",
                words=words,
                new_reply_by=_end_of_day(request.POST.get("reply_by", "")),
                by=by,
                at=at,
            )


def _report(request: DeskRequest, found: RiskNotice) -> None:
    report = notices.file_report(
        found,
        body=request.POST.get("body", ""),
        finished_on=_day(request.POST.get("finished_on", "")),
        reported_by=request.POST.get("reported_by", ""),
        by=request.actor,
        at=request.now,
    )
    upload = request.FILES.get("file")
    if upload is not None:
        attachments.keep(
            upload.chunks(),
            subject=f"rectification_report:{report.pk}",
            division=found.division,
            name=upload.name or "",
            sender=report.reported_by,
            by=request.actor,
            at=request.now,
            exercise_id=report.exercise_id,
        )


@desk
@require_GET
def notice_paper(request: DeskRequest, notice_id: uuid.UUID) -> HttpResponse:
    """The pair as a Word document."""
    found = access_notice(request.actor, notice_id)
    response = HttpResponse(notice_docx(found), content_type=_DOCX)
    response["Content-Disposition"] = (
        f'attachment; filename="notice-{found.year or 0}-{found.serial or 0}.docx"'
    )
    return response


@desk
@require_GET
def notice_file(request: DeskRequest, notice_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """A picture or paper that came with a report; always as a download, whatever it is."""
    found = access_notice(request.actor, notice_id)
    for report in found.reports.all():
        for row in attachments.attachments_of(f"rectification_report:{report.pk}"):
            if row.pk == attachment_id:
                response = HttpResponse(attachments.content(row), content_type=row.media_type)
                response["Content-Disposition"] = "attachment"
                return response
    raise NotFound


def _states() -> dict[str, str]:
    return {
        "draft": _("draft"),
        "issued": _("report owed"),
        "answered": _("report to be judged"),
        "closed": _("closed"),
        "withdrawn": _("withdrawn"),
    }


def _addressees(request: DeskRequest) -> list[tuple[str, str]]:
    rows = visible(request.actor, Right.DRAFT).filter(level__in=("township", "village", "enterprise", "site"))
    return list(rows.order_by("path").values_list("code", "name")[:1000])


def _place(request: DeskRequest) -> Division | None:
    code = request.POST.get("place", "")
    return access_division(request.actor, code, need=Right.DRAFT) if code else None


def _county(request: DeskRequest) -> Division:
    """The highest place in which the reader may draft."""
    rows = visible(request.actor, Right.DRAFT).order_by("path")
    found = rows.filter(level="county").first() or rows.first()
    assert found is not None  # the right was asked for
    return found


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 3 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _end_of_day(text: str) -> datetime | None:
    day = _day(text)
    return None if day is None else datetime.combine(day, time(23, 59, 59), BEIJING).astimezone(UTC)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None
