"""Writing a report: the phone flash in one step, a draft with its elements, a nil report."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import reportwords as words
from anlan.console.moments import input_moment, parse_moment
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.reporting import _chain_page
from anlan.incidents.access import access_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.reporting import services
from anlan.reporting.access import access_report
from anlan.reporting.content import packs_of, type_of
from anlan.reporting.elements import ELEMENTS, offered, required
from anlan.reporting.models import ReportReceiver, UpwardReport
from anlan.reporting.services.common import county_of
from anlan.reporting.types import Draft
from anlan.reporting.words import CHAINED
from anlan.sensing.rules.governing import report_packs
from anlan.vocab.posts import Right

_LONG = frozenset({"course", "latest", "measures", "trend", "advice", "cause", "scope", "result", "unit"})


@desk
@require_http_methods(["GET", "POST"])
def new(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """A draft of the next report; the form begins with what the incident tells."""
    incident = access_incident(request.actor, incident_id, need=Right.TAKE_REPORTS)
    incident = incident.merged_into or incident
    county = _reporting_place(request, incident)
    at = clocks.now(incident.exercise_id)
    if request.method == "POST" and request.POST.get("verb") == "reopen":
        return _reopen(request, incident, county, at)
    kind = (request.POST or request.GET).get("kind", "") or services.next_kind(incident, county)
    if kind not in CHAINED:
        raise NotFound
    if request.method == "POST":
        try:
            with transaction.atomic():
                report = services.draft_report(
                    incident, read_draft(request.POST, kind), division=county, by=request.actor, at=at
                )
                if request.POST.get("verb") == "submit":
                    services.submit_report(report, by=request.actor, at=at)
        except Refusal as refusal:
            page = _page(incident, kind, at=at) | {"error": words.sentence(refusal), "given": request.POST}
            page["fields"] = _fields(incident.event_type, kind, request.POST, packs=_packs(incident, at))
            return render(request, "console/reporting/write.html", page, status=refusal.status)
        messages.success(request, _("The draft is kept."))
        return redirect("console:report", report.pk)
    return render(request, "console/reporting/write.html", _page(incident, kind, at=at))


def _reopen(request: DeskRequest, incident: Incident, county: Division, at: datetime) -> HttpResponse:
    """After the final report something happened again: the chain goes on, with the reason."""
    try:
        with transaction.atomic():
            services.reopen_chain(
                incident, division=county, reason=request.POST.get("reason", ""), by=request.actor, at=at
            )
    except Refusal as refusal:
        return _chain_page(request, incident, words.sentence(refusal), refusal.status)
    return redirect("console:incident_reports", incident.pk)


@desk
@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, upward_id: uuid.UUID) -> HttpResponse:
    """Write on at a draft, or at what came back."""
    report = access_report(request.actor, upward_id, need=Right.TAKE_REPORTS)
    at = clocks.now(report.exercise_id)
    packs = packs_of(report, at=at)
    page: dict[str, Any] = {
        "incident": report.incident,
        "report": report,
        "kind": report.kind,
        "kind_word": words.report_row(report)["kind"],
        "title": report.title,
        "is_direct": report.is_direct,
        "target": report.target_tier,
        "tiers": words.tiers(),
        "returned": report.returned_why if report.state == "returned" else "",
        "fields": _fields(type_of(report), report.kind, report.elements, packs=packs, unknown=report.unknown),
        "given": QueryDict(),
    }
    if request.method == "POST":
        try:
            with transaction.atomic():
                services.change_report(report, read_draft(request.POST, report.kind), by=request.actor, at=at)
                if request.POST.get("verb") == "submit":
                    services.submit_report(report, by=request.actor, at=at)
        except Refusal as refusal:
            page |= {"error": words.sentence(refusal), "given": request.POST}
            page["fields"] = _fields(type_of(report), report.kind, request.POST, packs=packs)
            return render(request, "console/reporting/write.html", page, status=refusal.status)
        return redirect("console:report", report.pk)
    return render(request, "console/reporting/write.html", page)


@desk
@require_POST
def flash(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Told by phone: to whom, when, who heard it. One step, nobody signs."""
    incident = access_incident(request.actor, incident_id, need=Right.TAKE_REPORTS)
    at = clocks.now(incident.exercise_id)
    _reporting_place(request, incident)
    to = list(ReportReceiver.objects.filter(is_active=True, pk__in=_ids(request.POST.getlist("to"))))
    elements = services.prefilled(incident, "flash", at=at)
    if request.POST.get("words", "").strip():
        elements["course"] = request.POST["words"].strip()
    try:
        told = parse_moment(request.POST["told_at"]) if request.POST.get("told_at") else at
        with transaction.atomic():
            report = services.flash(
                incident,
                Draft("flash", elements=elements),
                to,
                told_at=told,
                heard_by=request.POST.get("heard_by", ""),
                by=request.actor,
                at=at,
            )
    except Refusal as refusal:
        return _chain_page(request, incident, words.sentence(refusal), refusal.status)
    messages.success(request, _("The phone flash is logged."))
    return redirect("console:report", report.pk)


