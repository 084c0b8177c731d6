"""Disaster statistics on the desk: courses, who has filed, what a township or a village counts."""

from __future__ import annotations

import io
import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.console.losswords import said, words_of
from anlan.console.moments import input_moment, parse_moment
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import access_incident, visible_incidents
from anlan.incidents.models import Incident
from anlan.journal import clocks as time
from anlan.kernel.refusals import NotFound, Refusal
from anlan.losses import checks, forms, hazards, limits, queries, services, sheets, wording
from anlan.losses.access import access_course, access_part, access_township_report, visible_courses
from anlan.losses.models import Correction, CourseReport, LossCourse, ReportDue, TownshipReport, VillageFiling
from anlan.losses.services.clocks import KIND_WORDS
from anlan.losses.services.courses import STATE_WORDS
from anlan.losses.types import CourseDetails
from anlan.places import queries as places
from anlan.places.access import visible
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import EventClass
from anlan.vocab.posts import Right

ROWS = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk
@require_GET
def courses(request: DeskRequest) -> HttpResponse:
    """Every course that the reader sees, the newest first, with what it owes."""
    require_somewhere(request.actor, Right.SEE)
    run = time.default_exercise_id()
    rows = list(visible_courses(request.actor).filter(exercise_id=run).order_by("-known_at", "-id")[:ROWS])
    ids = [row.pk for row in rows]
    reports = _last_signed(ids)
    owed = _owed(request, ids)
    page = {
        "rows": [
            {
                "row": row,
                "hazards": [hazards.SUB[code] for code in row.sub_hazards],
                "report": reports.get(row.pk),
                "due": owed.get(row.pk),
            }
            for row in rows
        ],
        "states": words_of(STATE_WORDS),
        "kinds": words_of(KIND_WORDS),
        "may_open": request.actor.can_somewhere(Right.TAKE_REPORTS) and _county(request) is not None,
        "read_at": request.now,
    }
    return render(request, "console/losses/courses.html", page)


