"""Plans: the catalogue with its counts, and one plan with its verbs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import incidentwords, planpage
from anlan.console import planwords as words
from anlan.console.incidentpage import key_from
from anlan.console.mine import url_of
from anlan.console.people import names_of
from anlan.console.planslots import slots_of
from anlan.console.views.base import DeskRequest, desk, shared_text
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.plans import queries, services
from anlan.plans.access import access_plan, may_write, owns, visible_plans
from anlan.plans.content import Content, read
from anlan.plans.models import Plan, PlanLink, PlanVersion
from anlan.plans.queries import Mark, Wanted
from anlan.vocab.posts import Right

PAGE_ROWS = 50
FILTERS = ("kind", "owner", "hazard", "type", "state", "protected", "q")
#: Lists of other rooms of this house, shown while something answers there.
_MORE = (("console:plan_progress", "progress"), ("console:plan_findings", "findings"), ("console:plan_filings", "filings"), ("console:plan_packs", "packs"), ("console:plan_import", "import"))  # fmt: skip


@desk
@require_GET
def plans(request: DeskRequest) -> HttpResponse:
    """A bounded page of the catalogue with its counts; a number of statements that does not grow with the plans."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "").strip()[:60] for name in FILTERS}
    after = request.GET.get("after", "")[:90]
    day = f"{request.now.astimezone(SHANGHAI):%Y%m%d}"
    rows = shared_text(
        request,
        f"plans:{day}:{after}:{sorted(given.items())}",
        lambda: render_to_string("console/plans/_list.html", _page(request, given, after)),
    )
    page = {
        "rows": rows,
        "may_write": request.actor.can_somewhere(Right.EDIT_PLANS),
        "more": _more_lists(),
        "read_at": request.now,
    }
    return render(request, "console/plans/plans.html", page)


def _more_lists() -> list[tuple[str, str]]:
    said = {
        "progress": _("Progress"),
        "findings": _("Findings of the check"),
        "filings": _("Filing"),
        "packs": _("Starter packs"),
        "import": _("Plan from a file"),
    }
    return [(url, said[word]) for route, word in _MORE if (url := url_of(route))]


def _page(request: DeskRequest, given: dict[str, str], after: str) -> dict[str, Any]:
    wanted = _wanted(given)
    rows = list(queries.catalogue(request.actor, wanted, _mark(after))[: PAGE_ROWS + 1])
    found = queries.counts(request.actor, wanted)
    kept = {name: value for name, value in given.items() if value}
    today = wanted.today or request.now.date()
    return {
        "given": given,
        "is_narrowed": bool(kept),
        "rows": [planpage.facts_of(row, today) for row in rows[:PAGE_ROWS]],
        "older": _link(kept, rows[PAGE_ROWS - 1]) if len(rows) > PAGE_ROWS else "",
        "newest": "?" + urlencode(kept) if after else "",
        "counts": found,
        "count_lines": _count_lines(found, kept),
        **_choices(found),
    }


def _choices(found: Any) -> dict[str, Any]:
    return {
        "kinds": list(words.kind_words().items()),
        "states": [
            *words.state_words().items(),
            ("in_work", _("a version in work")),
            ("overdue", _("review overdue")),
        ],
        "hazards": list(words.hazard_words().items()),
        "protected": list(words.protected_words().items()),
        "types": incidentwords.type_choices(),
        "owners": [(code, name) for name, code, _number in found.owners],
    }


def _count_lines(found: Any, kept: dict[str, str]) -> list[dict[str, Any]]:
    """Numbers that narrow the list when one goes to them."""

    def line(head: str, name: str, pairs: Any) -> dict[str, Any]:
        cells = [
            (word, number, "?" + urlencode({**kept, name: code})) for code, word, number in pairs if number
        ]
        return {"head": head, "cells": cells}

    kinds, hazards, protected = words.kind_words(), words.hazard_words(), words.protected_words()
    return [
        line(_("By kind"), "kind", ((code, kinds[code], found.kinds.get(code, 0)) for code in kinds)),
        line(_("By state"), "state", [
            *((code, word, found.states.get(code, 0)) for code, word in words.state_words().items()),
            ("in_work", _("a version in work"), found.in_work), ("overdue", _("review overdue"), found.overdue),
        ]),
        line(_("By owner"), "owner", ((code, name, number) for name, code, number in found.owners[:20])),
        line(_("By protected object"), "protected", ((code, protected[code], found.protected.get(code, 0)) for code in protected if code != "none")),
        line(_("By hazard"), "hazard", ((code, hazards[code], found.hazards.get(code, 0)) for code in hazards)),
    ]  # fmt: skip


def _wanted(given: dict[str, str]) -> Wanted:
    """The filters; what makes no sense narrows nothing."""
    run = clocks.default_exercise_id()
    states = {*words.STATE_CHIPS, "in_work", "overdue"}
    return Wanted(
        kind=given["kind"] if given["kind"] in words.kind_words() else "",
        owner=given["owner"],
        hazard=given["hazard"] if given["hazard"] in words.hazard_words() else "",
        event_type=given["type"],
        state=given["state"] if given["state"] in states else "",
        protected=given["protected"] if given["protected"] in words.protected_words() else "",
        text=given["q"],
        exercise_id=run,
        today=clocks.now(run).astimezone(SHANGHAI).date(),
    )


