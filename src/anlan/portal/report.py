"""Anybody reports what happened: one page, large type, no script, no sign-in; a number to ask what became of it.

Bounded by address and all together, so that nobody fills the duty room's inbox from a script: the emergency numbers stand on the
page. A field that no person sees catches simple programs. Files are bounded while they come in. Nothing of what others sent is shown.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
import uuid
from collections import OrderedDict, deque
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anlan.attachments.uploading import BoundedHandler, check_uploads
from anlan.intake import services
from anlan.intake.files import keep_file
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.models import Intake
from anlan.intake.refusals import TooManyReports
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal, fill
from anlan.portal.pages import page
from anlan.vocab.incidents import Informant

#: From one address within ten minutes, and from all together: behind a proxy a county may have one address. Engineering choices.
EACH, TOGETHER, WINDOW_S = 12, 120, 600.0
_ADDRESSES_MOST = 10_000
_RECEIPT = re.compile(r"[A-HJ-NP-Z2-9]{12}")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
_BY = Actor(ref="source:portal", name="公众网页")


class Window:
    """How often each address sent something lately; the longest silent are forgotten first."""

    def __init__(self, each: int, together: int) -> None:
        self._each, self._together = each, together
        self._used: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=together)
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        now = time.monotonic()
        with self._lock:
            used = self._used.setdefault(address, deque(maxlen=self._each))
            self._used.move_to_end(address)
            while len(self._used) > _ADDRESSES_MOST:
                self._used.popitem(last=False)
            for held, most in ((used, self._each), (self._all, self._together)):
                if len(held) == most and now - held[0] < WINDOW_S:
                    return False
            used.append(now)
            self._all.append(now)
            return True

    def forget(self) -> None:
        with self._lock:
            self._used.clear()
            self._all.clear()


window = Window(EACH, TOGETHER)
#: Looking up a receipt is guessing one, too.
looks = Window(60, 600)


# No cookie is read: there is nothing that another site could make a browser send in somebody's name.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, what became of a receipt, and the taking of one report."""
    if request.method != "POST":
        given = request.GET.get("receipt", "").strip().upper().replace(" ", "").replace("-", "")
        return _answer(receipt=given, found=_found(request, given)) if given else _answer()
    request.upload_handlers.insert(0, BoundedHandler(request))
    if not window.allows(_address(request)):
        return _answer(given=request.POST, error=_sentence(TooManyReports(), _), status=429)
    if request.POST.get("website", ""):
        return _answer(number="—")  # a program filled in what nobody sees: it learns nothing
    try:
        check_uploads(request)
        with transaction.atomic():
            receipt = _take(request)
    except Refusal as refusal:
        return _answer(given=request.POST, error=_sentence(refusal, _), status=refusal.status)
    return _answer(number=receipt)


def _take(request: HttpRequest) -> str:
    given = request.POST
    receipt = _receipt_of(given.get("key", ""))
    text = given.get("text", "").strip()[:2000]
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    details = IntakeDetails(
        source=Informant.PORTAL.value,
        reference=f"p:{digest(receipt)[:40]}",
        text=text,
        received_at=at,
        place_words=given.get("place", "")[:200],
        caller_name=given.get("name", "")[:60],
        caller_number=given.get("number", "")[:40],
        event_type=guess_type(text),
        figures=read_figures(text),
        receipt=digest(receipt),
    )
    row, is_new = services.take_intake(details, by=_BY, at=at, exercise_id=run)
    photo = request.FILES.get("photo")
    if is_new and photo is not None and photo.size:
        keep_file(row, photo.chunks(), name=photo.name or "", by=_BY, at=at)
    return receipt


def _receipt_of(key: str) -> str:
    """Made from the form's own random key, so that a form sent twice is one report with one number."""
    if not _KEY.fullmatch(key):
        return "".join(secrets.choice(_LETTERS) for _letter in range(12))
    number = int.from_bytes(hashlib.sha256(f"receipt:{key}".encode()).digest()[:8], "big")
    letters = []
    for _letter in range(12):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def digest(receipt: str) -> str:
    return hashlib.sha256(f"portal:{receipt}".encode()).hexdigest()


def _found(request: HttpRequest, receipt: str) -> dict[str, Any] | None:
    """What the teller may know: where it stands, and what is said back."""
    if not _RECEIPT.fullmatch(receipt) or not looks.allows(_address(request)):
        return None
    row = Intake.objects.filter(receipt=digest(receipt)).first()
    if row is None:
        return None
    words = {
        "received": pgettext("message", "received"),
        "verifying": pgettext("message", "being verified"),
        "verified": pgettext("message", "verified"),
        "not_true": pgettext("message", "not true"),
        "fed_back": pgettext("message", "settled"),
        "handed_on": pgettext("message", "handed on"),
    }
    return {"word": words[row.state], "received_at": row.received_at, "feedback": row.feedback_words}


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _sentence(refusal: Refusal, translate: Any) -> str:  # Any: gettext
    parts = [fill(translate(one), refusal.data) for one in (refusal.text, refusal.next_step) if one]
    return " ".join(parts)


def _answer(status: int = 200, **words: Any) -> HttpResponse:  # Any: what the template shows
    body = page("portal/report.html", is_large=True, key=uuid.uuid4(), **{"given": {}, **words})
    response = HttpResponse(body, status=status)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
