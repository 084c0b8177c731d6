"""The register of those who get reports, and of the lower nodes that pass theirs up."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import narrow, require, require_somewhere
from anlan.console import reportwords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, Refusal
from anlan.places import queries as places
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.reporting import services
from anlan.reporting.access import access_node, access_receiver, visible_receivers
from anlan.reporting.models import LowerNode, ReportReceiver
from anlan.reporting.types import ReceiverDetails
from anlan.vocab.incidents import CLASS_LABELS, GRADE_LABELS
from anlan.vocab.posts import Right

_CODE = re.compile(r"[a-z0-9-]{1,40}")


@desk
@require_http_methods(["GET", "POST"])
def receivers(request: DeskRequest) -> HttpResponse:
    """Who gets reports of which class and grade, and by which ways."""
    require_somewhere(request.actor, Right.ADMINISTER if request.method == "POST" else Right.SEE)
    error, status, token = "", 200, ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                token = _enter(request)
        except NotAllowed:
            raise
        except Refusal as refusal:
            error, status = words.sentence(refusal), refusal.status
        else:
            if not token:
                return redirect("console:report_receivers")
    page = {
        "rows": [_row(one) for one in visible_receivers(request.actor)],
        "nodes": narrow(LowerNode.objects.select_related("division"), request.actor).order_by(
            "-is_active", "name"
        )
        if request.actor.can_somewhere(Right.ADMINISTER)
        else [],
        "places": visible(request.actor, Right.ADMINISTER)
        .filter(level__in=("county", "township"))
        .order_by("path")
        .values_list("code", "name")[:200],
        "can_change": request.actor.can_somewhere(Right.ADMINISTER),
        "token": token,
        "addresses": {},
        "error": error,
        **_choices(),
        "given": request.POST,
        "read_at": request.now,
    }
    return render(request, "console/reporting/receivers.html", page, status=status)


def _enter(request: DeskRequest) -> str:
    """A receiver, the usual ones, or a lower node; only the last has a token to tell."""
    at, verb = clocks.now(clocks.default_exercise_id()), request.POST.get("verb")
    if verb == "node":
        division = access_division(request.actor, request.POST.get("division", ""), need=Right.ADMINISTER)
        return services.enter_node(request.POST.get("name", ""), division=division, by=request.actor, at=at)[
            1
        ]
    county = _county(request)
    if verb == "first":
        services.first_receivers(county, by=request.actor, at=at)
    else:
        services.enter_receiver(_details(request.POST), division=county, by=request.actor, at=at)
    return ""


@desk
@require_http_methods(["GET", "POST"])
def receiver(request: DeskRequest, receiver_id: uuid.UUID) -> HttpResponse:
    need = Right.ADMINISTER if request.method == "POST" else Right.SEE
    row = access_receiver(request.actor, receiver_id, need=need)
    error, status = "", 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                services.change_receiver(
                    row,
                    _details(request.POST, code=row.code),
                    is_active=request.POST.get("active") == "1",
                    by=request.actor,
                    at=clocks.now(clocks.default_exercise_id()),
                )
            return redirect("console:report_receivers")
        except Refusal as refusal:
            error, status = words.sentence(refusal), refusal.status
            row = access_receiver(request.actor, receiver_id)
    page = {
        "item": _row(row),
        "receiver": row,
        "addresses": services.ways_of(row),
        "can_change": request.actor.can(Right.ADMINISTER, row.division.path),
        "error": error,
        **_choices(),
        "read_at": request.now,
    }
    return render(request, "console/reporting/receiver.html", page, status=status)


@desk
@require_POST
def stop_node(request: DeskRequest, node_id: uuid.UUID) -> HttpResponse:
    row = access_node(request.actor, node_id)
    with transaction.atomic():
        services.stop_node(row, by=request.actor, at=clocks.now(clocks.default_exercise_id()))
    messages.success(request, _("Its token is worth nothing any more."))
    return redirect("console:report_receivers")


def _details(given: QueryDict, *, code: str = "") -> ReceiverDetails:
    ways = tuple(
        (way, given.get(f"address-{way}", "")) for way, _word in words.ways() if given.get(f"way-{way}")
    )
    grade = given.get("from_grade", "")
    own = code or given.get("code", "").strip().lower()
    return ReceiverDetails(
        name=given.get("name", ""),
        code=own if _CODE.fullmatch(own) else "",
        tier=given.get("tier", ""),
        ways=ways,
        classes=tuple(int(one) for one in given.getlist("classes") if one in ("1", "2", "3", "4")),
        from_grade=int(grade) if grade in ("1", "2", "3", "4") else None,
    )


def _row(one: ReportReceiver) -> dict[str, Any]:
    known = dict(words.ways())
    return {
        "row": one,
        "tier": words.tier_word(one.tier),
        "ways": [(known[way], address) for way, address in services.ways_of(one).items() if way in known],
        "classes": [words.say(CLASS_LABELS[code]) for code in CLASS_LABELS if code in one.classes],
        "grade": "" if one.from_grade is None else words.say(GRADE_LABELS[one.from_grade][1:]),
    }


def _choices() -> dict[str, Any]:
    return {
        "tiers": words.tiers(),
        "ways": words.ways(),
        "classes": [(int(code), words.say(pair)) for code, pair in CLASS_LABELS.items()],
        "grades": [(grade, words.say(face[1:])) for grade, face in GRADE_LABELS.items()],
    }


def _county(request: DeskRequest) -> Division:
    county = places.county()
    if county is None:
        raise NotAllowed
    require(request.actor, Right.ADMINISTER, county.path)
    return county
