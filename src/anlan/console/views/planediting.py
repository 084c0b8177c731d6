"""Writing a draft of a plan, part by part and row by row, without scripts."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.console import planforms, planpage
from anlan.console import planwords as words
from anlan.console.planfields import BASICS, FIELDS, Desk, desk_of
from anlan.console.planlessonslot import open_lessons
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal
from anlan.plans import arranging, services
from anlan.plans.access import access_version
from anlan.plans.content import Content, read
from anlan.plans.models import PlanVersion
from anlan.vocab.posts import Right

EDITABLE = ("draft", "returned")
#: Letters of a digest that a button carries.
_SHORT = 12


def _draft(request: DeskRequest, version_id: uuid.UUID) -> PlanVersion:
    return access_version(request.actor, version_id, need=Right.EDIT_PLANS)


def _store(request: DeskRequest, row: PlanVersion, content: Content) -> None:
    with transaction.atomic():
        services.save_draft(row, content=content, by=request.actor, at=clocks.now(row.exercise_id))


def _head(request: DeskRequest, row: PlanVersion, part: str) -> dict[str, Any]:
    """What every page of the editor carries: the parts with their numbers of rows, and what reviews want mended."""
    content = read(row.content)
    said = words.part_words()
    parts: list[tuple[str, str, int | None]] = [("basics", said["basics"], None)]
    parts += [(name, said[name], len(arranging.rows_of(content, name))) for name in arranging.PARTS]
    return {
        "plan": row.plan,
        "version": row,
        "part": part,
        "part_word": said[part],
        "parts": parts,
        "lessons": open_lessons(request, row.plan),
    }


@desk
def part(request: DeskRequest, plan_version_id: uuid.UUID, plan_part: str) -> HttpResponse:
    """One part of a draft: words as a form, a list as a table with a key for each row."""
    row = _draft(request, plan_version_id)
    if plan_part != "basics" and plan_part not in arranging.PARTS:
        raise NotFound
    if row.state not in EDITABLE:
        return redirect("console:plan_version", row.pk)
    return _basics(request, row) if plan_part == "basics" else _list(request, row, plan_part)


def _basics(request: DeskRequest, row: PlanVersion) -> HttpResponse:
    view = desk_of(request.actor, row.plan, read(row.content))
    errors: dict[str, str] = {}
    typed = planforms.shown(BASICS, view.content, view)
    if request.method == "POST":
        typed = planforms.typed_of(request.POST)
        try:
            _store(request, row, planforms.read_basics(typed, view))
            messages.success(request, _("Stored."))
            return redirect("console:plan_part", row.pk, "levels")
        except planforms.Wrong as wrong:
            errors = wrong.errors
    page = {
        **_head(request, row, "basics"),
        "fields": planforms.bound(BASICS, typed, view, errors),
        "has_errors": bool(errors),
    }
    return render(request, "console/plans/basics.html", page, status=422 if errors else 200)


def _list(request: DeskRequest, row: PlanVersion, name: str) -> HttpResponse:
    error: Refusal | None = None
    if request.method == "POST":
        try:
            _store(request, row, _arranged(request, row, name))
            query = request.GET.urlencode()
            return redirect(
                reverse("console:plan_part", args=[row.pk, name]) + (f"?{query}" if query else "")
            )
        except Refusal as refusal:
            error = refusal
            row.refresh_from_db()
    page = {**_head(request, row, name), **_rows(request, row, name), "error": error, "read_at": request.now}
    return render(request, "console/plans/part.html", page, status=200 if error is None else error.status)


def _arranged(request: DeskRequest, row: PlanVersion, name: str) -> Content:
    """The content after one key of the table: a row up, down or taken away. A key carries the row's name and its digest."""
    content, given = read(row.content), request.POST
    verb = next((one for one in ("up", "down", "remove") if one in given), "")
    key, _tilde, was = given.get(verb, "").partition("~")
    if not verb or arranging.place_of(content, name, key) is None:
        raise NotFound
    if verb == "remove":
        return arranging.take_row(content, name, key, was=was)
    among = [one["name"] for one in _rows(request, row, name)["rows"]]
    return arranging.move_row(content, name, key, up=verb == "up", among=among)


