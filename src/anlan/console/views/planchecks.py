"""Findings of the plan check, how far the plans of the county are revised, and the studies that hang on a plan."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require, require_somewhere, within
from anlan.attachments.services import attachments_of
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console import plancheckwords as words
from anlan.console import planwords
from anlan.console.incidentpage import key_from
from anlan.console.people import names_of
from anlan.console.planprogress import board
from anlan.console.refusals import NoSuchMoment
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotFound, Refusal
from anlan.plans import services
from anlan.plans.access import access_plan, owns
from anlan.plans.access_filing import access_finding, access_study, visible_findings
from anlan.plans.models import Plan, PlanFinding
from anlan.plans.queries import of_run
from anlan.vocab.posts import Right

PAGE_ROWS = 100
FILTERS = ("kind", "severity", "state", "code")

_GRAVEST_FIRST = Case(
    When(severity="stop", then=Value(0)),
    When(severity="warn", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def ordered(rows: QuerySet[PlanFinding]) -> QuerySet[PlanFinding]:
    """The gravest first, then the oldest."""
    return rows.order_by(_GRAVEST_FIRST, "found_at", "pk")


@desk
@require_GET
def findings(request: DeskRequest) -> HttpResponse:
    """What stands against the plans of the reader's places, with the number of each kind of fault."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "").strip()[:40] for name in FILTERS}
    given["state"] = given["state"] if given["state"] in ("accepted", "gone") else "open"
    rows = visible_findings(request.actor).filter(of_run(clocks.default_exercise_id()), state=given["state"])
    if given["kind"]:
        rows = rows.filter(plan__kind=given["kind"])
    if given["severity"]:
        rows = rows.filter(severity=given["severity"])
    counts = dict(
        rows.order_by().values_list("code").annotate(number=Count("pk")).values_list("code", "number")
    )
    if given["code"]:
        rows = rows.filter(code=given["code"])
    listed = list(ordered(rows)[: PAGE_ROWS + 1])
    page = {
        "given": given,
        "rows": [words.finding_view(row) for row in listed[:PAGE_ROWS]],
        "has_more": len(listed) > PAGE_ROWS,
        "counts": [(code, name, counts[code]) for code, name in words.fault_choices() if code in counts],
        "kinds": list(planwords.kind_words().items()),
        "severities": list(words.severity_words().items()),
        "states": list(words.finding_words().items()),
        "read_at": request.now,
    }
    return render(request, "console/plans/check_findings.html", page)


def _owned_plan(request: DeskRequest, plan_id: uuid.UUID) -> Plan:
    """What is wrong with a plan is for its owner and those above, not for everybody who reads it."""
    plan = access_plan(request.actor, plan_id)
    if not owns(request.actor, plan):
        raise NotFound
    return plan


