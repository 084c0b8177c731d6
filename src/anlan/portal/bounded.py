"""Public answers: made at most every few seconds each, at a bounded rate all together, and with an ETag.

Anybody may ask as often as he likes: what was made a moment ago is given again without touching the database. Only answers
that have to be made count against a rate; when it is used up, an answer of up to a minute ago is given (a page says when it
was read), else 503. Lists and feeds have a rate of their own, so that nobody can keep them from being made by asking for
addresses that do not exist. Rates are for all readers together and not by address: behind a proxy a county has one address.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

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
#: How old an answer may be that is given while the rate is used up.
STALE_S = 60
_MOST_KEPT = 256
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


class Kept:
    """The answers made last, by name. Own memory: strangers never push out what the duty room keeps in the shared cache."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, *, at_most_s: float) -> Answer | None:
        with self._lock:
            made_s, answer = self._answers.get(name, (0.0, None))
            return answer if answer is not None and time.monotonic() - made_s < at_most_s else None

    def put(self, name: str, answer: Answer) -> None:
        with self._lock:
            self._answers[name] = time.monotonic(), answer
            self._answers.move_to_end(name)
            while len(self._answers) > _MOST_KEPT:
                self._answers.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._answers.clear()


kept = Kept()
_for_lists, _for_one = Allowance(MADE_A_SECOND), Allowance(MADE_A_SECOND)


class PublicRequest(HttpRequest):
    now: datetime


def bounded(make: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """A view for everybody from a function `(request, **keys) -> Answer`; what is not there is a short 404."""

    @require_safe
    @functools.wraps(make)
    def view(request: PublicRequest, **keys: object) -> HttpResponse:
        language = get_language() or ""
        name = f"portal:{make.__module__}.{make.__name__}:{language}:{sorted(keys.items())}"
        answer = kept.get(name, at_most_s=KEPT_S)
        if answer is None and (_for_one if keys else _for_lists).takes_one():
            try:
                answer = make(request, **keys)
                kept.put(name, answer)
            except NotFound:
                answer = _nothing()
        elif answer is None:
            answer = kept.get(name, at_most_s=STALE_S)
        if answer is None:
            return HttpResponse(status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"})
        return _respond(request, answer)

    return view


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
