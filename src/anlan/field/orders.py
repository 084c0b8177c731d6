"""Orders on a phone: behind the link of a message without an account, and for whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anlan.attachments.refusals import TooLarge
from anlan.attachments.services import MOST_BYTES
from anlan.attachments.uploading import bounded_uploads
from anlan.dispatch import orderwords, services
from anlan.dispatch.access import own_orders
from anlan.dispatch.links import digest, orders_behind
from anlan.dispatch.models import Instruction, Via
from anlan.dispatch.orderboard import RUNNING, row_of, urgency
from anlan.dispatch.types import Proof
from anlan.field import limits
from anlan.field.links import sentence
from anlan.field.views import FieldRequest, _taken
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound, Refusal

#: Orders that are over and still shown below the others.
OVER = 10
_FORM_BYTES = 64 * 1024

Verb = Callable[..., Instruction]
_VERBS: dict[str, Verb] = {
    "acknowledge": services.acknowledge_instruction,
    "start": services.start_instruction,
    "report": services.report_instruction,
    "finish": services.finish_instruction,
    "could_not": services.could_not_instruction,
}
_WITH_FILES = ("report", "finish")


@bounded_uploads
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def orders(request: FieldRequest) -> HttpResponse:
    """Orders to the places and teams that I answer for."""
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    rows = list(own_orders(request.actor, at).filter(exercise_id=run).order_by("-issued_at", "-number")[:200])
    if request.method != "POST":
        return render(request, "field/orders.html", _page(request, rows, at))
    try:
        _answer(request, rows, by=request.actor, by_name=request.actor.name, via=Via.PAGE)
    except NotFound:
        raise
    except Refusal as refusal:
        page = _page(request, rows, at, error=sentence(refusal))
        return render(request, "field/orders.html", page, status=refusal.status)
    return _taken(request, "field:orders")


@csrf_exempt  # the link is the capability; no cookie is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, order_token: str) -> HttpResponse:
    """Behind the link in a message: the orders of that addressee about that incident. Looking answers nothing."""
    token = order_token
    rows = orders_behind(token)
    if not rows:
        return render(request, "field/gone.html", status=404)
    if not (limits.posts if request.method == "POST" else limits.looks).allows(token):
        return render(request, "field/slow.html", status=429)
    at = clocks.now(rows[0].exercise_id)
    if request.method != "POST":
        return render(request, "field/order_link.html", _page(request, rows, at))
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + _FORM_BYTES:
            raise TooLarge(limit_mb=MOST_BYTES // 1024 // 1024)
        name = request.POST.get("who", "").strip()[:60]
        by = Actor(ref=f"order_link:{digest(token)[:16]}", name=name or rows[0].addressee.name)
        _answer(request, rows, by=by, by_name=by.name, via=Via.LINK)
    except Refusal as refusal:
        page = _page(request, orders_behind(token), at, error=sentence(refusal))
        return render(request, "field/order_link.html", page, status=refusal.status)
    answer = redirect("field:order_link", token)
    answer.status_code = 303
    return answer


def _answer(request: HttpRequest, rows: Sequence[Instruction], *, by: Actor, by_name: str, via: str) -> None:
    """One verb about one order of these, or "received" about all that are not acknowledged."""
    given = request.POST
    verb = given.get("verb", "")
    if verb not in (*_VERBS, "acknowledge_all"):
        raise NotFound
    chosen = [row for row in rows if str(row.pk) == given.get("order", "")]
    if verb == "acknowledge_all":
        verb, chosen = "acknowledge", [row for row in rows if row.state == "issued"]
    elif not chosen:
        raise NotFound
    more = _more(request, verb)
    with transaction.atomic():
        for row in chosen:
            at = clocks.now(row.exercise_id)
            _VERBS[verb](row, by=by, by_name=by_name, via=via, at=at, **more)


def _more(request: HttpRequest, verb: str) -> dict[str, Any]:
    """What is said besides: words, percent, a picture."""
    given = request.POST
    more: dict[str, Any] = {"words": given.get("words", "")[:2000]}
    if verb not in _WITH_FILES:
        return more
    text = given.get("progress", "").strip().rstrip("%％")
    if verb == "report" and text:
        more["progress"] = int(text[:4]) if text.isascii() and text.isdigit() else -1
    file = request.FILES.get("file")
    if file is not None:
        more["files"] = [Proof((file.name or "")[:120], file.chunks())]
    return more


def _page(
    request: HttpRequest, rows: Sequence[Instruction], at: datetime, *, error: str = ""
) -> dict[str, Any]:
    known = {row.pk: row for row in rows}
    faces = sorted((row_of(row, at) for row in rows), key=urgency)
    running = [_face(known[one.id], one) for one in faces if one.state in RUNNING]
    return {
        "rows": running,
        "over": [_face(known[one.id], one) for one in faces if one.state not in RUNNING][:OVER],
        "unread": sum(one["one"].state == "issued" for one in running),
        "incident": rows[0].incident if rows else None,
        "place": (rows[0].team or rows[0].addressee).name if rows else "",
        "exercise": bool(rows) and rows[0].exercise_id is not None,
        "who": request.POST.get("who", ""),
        "typed": request.POST if error else {},
        "error": error,
        "now": at,
    }


def _face(row: Instruction, one: Any) -> dict[str, Any]:
    zh, en = orderwords.STATES[one.state]
    is_chinese = (get_language() or "zh").startswith("zh")
    return {"one": one, "row": row, "state": zh if is_chinese else en}
