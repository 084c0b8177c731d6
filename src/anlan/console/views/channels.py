"""Channels: what each can prove, how its routes stand; filed texts of SMS routes; phones with a SIM."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import segno
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console.context import county_name
from anlan.console.views.base import DeskRequest, desk
from anlan.dissemination.channels import Nature, Proof
from anlan.dissemination.channels.routing import route_settings
from anlan.dissemination.models import AndroidDevice, FilingStatus, SmsSignature, SmsTemplate
from anlan.dissemination.models.android import RATE_PER_MINUTE
from anlan.dissemination.queries_channels import overview
from anlan.dissemination.services import android, filings
from anlan.dissemination.services.own_tests import TESTED, test_own_number
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal, fill
from anlan.vocab.posts import Right


@desk
def channels(request: DeskRequest) -> HttpResponse:
    """Every channel with its routes; the list refreshes itself."""
    _require_reader(request.actor)
    return render(request, "console/channels/channels.html", {"rows": _rows(request), "tested": TESTED})


@desk
def channels_fragment(request: DeskRequest) -> HttpResponse:
    """Only the list."""
    _require_reader(request.actor)
    return HttpResponse(_rows(request))


@desk
@require_POST
@transaction.atomic(durable=True)
def test_channel(request: DeskRequest) -> HttpResponse:
    """One message to the signed-in person's own address; there is no field for another one."""
    require_somewhere(request.actor, Right.RUN_CALLOUT)
    try:
        test_own_number(
            request.POST.get("channel", ""), issuer=county_name(), by=request.actor, at=request.now
        )
    except Refusal as refused:
        messages.error(request, words_of(refused))
    else:
        messages.success(request, _("A test message to your own address is on its way."))
    return redirect("console:channels")


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def sms_filings(request: DeskRequest) -> HttpResponse:
    """Filed signatures and templates, and whether a text fits one. Trying a text changes nothing."""
    _require_reader(request.actor)
    if request.method == "GET":
        return _filings_page(request)
    if request.POST.get("verb") == "check":
        text = request.POST.get("text", "")[:2_000]
        return _filings_page(request, tried=text, verdict=filings.check(text))
    _require_editor(request.actor)
    try:
        said, wrong = _edit(request)
    except (Refusal, ValueError) as error:
        problem = words_of(error) if isinstance(error, Refusal) else _("A date is written as 2026-12-31.")
        return _filings_page(request, problem=problem, shown=request.POST)
    if wrong:
        return _filings_page(request, problem=_("Nothing was entered."), wrong=wrong, shown=request.POST)
    messages.success(request, said)
    return redirect("console:sms_filings")


@desk
@require_http_methods(["GET", "POST"])
@transaction.atomic(durable=True)
def phones(request: DeskRequest) -> HttpResponse:
    """Phones with a SIM that send for the county. A token is shown once, as text and as a QR code."""
    _require_reader(request.actor)
    if request.method == "GET":
        return _phones_page(request)
    require_somewhere(request.actor, Right.ADMINISTER)
    if request.POST.get("verb") == "stop":
        android.stop_device(_device(request.POST.get("device", "")), by=request.actor, at=request.now)
        messages.success(request, _("Stopped. Its token opens nothing any more."))
        return redirect("console:sms_phones")
    try:
        device, token = android.pair_device(
            request.POST.get("name", ""),
            sim_slot=_number(request.POST.get("sim_slot", ""), 1),
            number_label=request.POST.get("number_label", ""),
            rate_per_minute=_number(request.POST.get("rate", ""), RATE_PER_MINUTE),
            by=request.actor,
            at=request.now,
        )
    except Refusal as refused:
        return _phones_page(request, problem=words_of(refused), shown=request.POST)
    address = request.build_absolute_uri(f"/f/gateway/{token}/")
    answer = _phones_page(request, made=device, token=token, address=address, code=_qr(address))
    answer["Cache-Control"] = "no-store"
    return answer


# --- inside -----------------------------------------------------------------------------------------------------------


def proof_words() -> dict[str, str]:
    return {
        Proof.SENT: _("taken by the provider"),
        Proof.DELIVERED: _("delivered to the device"),
        Proof.READ: _("read"),
        Proof.ANSWERED: _("answered"),
    }


def nature_words() -> dict[str, str]:
    return {
        Nature.PERSONAL: _("to a person"),
        Nature.PLACE: _("to a device in a place"),
        Nature.GROUP: _("to a chat group"),
        Nature.PARTNER: _("through a partner"),
        Nature.HAND: _("by hand and voice"),
    }


def fit_words() -> dict[str, str]:
    return {
        filings.Fit.FITS: _("fits a filed template"),
        filings.Fit.NO_FILING_KNOWN: _("no filing known for this route: nobody can say whether it passes"),
        filings.Fit.NOT_FILED: _("fits no filed template: the carrier may block it"),
        filings.Fit.SIGNATURE_NOT_FILED: _("the signature is not on file: the carrier may block it"),
        filings.Fit.NOT_IN_FORCE: _("fits only a template that is pending or has expired"),
    }