def _rows(request: DeskRequest, row: PlanVersion, name: str) -> dict[str, Any]:
    content = read(row.content)
    said = planpage.sayer(content, planpage.names_in(content))
    given = {one: request.GET.get(one, "").strip()[:120] for one in ("level", "group", "owner", "q")}
    columns = [one.name for one in FIELDS[name] if one.name in _COLUMNS[name]]
    lines = []
    for place, each in enumerate(arranging.rows_of(content, name)):
        if name == "tasks" and not _fits(each, given, said):
            continue
        line = arranging.name_of(name, each, place)
        lines.append(
            {
                "name": line,
                "button": f"{line}~{arranging.digest_of(each)[:_SHORT]}",
                "cells": [_cell(said, name, one, each) for one in columns],
            }
        )
    labels = words.field_words()
    page = {
        "rows": lines,
        "columns": [labels[one] for one in columns],
        "given": given,
        "may_move": name != "levels",
    }
    return page | (_task_filters(content, said) if name == "tasks" else {})


#: What the table of each part shows of a row.
_COLUMNS = {
    "levels": ("level", "triggers", "authority", "notify"),
    "posts": ("title", "address", "deputy"),
    "groups": ("name", "lead", "members", "from_level"),
    "tasks": ("title", "owner", "from_level", "group", "ack_min", "limit_min", "after"),
    "needs": ("name", "kind", "count", "unit", "from_level"),
    "contacts": ("name", "address", "above"),
    "chapters": ("title",),
    "annexes": ("title",),
}


def _cell(said: Any, part: str, name: str, each: Any) -> str:

    value = getattr(each, name)
    if name == "level" and part == "levels":
        return words.level_word(value)
    if name in ("ack_min", "limit_min"):
        return words.minutes_word(value)
    if name == "count":
        return f"{value:g}"
    return str(said.value(part, name, msgspec.to_builtins(value)))


def _fits(task: Any, given: dict[str, str], said: Any) -> bool:
    return (
        given["level"] in ("", str(task.from_level))
        and given["group"] in ("", task.group)
        and given["owner"] in ("", said.address(task.owner))
        and given["q"] in task.title + task.words
    )


def _task_filters(content: Content, said: Any) -> dict[str, Any]:
    return {
        "levels": [(str(level), words.from_level_word(level)) for level in (4, 3, 2, 1)],
        "groups": [(one.key, one.name) for one in content.groups],
        "owners": sorted({said.address(one.owner) for one in content.tasks}),
        "total": len(content.tasks),
    }


@desk
def row(request: DeskRequest, plan_version_id: uuid.UUID, plan_part: str, plan_row: str) -> HttpResponse:
    """One row on a page of its own; "new" adds one at the end."""
    version = _draft(request, plan_version_id)
    if plan_part not in arranging.PARTS:
        raise NotFound
    if version.state not in EDITABLE:
        return redirect("console:plan_version", version.pk)
    content = read(version.content)
    place = arranging.place_of(content, plan_part, plan_row)
    if place is None and plan_row != arranging.NEW:
        raise NotFound
    each = None if place is None else arranging.rows_of(content, plan_part)[place]
    key = "" if not arranging.PARTS[plan_part][1] else arranging.new_key(content, plan_part) if each is None else each.key  # fmt: skip
    view = desk_of(request.actor, version.plan, content, key=key, row=each)
    return _row_page(request, version, plan_part, plan_row, view)


def _row_page(request: DeskRequest, version: PlanVersion, name: str, line: str, view: Desk) -> HttpResponse:
    errors: dict[str, str] = {}
    error: Refusal | None = None
    each = view.row
    typed = planforms.blank(name) if each is None else planforms.shown(FIELDS[name], each, view)
    if request.method == "POST":
        typed = planforms.typed_of(request.POST)
        try:
            changed = planforms.read_row(name, typed, view)
            was = request.POST.get("was", "")
            _store(request, version, arranging.put_row(view.content, name, line, changed, was=was))
            return redirect(_after(request, version, name))
        except planforms.Wrong as wrong:
            errors = wrong.errors
        except Refusal as refusal:
            error = refusal
            version.refresh_from_db()
    page = {
        **_head(request, version, name),
        "fields": planforms.bound(FIELDS[name], typed, view, errors),
        "places": list(view.labels.values()),
        "was": "" if each is None else arranging.digest_of(each)[:_SHORT],
        "is_new": each is None,
        "error": error,
        "has_errors": bool(errors),
    }
    status = 422 if errors else 200 if error is None else error.status
    return render(request, "console/plans/row.html", page, status=status)


def _after(request: DeskRequest, version: PlanVersion, name: str) -> str:
    """Back to the table, or to the next empty row."""
    messages.success(request, _("Stored."))
    if request.POST.get("verb") == "another":
        return reverse("console:plan_row", args=[version.pk, name, arranging.NEW])
    return reverse("console:plan_part", args=[version.pk, name])
