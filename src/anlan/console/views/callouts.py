"""The call-out board: unanswered first, then longest waiting; what a person does about a seat."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.attachments.services import attachments_of
from anlan.console import ladderwords, words
from anlan.console.mapprops import map_props
from anlan.console.views.base import DeskRequest, desk, shared, shared_text
from anlan.directory.access import shown_number
from anlan.directory.queries import responsible
from anlan.dissemination import queries, services
from anlan.dissemination.access import access_callout, access_seat, visible_callouts
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.dissemination.refusals import WordsNeeded
from anlan.dissemination.services import threes
from anlan.dissemination.types import BoardRow
from anlan.journal import clocks
from anlan.vocab.measures import MEASURES
from anlan.vocab.posts import FACES, PostKind, Right

ROWS = 100

#: Posts that a duty officer may want to call about a village.
CALLED_POSTS = (PostKind.INFORMATION_OFFICER, PostKind.VILLAGE_SECRETARY, PostKind.TOWNSHIP_DUTY)


@desk
def callouts(request: DeskRequest) -> HttpResponse:
    """Running call-outs first, then the newest closed ones."""
    number = request.GET.get("page", "")
    page_number = int(number) if number.isdecimal() and 0 < len(number) < 5 else 1
    rows = shared_text(
        request,
        f"callouts:{page_number}",
        lambda: render_to_string("console/callouts/_list.html", _page_of(request, max(1, page_number))),
    )
    sees_replies = request.actor.can_somewhere(Right.RUN_CALLOUT)
    return render(request, "console/callouts/list.html", {"rows": rows, "sees_replies": sees_replies})


def _page_of(request: DeskRequest, number: int) -> dict[str, Any]:
    start = (number - 1) * ROWS
    ordered = visible_callouts(request.actor).order_by("-state", "-started_at", "-pk")
    shown = list(ordered[start : start + ROWS + 1])
    return {
        "rows": words.with_progress(shown[:ROWS]),
        "newer": number - 1,
        "older": number + 1 if len(shown) > ROWS else 0,
        "read_at": request.now,
    }


@desk
def callout(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """The board of one call-out."""
    found = _seen(request, callout_id)
    may_run = request.actor.can(Right.RUN_CALLOUT, found.division.path)
    page = {
        "callout": found,
        "board": board_text(request, found),
        "township": request.GET.get("township", ""),
        "can_close": may_run and found.state == "open",
        "subject_url": _subject_url(found.subject),
        "map_props": map_props(found.pk),
    }
    return render(request, "console/callouts/callout.html", page)


@desk
def board_fragment(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """The part of the board that changes; shared by everybody with the same jurisdiction."""
    found = _seen(request, callout_id)
    return HttpResponse(board_text(request, found))


def _seen(request: DeskRequest, callout_id: uuid.UUID) -> Callout:
    """The call-out through its door, which is the same for everybody with the same rights; to read only."""
    return shared(
        request, f"callout:{callout_id}", lambda: access_callout(request.actor, callout_id, need=Right.SEE)
    )


def board_text(request: DeskRequest, found: Callout) -> str:
    """The board as HTML, made once for everybody who may see the same."""
    name = f"board:{found.pk}:{request.GET.get('township', '')[:12]}"
    return shared_text(
        request, name, lambda: render_to_string("console/callouts/_board.html", board_of(request, found))
    )


def board_of(request: DeskRequest, found: Callout) -> dict[str, Any]:
    """What the board's template needs."""
    board = queries.board(found, request.actor)
    township = request.GET.get("township", "")
    rows = [row for row in board.rows if not township or row.township_code == township]
    counts = Counter(board.progress.by_state)
    progress = words.progress_of(counts)
    return {
        "callout": found,
        "rows": [_row_text(_settled(row), get_language() or "") for row in rows],
        "progress": progress,
        "opening": board.progress.opening,
        "townships": [(tab, words.progress_of(Counter(tab.progress.by_state))) for tab in board.townships],
        "township": township,
        "seat_words": words.seat_words(),
        "chips": words.SEAT_CHIPS,
        "read_at": board.at,
    }


def _settled(row: BoardRow) -> BoardRow:
    """The row without what changes by the second: the page counts waiting times itself."""
    return replace(row, waiting_s=0, late_s=int(row.late_s > 1))


@lru_cache(maxsize=4096)
def _row_text(row: BoardRow, language: str) -> SafeString:
    """One row as HTML. Of 139 rows few change at a time, and a row costs half a millisecond to render."""
    page = {"row": row, "seat_words": words.seat_words(), "chips": words.SEAT_CHIPS}
    return render_to_string("console/callouts/_row.html", page)


