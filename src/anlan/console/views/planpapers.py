"""From a plan to paper: the manual of a post, the order checklist of a level, and both found by kind of event."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere
from anlan.console import incidentwords, planpage
from anlan.console import planwords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.plans import shown_content, shown_version
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound
from anlan.plans.access import access_plan
from anlan.plans.content import read
from anlan.plans.listing import plans_for_event
from anlan.plans.manuals import LEVELS, ListPart, order_checklist, post_manual
from anlan.plans.models import Plan
from anlan.vocab.posts import Right


def level_of(text: str, otherwise: int) -> int:
    return int(text) if text in {str(level) for level in LEVELS} else otherwise


def _levels() -> list[tuple[int, str]]:
    return [(level, words.level_word(level)) for level in LEVELS]


def _head(request: DeskRequest, row: Plan, level: int) -> dict[str, Any]:
    return {
        "plan": row,
        "version": shown_version(request, row),
        "level": level,
        "level_word": words.level_word(level),
        "levels": _levels(),
        "is_template": bool(row.template) and row.confirmed_at is None,
        "read_at": request.now,
    }


@desk
@require_GET
def post(request: DeskRequest, plan_id: uuid.UUID, plan_post: str) -> HttpResponse:
    """操作手册: one page for one post, to be printed and laid on the desk."""
    row = access_plan(request.actor, plan_id)
    content = shown_content(request, row)
    level = level_of(request.GET.get("level", ""), 1)
    manual = post_manual(content, plan_post, level)
    if manual is None:
        raise NotFound
    said = planpage.sayer(content, planpage.names_in(content))
    page = {
        **_head(request, row, level),
        "manual": manual,
        "address": said.address(manual.post.address),
        "deputy": said.address(manual.post.deputy) if manual.post.deputy is not None else "",
        "steps": [planpage.step_view(one, said) for one in manual.steps],
        "decides": [words.level_word(one.level) for one in manual.decides],
        "calls": [(one.name, said.address(one.address)) for one in manual.calls],
        "called_by": [(one.name, said.address(one.address)) for one in manual.called_by],
        "posts": [(one.key, one.title) for one in content.posts],
    }
    return render(request, "console/plans/post.html", page)


@desk
@require_GET
def checklist(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Every task of a level, group by group, with a box to tick."""
    row = access_plan(request.actor, plan_id)
    level = level_of(request.GET.get("level", ""), 4)
    page = {**_head(request, row, level), "lists": [_list(request, row, level)]}
    return render(request, "console/plans/checklist.html", page)


@desk
@require_GET
def checklists(request: DeskRequest) -> HttpResponse:
    """The order checklist per kind of event and level: of every plan in force that answers it and that the reader sees."""
    require_somewhere(request.actor, Right.SEE)
    event_type = request.GET.get("type", "")[:40]
    level = level_of(request.GET.get("level", ""), 4)
    rows = plans_for_event(request.actor, event_type, clocks.default_exercise_id()) if event_type else []
    page = {
        "lists": [_list(request, row, level) for row in rows],
        "type": event_type,
        "types": incidentwords.type_choices(),
        "level": level,
        "level_word": words.level_word(level),
        "levels": _levels(),
        "read_at": request.now,
    }
    return render(request, "console/plans/checklist.html", page)


def _list(request: DeskRequest, row: Plan, level: int) -> dict[str, Any]:
    version = shown_version(request, row)
    content = read(version.content if version is not None else {})
    said = planpage.sayer(content, planpage.names_in(content))
    parts = [_part(one, said) for one in order_checklist(content, level)]
    return {
        "plan": row,
        "version": version,
        "is_template": bool(row.template) and row.confirmed_at is None,
        "parts": parts,
        "total": sum(len(part["steps"]) for part in parts),
    }


def _part(one: ListPart, said: Any) -> dict[str, Any]:
    return {
        "name": one.group.name if one.group is not None else "",
        "lead": said.posts.get(one.group.lead, "") if one.group is not None else "",
        "steps": [planpage.step_view(step, said) for step in one.steps],
    }
