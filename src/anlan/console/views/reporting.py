"""The board of report clocks, the record of a report with its chain and changes, deliveries and decisions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.attachments.refusals import EmptyFile
from anlan.attachments.services import attachments_of, keep
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console import reportwords as words
from anlan.console.moments import input_moment, parse_moment
from anlan.console.views.base import DeskRequest, back, desk, shared_form
from anlan.incidents.access import access_incident, visible_incidents
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.reporting import forwarding, queries, services
from anlan.reporting.access import (
    access_clock,
    access_delivery,
    access_finding,
    access_report,
    visible_clocks,
    visible_reports,
)
from anlan.reporting.models import ReportDelivery, ReportReceiver, UpwardReport
from anlan.reporting.services.common import county_of, signers
from anlan.reporting.types import Sending, WordOfMouth
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

_SHOWN = 100
_LATEST = 40


@desk
@require_GET
def reports(request: DeskRequest) -> HttpResponse:
    """Every open limit, the soonest first; what waits for whom; the latest reports."""
    require_somewhere(request.actor, Right.SEE)
    board = shared_form(
        request,
        f"reports:{request.actor.person_id}",
        "console/reporting/_board.html",
        lambda: _board(request),
    )
    page = {
        "board": board,
        "can_write": request.actor.can_somewhere(Right.TAKE_REPORTS),
        "read_at": request.now,
    }
    return render(request, "console/reporting/board.html", page)


def _board(request: DeskRequest) -> dict[str, Any]:
    run = clocks.default_exercise_id()
    now = clocks.now(run)
    actor = request.actor
    ended = visible_clocks(actor).filter(is_late=True, exercise_id=run).exclude(state="open")
    latest = visible_reports(actor).filter(exercise_id=run).order_by("-drafted_at", "-id")[:_LATEST]
    return {
        "clocks": words.clock_rows(queries.due(actor, limit=_SHOWN), now),
        "late": words.clock_rows(ended.order_by("-due_at")[:20], now),
        "stacks": [
            (title, [words.report_row(one) for one in rows])
            for title, rows in (
                (_("For your signature"), queries.to_sign(actor)),
                (_("For your review"), queries.to_review(actor)),
                (_("Yours to write"), queries.to_write(actor)),
                (_("Signed, to be sent"), queries.to_send(actor)),
                (_("From townships, to be taken in"), queries.to_take(actor)),
            )
            if rows
        ],
        "deliveries": words.delivery_rows(queries.unconfirmed(actor, limit=_SHOWN)),
        "latest": [words.report_row(one) for one in latest],
        "can_write": actor.can_somewhere(Right.TAKE_REPORTS),
    }


@desk
@require_http_methods(["GET", "POST"])
def clock(request: DeskRequest, report_clock_id: uuid.UUID) -> HttpResponse:
    """One limit: what it counts from, what met it, its source; a person may say that it was met in another way."""
    need = Right.TAKE_REPORTS if request.method == "POST" else Right.SEE
    row = access_clock(request.actor, report_clock_id, need=need)
    at = clocks.now(row.exercise_id)
    error, status = "", 200
    if request.method == "POST" and row.incident is not None:
        try:
            with transaction.atomic():
                services.meet_by_word(
                    row,
                    met_at=parse_moment(request.POST.get("met_at", "")),
                    words=request.POST.get("words", ""),
                    by=request.actor,
                    at=at,
                )
            return redirect("console:report_clock", row.pk)
        except Refusal as refusal:
            error, status = words.sentence(refusal), refusal.status
    page = {
        "item": words.clock_rows([row], at)[0],
        "error": error,
        "given": request.POST,
        "now_field": input_moment(at),
        "can_tick": row.incident is not None and request.actor.can(Right.TAKE_REPORTS, row.division.path),
        "read_at": request.now,
    }
    return render(request, "console/reporting/clock.html", page, status=status)


@desk
@require_GET
def of_incident(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The chain of one incident, its limits and the decisions about it."""
    incident = access_incident(request.actor, incident_id)
    return _chain_page(request, incident)