def status_words() -> dict[str, str]:
    return {
        FilingStatus.FILED: _("filed"),
        FilingStatus.PENDING: _("pending"),
        FilingStatus.EXPIRED: _("expired"),
    }


def words_of(refused: Refusal) -> str:
    return " ".join(fill(_(text), refused.data) for text in (refused.text, refused.next_step) if text)


def _rows(request: DeskRequest) -> SafeString:
    page = {
        "overview": overview(),
        "proof_words": proof_words(),
        "nature_words": nature_words(),
        "state_words": {
            "up": _("connected"),
            "connecting": _("connecting"),
            "down": _("not connected"),
            "idle": _("not used yet"),
            "": _("not known: the worker has not told"),
        },
    }
    return mark_safe(render_to_string("console/channels/_rows.html", page, request))  # noqa: S308 - escaped by its template


def _filings_page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    page = {
        "signatures": SmsSignature.objects.all(),
        "templates": SmsTemplate.objects.all(),
        "routes": [entry.name for entry in _routes()],
        "statuses": status_words().items(),
        "status_words": status_words(),
        "fit_words": fit_words(),
        "may_edit": _may_edit(request.actor),
        "read_at": request.now,
        **more,
    }
    return render(request, "console/channels/filings.html", page, status=422 if more.get("problem") else 200)


def _routes() -> list[Any]:  # Any: settings of routes; a mistake in the file shows on the page of channels
    try:
        return list(route_settings("sms"))
    except Refusal:
        return []


def _edit(request: DeskRequest) -> tuple[str, list[str]]:
    """What was done, and what is wrong by line (then nothing was done)."""
    given = {
        name: request.POST.get(name, "").strip()
        for name in ("route", "name", "text", "status", "filed_number")
    }
    until = request.POST.get("valid_until", "").strip()
    valid_until = date.fromisoformat(until) if until else None
    who: dict[str, Any] = {
        "by": request.actor,
        "at": request.now,
    }  # Any: keyword arguments, each of its own type
    filed: dict[str, Any] = {
        "status": given["status"],
        "filed_number": given["filed_number"],
        "valid_until": valid_until,
    }
    match request.POST.get("verb"):
        case "signature":
            filings.add_signature(given["route"], given["text"], **filed, **who)
        case "template":
            limits = _limits(request.POST.get("limits", ""))
            filings.add_template(given["route"], given["name"], given["text"], limits=limits, **filed, **who)
        case "import":
            lines = request.POST.get("lines", "")[:200_000].splitlines()
            count, wrong = filings.import_templates(lines, route=given["route"], **who)
            return _("Templates entered: %(count)s.") % {"count": count}, wrong
        case _:
            filings.change_status(_filing(request.POST.get("filing", "")), **filed, **who)
    return _("Kept."), []


def _limits(text: str) -> dict[str, int]:
    """“village=10, text=60” as numbers; what is no number is left out and refused as unknown by the service."""
    found = {}
    for pair in filter(None, (one.strip() for one in text.replace("，", ",").split(","))):
        name, _sign, most = pair.partition("=")
        found[name.strip()] = int(most) if most.strip().isdecimal() else 0
    return found


def _filing(key: str) -> SmsSignature | SmsTemplate:
    for model in (SmsTemplate, SmsSignature):
        row = model.objects.filter(pk=_uuid(key)).first()
        if row is not None:
            return row
    raise NotFound


def _device(key: str) -> AndroidDevice:
    row = AndroidDevice.objects.filter(pk=_uuid(key)).first()
    if row is None:
        raise NotFound
    return row


def _uuid(key: str) -> uuid.UUID:
    try:
        return uuid.UUID(key)
    except ValueError as error:
        raise NotFound from error


def _phones_page(request: DeskRequest, **more: Any) -> HttpResponse:  # Any: what the template shows
    page = {
        "devices": AndroidDevice.objects.all(),
        "gone_before": request.now - android.GONE_AFTER,
        "rate": RATE_PER_MINUTE,
        "may_edit": request.actor.can_somewhere(Right.ADMINISTER),
        "read_at": request.now,
        **more,
    }
    return render(request, "console/channels/phones.html", page, status=422 if more.get("problem") else 200)


def _qr(text: str) -> SafeString:
    """An inline picture without style or script, so that the page's strict policy lets it through."""
    return mark_safe(segno.make(text, error="m").svg_inline(scale=5, border=2))  # noqa: S308 - made here from our own address


def _may_edit(actor: Actor) -> bool:
    return actor.can_somewhere(Right.EDIT_RULES) or actor.can_somewhere(Right.ADMINISTER)


def _require_reader(actor: Actor) -> None:
    """Duty rooms, and whoever keeps the program or its rules."""
    if not _may_edit(actor):
        require_somewhere(actor, Right.RUN_CALLOUT)


def _require_editor(actor: Actor) -> None:
    if not _may_edit(actor):
        raise NotAllowed


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else default
