"""Phone pages of reports upward: the leader signs, a township drafts its own and sends it up when its leader has signed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require, require_somewhere
from anlan.field.links import sentence
from anlan.field.report import moment
from anlan.field.views import FieldRequest
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.reporting import queries, services
from anlan.reporting.access import access_report, visible_reports
from anlan.reporting.elements import ELEMENTS
from anlan.reporting.models import UpwardReport
from anlan.reporting.types import Draft
from anlan.reporting.words import STATES, kind_words
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import RESTRICTED, TYPES
from anlan.vocab.posts import Right

#: What a township's form asks for; the rest follows by phone.
_ASKED = ("place", "course", "casualties", "measures", "trend")
#: The same words and figures again within this time are the form sent twice, over a slow line.
_TWICE = timedelta(minutes=5)
_COUNTED = ("deaths", "missing", "injured", "trapped", "evacuated")


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _say(pair: tuple[str, str]) -> str:
    return pair[0] if _is_chinese() else pair[1]


@login_required
@never_cache
@require_GET
def reports(request: FieldRequest) -> HttpResponse:
    """What waits for this person, and the latest of his place."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    latest = visible_reports(request.actor).filter(exercise_id=run).order_by("-drafted_at", "-id")[:20]
    page = {
        "to_sign": [_item(one) for one in queries.to_sign(request.actor)],
        "to_write": [_item(one) for one in queries.to_write(request.actor)],
        "latest": [_item(one) for one in latest],
        "can_draft": _township(request) is not None,
    }
    return render(request, "field/upward_list.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: FieldRequest) -> HttpResponse:
    """A township's report: what, where, when known, how many; then to its leader."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    township = _township(request)
    if township is None:
        raise NotAllowed
    at = clocks.now(clocks.default_exercise_id())
    if request.method != "POST":
        return render(request, "field/upward_new.html", _form(township, at))
    try:
        given = _draft(request, township, at)
        known = UpwardReport.objects.filter(
            division=township,
            drafted_by=request.actor.ref,
            title=given.title.strip()[:160],
            state="in_review",
        ).filter(drafted_at__gt=at - _TWICE, incident=None)
        if (twice := next((one for one in known if one.facts == given.facts), None)) is not None:
            return redirect("field:upward", twice.pk)
        with transaction.atomic():
            report = services.draft_report(
                None,
                given,
                division=township,
                by=request.actor,
                at=at,
                exercise_id=clocks.default_exercise_id(),
            )
            services.submit_report(report, by=request.actor, at=at)
    except Refusal as refusal:
        page = {**_form(township, at), "error": sentence(refusal), "given": request.POST}
        return render(request, "field/upward_new.html", page, status=refusal.status)
    return redirect("field:upward", report.pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: FieldRequest, upward_id: uuid.UUID) -> HttpResponse:
    """One report on a phone: read it, sign it or return it. A township's goes up with the signature."""
    row = access_report(request.actor, upward_id)
    error, status = "", 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                _act(request, row, request.POST.get("verb", ""))
            return redirect("field:upward", row.pk)
        except (NotAllowed, NotFound):
            raise
        except Refusal as refusal:
            error, status = sentence(refusal), refusal.status
            row = access_report(request.actor, upward_id)
    path, actor, is_own = row.division.path, request.actor, row.drafted_by == request.actor.ref
    waits = row.state in ("in_review", "reviewed")
    page = {
        "report": row,
        "item": _item(row),
        "content": queries.report_content(row),
        "can_sign": waits and not is_own and actor.can(Right.SIGN_REPORTS, path),
        "can_return": waits and actor.can(Right.REVIEW_REPORTS, path),
        "is_own": is_own,
        "error": error,
    }
    return render(request, "field/upward.html", page, status=status)


def _act(request: FieldRequest, row: UpwardReport, verb: str) -> None:
    at = clocks.now(row.exercise_id)
    if verb == "sign":
        require(request.actor, Right.SIGN_REPORTS, row.division.path)
        if row.state not in ("in_review", "reviewed"):
            return  # decided meanwhile: the page shows what became of it
        services.sign_report(row, by=request.actor, at=at)
        if row.division.level == DivisionLevel.TOWNSHIP:
            services.send_to_the_county(row, by=request.actor, at=at)
    elif verb == "return":
        require(request.actor, Right.REVIEW_REPORTS, row.division.path)
        services.return_report(row, reason=request.POST.get("reason", ""), by=request.actor, at=at)
    else:
        raise NotFound


def _item(row: UpwardReport) -> dict[str, Any]:
    return {"row": row, "kind": _say(kind_words(row.kind, row.serial)), "state": _say(STATES[row.state])}


def _township(request: FieldRequest) -> Division | None:
    """The township for which this person writes reports."""
    codes = [path.rpartition("/")[2] for path in request.actor.where(Right.TAKE_REPORTS)]
    return Division.objects.filter(code__in=codes, level=DivisionLevel.TOWNSHIP).order_by("code").first()


def _form(township: Division, at: datetime) -> dict[str, Any]:
    inside = Division.objects.filter(path__startswith=township.path + "/", level=DivisionLevel.VILLAGE)
    return {
        "township": township,
        "places": [(township.code, township.name), *inside.order_by("code").values_list("code", "name")],
        "types": [
            (code, _say((face.zh, face.en)))
            for code, face in TYPES.items()
            if face.event_class not in RESTRICTED
        ],
        "fields": [(code, _say(ELEMENTS[code])) for code in _ASKED if code != "casualties"],
        "counts": [(code, _say((FIGURES[code].zh, FIGURES[code].en))) for code in _COUNTED],
        "now_field": f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
    }


def _draft(request: FieldRequest, township: Division, at: datetime) -> Draft:
    given = request.POST
    elements = {
        code: given.get(f"e-{code}", "")[:2000] for code in _ASKED if given.get(f"e-{code}", "").strip()
    }
    counted = [(code, given.get(f"n-{code}", "").strip()) for code in _COUNTED]
    figures = [
        {"code": code, "value": f"{_number(text):f}", "as_of": at.isoformat()}
        for code, text in counted
        if text
    ]
    if figures and "casualties" not in elements:
        elements["casualties"] = "，".join(
            f"{FIGURES[one['code']].zh}{one['value']}{FIGURES[one['code']].unit_zh}" for one in figures
        )
    place = given.get("division", "")
    inside = Division.objects.filter(code=place, path__startswith=township.path).exists()
    known = moment(given.get("known_at", ""), at) or at
    kind = given.get("event_type", "")
    return Draft(
        kind="initial",
        title=given.get("title", ""),
        elements=elements,
        known_at=min(known.astimezone(UTC), at),
        facts={
            "event_type": kind if kind in TYPES else "other_natural",
            "division": place if inside else township.code,
            "occurred_at": None,
            "figures": figures,
        },
    )


def _number(text: str) -> Decimal:
    from anlan.incidents.refusals import BadFigure

    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadFigure(name="", value=text[:20]) from None
    if not value.is_finite() or value < 0 or value != value.to_integral_value() or value > 10_000_000:
        raise BadFigure(name="", value=text[:20])
    return value
