"""Phone pages for counting losses: which disaster, which village, one form; a township submits what its villages filed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require_somewhere, within
from anlan.field.links import sentence
from anlan.field.views import FieldRequest, _taken
from anlan.journal import clocks as time
from anlan.kernel.refusals import Refusal
from anlan.losses import checks, forms, queries, services
from anlan.losses.access import access_part, visible_courses
from anlan.losses.models import LossCourse, ReportDue, VillageFiling
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

_COURSES = 20
_PLACES = 200


@login_required
@never_cache
@require_GET
def courses(request: FieldRequest) -> HttpResponse:
    """Open courses with the places that this person files for, what is owed first."""
    require_somewhere(request.actor, Right.FILE_DATA)
    rows = visible_courses(request.actor).filter(
        state__in=("open", "stable"), exercise_id=time.default_exercise_id()
    )
    items = [_course_item(request, row) for row in rows.order_by("-known_at", "-id")[:_COURSES]]
    return render(request, "field/losses.html", {"items": [one for one in items if one["places"]]})


def _course_item(request: FieldRequest, row: LossCourse) -> dict[str, Any]:
    townships = list(row.parts.values_list("division__path", flat=True))
    mine = Division.objects.filter(
        within(request.actor, "path", Right.FILE_DATA), level__in=("township", "village"), valid_to=None
    )
    filed = dict(VillageFiling.objects.filter(course=row).values_list("division_id", "filed_at"))
    sent = {code: one.submitted_at for code, one in queries.last_reports(row).items()}
    owed = {
        due.division_id: due for due in ReportDue.objects.filter(course=row, state__in=("waiting", "overdue"))
    }
    return {
        "course": row,
        "places": [
            {"code": code, "name": name, "at": filed.get(code) or sent.get(code), "due": owed.get(code)}
            for code, name, path in mine.order_by("path").values_list("code", "name", "path")[:_PLACES]
            if any(path == head or path.startswith(head + "/") for head in townships)
        ],
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: FieldRequest, course_id: uuid.UUID, code: str) -> HttpResponse:
    """A village files everything so far, or nothing at all; a township looks at the sums and submits them."""
    row, where = access_part(request.actor, course_id, code, need=Right.FILE_DATA)
    if request.method != "POST":
        return render(request, "field/loss.html", _page(request, row, where))
    try:
        with transaction.atomic():
            _store(request, row, where)
    except Refusal as refusal:
        page = {**_page(request, row, where), "error": sentence(refusal)}
        return render(request, "field/loss.html", page, status=refusal.status)
    return _taken(request, "field:loss", row.pk, where.code)


def _store(request: FieldRequest, row: LossCourse, where: Division) -> None:
    form = forms.form_of(row.first_hazard)
    typed = {
        one.code: request.POST[one.code] for one in form.indicators if request.POST.get(one.code, "").strip()
    }
    given = {} if request.POST.get("verb") == "zero" else typed
    words, by, at = request.POST.get("why", ""), request.actor, time.now(row.exercise_id)
    if where.level == DivisionLevel.TOWNSHIP:
        services.submit_township(row, where, given, why=words, by=by, at=at)
    else:
        services.file_village(row, where, given, words=words, by=by, at=at)


def _page(request: FieldRequest, row: LossCourse, where: Division) -> dict[str, Any]:
    form = forms.form_of(row.first_hazard)
    is_township = where.level == DivisionLevel.TOWNSHIP
    last = queries.last_of(row, where) if is_township else None
    filing = None if is_township else VillageFiling.objects.filter(course=row, division=where).first()
    sums = queries.village_sums(row, where) if is_township else None
    values = checks.loaded(filing.values) if filing is not None else {}
    if sums is not None:
        values = queries.proposed(sums.values, last)
    typed = request.POST
    is_english = (get_language() or "").startswith("en")
    return {
        "course": row,
        "place": where,
        "is_township": is_township,
        "is_open": row.state in ("open", "stable"),
        "sums": sums,
        "sent_at": last.submitted_at
        if last is not None
        else (filing.filed_at if filing is not None else None),
        "is_zero": (filing is not None and not filing.values) or (last is not None and not last.values),
        "why": typed.get("why", ""),
        "groups": [
            {
                "name": en if is_english else zh,
                "is_open": group == "people" or any(values.get(one.code) for one in rows) or bool(typed),
                "lines": [
                    {
                        "code": one.code,
                        "name": one.en if is_english else one.zh,
                        "unit": one.unit,
                        "is_count": one.is_count,
                        "value": typed.get(one.code, "") if typed else checks.show(values.get(one.code)),
                    }
                    for one in rows
                ],
            }
            for group, zh, en, rows in form.groups
        ],
    }
