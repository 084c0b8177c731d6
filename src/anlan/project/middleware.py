"""Headers for every page, and refusals turned into answers."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from anlan.accounts.middleware import QUEUED
from anlan.journal.refusals import OfAnotherRun, OutOfReach
from anlan.kernel.refusals import Refusal, fill

log = logging.getLogger("anlan.web")

GetResponse = Callable[[HttpRequest], HttpResponse]

#: No outside host, no inline script or style. Workers come from our own files; images may be data (map patterns).
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class ContentSecurityMiddleware:
    """Adds the policy to every answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response


class NoNulMiddleware:
    """Takes NUL out of addresses: no text of a database holds it, so nobody searches for it, and PostgreSQL answers with an error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked or "\0" in asked:
            while "%00" in (asked := asked.replace("%00", "").replace("\0", "")):
                continue  # what closes over a gap may be one again
            request.META["QUERY_STRING"] = asked
        return self.get_response(request)


class DiskFull(Refusal):
    """The database says so; PostgreSQL in the same word as SQLite."""

    code = "store.disk_full"
    text = _("The disk is full: nothing was stored.")
    next_step = _(
        "Free space in the data folder, then try again. What was on the page is not lost if you go back."
    )
    status = 507


class NulSent(Refusal):
    """A form or a program sent the character NUL, which no text of PostgreSQL holds."""

    code = "text.nul"
    text = _("What was sent holds a character that no text has.")
    next_step = _("Take it out, type the words anew, and send again.")
    status = 422


class RefusalMiddleware:
    """A refusal raised anywhere below a page becomes one sentence with the next step, in the reader's language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError) and "full" in str(error):
            log.error("disk_full", extra={"path": request.path})
            error = DiskFull()
        if isinstance(error, DataError) and "NUL" in str(error):
            error = NulSent()
        if isinstance(error, OutOfReach):
            error = OfAnotherRun()
        if isinstance(error, OfAnotherRun) and QUEUED in request.META:
            return HttpResponse(
                status=503
            )  # a phone keeps what it could not send, and forgets what was refused
        if not isinstance(error, Refusal):
            return None
        sentence = fill(gettext(error.text), error.data)
        step = fill(gettext(error.next_step), error.data) if error.next_step else ""
        if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
            "application/json"
        ):
            return JsonResponse(
                {"code": error.code, "message": sentence, "next_step": step}, status=error.status
            )
        page = {"sentence": sentence, "next_step": step, "code": error.code}
        return render(request, "console/refusal.html", page, status=error.status)
