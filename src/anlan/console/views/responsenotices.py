"""The official notice of a response: read, corrected, signed, sent, with the receipt of each phone."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from anlan.console import responsewords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.response import queries, services
from anlan.response.access import access_notice
from anlan.response.models import ResponseNotice
from anlan.response.services.notices import check_may_sign, phones_of
from anlan.vocab.posts import Right

#: What is proved about a delivery, strongest last.
_CHIPS = {
    "sent": "chip--waiting",
    "delivered": "chip--answered",
    "read": "chip--done",
    "failed": "chip--unanswered",
    "refused": "chip--unanswered",
}


@desk
def notice(request: DeskRequest, response_notice_id: uuid.UUID) -> HttpResponse:
    row = access_notice(request.actor, response_notice_id)
    if request.method != "POST":
        return _page(request, row)
    check_may_sign(row, request.actor)
    verb = request.POST.get("verb", "")
    if verb not in _VERBS:
        raise NotFound
    try:
        with transaction.atomic():
            _VERBS[verb](request, row, clocks.now(row.exercise_id))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, access_notice(request.actor, response_notice_id), refusal)
    messages.success(request, _said(verb))
    return redirect("console:response_notice", row.pk)


def _page(request: DeskRequest, row: ResponseNotice, error: Refusal | None = None) -> HttpResponse:
    path = row.activation.division.path
    actor = request.actor
    at = clocks.now(row.exercise_id)
    page: dict[str, Any] = {
        "notice": row,
        "state": words.notice_words()[row.state],
        "chip": words.NOTICE_CHIPS[row.state],
        "change": words.change_word(row.level_change),
        "may_sign": actor.can(Right.DECIDE_RESPONSE, path) or actor.can(Right.SIGN_REPORTS, path),
        "receipts": [
            (one, _state_word(one.state), _CHIPS.get(one.state, "")) for one in queries.receipts_of(row)
        ],
        "names": "\n".join(one["name"] for one in row.main_to),
        "phones": len(phones_of(row.main_to, at)) if row.state in ("draft", "signed") else 0,
        "typed": request.POST if error is not None else {},
        "error": error,
        "read_at": request.now,
    }
    return render(
        request, "console/responses/notice.html", page, status=200 if error is None else error.status
    )


def _state_word(state: str) -> str:
    return {
        "queued": _("waits to be sent"),
        "handing": _("is being sent"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "read": _("read"),
        "refused": _("refused"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
    }.get(state, state)


def _edit(request: DeskRequest, row: ResponseNotice, at: Any) -> None:
    """Names that stood there keep their places and posts; new ones are words only and are told by hand."""
    known = {one["name"]: one for one in row.main_to}
    names = [name.strip() for name in request.POST.get("main_to", "").splitlines() if name.strip()]
    services.edit_notice(
        row,
        title=request.POST.get("title", ""),
        body=request.POST.get("body", ""),
        phone_text=request.POST.get("phone_text", ""),
        main_to=[
            known.get(name, {"name": name[:120], "code": "", "post": "", "person": ""}) for name in names
        ],
        by=request.actor,
        at=at,
    )


def _sign(request: DeskRequest, row: ResponseNotice, at: Any) -> None:
    services.sign_notice(row, by=request.actor, by_name=request.actor.name, at=at)


def _send(request: DeskRequest, row: ResponseNotice, at: Any) -> None:
    services.send_notice(row, by=request.actor, at=at)


def _withdraw(request: DeskRequest, row: ResponseNotice, at: Any) -> None:
    services.withdraw_notice(row, by=request.actor, at=at)


_VERBS = {"edit": _edit, "sign": _sign, "send": _send, "withdraw": _withdraw}


def _said(verb: str) -> str:
    return {
        "edit": _("Stored."),
        "sign": _("Signed; it has its number."),
        "send": _("The short text is on its way."),
        "withdraw": _("Withdrawn."),
    }[verb]