def _subject_url(subject: str) -> str:
    from anlan.console.context import subject_url

    return subject_url(subject)


@desk
def seat(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """One village: everything tried, everything that came back, and what a person can do now."""
    found = access_seat(request.actor, seat_id, need=Right.SEE)
    deliveries, facts = queries.seat_facts(found)
    page = {
        "seat": found,
        "callout": found.callout,
        "deliveries": [
            (row, shown_number(request.actor, row.address, found.division.path)) for row in deliveries
        ],
        "facts": facts,
        "people": people_of(request, found),
        "measures": _measures(),
        "measures_taken": [words for code, words in _measures() if code in found.measures],
        "photos": attachments_of(f"seat:{found.pk}"),
        "seat_words": words.seat_words(),
        "chips": words.SEAT_CHIPS,
        "can_run": request.actor.can(Right.RUN_CALLOUT, found.division.path),
        "is_silent": found.state in {"waiting", "unanswered", "lost_contact"},
        "tasks": threes.tasks_of(found),
        "third_words": ladderwords.third_words(),
        "task_words": ladderwords.task_words(),
        "read_at": request.now,
    }
    return render(request, "console/callouts/seat.html", page)


def _measures() -> list[tuple[str, str]]:
    is_chinese = (get_language() or "zh").startswith("zh")
    return [(code, zh if is_chinese else en) for code, (zh, en) in MEASURES.items()]


def people_of(request: DeskRequest, found: CalloutSeat) -> list[dict[str, Any]]:
    """Everybody responsible for the village now: its own posts, then its township's duty room."""
    from anlan.console.templatetags.anlan import is_chinese

    codes = [found.division_id, found.division.parent_id or found.division_id]
    at = clocks.now(found.exercise_id)
    people = []
    for holders in responsible(codes, at, CALLED_POSTS).values():
        for holder in holders:
            face = FACES[PostKind(holder.kind)]
            numbers = [
                shown_number(request.actor, point.value, found.division.path) for point in holder.points
            ]
            title = face.zh if is_chinese() else face.en
            row = {"title": title, "role": holder.role, "name": holder.name, "person_id": holder.person_id}
            people.append({**row, "address": " · ".join(numbers)})
    return people


@desk
@require_POST
def act_on_seat(request: DeskRequest, seat_id: uuid.UUID) -> HttpResponse:
    """One of the verbs that a person has for a seat, named by the pressed button."""
    found = access_seat(request.actor, seat_id, need=Right.RUN_CALLOUT)
    verb = request.POST.get("verb", "")
    at = clocks.now(found.exercise_id)
    text = request.POST.get("text", "").strip()[:300]
    with transaction.atomic():
        message = _act(found, verb, text, request, at)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)  # a button on the board: the board refreshes itself
    if message:
        messages.success(request, message)
    return redirect("console:seat", seat_id)


def _act(found: CalloutSeat, verb: str, text: str, request: DeskRequest, at: Any) -> str:
    by = request.actor
    if verb in {"answered", "acting", "done"}:
        households, people = _number(request, "households"), _number(request, "people")
        if not text:
            raise WordsNeeded
        services.tick(
            found,
            meaning=verb,
            words=text,
            households=households,
            people=people,
            measures=request.POST.getlist("did"),
            moved_to=request.POST.get("place", ""),
            refused=_number(request, "refused"),
            missing=_number(request, "missing"),
            by=by,
            at=at,
        )
        return _("Ticked for the village; the journal names you.")
    if verb == "resolve":
        services.resolve_seat(found, reason=text, by=by, at=at)
        return _("Resolved with your reason.")
    if verb == "lost":
        services.mark_lost_contact(found, last_contact=text, by=by, at=at)
        return _("Marked as lost contact.")
    if verb == "call":
        person = request.POST.get("person", "")
        services.call_now(
            found,
            person_id=uuid.UUID(person) if person else None,
            channel=request.POST.get("channel") or None,
            by=by,
            at=at,
        )
        return _("The call is queued.")
    if verb == "note" and text:
        services.add_note(found, words=text, by=by, at=at)
        return _("Noted.")
    return ""


def _number(request: DeskRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 7 else None


@desk
@require_POST
def close_callout(request: DeskRequest, callout_id: uuid.UUID) -> HttpResponse:
    """Close the call-out; with a silent seat only for a reason that a person gives."""
    found = access_callout(request.actor, callout_id, need=Right.RUN_CALLOUT)
    reason = request.POST.get("reason", "").strip()[:500]
    with transaction.atomic():
        services.close_callout(found, reason=reason, by=request.actor, at=clocks.now(found.exercise_id))
    messages.success(request, _("The call-out is closed."))
    return redirect("console:callout", callout_id)
