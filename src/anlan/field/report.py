"""A quick report from the village, the township or an enterprise: few questions, one form, sent once however often it arrives."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from anlan.accounts.access import require_somewhere
from anlan.attachments.uploading import BoundedHandler, bounded_uploads, check_uploads
from anlan.field import limits
from anlan.field.links import QUEUE_HEADER, sentence
from anlan.field.views import FieldRequest
from anlan.intake import queries, services
from anlan.intake.access import access_intake
from anlan.intake.files import keep_file
from anlan.intake.guessing import guess_type, read_figures
from anlan.intake.models import Intake, IntakeSender
from anlan.intake.refusals import BadMoment
from anlan.intake.types import IntakeDetails
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import TYPES, EventClass, Informant
from anlan.vocab.posts import Right

_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Beyond these a time is a slip of the finger.
_YEARS = (1900, 9998)
#: Places that somebody may choose from; a county's own people use the desk. Engineering choice.
_PLACES_MOST = 150
_SHOWN = 10
#: The longest that a form may have waited in a phone without a network. Engineering choice.
WAITED_MOST = timedelta(hours=72)
#: What a phone form asks for: classes 3 and 4 go their own ways.
_ASKED = (EventClass.NATURAL, EventClass.ACCIDENT)
_COUNTED = ("deaths", "missing", "injured", "trapped", "evacuated")


@login_required
@never_cache
@bounded_uploads
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: FieldRequest) -> HttpResponse:
    """What, where (one's own place is chosen already), when, people, a photo or a voice note; below, what one sent before."""
    require_somewhere(request.actor, Right.REPORT)
    if request.method != "POST":
        return render(request, "field/report.html", _page(request))
    try:
        check_uploads(request)
        with transaction.atomic():
            _take(request)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        page = {**_page(request), "error": sentence(refusal), "given": request.POST}
        return render(request, "field/report.html", page, status=refusal.status)
    return _taken(request, "field:report")


def _take(request: FieldRequest) -> Intake:
    given, by = request.POST, request.actor
    division = access_division(by, given.get("division", ""), need=Right.REPORT)
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    source = _source(division)
    details = read_report(
        given,
        source=source,
        division=division,
        at=at,
        reference=f"{by.ref}:{_key(given.get('key', ''))}" if _key(given.get("key", "")) else "",
        # The township's own report is the township's once its leader signed it; until then the county sees it so marked.
        needs_signature=source == Informant.TOWNSHIP,
    )
    row, is_new = services.take_intake(details, by=by, at=at, exercise_id=run)
    if is_new:
        _keep_files(request, row, by, at)
    return row


def _source(division: Division) -> str:
    if division.level == DivisionLevel.TOWNSHIP:
        return Informant.TOWNSHIP.value
    if division.level == DivisionLevel.ENTERPRISE:
        return Informant.ENTERPRISE.value
    if division.level == DivisionLevel.DEPARTMENT:
        return Informant.DEPARTMENT.value
    return Informant.VILLAGE.value if division.level == DivisionLevel.VILLAGE else Informant.FIELD.value


def _key(text: str) -> str:
    return text if _KEY.fullmatch(text) else ""


def read_report(
    given: Any,
    *,
    source: str,
    division: Division,
    at: datetime,
    reference: str,
    needs_signature: bool = False,
) -> IntakeDetails:  # Any: a form
    """The few answers as they are kept. A form that waited in the phone keeps its own time of writing."""
    text = given.get("text", "").strip()
    wanted = given.get("event_type", "")
    written_at = moment(given.get("written", ""), at) or at
    if written_at < at - WAITED_MOST:
        written_at = at  # no form waits so long in a phone; the legal clocks do not start in the past
    numbers = {code: given.get(code, "").strip() for code in _COUNTED}
    figures = {
        code: value
        for code, value in numbers.items()
        if value.isascii() and value.isdigit() and len(value) < 7
    }
    is_unit = division.level == DivisionLevel.ENTERPRISE
    lacks_place = division.level in (DivisionLevel.COUNTY, DivisionLevel.DEPARTMENT)
    return IntakeDetails(
        source=source,
        sender_name=division.name,
        reference=reference,
        text=text or (TYPES[wanted].zh if wanted in TYPES else ""),
        received_at=min(written_at, at),
        occurred_at=moment(given.get("occurred", ""), None),
        place_words=given.get("place", ""),
        division=None if lacks_place else division,
        event_type=wanted or guess_type(text),
        figures=figures or read_figures(text),
        caller_name=given.get("name", "").strip()[:60],
        caller_number=given.get("number", "").strip()[:40],
        unit=division if is_unit else None,
        unit_head_knew_at=moment(given.get("head_knew", ""), None) if is_unit else None,
        needs_signature=needs_signature,
    )


def moment(text: str, otherwise: datetime | None) -> datetime | None:
    """A local time as a browser's field gives it."""
    if not text.strip():
        return otherwise
    try:
        found = datetime.fromisoformat(text.strip()[:25])
    except ValueError:
        raise BadMoment(given=text[:40]) from None
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise BadMoment(given=text[:40])
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def _keep_files(request: HttpRequest, row: Intake, by: Actor, at: datetime) -> None:
    for name in ("photo", "voice"):
        file = request.FILES.get(name)
        if file is not None and file.size:
            keep_file(row, file.chunks(), name=file.name or "", by=by, at=at)


def _taken(request: HttpRequest, route: str, *args: object) -> HttpResponse:
    if request.headers.get(QUEUE_HEADER):
        return HttpResponse(status=204)
    response = redirect(route, *args)
    response.status_code = 303
    return response


def _page(request: FieldRequest) -> dict[str, Any]:
    own = queries.own_reports(request.actor, most=_SHOWN)
    signable = queries.my_items(request.actor).to_sign
    return {
        **choices(),
        "places": _places(request),
        "own": [{"row": row, "word": state_words()[row.state]} for row in own],
        "to_sign": signable,
        "key": uuid.uuid4(),
        "written": f"{request.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "given": {},
    }


def _places(request: FieldRequest) -> list[tuple[str, str]]:
    """One's own place first: that of the highest post."""
    rows = visible(request.actor, Right.REPORT).filter(valid_to=None).order_by("path")
    return list(rows.values_list("code", "name")[:_PLACES_MOST])


def choices() -> dict[str, Any]:
    is_chinese = not (get_language() or "").startswith("en")
    from anlan.vocab.figures import FIGURES

    return {
        "types": [
            (code, face.zh if is_chinese else face.en)
            for code, face in TYPES.items()
            if face.event_class in _ASKED
        ],
        "counted": [(code, FIGURES[code].zh if is_chinese else FIGURES[code].en) for code in _COUNTED],
    }


def state_words() -> dict[str, str]:
    return {
        "received": pgettext("message", "received"),
        "verifying": pgettext("message", "being verified"),
        "verified": pgettext("message", "verified"),
        "not_true": pgettext("message", "not true"),
        "fed_back": pgettext("message", "caller told"),
        "handed_on": pgettext("message", "handed on"),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: FieldRequest, intake_id: uuid.UUID) -> HttpResponse:
    """One report on a phone: what became of it; a place that was asked says what it found; a township's leader signs."""
    row = access_intake(request.actor, intake_id)
    error, status = "", 200
    if request.method == "POST":
        at = clocks.now(row.exercise_id)
        try:
            with transaction.atomic():
                _act(request, row, at)
            return _taken(request, "field:message", row.pk)
        except Refusal as refusal:
            if refusal.status in (403, 404):
                raise
            error, status = sentence(refusal), refusal.status
    page = {
        "row": row,
        "word": state_words()[row.state],
        "may_sign": row.needs_signature
        and row.signed_at is None
        and request.actor.can(Right.SIGN_REPORTS, row.path),
        "may_find": row.state == "verifying"
        and row.asked_path != ""
        and request.actor.can(Right.REPORT, row.asked_path),
        "type": dict(choices()["types"]).get(row.event_type, ""),
        "error": error,
        "key": uuid.uuid4(),
    }
    return render(request, "field/message.html", page, status=status)


def _act(request: FieldRequest, row: Intake, at: datetime) -> None:
    verb = request.POST.get("verb", "")
    if verb == "sign":
        access_intake(request.actor, row.pk, need=Right.SIGN_REPORTS)
        services.sign_for_township(row, by=request.actor, at=at)
        return
    from anlan.intake.access import access_asked

    access_asked(request.actor, row.pk)
    services.answer_verification(
        row, finding=verb, words=request.POST.get("words", ""), by=request.actor, at=at
    )


@login_required
@never_cache
@require_GET
def messages(request: FieldRequest) -> HttpResponse:
    """What one sent, what one is asked to find out, what waits for one's signature."""
    require_somewhere(request.actor, Right.REPORT)
    mine = queries.my_items(request.actor)
    page = {
        "asked": mine.asked,
        "to_sign": mine.to_sign,
        "own": [{"row": row, "word": state_words()[row.state]} for row in queries.own_reports(request.actor)],
    }
    return render(request, "field/messages.html", page)


# The link is the capability and no cookie is read; nothing that another site could make a browser send with it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enterprise(request: HttpRequest, unit_token: str) -> HttpResponse:
    """The page behind an enterprise's link: what happened, and when the head of the unit knew (R04). Without a log-in."""
    request.upload_handlers.insert(0, BoundedHandler(request))
    sender = services.sender_of("link", unit_token)
    if sender is None:
        return render(request, "field/gone.html", status=404)
    if not (limits.posts if request.method == "POST" else limits.looks).allows(unit_token):
        slow = render(request, "field/slow.html", status=429)
        slow.headers["Retry-After"] = "30"
        return slow
    if request.method != "POST":
        return render(request, "field/enterprise_report.html", _unit_page(sender))
    try:
        check_uploads(request)
        with transaction.atomic():
            _take_unit(request, sender)
    except Refusal as refusal:
        page = {**_unit_page(sender), "error": sentence(refusal), "given": request.POST}
        return render(request, "field/enterprise_report.html", page, status=refusal.status)
    return _taken(request, "field:enterprise_report", unit_token)


def _take_unit(request: HttpRequest, sender: IntakeSender) -> None:
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    by = Actor(ref=f"sender:{sender.pk}", name=request.POST.get("name", "").strip()[:60] or sender.name)
    details = read_report(
        request.POST,
        source=sender.source,
        division=sender.division,
        at=at,
        reference=_key(request.POST.get("key", "")),
    )
    row, is_new = services.take_intake(details, sender=sender, by=by, at=at, exercise_id=run)
    if is_new:
        _keep_files(request, row, by, at)


def _unit_page(sender: IntakeSender) -> dict[str, Any]:
    rows = Intake.objects.filter(sender=sender).order_by("-received_at", "-id")[:5]
    at = clocks.now(clocks.default_exercise_id())
    return {
        **choices(),
        "unit": sender.division,
        "own": [{"row": row, "word": state_words()[row.state]} for row in rows],
        "key": uuid.uuid4(),
        "written": f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        "given": {},
        "is_public": True,
    }