def _mark(text: str) -> Mark | None:
    stamp, _sep, key = text.partition("~")
    try:
        return Mark(datetime.fromisoformat(stamp).astimezone(UTC), uuid.UUID(key))
    except (ValueError, OverflowError):
        return None


def _link(kept: dict[str, str], last: Plan) -> str:
    return "?" + urlencode({**kept, "after": f"{last.opened_at.isoformat()}~{last.pk}"})


# -- one plan ----------------------------------------------------------------------------------------------------------


@desk
@require_GET
def plan(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The record of one plan."""
    return render(request, "console/plans/plan.html", record(request, access_plan(request.actor, plan_id)))


def shown_version(request: DeskRequest, row: Plan) -> PlanVersion | None:
    """The version in force; before there is one, the newest, for whoever sees drafts."""
    if row.current is not None:
        return row.current
    return row.versions.order_by("-number").first() if owns(request.actor, row) else None


def shown_content(request: DeskRequest, row: Plan) -> Content:
    version = shown_version(request, row)
    return read(version.content) if version is not None else Content()


def record(
    request: DeskRequest, row: Plan, *, error: Refusal | None = None, verb: str = ""
) -> dict[str, Any]:
    """Everything that a plan's page shows; with `error`, the form that was refused and what was typed into it."""
    actor = request.actor
    is_owner = owns(actor, row)
    content = shown_content(request, row)
    versions = queries.versions_of(row) if is_owner else [one for one in [row.current] if one is not None]
    names = names_of([one.made_by for one in versions])
    at = clocks.now(row.exercise_id)
    writes = may_write(actor, row)
    return {
        **planpage.facts_of(row, at.astimezone(SHANGHAI).date()),
        "above": row.parent,
        "above_seen": row.parent_id is not None and visible_plans(actor).filter(pk=row.parent_id).exists(),
        "below": list(visible_plans(actor).filter(parent=row).order_by("kind", "number")[:50]),
        **planpage.content_view(content, planpage.names_in(content)),
        "versions": planpage.version_rows(versions, names),
        "in_work": next((one for one in versions if one.state in queries.IN_WORK), None),
        "links": planpage.link_rows(actor, row),
        "link_kinds": list(words.link_words().items()),
        "linkable": planpage.linkable(actor, row) if writes else [],
        "children": list(row.children.exclude(state="withdrawn").order_by("number")[:50]) if is_owner else [],
        "slots": slots_of(request, row) if is_owner else [],
        "may_write": writes,
        "may_decide": actor.can(Right.APPROVE_PLANS, row.division.path),
        "checklist_levels": [(level, words.level_word(level)) for level in (1, 2, 3, 4)],
        "error": error,
        "error_verb": verb,
        "typed": request.POST if error is not None else {},
        "read_at": request.now,
    }


Verb = Callable[[DeskRequest, Plan, datetime], HttpResponse | None]


@desk
@require_POST
def act(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """One of the verbs of the record. Refused, the record comes back with the sentence and the words typed."""
    verb = request.POST.get("verb", "")
    row = access_plan(request.actor, plan_id, need=_NEEDS.get(verb, Right.EDIT_PLANS))
    if verb not in _VERBS:
        raise NotFound
    try:
        with transaction.atomic():
            answer = _VERBS[verb](request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        page = record(request, access_plan(request.actor, plan_id), error=refusal, verb=verb)
        return render(request, "console/plans/plan.html", page, status=refusal.status)
    return answer or redirect("console:plan", row.pk)


def _draft(request: DeskRequest, row: Plan, at: datetime) -> HttpResponse | None:
    why = request.POST.get("why", "")
    made = services.draft_version(row, content=shown_content(request, row), why=why, by=request.actor, at=at)
    return redirect("console:plan_part", made.pk, "basics")


def _withdraw(request: DeskRequest, row: Plan, at: datetime) -> HttpResponse | None:
    services.withdraw_plan(row, why=request.POST.get("why", ""), by=request.actor, at=at)
    messages.success(request, _("Withdrawn."))
    return None


def _confirm(request: DeskRequest, row: Plan, at: datetime) -> HttpResponse | None:
    services.confirm_template(row, by=request.actor, at=at)
    messages.success(request, _("Confirmed; it is no template any more."))
    return None


def _link_to(request: DeskRequest, row: Plan, at: datetime) -> HttpResponse | None:
    other = access_plan(request.actor, key_from(request.POST.get("other", "")) or uuid.UUID(int=0))
    given = request.POST
    services.link_plans(
        row, other, kind=given.get("kind", ""), words=given.get("words", ""), by=request.actor, at=at
    )
    return None


def _unlink(request: DeskRequest, row: Plan, at: datetime) -> HttpResponse | None:
    key = key_from(request.POST.get("link", "")) or uuid.UUID(int=0)
    link = PlanLink.objects.select_related("plan__division").filter(pk=key, plan=row).first()
    if link is None:
        raise NotFound
    services.end_link(link, by=request.actor, at=at)
    return None


_VERBS: dict[str, Verb] = {"draft": _draft, "withdraw": _withdraw, "confirm": _confirm, "link": _link_to, "unlink": _unlink}  # fmt: skip
_NEEDS = {"withdraw": Right.APPROVE_PLANS, "confirm": Right.APPROVE_PLANS}
