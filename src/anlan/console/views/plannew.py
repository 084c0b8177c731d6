"""Opening plans from a starter pack, a copy or an empty sheet, and saying what they are about."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from anlan.accounts.access import require_somewhere
from anlan.console import incidentwords, planpage
from anlan.console import planwords as words
from anlan.console.incidentpage import key_from
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.plans import shown_content
from anlan.journal import clocks
from anlan.kernel.ids import uuid7
from anlan.kernel.refusals import NotFound, Refusal
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.plans import services
from anlan.plans.access import access_plan, visible_plans
from anlan.plans.content import Content
from anlan.plans.departments import departments_for, instantiate
from anlan.plans.models import Plan
from anlan.plans.queries import of_run
from anlan.vocab.posts import Right


@desk
def new(request: DeskRequest) -> HttpResponse:
    """Open a plan from a starter pack, as a copy, or empty. Sent twice, the form makes one."""
    require_somewhere(request.actor, Right.EDIT_PLANS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _open(request)
        except NotFound:
            raise
        except Refusal as refusal:
            error = refusal
    typed = _face_typed(request.POST) if error is not None else _first(request)
    page = {
        "typed": typed,
        "key": request.POST.get("key") or str(uuid7()),
        "packs": [(one.code, one.title) for one in _packs()],
        "error": error,
        "is_new": True,
        "copies": _copies(request),
        **_face_choices(request),
    }
    return render(request, "console/plans/new.html", page, status=200 if error is None else error.status)


def _copies(request: DeskRequest) -> list[tuple[str, str]]:
    """Plans that may be copied: those in force that the reader sees, at most 300."""
    rows = visible_plans(request.actor).filter(of_run(clocks.default_exercise_id()), state="in_force").order_by("kind", "number")  # fmt: skip
    return [
        (str(pk), f"{number} {title}")
        for pk, number, title in rows.values_list("pk", "number", "title")[:300]
    ]


def _packs() -> list[Any]:
    """Starter packs of this version of the program."""
    from anlan.plans.packs import starter_packs

    return list(starter_packs())


def _first(request: DeskRequest) -> dict[str, Any]:
    """The form as a starting point fills it: `?from=pack:flood` or `?from=copy:<id>`."""
    start = request.GET.get("from", "")[:80]
    typed: dict[str, Any] = {"from": start, "kind": "special", "protected_kind": "none"}
    kind, _colon, key = start.partition(":")
    if kind == "pack":
        pack = next((one for one in _packs() if one.code == key), None)
        if pack is None:
            raise NotFound
        typed |= {"title": pack.title, "kind": str(pack.kind), "event_types": list(pack.event_types), "hazards": list(pack.hazards)}  # fmt: skip
    elif kind == "copy":
        row = access_plan(request.actor, key_from(key) or uuid.UUID(int=0))
        typed |= {name: getattr(row, name) for name in ("title", "kind", "event_types", "hazards", "protected_kind", "protected_words")}  # fmt: skip
        typed |= {"protected_place": row.protected_place_id or "", "parent": str(row.parent_id or "")}
    return typed


def _face_typed(given: QueryDict) -> dict[str, Any]:
    return {**given.dict(), "event_types": given.getlist("event_types"), "hazards": given.getlist("hazards")}


def _face_choices(request: DeskRequest, row: Plan | None = None) -> dict[str, Any]:
    return {
        "places": _places(request, row),
        "parents": _parents(request, row),
        "kinds": list(words.kind_words().items()),
        "types": incidentwords.type_choices(),
        "hazards": list(words.hazard_words().items()),
        "protected": list(words.protected_words().items()),
        "owners": planpage.owners_for(request.actor, Right.EDIT_PLANS),
        "read_at": request.now,
    }


def _places(request: DeskRequest, row: Plan | None) -> list[tuple[str, str]]:
    """Places that may be what a plan protects: those that the reader sees, and the one that it has."""
    found = shared(
        request,
        "plan_places",
        lambda: [
            (code, ("　" if level not in ("county", "township", "department") else "") + name)
            for code, name, level in visible(request.actor)
            .filter(valid_to=None)
            .order_by("path")
            .values_list("code", "name", "level")[:2000]
        ],
    )
    now = row.protected_place if row is not None else None
    return (
        found if now is None or any(code == now.pk for code, _name in found) else [*found, (now.pk, now.name)]
    )


def _parents(request: DeskRequest, row: Plan | None) -> list[tuple[str, str]]:
    """Plans in force that it may stand under, and the one that it stands under now."""
    found = [one for one in _copies(request) if row is None or one[0] != str(row.pk)]
    now = row.parent if row is not None else None
    return (
        found
        if now is None or any(key == str(now.pk) for key, _name in found)
        else [*found, (str(now.pk), f"{now.number} {now.title}")]
    )


def _above(request: DeskRequest, row: Plan | None = None) -> dict[str, Any]:
    """The protected place and the plan above as they were chosen; a form without these fields leaves them as they are."""
    given, found = request.POST, dict[str, Any]()
    if "protected_place" in given:
        code, now = given["protected_place"], row.protected_place if row is not None else None
        keeps = now is not None and now.pk == code
        found["protected_place"] = now if keeps else access_division(request.actor, code) if code else None
    if "parent" in given:
        key, above = given["parent"], row.parent if row is not None else None
        keeps = above is not None and str(above.pk) == key
        found["parent"] = (
            above if keeps else access_plan(request.actor, key_from(key) or uuid.UUID(int=0)) if key else None
        )
    return found


def _open(request: DeskRequest) -> HttpResponse:
    given, actor = request.POST, request.actor
    key = key_from(given.get("key", "")) or uuid7()
    if Plan.objects.filter(pk=key).exists():
        return redirect("console:plan", access_plan(actor, key).pk)
    place = access_division(actor, given.get("division", ""), need=Right.EDIT_PLANS)
    content, template = _start(request, given.get("from", ""), place)
    run = clocks.default_exercise_id()
    with transaction.atomic():
        made = services.open_plan(
            division=place,
            content=content,
            template=template,
            by=actor,
            at=clocks.now(run),
            exercise_id=run,
            key=key,
            **_face(given),
            **_above(request),
        )
    messages.success(request, _("Opened as %(number)s; it is a draft.") % {"number": made.plan.number})
    return redirect("console:plan_part", made.pk, "basics")


def _start(request: DeskRequest, start: str, place: Division) -> tuple[Content, str]:
    """What the plan begins with, and the code of its pack; departments of a pack get the codes of this county."""
    kind, _colon, key = start.partition(":")
    if kind == "pack":
        pack = next((one for one in _packs() if one.code == key), None)
        if pack is None:
            raise NotFound
        return instantiate(pack, departments_for(place)), pack.code
    if kind == "copy":
        return shown_content(request, access_plan(request.actor, key_from(key) or uuid.UUID(int=0))), ""
    return Content(), ""


def _face(given: QueryDict) -> dict[str, Any]:
    return {
        "title": given.get("title", "").strip()[:160],
        "kind": given.get("kind", ""),
        "event_types": given.getlist("event_types"),
        "hazards": given.getlist("hazards"),
        "protected_kind": given.get("protected_kind", "") or "none",
        "protected_words": given.get("protected_words", "").strip()[:160],
    }


@desk
def face(request: DeskRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What the plan is about; no version changes by it."""
    row = access_plan(request.actor, plan_id, need=Right.EDIT_PLANS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                services.describe_plan(
                    row,
                    by=request.actor,
                    at=clocks.now(row.exercise_id),
                    **_face(request.POST),
                    **_above(request, row),
                )
            return redirect("console:plan", row.pk)
        except NotFound:
            raise
        except Refusal as refusal:
            error = refusal
            row.refresh_from_db()
    typed = (
        _face_typed(request.POST)
        if error is not None
        else {name: getattr(row, name) for name in _face(QueryDict())}
        | {"protected_place": row.protected_place_id or "", "parent": str(row.parent_id or "")}
    )
    page = {"plan": row, "typed": typed, "error": error, **_face_choices(request, row)}
    return render(request, "console/plans/face.html", page, status=200 if error is None else error.status)