@desk
@require_POST
def nil(request: DeskRequest) -> HttpResponse:
    """Nothing to report in the last day: drafted for review and signature."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    codes = [path.rpartition("/")[2] for path in request.actor.where(Right.TAKE_REPORTS)]
    division = Division.objects.filter(code__in=codes).order_by("path").first()
    if division is None:
        raise NotAllowed
    waiting = UpwardReport.objects.filter(
        division=division, kind="nil", state__in=("draft", "in_review", "reviewed"), exercise_id=run
    ).first()
    if waiting is not None:  # pressed twice, or a colleague was first
        return redirect("console:report", waiting.pk)
    here = at.astimezone(SHANGHAI)
    title = f"{division.name}{here.month}月{here.day}日零报告"
    draft = Draft("nil", title=title, period_from=at - timedelta(days=1), period_to=at)
    with transaction.atomic():
        report = services.draft_report(
            None, draft, division=division, by=request.actor, at=at, exercise_id=run
        )
        services.submit_report(report, by=request.actor, at=at)
    return redirect("console:report", report.pk)


def read_draft(given: QueryDict, kind: str) -> Draft:
    """The form as a draft: element fields by code, ticks for what is being checked."""
    return Draft(
        kind=kind,
        title=given.get("title", ""),
        elements={code: given.get(f"e-{code}", "")[:4000] for code in ELEMENTS if given.get(f"e-{code}")},
        unknown=tuple(given.getlist("unknown")),
        is_direct=given.get("direct") == "1",
        target_tier=given.get("target", "") if given.get("direct") == "1" else "",
    )


def _page(incident: Incident, kind: str, *, at: Any) -> dict[str, Any]:
    packs = _packs(incident, at)
    known = services.prefilled(incident, kind, at=at)
    return {
        "incident": incident,
        "kind": kind,
        "kind_word": words.kinds()[kind],
        "kinds": [(code, words.kinds()[code]) for code in CHAINED],
        "title": incident.title,
        "tiers": words.tiers(),
        "fields": _fields(incident.event_type, kind, known, packs=packs),
        "now_field": input_moment(at),
        "given": QueryDict(),
    }


def _packs(incident: Incident, at: Any) -> Any:
    return report_packs(at=at, path=incident.division.path, exercise_id=incident.exercise_id)


def _fields(event_type: str, kind: str, said: Any, *, packs: Any, unknown: Any = ()) -> list[dict[str, Any]]:
    """The elements of the form; `said` is a mapping of codes, or the form that was sent."""
    is_form = isinstance(said, QueryDict)
    wanted = required(kind, event_type, packs)
    checked = said.getlist("unknown") if is_form else unknown
    return [
        {
            "code": code,
            "label": words.say((ELEMENTS[code].zh, ELEMENTS[code].en)),
            "words": said.get(f"e-{code}" if is_form else code, ""),
            "is_required": code in wanted,
            "is_unknown": code in checked,
            "is_long": code in _LONG,
        }
        for code in offered(kind, event_type, packs)
    ]


def _reporting_place(request: DeskRequest, incident: Incident) -> Division:
    """The county reports here; a township writes its own on its phone page."""
    county = county_of(incident.division)
    if not request.actor.can(Right.TAKE_REPORTS, county.path):
        raise NotAllowed
    return county


def _ids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