@desk
@require_GET
def check(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Everything that the check found in one plan, and what was accepted and put right."""
    plan = _owned_plan(request, plan_id)
    return render(request, "console/plans/check_plan.html", _check_page(request, plan))


def _check_page(request: DeskRequest, plan: Plan, error: Refusal | None = None) -> dict[str, Any]:
    rows = list(ordered(plan.findings.all()))
    names = names_of({row.accepted_by for row in rows if row.accepted_by})
    views = [
        {**words.finding_view(row), "accepted_by": names.get(row.accepted_by, row.accepted_by)}
        for row in rows
    ]
    return {
        "plan": plan,
        "open": [one for one in views if one["finding"].state == "open"],
        "accepted": [one for one in views if one["finding"].state == "accepted"],
        "gone": [one for one in views if one["finding"].state == "gone"][-20:],
        "may_edit": request.actor.can(Right.EDIT_PLANS, plan.division.path),
        "may_accept": request.actor.can(Right.APPROVE_PLANS, plan.division.path),
        "error": error,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }


#: What each key needs. Accepting is a decision; running the check again is not.
_NEEDS = {"check": Right.EDIT_PLANS, "accept": Right.APPROVE_PLANS, "reopen": Right.APPROVE_PLANS}


@desk
@require_POST
def check_act(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Run the check now, accept a finding with a reason, or take that back."""
    plan = _owned_plan(request, plan_id)
    verb = request.POST.get("verb", "")
    require(request.actor, _NEEDS.get(verb, Right.EDIT_PLANS), plan.division.path)
    try:
        with transaction.atomic(durable=True):
            _check_verb(request, plan, verb)
    except NotFound:
        raise
    except Refusal as refusal:
        plan = _owned_plan(request, plan_id)
        page = _check_page(request, plan, refusal)
        return render(request, "console/plans/check_plan.html", page, status=refusal.status)
    return redirect("console:plan_check", plan.pk)


def _check_verb(request: DeskRequest, plan: Plan, verb: str) -> None:
    by, at = request.actor, clocks.now(plan.exercise_id)
    if verb == "check":
        found = services.check_plan(plan, by=by, at=at)
        messages.success(request, _("Checked: %(count)s findings stand.") % {"count": len(found)})
        return
    key = key_from(request.POST.get("finding", ""))
    if verb not in _NEEDS or key is None:
        raise NotFound
    finding = access_finding(by, key, need=Right.APPROVE_PLANS)
    if finding.plan_id != plan.pk:
        raise NotFound
    if verb == "accept":
        services.accept_finding(finding, why=request.POST.get("why", ""), by=by, at=at)
        messages.success(request, _("Accepted, with your reason."))
    else:
        services.reopen_finding(finding, by=by, at=at)
        messages.success(request, _("Open again."))


@desk
@require_GET
def progress(request: DeskRequest) -> HttpResponse:
    """How far the plans are: counts by kind, and those whose review is overdue or near (E-05)."""
    require_somewhere(request.actor, Right.SEE)
    today = request.now.astimezone(SHANGHAI).date()
    rows = Plan.objects.filter(within(request.actor, "division__path"), of_run(clocks.default_exercise_id()))
    kinds = planwords.kind_words()
    page = {**board(rows, today, request.now), "kind_words": kinds, "today": today, "read_at": request.now}
    return render(request, "console/plans/progress_board.html", page)


@desk
@require_GET
def studies(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Studies of a plan with their files, those that still count first."""
    plan = _owned_plan(request, plan_id)
    return render(request, "console/plans/study_list.html", _studies_page(request, plan))


def _studies_page(request: DeskRequest, plan: Plan, error: Refusal | None = None) -> dict[str, Any]:
    kinds = words.study_words()
    rows = sorted(plan.studies.order_by("-made_at", "-pk"), key=lambda row: row.ended_at is not None)
    return {
        "plan": plan,
        "rows": [
            {
                "study": row,
                "kind": kinds.get(row.kind, row.kind),
                "files": attachments_of(f"plan_study:{row.pk}"),
            }
            for row in rows
        ],
        "kinds": list(kinds.items()),
        "may_edit": request.actor.can(Right.EDIT_PLANS, plan.division.path),
        "error": error,
        "typed": request.POST if error is not None else {},
        "key": (request.POST.get("key") if error is not None else "") or str(uuid7()),
        "read_at": request.now,
    }


@bounded_uploads
@desk
@require_POST
def studies_act(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Add a study, with its report if there is one, add a file to one, or end one."""
    plan = _owned_plan(request, plan_id)
    require(request.actor, Right.EDIT_PLANS, plan.division.path)
    verb = request.POST.get("verb", "")
    try:
        with transaction.atomic(durable=True):
            _study_verb(request, plan, verb)
    except NotFound:
        raise
    except Refusal as refusal:
        page = _studies_page(request, plan, refusal)
        return render(request, "console/plans/study_list.html", page, status=refusal.status)
    return redirect("console:plan_studies", plan.pk)


def _study_verb(request: DeskRequest, plan: Plan, verb: str) -> None:
    by, at = request.actor, clocks.now(plan.exercise_id)
    check_uploads(request)
    if verb == "add":
        study = services.add_study(
            plan,
            kind=request.POST.get("kind", ""),
            title=request.POST.get("title", ""),
            summary=request.POST.get("summary", ""),
            done_on=day_of(request.POST.get("done_on", "")),
            key=key_from(request.POST.get("key", "")),
            by=by,
            at=at,
        )
    else:
        key = key_from(request.POST.get("study", ""))
        if key is None:
            raise NotFound
        study = access_study(by, key, need=Right.EDIT_PLANS)
    if verb not in ("add", "file", "end") or study.plan_id != plan.pk:
        raise NotFound
    if verb == "end":
        services.end_study(study, by=by, at=at)
        messages.success(request, _("Ended; it stays in the record."))
        return
    file = request.FILES.get("file")
    is_again = verb == "add" and attachments_of(f"plan_study:{study.pk}")  # the form was sent twice
    if isinstance(file, UploadedFile) and not is_again:
        services.keep_study_file(study, file.chunks(), name=file.name or "", by=by, at=at)
    messages.success(request, _("Stored."))


def day_of(text: str) -> date | None:
    """A day as a form sends it; None when left empty. Raises `NoSuchMoment`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NoSuchMoment(value=text[:40]) from None
