"""The pages behind the link in a message: no sign-in, only what that message named, until 48 hours after the end.

The link is a capability: whoever holds it answers in the name of the person called, or says his own name. Nothing is read from
cookies. A forged, an unknown and an outlived link look the same.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anlan.attachments import services as attachments
from anlan.attachments.refusals import TooLarge
from anlan.dissemination import services
from anlan.dissemination.models import Callout, CalloutSeat, Delivery
from anlan.dissemination.queries import AnswerTicket, seat_by_token
from anlan.dissemination.services.answers import add_photo
from anlan.dissemination.services.proving import prove_number
from anlan.dissemination.types import Meaning, Via
from anlan.field import limits
from anlan.field.answers import (
    MEASURES,
    Answer,
    is_first,
    read_answer,
    read_key,
    read_outcomes,
    read_speaker,
    take,
)
from anlan.field.refusals import NoSuchItem, TooManyPhotos
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal, fill
from anlan.risk.moves import Outcome, count_moves, households_at, look_at_tick_list, tick_households
from anlan.vocab.divisions import LOCAL_LEVELS, DivisionLevel
from anlan.vocab.measures import MEASURES as TAKEN

if TYPE_CHECKING:
    from django.http import HttpResponseBase

#: Names the queue script in a request, so that the answer is short and unmistakable.
QUEUE_HEADER = "X-Anlan-Queue"
#: Families on one page of the list: about 12 KB. Engineering choice.
FAMILIES_A_PAGE = 30
#: Pictures that one seat keeps. Engineering choice.
PHOTOS_MAX = 12
#: What a form with one picture has beside the picture.
_FORM_BYTES = 64 * 1024
#: The list of families is for whoever answers for one village or a part of it, not for a township.
_LISTED_LEVELS = LOCAL_LEVELS | {DivisionLevel.VILLAGE}

View = Callable[..., "HttpResponseBase"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the message named: a seat, and the delivery that named it."""

    seat: CalloutSeat
    delivery: Delivery

    @property
    def callout(self) -> Callout:
        return self.seat.callout


def for_link(view: View) -> View:
    """Open the link, keep its pace, speak the chosen language; the view gets the ticket instead of the token."""

    @csrf_exempt  # no cookie is read, so there is nothing that another site could make a browser send
    @never_cache
    @functools.wraps(view)
    def opened(request: HttpRequest, token: str, **rest: Any) -> HttpResponseBase:
        language = request.GET.get("lang", "")
        known = {code for code, _name in settings.LANGUAGES}
        with translation.override(language if language in known else translation.get_language()):
            ticket = seat_by_token(token)
            if ticket is None:
                return render(request, "field/gone.html", status=404)
            if not (limits.posts if request.method == "POST" else limits.looks).allows(token):
                return _slow(request)
            return view(request, ticket, **rest)

    return opened


