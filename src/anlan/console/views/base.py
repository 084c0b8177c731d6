"""What every page of the desk starts with: somebody signed in, and the point of the journal that the page shows."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from anlan.journal.models import ChainHead
from anlan.kernel.actor import Actor

P = ParamSpec("P")

#: A cached fragment is thrown away after this time even if nothing happened, seconds.
FRAGMENT_S = 20


class DeskRequest(HttpRequest):
    """A request that passed the middleware: who acts, what time it is, which journal entry the page is up to."""

    actor: Actor
    now: datetime
    seq: int


DeskView = Callable[Concatenate[DeskRequest, P], HttpResponse]


def desk(view: DeskView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A stranger is sent to sign in; the journal's head is read before the page's data, so that no event is missed."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(f"{settings_login_url()}?next={request.get_full_path()}")
        request.seq = head_seq()  # type: ignore[attr-defined]  # Django's request is open for this
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # the middleware made it a DeskRequest

    return cast(
        "Callable[Concatenate[HttpRequest, P], HttpResponse]", guarded
    )  # wraps() keeps the inner type


def settings_login_url() -> str:
    from django.urls import reverse

    return reverse(settings.LOGIN_URL)


def head_seq() -> int:
    """The newest sealed entry of this node."""
    seq = ChainHead.objects.filter(origin=settings.ANLAN_NODE).values_list("seq", flat=True).first()
    return seq or 0


def cached_fragment(request: DeskRequest, name: str, make: Callable[[], str]) -> HttpResponse:
    """A fragment shared by everybody with the same rights in the same places and the same language until the journal moves on."""
    actor = request.actor
    parts = (name, sorted(actor.grants), get_language(), request.seq, request.get_full_path())
    key = "fragment:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    text = cache.get(key)
    if text is None:
        text = make()
        cache.set(key, text, FRAGMENT_S)
    return HttpResponse(text)


def back(request: HttpRequest, default: str, *args: Any) -> HttpResponse:
    """To the page that the form named, if it is ours, else to the default one."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect(default, *args)
