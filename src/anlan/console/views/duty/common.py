"""What the pages of duty share: the room that is looked at, forms that keep what was typed, words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from anlan.console.moments import parse_moment
from anlan.console.refusals import NobodyChosen
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest
from anlan.duty.access import access_room, own_room, visible_rooms
from anlan.duty.models import DutyRoom
from anlan.journal import clocks
from anlan.kernel.refusals import Refusal, fill
from anlan.vocab.posts import FACES, PostKind, Right
from anlan.vocab.shifts import LABELS, ShiftKind

#: Rooms in a choice or on the board; a county has some forty.
ROOMS = 400

TABS: tuple[tuple[str, str], ...] = (
    ("console:duty_board", "Duty board"),
    ("console:duty_roster", "Duty roster"),
    ("console:duty_swaps", "Swaps"),
    ("console:duty_roll_calls", "Roll calls"),
    ("console:duty_handover", "Handover"),
    ("console:duty_log", "Duty log"),
    ("console:duty_periods", "Periods"),
    ("console:duty_rooms", "Rooms"),
    ("console:duty_feeds", "Calendars"),
    ("console:duty_statistics", "Duty statistics"),
)


def tabs(here: str) -> list[tuple[str, str, bool]]:
    """(route, words, whether it is this page) of the strip that all pages of duty have."""
    words = {
        "Duty board": _("Duty board"),
        "Duty roster": _("Duty roster"),
        "Swaps": _("Swaps"),
        "Roll calls": _("Roll calls"),
        "Handover": _("Handover"),
        "Duty log": _("Duty log"),
        "Periods": _("Periods"),
        "Rooms": _("Rooms"),
        "Calendars": _("Calendars"),
        "Duty statistics": _("Duty statistics"),
    }
    return [(route, words[msgid], route == here) for route, msgid in TABS]


def chosen_room(request: DeskRequest) -> DutyRoom | None:
    """The room that the address names, through the door; else the reader's own."""
    given = request.GET.get("room", "") or request.POST.get("room", "")
    if given:
        return access_room(request.actor, as_uuid(given))
    return own_room(request.actor)


def rooms_of(request: DeskRequest, need: Right = Right.SEE) -> list[DutyRoom]:
    rows = visible_rooms(request.actor)[:ROOMS]
    return [room for room in rows if request.actor.can(need, room.division.path)]


def run_now() -> tuple[uuid.UUID | None, datetime]:
    run = clocks.default_exercise_id()
    return run, clocks.now(run)


def me(request: DeskRequest) -> uuid.UUID:
    """The person who reads; an account without a person is nobody's id."""
    return request.actor.person_id or uuid.UUID(int=0)


def as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NobodyChosen from None


def when(request: DeskRequest, name: str) -> datetime:
    return parse_moment(request.POST.get(name, ""))


def number(text: str, default: int, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 7 else default


def attempt(
    request: DeskRequest, act: Callable[[], HttpResponse], page: Callable[..., HttpResponse]
) -> HttpResponse:
    """Do it in one transaction. Refused, the page comes again with the sentence and what was typed."""
    try:
        with transaction.atomic():
            return act()
    except Refusal as refused:
        if refused.status in (403, 404):
            raise
        return page(request, problem=sentence(refused), shown=request.POST, status=refused.status)


def sentence(refused: Refusal) -> str:
    parts = [fill(_(text), refused.data) for text in (refused.text, refused.next_step) if text]
    return " ".join(parts)


def post_word(kind: str) -> str:
    if kind not in set(PostKind):
        return ""
    face = FACES[PostKind(kind)]
    return face.zh if is_chinese() else face.en


def kind_word(kind: str) -> str:
    zh, en = LABELS[ShiftKind(kind)]
    return zh if is_chinese() else en


def kinds() -> list[tuple[str, str]]:
    return [(kind.value, kind_word(kind)) for kind in ShiftKind]


def frame(request: DeskRequest, here: str, **more: Any) -> dict[str, Any]:  # Any: what the template shows
    return {"tabs": tabs(here), "read_at": request.now, "shown": {}, **more}