def _slow(request: HttpRequest) -> HttpResponse:
    page = render(request, "field/slow.html", status=429)
    page.headers["Retry-After"] = "30"
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@for_link
def answer(request: HttpRequest, ticket: AnswerTicket) -> HttpResponse:
    """The page: who calls and what for, then the next question for each thing that the message named. Only a POST answers."""
    items = items_of(ticket)
    if request.method != "POST":
        return render(request, "field/answer.html", _page(request, ticket, items))
    try:
        said = read_answer(request.POST)
        meant = _meant(request, items)
        at = clocks.now(ticket.callout.exercise_id)
        by = speaker(ticket, said.speaker)
        rows = [(item.seat, item.delivery) for item in meant]
        if len(rows) > 1:  # numbers and measures are those of one place
            said = Answer(said.meaning, said.words, None, None, said.key, speaker=said.speaker)
        take(rows, said, via=Via.LINK, person=ticket.delivery.person, by=by, at=at)
        with transaction.atomic():
            sent = ticket.delivery
            prove_number(sent.address, by=by, at=at, exercise_id=sent.exercise_id)
    except Refusal as refusal:
        page = {**_page(request, ticket, items), "error": sentence(refusal)}
        return render(request, "field/answer.html", page, status=refusal.status)
    return _taken(request, "field:answer", ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@for_link
def households(request: HttpRequest, ticket: AnswerTicket) -> HttpResponse:
    """The families of the danger zones of one village, to tick as moved, refused or not found. Every look is journaled."""
    try:
        [item] = _meant(request, [one for one in items_of(ticket) if has_list(one.seat)], one=True)
        if request.method == "POST":
            _tick(request, ticket, item)
            return _taken(request, "field:answer_households", ticket, item=item)
        return render(request, "field/households.html", _list_page(request, ticket, item))
    except Refusal as refusal:
        items = items_of(ticket)
        page = {**_page(request, ticket, items), "error": sentence(refusal)}
        return render(request, "field/answer.html", page, status=refusal.status)


@require_http_methods(["POST"])
@for_link
def photo(request: HttpRequest, ticket: AnswerTicket) -> HttpResponse:
    """A picture of the place, now or later by the same link. What it is is decided by its content."""
    items = items_of(ticket)
    try:
        # Before the form is touched: what says itself that it is too large is not read at all.
        if int(request.META.get("CONTENT_LENGTH") or 0) > attachments.MOST_BYTES + _FORM_BYTES:
            raise TooLarge(limit_mb=attachments.MOST_BYTES // 1024 // 1024)
        _keep_photo(request, ticket, items)
    except Refusal as refusal:
        page = {**_page(request, ticket, items), "error": sentence(refusal)}
        return render(request, "field/answer.html", page, status=refusal.status)
    return _taken(request, "field:answer", ticket)


@require_http_methods(["GET", "HEAD"])
@for_link
def voice(request: HttpRequest, ticket: AnswerTicket) -> HttpResponse:
    """The text as it is spoken, where a recording of it is kept with the call-out."""
    recording = _recording(ticket.callout)
    if recording is None:
        return render(request, "field/gone.html", status=404)
    found = HttpResponse(attachments.content(recording), content_type=recording.media_type)
    found.headers["X-Content-Type-Options"] = "nosniff"
    return found


def items_of(ticket: AnswerTicket) -> list[Item]:
    """What the message named: its own seat first, then what was said in it besides. One query."""
    rows = Delivery.objects.filter(bundled_in=ticket.delivery, seat__isnull=False).order_by("id")
    found = {ticket.seat.pk: Item(ticket.seat, ticket.delivery)}
    for row in rows.select_related("seat__callout__division", "seat__division", "person"):
        if row.seat is not None:
            found.setdefault(row.seat.pk, Item(row.seat, row))
    return list(found.values())


def _meant(request: HttpRequest, items: list[Item], *, one: bool = False) -> list[Item]:
    """The item that the form names, or all of them. Raises `NoSuchItem`, also for one that another link names."""
    given = (request.POST if request.method == "POST" else request.GET).get("item", "")
    chosen = [item for item in items if str(item.seat.pk) == given] if given else items
    if one:
        chosen = chosen[:1]
    if not chosen:
        raise NoSuchItem
    return chosen


def speaker(ticket: AnswerTicket, name: str) -> Actor:
    """Whoever the message went to, or, where another one says his name, the link in that name."""
    person = ticket.delivery.person
    if person is None or (name and name != person.name):
        return Actor(ref=f"delivery:{ticket.delivery.pk}", name=name or ticket.seat.division.name)
    return Actor(ref=f"person:{person.pk}", name=person.name, person_id=person.pk)


def has_list(seat: CalloutSeat) -> bool:
    return seat.party_id is None and seat.division.level in _LISTED_LEVELS


def step_of(seat: CalloutSeat) -> str:
    """The next question: received? what is done? what was done, how many moved? nothing more."""
    return {"answered": "measures", "acting": "numbers", "done": "thanks"}.get(seat.state, "receive")


def questions() -> dict[str, Any]:
    """The choices of the forms in the reader's language."""
    is_chinese = (translation.get_language() or "zh").startswith("zh")
    return {
        "measures": [(code, _(label)) for code, (_kept, label, _done) in MEASURES.items()],
        "taken": [(code, zh if is_chinese else en) for code, (zh, en) in TAKEN.items()],
        "key": uuid.uuid4(),
    }


def _page(request: HttpRequest, ticket: AnswerTicket, items: list[Item]) -> dict[str, Any]:
    person = ticket.delivery.person
    shown = [_item_page(item, request) for item in items]
    return {
        **questions(),
        "callout": ticket.callout,
        "items": shown,
        "is_single": len(items) == 1,
        "waits": any(one["step"] == "receive" and not one["is_over"] for one in shown),
        "all_over": all(one["is_over"] for one in shown),
        "unheard_over": any(one["is_over"] and not one["seat"].answered_at for one in shown),
        "reader": person.name if person is not None else "",
        "has_voice": _recording(ticket.callout) is not None,
        "is_public": True,
        **_links(request, ticket),
    }


def _item_page(item: Item, request: HttpRequest) -> dict[str, Any]:
    seat, callout = item.seat, item.callout
    listed = households_at([seat.division_id]).count() if has_list(seat) else 0
    return {
        "seat": seat,
        "callout": callout,
        "text": _text(callout, request.GET.get("lang", "") or item.delivery.language),
        "is_over": callout.state == "closed" or seat.state == "released",
        "step": step_of(seat),
        "owes": seat.claimed_done_at is not None and seat.state != "done",
        "families": listed,
        "moves": count_moves(subject_of(seat), households=listed) if listed else None,
        "photos": len(attachments.attachments_of(subject_of(seat))),
    }


def _text(callout: Callout, language: str) -> str:
    """The message in the reader's language, where the call-out has it; else in plain words; else as it was sent."""
    for name in (language, "plain"):
        found = callout.texts.get(name) if name else None
        if isinstance(found, dict) and found.get("text"):
            return str(found["text"])
    return callout.text


def _links(request: HttpRequest, ticket: AnswerTicket) -> dict[str, Any]:
    token = ticket.delivery.answer_token
    now = translation.get_language() or "zh-hans"
    own = {code for code in ticket.callout.texts if code.isascii() and len(code) <= 12 and code != "plain"}
    names = dict(settings.LANGUAGES) | {code: code for code in own if code not in dict(settings.LANGUAGES)}
    here = request.GET.get("lang", "") or now
    return {
        "link": reverse("field:answer", args=[token]),
        "lang": request.GET.get("lang", "") if request.GET.get("lang", "") in names else "",
        "languages": [(code, name) for code, name in names.items() if code != here],
    }


def subject_of(seat: CalloutSeat) -> str:
    """How attachments and ticked families name a seat."""
    return f"seat:{seat.pk}"


def _recording(callout: Callout) -> Any:
    rows = attachments.attachments_of(f"callout:{callout.pk}")
    return next((row for row in rows if row.media_type.startswith("audio/")), None)


def _list_page(request: HttpRequest, ticket: AnswerTicket, item: Item) -> dict[str, Any]:
    at = clocks.now(item.seat.exercise_id)
    with transaction.atomic():
        lines = look_at_tick_list(
            [item.seat.division_id],
            subject_of(item.seat),
            by=speaker(ticket, ""),
            at=at,
            exercise_id=item.seat.exercise_id,
        )
    given = request.GET.get("page", "")[:4]
    pages = max(1, -(-len(lines) // FAMILIES_A_PAGE))
    number = min(max(1, int(given)), pages) if given.isascii() and given.isdigit() else 1
    start = (number - 1) * FAMILIES_A_PAGE
    return {
        **_links(request, ticket),
        "key": uuid.uuid4(),
        "item": item,
        "lines": lines[start : start + FAMILIES_A_PAGE],
        "moves": count_moves(subject_of(item.seat), households=len(lines)),
        "outcomes": _outcomes(),
        "number": number,
        "pages": pages,
        "following": number + 1 if number < pages else 0,
        "reader": ticket.delivery.person.name if ticket.delivery.person is not None else "",
    }


def _outcomes() -> list[tuple[str, str]]:
    return [
        (Outcome.MOVED, _("moved")),
        (Outcome.REFUSED, _("refuses")),
        (Outcome.NOT_FOUND, _("not found")),
    ]


def _tick(request: HttpRequest, ticket: AnswerTicket, item: Item) -> None:
    """Keep the ticks, then the sums of all ticks on the seat; a larger number that was reported before is not taken back."""
    outcomes, name = read_outcomes(request.POST), read_speaker(request.POST)
    seat, at, by = item.seat, clocks.now(item.seat.exercise_id), speaker(ticket, name)
    person = None if by.person_id is None else ticket.delivery.person
    with transaction.atomic():
        if not is_first(seat, read_key(request.POST), by=by, at=at):
            return
        new = tick_households(
            subject_of(seat),
            outcomes,
            division_codes=[seat.division_id],
            told_by=person,
            told_by_name=by.name,
            by=by,
            at=at,
            exercise_id=seat.exercise_id,
        )
        if not new:
            return
        listed = households_at([seat.division_id]).count()
        sums = count_moves(subject_of(seat), households=listed)
        services.acknowledge(
            seat,
            meaning=Meaning.ACTING,
            via=Via.LINK,
            words=f"逐户登记{len(new)}户",
            person=person,
            delivery=item.delivery,
            households=max(sums.moved, seat.households_moved or 0) if sums.moved else None,
            people=max(sums.people_moved, seat.people_moved or 0) if sums.moved else None,
            refused=sums.refused,
            missing=sums.not_found,
            speaker="" if person is not None else by.name,
            is_open_ended=sums.open > 0,
            by=by,
            at=at,
        )


def _keep_photo(request: HttpRequest, ticket: AnswerTicket, items: list[Item]) -> None:
    [item] = _meant(request, items, one=True)
    seat, at = item.seat, clocks.now(item.seat.exercise_id)
    name = read_speaker(request.POST)
    by = speaker(ticket, name)
    person = None if by.person_id is None else ticket.delivery.person
    file = request.FILES.get("photo")
    chunks = file.chunks() if file is not None else iter(())
    if len(attachments.attachments_of(subject_of(seat))) >= PHOTOS_MAX:
        raise TooManyPhotos(most=PHOTOS_MAX)
    kept_name = (file.name or "") if file is not None else ""
    with transaction.atomic():
        if not is_first(seat, read_key(request.POST), by=by, at=at):
            return
        row = attachments.keep(
            chunks,
            subject=subject_of(seat),
            division=seat.division,
            name=kept_name,
            sender=by.name,
            by=by,
            at=at,
            exercise_id=seat.exercise_id,
        )
        add_photo(
            seat,
            photo_id=row.pk,
            via=Via.LINK,
            person=person,
            delivery=item.delivery,
            speaker="" if person is not None else by.name,
            by=by,
            at=at,
        )


def _taken(
    request: HttpRequest, route: str, ticket: AnswerTicket, *, item: Item | None = None
) -> HttpResponse:
    if request.headers.get(QUEUE_HEADER):
        return HttpResponse(status=204)
    query = {"lang": request.GET.get("lang", "")}
    if item is not None:
        query |= {"item": str(item.seat.pk), "page": request.GET.get("page", "")}
    kept = urlencode({name: value for name, value in query.items() if value})
    where = reverse(route, args=[ticket.delivery.answer_token])
    return HttpResponse(status=303, headers={"Location": f"{where}?{kept}" if kept else where})


def sentence(refusal: Refusal) -> str:
    step = fill(_(refusal.next_step), refusal.data) if refusal.next_step else ""
    return f"{fill(_(refusal.text), refusal.data)} {step}".strip()
