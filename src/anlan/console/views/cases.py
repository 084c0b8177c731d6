"""The case library: the list, one case, and writing one — from a finished review or from elsewhere."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import caseforms, incidentwords
from anlan.console.incidentpage import key_from
from anlan.console.views.base import DeskRequest, desk
from anlan.incidents.access import visible_incidents
from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import visible
from anlan.review import services
from anlan.review.access import access_review, visible_reviews
from anlan.review.cases import WantedCases, access_case, before, find_cases
from anlan.review.models import CaseRecord, Review
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

PAGE_ROWS = 50
FILTERS = ("type", "place", "tag", "q", "state")


@desk
@require_GET
def cases(request: DeskRequest) -> HttpResponse:
    """A bounded page, the newest entry first; found by hazard, place, tag and words."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "").strip()[:60] for name in FILTERS}
    rows = find_cases(request.actor, _wanted(given), clocks.default_exercise_id())
    mark = _mark(request.GET.get("after", "")[:90])
    if mark is not None:
        rows = rows.filter(before(mark))
    found = list(rows[: PAGE_ROWS + 1])
    kept = {name: value for name, value in given.items() if value}
    page = {
        "rows": [_line(one) for one in found[:PAGE_ROWS]],
        "given": given,
        "is_narrowed": bool(kept),
        "older": _older(kept, found[PAGE_ROWS - 1]) if len(found) > PAGE_ROWS else "",
        "newest": "?" + urlencode(kept) if mark is not None else "",
        "types": incidentwords.type_choices(),
        "tags": caseforms.tag_choices(),
        "places": _places(request),
        "may_write": request.actor.can_somewhere(Right.REVIEW_INCIDENTS),
        "read_at": request.now,
    }
    return render(request, "console/cases/cases.html", page)


@desk
@require_GET
def case(request: DeskRequest, case_id: uuid.UUID) -> HttpResponse:
    """One case, with the incident and review that it came from as far as the reader sees them."""
    row = access_case(request.actor, case_id)
    return render(request, "console/cases/case.html", _page(request, row))


@desk
def new(request: DeskRequest) -> HttpResponse:
    """Write a case; `?review=` fills it from a finished review. Sent twice, the form makes one."""
    require_somewhere(request.actor, Right.REVIEW_INCIDENTS)
    review = _review(request)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _add(request, review)
        except Refusal as refusal:
            error = refusal
    try:
        typed = caseforms.typed_again(request.POST) if error is not None else _first(review)
    except Refusal as refusal:
        error, typed = refusal, {}
    page = {
        "typed": typed,
        "error": error,
        "key": request.POST.get("key") or str(uuid7()),
        "review": review,
        "is_new": True,
        **caseforms.choices(request.actor),
    }
    return render(request, "console/cases/edit.html", page, status=200 if error is None else error.status)


def _writable(request: DeskRequest, case_id: uuid.UUID) -> CaseRecord:
    """Inside a drill nobody rewrites the library of reality, nor the other way round."""
    row = access_case(request.actor, case_id, need=Right.REVIEW_INCIDENTS)
    if row.exercise_id != clocks.default_exercise_id():
        raise NotAllowed
    return row


@desk
def edit(request: DeskRequest, case_id: uuid.UUID) -> HttpResponse:
    row = _writable(request, case_id)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                details = caseforms.details_of(request.POST, request.actor)
                services.describe_case(row, details, by=request.actor, at=clocks.now(row.exercise_id))
            return redirect("console:case", row.pk)
        except Refusal as refusal:
            error = refusal
            row.refresh_from_db()
    typed = caseforms.typed_again(request.POST) if error is not None else caseforms.typed_of(row)
    page = {"case": row, "typed": typed, "error": error, **caseforms.choices(request.actor)}
    return render(request, "console/cases/edit.html", page, status=200 if error is None else error.status)


@desk
@require_POST
def retire(request: DeskRequest, case_id: uuid.UUID) -> HttpResponse:
    row = _writable(request, case_id)
    try:
        with transaction.atomic():
            services.retire_case(row, by=request.actor, at=clocks.now(row.exercise_id))
    except Refusal as refusal:
        page = _page(request, access_case(request.actor, case_id), refusal)
        return render(request, "console/cases/case.html", page, status=refusal.status)
    messages.success(request, _("Retired; it is offered no more and stays readable."))
    return redirect("console:case", row.pk)


def _page(request: DeskRequest, row: CaseRecord, error: Refusal | None = None) -> dict[str, Any]:
    actor = request.actor
    incident = visible_incidents(actor).filter(pk=row.incident_id).first() if row.incident_id else None
    review = visible_reviews(actor).filter(pk=row.review_id).first() if row.review_id else None
    return {
        **_line(row),
        "incident": incident,
        "review": review,
        "may_write": row.retired_at is None
        and row.exercise_id == clocks.default_exercise_id()
        and actor.can(Right.REVIEW_INCIDENTS, row.division.path),
        "error": error,
        "read_at": request.now,
    }


def _line(row: CaseRecord) -> dict[str, Any]:
    return {
        "case": row,
        "type": incidentwords.type_word(row.event_type),
        "tag_words": [incidentwords.tag_word(code) for code in row.tags],
    }


def _add(request: DeskRequest, review: Review | None) -> HttpResponse:
    run = review.exercise_id if review is not None else clocks.default_exercise_id()
    details = caseforms.details_of(
        request.POST, request.actor, incident=review.incident if review is not None else None, review=review
    )
    with transaction.atomic():
        made = services.add_case(
            details,
            by=request.actor,
            by_name=request.actor.name,
            at=clocks.now(run),
            exercise_id=run,
            key=key_from(request.POST.get("key", "")),
        )
    return redirect("console:case", made.pk)


def _review(request: DeskRequest) -> Review | None:
    given = request.POST.get("review", "") or request.GET.get("review", "")
    if not given:
        return None
    key = key_from(given[:40])
    if key is None:
        raise NotFound
    return access_review(request.actor, key)


def _first(review: Review | None) -> dict[str, Any]:
    return {} if review is None else caseforms.typed_of(services.case_of_review(review))


def _places(request: DeskRequest) -> list[tuple[str, str]]:
    """County and townships that the reader sees."""
    levels = (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP)
    rows = visible(request.actor).filter(level__in=levels).order_by("path")
    return list(rows.values_list("code", "name")[:200])


def _wanted(given: dict[str, str]) -> WantedCases:
    """What makes no sense narrows nothing."""
    return WantedCases(
        event_type=given["type"] if given["type"] in TYPES else "",
        place=given["place"],
        tag=given["tag"],
        words=given["q"],
        retired=given["state"] == "retired",
    )


def _mark(after: str) -> tuple[datetime, uuid.UUID] | None:
    stamp, _sign, key = after.partition("~")
    try:
        return datetime.fromisoformat(stamp).astimezone(UTC), uuid.UUID(key)
    except (ValueError, OverflowError):
        return None


def _older(kept: dict[str, str], last: CaseRecord) -> str:
    return "?" + urlencode({**kept, "after": f"{last.added_at.isoformat()}~{last.pk}"})
