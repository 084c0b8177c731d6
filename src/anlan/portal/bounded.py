"""Public answers: made at most every few seconds each, at a bounded rate all together, and with an ETag.

Anybody may ask as often as he likes: what was made a moment ago is given again without touching the database. Only answers
that have to be made count against the rate. It is counted for all readers together and not by address, because behind a
proxy the whole county has one address.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from anlan.kernel.refusals import NotFound

#: How long an answer is given again. Engineering choice: a warning is at most this late on the public page.
KEPT_S = 5
#: Answers made a second, in one process. Engineering choice: every page of a county, both languages, every few seconds.
MADE_A_SECOND = 40.0
HTML = "text/html; charset=utf-8"


class Answer(NamedTuple):
    """`kept_s` is for the reader's cache."""

    body: bytes
    kind: str = HTML
    kept_s: int = 30
    status: int = 200


class Allowance:
    """So many answers a second, two seconds' worth at once. Counted on a clock that nobody steps."""

    def __init__(self, rate: float) -> None:
        self._rate, self._left, self._seen_s = rate, 2 * rate, time.monotonic()
        self._lock = threading.Lock()

    def takes_one(self) -> bool:
        with self._lock:
            now_s = time.monotonic()
            self._left = min(2 * self._rate, self._left + (now_s - self._seen_s) * self._rate)
            self._seen_s = now_s
            if self._left < 1:
                return False
            self._left -= 1
            return True


_allowance = Allowance(MADE_A_SECOND)


class PublicRequest(HttpRequest):
    now: datetime


def bounded(make: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """A view for everybody from a function `(request, **keys) -> Answer`; what is not there is a short 404."""

    @require_safe
    @functools.wraps(make)
    def view(request: PublicRequest, **keys: object) -> HttpResponse:
        language = get_language() or ""
        name = f"portal:{make.__module__}.{make.__name__}:{language}:{sorted(keys.items())}"
        answer: Answer | None = cache.get(_key(name))
        if answer is None:
            if not _allowance.takes_one():
                return HttpResponse(status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"})
            try:
                answer = make(request, **keys)
            except NotFound:
                answer = _nothing()
            cache.set(_key(name), answer, KEPT_S)
        return _respond(request, answer)

    return view


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _nothing() -> Answer:
    from anlan.portal.pages import page

    return Answer(page("portal/nothing.html"), kept_s=5, status=404)


def _respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    is_known = etag in parse_etags(request.headers.get("If-None-Match", ""))
    response = HttpResponse(status=304) if is_known else HttpResponse(answer.body, status=answer.status)
    response.headers["Content-Type"] = answer.kind
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={answer.kept_s}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(response, ["Accept-Language"])
    return response