def _chain_page(request: DeskRequest, incident: Any, error: str = "", status: int = 200) -> HttpResponse:
    at = clocks.now(incident.exercise_id)
    readable = set(visible_reports(request.actor).filter(incident=incident).values_list("pk", flat=True))
    chain = [one for one in queries.reports_of(incident) if one.pk in readable or _may_read(request, one)]
    found = queries.findings_of(incident)
    county_path = incident.division.path
    page = {
        "incident": incident,
        "clocks": words.clock_rows(queries.clocks_of(incident), at),
        "chain": [words.report_row(one) for one in chain],
        "findings": words.finding_rows(found, queries.standing(found)),
        "finding_kinds": words.findings(),
        "places": _blamable(incident),
        "receivers": [
            (row, services.ways_of(row))
            for row in ReportReceiver.objects.filter(is_active=True).order_by("tier", "name")
        ]
        if request.actor.can(Right.TAKE_REPORTS, county_path)
        else [],
        "now_field": input_moment(at),
        "can_write": request.actor.can(Right.TAKE_REPORTS, county_path),
        "has_ended": services.has_ended(incident, county_of(incident.division)),
        "can_judge": request.actor.can(Right.JUDGE_REPORTING, county_path),
        "error": error,
        "given": request.POST,
        "read_at": request.now,
    }
    return render(request, "console/reporting/chain.html", page, status=status)


def _may_read(request: DeskRequest, report: UpwardReport) -> bool:
    return request.actor.sees(report.division.path)


def _blamable(incident: Any) -> list[tuple[str, str]]:
    """Who may have reported late, falsely or not at all: the unit, the village, the township, the county."""
    codes = incident.division.path.split("/")
    rows = Division.objects.filter(code__in=codes).exclude(level__in=("state", "province", "prefecture"))
    found = list(rows.order_by("-path").values_list("code", "name"))
    return ([(incident.unit.code, incident.unit.name)] if incident.unit is not None else []) + found


@desk
@require_GET
def report(request: DeskRequest, upward_id: uuid.UUID) -> HttpResponse:
    return _record_page(request, access_report(request.actor, upward_id))


def _record_page(request: DeskRequest, row: UpwardReport, error: str = "", status: int = 200) -> HttpResponse:
    at = clocks.now(row.exercise_id)
    content = queries.report_content(row, at=at)
    path, actor = row.division.path, request.actor
    is_own = row.drafted_by == actor.ref
    may_write = actor.can(Right.TAKE_REPORTS, path)
    is_below = bool(row.origin) or row.division.level == DivisionLevel.TOWNSHIP
    page = {
        "item": words.report_row(row),
        "report": row,
        "content": content,
        **words.content_rows(content),
        "incident": row.incident,
        "deliveries": words.delivery_rows(row.deliveries.order_by("asked_at", "id")),
        "clocks": words.clock_rows(row.clocks.select_related("incident", "report"), at),
        "files": attachments_of(f"upward_report:{row.pk}"),
        "former": row.former,
        "can_submit": may_write and row.state in ("draft", "returned"),
        "can_review": not is_own and row.state == "in_review" and actor.can(Right.REVIEW_REPORTS, path),
        "can_sign": not is_own
        and row.state in ("in_review", "reviewed")
        and actor.can(Right.SIGN_REPORTS, path),
        "can_note_word": may_write and row.state in ("in_review", "reviewed"),
        "can_return": row.state in ("in_review", "reviewed") and actor.can(Right.REVIEW_REPORTS, path),
        "can_withdraw": may_write and row.state in ("draft", "in_review", "reviewed", "returned"),
        "can_send": may_write and row.state in ("signed", "sent") and not is_below,
        "can_send_up": is_below and row.state == "signed" and may_write,
        "can_take": queries.may_take(actor, row),
        "can_confirm": may_write,
        "signers": [one for one in signers(row.division, at) if one.pk != row.drafted_by_person_id],
        "receivers": [
            (one, services.ways_of(one), one in services.proposed(row))
            for one in ReportReceiver.objects.filter(is_active=True).order_by("tier", "name")
        ]
        if may_write and row.state in ("signed", "sent") and not is_below
        else [],
        "way_words": dict(words.ways()),
        "incidents": visible_incidents(actor)
        .filter(state__in=("received", "verified"))
        .order_by("-known_at")[:30]
        if queries.may_take(actor, row)
        else [],
        "now_field": input_moment(at),
        "error": error,
        "given": request.POST,
        "read_at": request.now,
    }
    return render(request, "console/reporting/report.html", page, status=status)


