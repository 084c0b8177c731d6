"""What every page of the desk starts with: somebody signed in, and the point of the journal that the page shows."""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from anlan.journal.clocks import default_exercise_id
from anlan.kernel.actor import Actor

P = ParamSpec("P")
T = TypeVar("T")

#: What is shared is made anew after this time even if nothing happened, seconds.
SHARED_S = 20
#: Set for whoever sends a form, so that the next pages show it although it is not sealed yet; seconds.
WROTE, WROTE_S = "wrote", 3
#: A sealer that lives has sealed an entry by then, milliseconds.
SEAL_COMES_MS = 1_000
#: True in the web process of `anlan serve`, beside which a sealer runs.
shares_by_seal = False
#: Longest wait for somebody else to make it, seconds.
WAIT_S = 2.0


class DeskRequest(HttpRequest):
    """A request that passed the middleware: who acts, what time it is, which journal entry the page is up to."""

    actor: Actor
    now: datetime
    seq: int
    journal_mark: str


DeskView = Callable[Concatenate[DeskRequest, P], HttpResponseBase]


def desk(view: DeskView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A stranger is sent to sign in; the journal's head is read before the page's data, so that no event is missed."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        request.seq, request.journal_mark = journal_mark(is_exact=WROTE in request.COOKIES)  # type: ignore[attr-defined]  # Django's request is open for this
        response = view(request, *args, **kwargs)  # type: ignore[arg-type]  # the middleware made it a DeskRequest
        if request.method == "POST":
            response.set_cookie(WROTE, "1", max_age=WROTE_S, httponly=True, samesite="Lax")
        return response

    return cast(
        "Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded
    )  # wraps() keeps the inner type


#: Plain SQL, since every request asks: three times as fast as the same by the models.
_MARK = (
    "SELECT (SELECT seq FROM journal_chainhead WHERE origin = %s),"
    " (SELECT count(*) FROM journal_entry WHERE seq IS NULL),"
    " (SELECT id FROM journal_entry WHERE seq IS NULL ORDER BY id LIMIT 1),"
    " (SELECT id FROM journal_entry WHERE seq IS NULL ORDER BY id DESC LIMIT 1)"
)


def journal_mark(*, is_exact: bool = True) -> tuple[int, str]:
    """The newest sealed entry of this node, and a text that differs once anything else was written.

    An exact mark counts what is not sealed yet, so that a person sees at once what he did. The other one moves with the
    sealer, ten times a second at most, so that ten people share a page while a hundred villages answer; it becomes exact
    by itself where entries wait for a sealer that does not come.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [settings.ANLAN_NODE])
        seq, waiting, oldest, newest = cursor.fetchone()
    if waiting and (is_exact or not _is_fresh(str(oldest))):
        return seq or 0, f"{seq}:{waiting}:{newest}"
    return seq or 0, str(seq)


def _is_fresh(entry_id: str) -> bool:
    """Whether an entry is so new that the sealer has yet to come round; its id begins with its time."""
    made_ms = int(entry_id.replace("-", "")[:12], 16)
    return shares_by_seal and abs(time.time() * 1000 - made_ms) < SEAL_COMES_MS


def head_seq() -> int:
    """The newest sealed entry of this node."""
    return journal_mark()[0]


def shared_text(request: HttpRequest, name: str, make: Callable[[], str]) -> SafeString:
    """HTML rendered by a template, shared like any value. It holds no form: a form carries one person's token."""
    return mark_safe(shared(request, name, make))  # noqa: S308 - escaped by its template


#: Stands in a shared page where a form carries one person's token.
_TOKEN = "TOKEN-OF-WHOEVER-READS-THIS"  # noqa: S105 - holds its place


def shared_form(
    request: HttpRequest, name: str, template: str, make: Callable[[], dict[str, Any]]
) -> SafeString:
    """Like `shared_text` for a template with forms: it is rendered once, and each reader gets it with the own token."""
    text = shared(
        request,
        name,
        lambda: render_to_string(template, {**make(), "request": request, "csrf_token": _TOKEN}),
    )
    return mark_safe(text.replace(_TOKEN, get_token(request)))  # noqa: S308 - escaped by its template


def shared(request: HttpRequest, name: str, make: Callable[[], T]) -> T:
    """A value shared by everybody with the same rights in the same places, the same language and the same run until the journal moves on.

    `name` says everything else that the value depends on. When ten people ask at once, one makes it and nine wait; what was
    begun after somebody asked is new enough for him too, however far the journal has moved between, so that a busy journal
    costs one making at a time and not one for each reader.
    """
    asked_at = time.monotonic()
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    mark = getattr(request, "journal_mark", None) or journal_mark()[1]
    parts = (name, sorted(actor.grants), get_language(), default_exercise_id())
    family = hashlib.sha256(repr(parts).encode()).hexdigest()
    key = f"shared:{family}:{mark}"
    found: T | None = cache.get(key)
    if found is not None:
        return found
    making = _making(family)
    is_mine = making.lock.acquire(timeout=WAIT_S)
    try:
        if making.begun_at >= asked_at:
            return cast("T", making.value)
        found = cache.get(key)
        if found is None:
            begun_at = time.monotonic()
            found = make()
            cache.set(key, found, SHARED_S)
            if is_mine:
                making.begun_at, making.value = begun_at, found
    finally:
        if is_mine:
            making.lock.release()
    return found


@dataclass(slots=True)
class _Making:
    """One shared value in the making: its lock, and what was made last. A thread may come again for a part of its own."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    begun_at: float = 0.0
    value: Any = None


#: By name, rights and language. Bounded: dropped as a whole when full, which costs one making each.
_makings: dict[str, _Making] = {}
_MOST_MAKINGS = 2_000
_makings_lock = threading.Lock()


def _making(family: str) -> _Making:
    with _makings_lock:
        if len(_makings) >= _MOST_MAKINGS:
            _makings.clear()
        return _makings.setdefault(family, _Making())


def back(request: HttpRequest, default: str, *args: Any) -> HttpResponse:
    """To the page that the form named, if it is ours, else to the default one."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect(default, *args)
