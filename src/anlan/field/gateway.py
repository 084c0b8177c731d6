"""A phone without an app: the page behind the pairing code. Take a message, tap to send it by hand, then say what became of it."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from anlan.dissemination.models import AndroidDevice, AndroidMessage, AndroidMessageState
from anlan.dissemination.services import android
from anlan.dissemination.services.android import Condition, Told
from anlan.dissemination.wake import wake_worker
from anlan.journal import clocks
from anlan.kernel.actor import Actor

#: What one tick may say.
_SAID = {"sent": "sent", "failed": "failed"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def gateway(request: HttpRequest, gateway_token: str) -> HttpResponse:
    """The address is the capability. It takes one message at a time: whoever sends by hand sends one at a time."""
    device = android.device_of(gateway_token)
    if device is None:
        return render(request, "field/gone.html", status=404)
    if request.method != "POST":
        return _page(request, device)
    at = clocks.wall_now()
    android.seen(device, Condition(), at=at)
    if request.POST.get("verb") == "take":
        with transaction.atomic(durable=True):
            android.pull(device, at=at, most=1)
    else:
        _tick(request, device)
    return redirect("field:gateway", gateway_token)


def _tick(request: HttpRequest, device: AndroidDevice) -> None:
    said = _SAID.get(request.POST.get("verb", ""))
    try:
        message_id = uuid.UUID(request.POST.get("message", ""))
    except ValueError:
        return
    if said is None:
        return
    by = Actor(ref=f"channel:android:{device.name}", name=device.name)
    told = Told(f"{message_id}:{said}", "sent" if said == "sent" else "failed", clocks.wall_now(), message_id)
    with transaction.atomic(durable=True):
        android.report(device, [told], by=by, at=clocks.now(clocks.default_exercise_id()))
        wake_worker()


def _page(request: HttpRequest, device: AndroidDevice) -> HttpResponse:
    taken = AndroidMessage.objects.filter(device=device, state=AndroidMessageState.TAKEN).order_by(
        "taken_at"
    )[:20]
    mine = [(one, f"sms:{one.address}?body={quote(one.text)}") for one in taken]
    page = {
        "device": device,
        "mine": mine,
        "has_more": android.has_work(device),
        "read_at": clocks.wall_now(),
    }
    android.seen(device, Condition(), at=clocks.wall_now())
    return render(request, "field/gateway.html", page)