def _submit(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    services.submit_report(row, by=request.actor, at=at)


def _review(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.REVIEW_REPORTS, row.division.path)
    services.review_report(row, by=request.actor, at=at)


def _sign(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.SIGN_REPORTS, row.division.path)
    services.sign_report(row, by=request.actor, at=at)


def _return(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.REVIEW_REPORTS, row.division.path)
    services.return_report(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)


def _word(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    try:
        signer = uuid.UUID(request.POST.get("signer", ""))
    except ValueError:
        signer = uuid.UUID(int=0)
    word = WordOfMouth(signer, parse_moment(request.POST.get("said_at", "")), request.POST.get("number", ""))
    services.sign_by_word(row, word, by=request.actor, at=at)


def _withdraw(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    services.withdraw_report(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)


def _send(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    chosen = []
    for receiver in ReportReceiver.objects.filter(is_active=True):
        chosen += [Sending(receiver, way) for way in request.POST.getlist(f"way-{receiver.pk}") if way]
    services.send_report(row, chosen, by=request.actor, at=at)


def _send_up(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    services.send_to_the_county(row, by=request.actor, at=at)


def _take(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    if not queries.may_take(request.actor, row):
        raise NotAllowed
    chosen = request.POST.get("incident", "")
    try:
        key = uuid.UUID(chosen) if chosen else None
    except ValueError:
        raise NotFound from None
    incident = access_incident(request.actor, key, need=Right.TAKE_REPORTS) if key is not None else None
    services.take_in(row, incident, by=request.actor, at=at)


def _photo(request: DeskRequest, row: UpwardReport, at: datetime) -> None:
    require(request.actor, Right.TAKE_REPORTS, row.division.path)
    check_uploads(request)
    file = request.FILES.get("file")
    if file is None:
        raise EmptyFile
    keep(
        file.chunks(),
        subject=f"upward_report:{row.pk}",
        division=row.division,
        name=file.name or "",
        sender=request.actor.name,
        by=request.actor,
        at=at,
        exercise_id=row.exercise_id,
    )


_VERBS: dict[str, Callable[[DeskRequest, UpwardReport, datetime], None]] = {
    "submit": _submit,
    "review": _review,
    "sign": _sign,
    "return": _return,
    "word": _word,
    "withdraw": _withdraw,
    "send": _send,
    "send_up": _send_up,
    "take": _take,
    "photo": _photo,
}


@bounded_uploads
@desk
@require_POST
def act(request: DeskRequest, upward_id: uuid.UUID) -> HttpResponse:
    """One step of a report; what was refused is said on the page, with what was typed."""
    row = access_report(request.actor, upward_id)
    if not any(
        request.actor.can(right, row.division.path)
        for right in (Right.TAKE_REPORTS, Right.REVIEW_REPORTS, Right.SIGN_REPORTS)
    ):
        raise NotAllowed
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise NotFound
    try:
        with transaction.atomic():
            verb(request, row, clocks.now(row.exercise_id))
    except (NotAllowed, NotFound):
        raise
    except Refusal as refusal:
        return _record_page(
            request, access_report(request.actor, upward_id), words.sentence(refusal), refusal.status
        )
    messages.success(request, _("Done."))
    return redirect("console:report", upward_id)


@desk
@require_POST
def act_on_delivery(request: DeskRequest, report_delivery_id: uuid.UUID) -> HttpResponse:
    """It went out, or somebody confirmed that it came: who and when."""
    row = access_delivery(request.actor, report_delivery_id, need=Right.TAKE_REPORTS)
    at = clocks.now(row.exercise_id)
    given = request.POST
    try:
        moment = parse_moment(given["when"]) if given.get("when") else at
        with transaction.atomic():
            if given.get("verb") == "confirmed":
                services.confirm_receipt(
                    row, name=given.get("name", ""), confirmed_at=moment, by=request.actor, at=at
                )
            else:
                services.hand_over(row, handed_at=moment, by=request.actor, at=at)
    except (NotAllowed, NotFound):
        raise
    except Refusal as refusal:
        fresh = access_report(request.actor, row.report_id)
        return _record_page(request, fresh, words.sentence(refusal), refusal.status)
    messages.success(request, _("Noted."))
    return back(request, "console:report", row.report_id)


@desk
@require_GET
def letter(request: DeskRequest, report_delivery_id: uuid.UUID) -> HttpResponse:
    """The letter as a file, to be sent by hand where there is no mail server."""
    row: ReportDelivery = access_delivery(request.actor, report_delivery_id, need=Right.TAKE_REPORTS)
    body = forwarding.letter(row, at=clocks.now(row.exercise_id)).as_bytes()
    answer = HttpResponse(body, content_type="message/rfc822")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="report-{row.report.number or row.report_id}.eml"'
    )
    return answer


@desk
@require_GET
def text(request: DeskRequest, upward_id: uuid.UUID) -> HttpResponse:
    """The words alone, for a message on the phone."""
    row = access_report(request.actor, upward_id)
    body = queries.report_content(row, at=clocks.now(row.exercise_id)).text
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@bounded_uploads
@desk
@require_POST
def decide(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """漏报, 谎报 or 瞒报, with evidence."""
    incident = access_incident(request.actor, incident_id, need=Right.JUDGE_REPORTING)
    at = clocks.now(incident.exercise_id)
    given = request.POST
    known = dict(_blamable(incident))
    kinds = dict(words.findings())
    if given.get("division") not in known or given.get("kind") not in kinds:
        raise NotFound
    try:
        check_uploads(request)
        with transaction.atomic():
            row = services.decide(
                incident,
                kind=given["kind"],
                division=Division.objects.get(pk=given["division"]),
                evidence=given.get("evidence", ""),
                by=request.actor,
                at=at,
            )
            for file in request.FILES.getlist("file"):
                keep(
                    file.chunks(),
                    subject=f"reporting_finding:{row.pk}",
                    division=county_of(
                        incident.division
                    ),  # evidence is read at the desk, not where it points to
                    name=file.name or "",
                    sender=request.actor.name,
                    by=request.actor,
                    at=at,
                    exercise_id=incident.exercise_id,
                )
    except Refusal as refusal:
        return _chain_page(request, incident, words.sentence(refusal), refusal.status)
    messages.success(request, _("The decision is recorded."))
    return redirect("console:incident_reports", incident.pk)


@desk
@require_POST
def take_back(request: DeskRequest, finding_id: uuid.UUID) -> HttpResponse:
    row = access_finding(request.actor, finding_id, need=Right.JUDGE_REPORTING)
    at = clocks.now(row.exercise_id)
    try:
        with transaction.atomic():
            services.take_back(row, evidence=request.POST.get("evidence", ""), by=request.actor, at=at)
    except Refusal as refusal:
        return _chain_page(request, row.incident, words.sentence(refusal), refusal.status)
    messages.success(request, _("The decision is taken back."))
    return redirect("console:incident_reports", row.incident_id)