def _last_signed(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    found = {}
    rows = CourseReport.objects.filter(course__in=ids, state="signed").order_by("signed_at", "pk")
    for row in rows:
        found[row.course_id] = {"row": row, "kind": wording.kind_words(row.kind, row.number)}
    return found


def _owed(request: DeskRequest, ids: list[uuid.UUID]) -> dict[uuid.UUID, ReportDue]:
    """The earliest limit of each course among those that the reader sees."""
    rows = ReportDue.objects.filter(course__in=ids, state__in=("waiting", "overdue"))
    rows = rows.select_related("division").defer("division__geometry").order_by("-due_at", "pk")
    return {due.course_id: due for due in rows if request.actor.sees(due.division.path)}


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Open a course: what, since when, known when, which townships, perhaps from an incident."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    county = _county(request)
    if county is None:
        require(request.actor, Right.TAKE_REPORTS, "-")
        raise NotFound
    run = time.default_exercise_id()
    now = time.now(run)
    error = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                made = services.open_course(
                    _details(request, county, now), by=request.actor, at=now, exercise_id=run
                )
            messages.success(request, _("The course is open; the clocks run."))
            return redirect("console:loss_course", made.pk)
        except Refusal as refusal:
            error = said(refusal)
    incident = _incident(request, request.GET.get("incident", "") or request.POST.get("incident", ""))
    page = {
        "given": request.POST if request.method == "POST" else _from_incident(incident),
        "chosen": set(request.POST.getlist("township")) or _townships_of(incident),
        "ticked": set(request.POST.getlist("hazard")) or _hazards_of(incident),
        "townships": list(places.townships_below(county.path).values_list("code", "name")),
        "hazards": _hazard_choices(),
        "incidents": _incidents(request),
        "began": request.POST.get("began_at")
        or input_moment(incident.occurred_at or now if incident else now),
        "known": request.POST.get("known_at") or input_moment(incident.known_at if incident else now),
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/losses/new.html", page, status=409 if error else 200)


def _hazard_choices() -> list[tuple[str, tuple[str, str]]]:
    return [(code, (face.zh, face.en)) for code, face in hazards.SUB.items()]


def _county(request: DeskRequest) -> Division | None:
    rows = visible(request.actor, Right.TAKE_REPORTS).filter(level=DivisionLevel.COUNTY)
    return rows.defer("geometry").first()


def _incidents(request: DeskRequest) -> list[Incident]:
    rows = visible_incidents(request.actor).filter(
        event_class=EventClass.NATURAL,
        state__in=("received", "verified"),
        exercise_id=time.default_exercise_id(),
    )
    return list(rows.order_by("-known_at", "-id")[:50])


def _incident(request: DeskRequest, text: str) -> Incident | None:
    try:
        return access_incident(request.actor, uuid.UUID(text)) if text else None
    except ValueError:
        raise NotFound from None


def _from_incident(incident: Incident | None) -> dict[str, str]:
    return {} if incident is None else {"title": incident.title, "incident": str(incident.pk)}


def _townships_of(incident: Incident | None) -> set[str]:
    if incident is None:
        return set()
    township = places.township_of(incident.division)
    return {township.code} if township is not None else set()


def _hazards_of(incident: Incident | None) -> set[str]:
    known = hazards.OF_INCIDENT.get(incident.event_type) if incident is not None else None
    return {known} if known else set()


def _details(request: DeskRequest, county: Division, now: datetime) -> CourseDetails:
    given = request.POST
    chosen = places.townships_below(county.path).filter(pk__in=given.getlist("township")).defer("geometry")
    return CourseDetails(
        title=given.get("title", ""),
        county=county,
        townships=tuple(chosen),
        sub_hazards=tuple(given.getlist("hazard")),
        main_hazard=given.get("main", ""),
        began_at=parse_moment(given.get("began_at", "")) if given.get("began_at") else now,
        known_at=parse_moment(given.get("known_at", "")) if given.get("known_at") else now,
        incident=_incident(request, given.get("incident", "")),
        separate_why=given.get("separate_why", ""),
    )


@desk
@require_GET
def course(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    """One course: the board, what is owed and missed, the county's reports, corrections."""
    row = access_course(request.actor, course_id)
    is_county = request.actor.sees(row.division.path)
    reports = list(row.reports.order_by("-drafted_at", "-pk")[:60]) if is_county else []
    corrections = Correction.objects.filter(course=row).select_related("division").defer("division__geometry")
    seen = [
        one
        for one in corrections.order_by("-corrected_at", "-pk")[:100]
        if request.actor.sees(one.division.path)
    ]
    form = forms.form_of(row.first_hazard)
    now = time.now(row.exercise_id)
    page = {
        **_board_page(request, row),
        "hazards": [hazards.SUB[code] for code in row.sub_hazards],
        "main": hazards.SUB[row.main_hazard],
        "first": hazards.FIRST[row.first_hazard],
        "is_county": is_county,
        "reports": [
            {
                "row": one,
                "kind": wording.kind_words(one.kind, one.number),
                "state": wording.REPORT_STATES[one.state],
            }
            for one in reports
        ],
        "waiting": queries.waiting_report(row) if is_county else None,
        "missed": queries.missed_dues(row, request.actor),
        "due_states": words_of(wording.DUE_STATES),
        "kinds": words_of(KIND_WORDS),
        "corrections": [
            (one, form.by_code[one.indicator].pair) for one in seen if one.indicator in form.by_code
        ],
        "may_act": request.actor.can(Right.TAKE_REPORTS, row.division.path),
        "to_add": _not_yet(row) if is_county and row.state == "open" else [],
        "hazard_choices": _hazard_choices(),
        "parameters": limits.limits_at(now, path=row.division.path, exercise_id=row.exercise_id).shown(),
        "calendar_known": limits.is_calendar_entered(
            now, path=row.division.path, exercise_id=row.exercise_id
        ),
        "form_source": forms.table(),
        "incidents": _incidents(request) if is_county and row.incident is None else [],
    }
    return render(request, "console/losses/course.html", page)


@desk
@require_GET
def board(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    row = access_course(request.actor, course_id)
    return render(request, "console/losses/_board.html", _board_page(request, row))


def _board_page(request: DeskRequest, row: LossCourse) -> dict[str, Any]:
    """The indicators of one group as columns, townships as rows; the first group is people."""
    form = forms.form_of(row.first_hazard)
    wanted = request.GET.get("group", "")
    group = next((one for one in form.groups if one[0] == wanted), form.groups[0])
    found = queries.board(row, request.actor)
    columns = [one for one in group[3] if not one.part_of or len(group[3]) < 9]
    return {
        "course": row,
        "state": STATE_WORDS[row.state],
        "groups": [(code, (zh, en)) for code, zh, en, _rows in form.groups],
        "group": group[0],
        "columns": [(one.plain_zh, one.en, one.unit) for one in columns],
        "lines": [
            {
                "line": line,
                "cells": [
                    (checks.show(line.values.get(one.code)) or "0") if line.submitted is not None else ""
                    for one in columns
                ],
                "live": [checks.show(line.village_sums.get(one.code)) for one in columns],
            }
            for line in found.lines
        ],
        "sums": [checks.show(found.sums.get(one.code)) or "0" for one in columns],
        "live": [checks.show(found.live.get(one.code)) or "0" for one in columns],
        "is_live": found.live != found.sums,
        "board": found,
        "owed": queries.owed_dues(row, request.actor),
        "kinds": words_of(KIND_WORDS),
        "read_at": request.now,
    }


def _not_yet(row: LossCourse) -> list[tuple[str, str]]:
    known = row.parts.values_list("division_id", flat=True)
    rows = places.townships_below(row.division.path).exclude(pk__in=list(known))
    return list(rows.values_list("code", "name"))


@desk
@require_POST
def act(request: DeskRequest, course_id: uuid.UUID) -> HttpResponse:
    """Stable, open again, closed, withdrawn; more townships, other hazards, the incident."""
    row = access_course(request.actor, course_id, need=Right.TAKE_REPORTS)
    verb, reason = request.POST.get("verb", ""), request.POST.get("reason", "")
    do: dict[str, Any] = {"by": request.actor, "at": time.now(row.exercise_id)}
    with transaction.atomic():
        if verb == "stable":
            services.mark_stable(row, reason=reason, **do)
        elif verb == "reopen":
            services.reopen_course(row, reason=reason, **do)
        elif verb == "close":
            services.close_course(row, **do)
        elif verb == "withdraw":
            services.withdraw_course(row, reason=reason, **do)
        elif verb == "townships":
            chosen = places.townships_below(row.division.path).filter(pk__in=request.POST.getlist("township"))
            services.add_townships(row, list(chosen.defer("geometry")), **do)
        elif verb == "hazards":
            services.change_hazards(row, request.POST.getlist("hazard"), request.POST.get("main", ""), **do)
        elif verb == "incident":
            services.link_incident(row, _incident(request, request.POST.get("incident", "")), **do)
        else:
            raise NotFound
    messages.success(request, _("Done; the record names you."))
    return redirect("console:loss_course", row.pk)


@desk
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: DeskRequest, course_id: uuid.UUID, code: str) -> HttpResponse:
    """A township checks, corrects and submits; a village files."""
    need = Right.FILE_DATA if request.method == "POST" else Right.SEE
    row, where = access_part(request.actor, course_id, code, need=need)
    form = forms.form_of(row.first_hazard)
    error = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                _file(request, row, where, form)
            messages.success(request, _("Stored; the sums are up to date."))
            return redirect("console:loss_place", row.pk, where.code)
        except Refusal as refusal:
            error = said(refusal)
    is_township = where.level == DivisionLevel.TOWNSHIP
    page = (
        _township_page(request, row, where, form) if is_township else _village_page(request, row, where, form)
    )
    page |= {
        "course": row,
        "place": where,
        "state": STATE_WORDS[row.state],
        "is_open": row.state in ("open", "stable"),
        "may_file": request.actor.can(Right.FILE_DATA, where.path),
        "given": request.POST,
        "error": error,
        "read_at": request.now,
    }
    template = "console/losses/township.html" if is_township else "console/losses/village.html"
    return render(request, template, page, status=409 if error else 200)


def _file(request: DeskRequest, row: LossCourse, where: Division, form: forms.Form) -> None:
    typed = {
        one.code: request.POST[one.code] for one in form.indicators if request.POST.get(one.code, "").strip()
    }
    at, why = time.now(row.exercise_id), request.POST.get("why", "")
    if where.level == DivisionLevel.TOWNSHIP:
        until = request.POST.get("data_until", "")
        services.submit_township(
            row,
            where,
            typed,
            whys={one.code: request.POST.get(f"why-{one.code}", "") for one in form.indicators},
            why=why,
            data_until=parse_moment(until) if until else None,
            responsible=request.POST.get("responsible", ""),
            by=request.actor,
            at=at,
        )
        return
    known = VillageFiling.objects.filter(course=row, division=where).exists()
    if known and request.POST.get("verb") == "correct":
        full = {one.code: typed.get(one.code, "0") for one in form.indicators}
        services.correct_village(row, where, full, why=why, by=request.actor, at=at)
    else:
        services.file_village(row, where, typed, words=why, by=request.actor, at=at)


def _township_page(
    request: DeskRequest, row: LossCourse, where: Division, form: forms.Form
) -> dict[str, Any]:
    villages = queries.villages_of(row, where)
    filed = [one for one in villages if one.filing is not None]
    sums = checks.total(one.values for one in filed)
    last = queries.last_of(row, where)
    former = checks.loaded(last.values) if last is not None else None
    reports = TownshipReport.objects.filter(course=row, division=where).order_by("-number")[:20]
    used = [one for one in form.indicators if sums.get(one.code)]
    return {
        "villages": [
            {"line": one, "cells": [checks.show(one.values.get(code.code)) for code in used]}
            for one in villages
        ],
        "used": [(one.plain_zh, one.en, one.unit) for one in used],
        "used_sums": [checks.show(sums[one.code]) for one in used],
        "filed": len(filed),
        "groups": _groups(request, form, queries.proposed(sums, last), former, sums if filed else None),
        "last": last,
        "reports": list(reports),
        "listed": queries.listed_people(row, where.path),
        "listed_houses": queries.listed_houses(row, where.path),
        "until": input_moment(time.now(row.exercise_id)),
        "may_return": request.actor.can(Right.TAKE_REPORTS, row.division.path),
    }


def _village_page(request: DeskRequest, row: LossCourse, where: Division, form: forms.Form) -> dict[str, Any]:
    filing = VillageFiling.objects.filter(course=row, division=where).first()
    values = checks.loaded(filing.values) if filing is not None else {}
    township = places.township_of(where)
    kept = Correction.objects.filter(course=row, division=where).order_by("-corrected_at", "-pk")[:20]
    return {
        "filing": filing,
        "township": township,
        "may_correct": township is not None and request.actor.can(Right.FILE_DATA, township.path),
        "groups": _groups(request, form, values, None, None),
        "corrections": [
            (one, form.by_code[one.indicator].pair) for one in kept if one.indicator in form.by_code
        ],
    }


def _groups(
    request: DeskRequest,
    form: forms.Form,
    values: checks.Values,
    former: checks.Values | None,
    sums: checks.Values | None,
) -> list[dict[str, Any]]:
    """Fields group by group; what was typed stays typed."""
    typed = request.POST
    return [
        {
            "code": code,
            "pair": (zh, en),
            "lines": [
                {
                    "one": one,
                    "value": typed.get(one.code, "") if typed else checks.show(values.get(one.code)),
                    "former": "" if former is None else checks.show(former.get(one.code)) or "0",
                    "sum": "" if sums is None else checks.show(sums.get(one.code)) or "0",
                    "why": typed.get(f"why-{one.code}", ""),
                }
                for one in rows
            ],
            "is_open": code == "people" or any(values.get(one.code) for one in rows) or bool(typed),
        }
        for code, zh, en, rows in form.groups
    ]


@desk
@require_GET
def workbook(request: DeskRequest, course_id: uuid.UUID, code: str) -> HttpResponse:
    """The villages of a township as a workbook to fill in and import."""
    row, where = access_part(request.actor, course_id, code)
    file = io.BytesIO()
    township = where if where.level == DivisionLevel.TOWNSHIP else places.township_of(where)
    if township is None or not request.actor.sees(township.path):
        township = where
    sheets.write_township(row, township, file)
    response = HttpResponse(file.getvalue(), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="anlan-losses-{where.code}.xlsx"'
    return response


@desk
@require_POST
def return_township(request: DeskRequest, township_report_id: uuid.UUID) -> HttpResponse:
    """The county sends a submission back."""
    row = access_township_report(request.actor, township_report_id)
    require(request.actor, Right.TAKE_REPORTS, row.course.division.path)
    with transaction.atomic():
        services.return_township(
            row, why=request.POST.get("reason", ""), by=request.actor, at=time.now(row.exercise_id)
        )
    messages.success(request, _("Sent back with your remark."))
    return redirect("console:loss_place", row.course_id, row.division_id)
