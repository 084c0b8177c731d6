"""Ladders: who is called, by what, how long each step waits; proposed by one person, approved by another, tried before it counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import ladderforms, ladderwords
from anlan.console.moments import input_moment, parse_moment
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk
from anlan.directory.access import shown_number
from anlan.dissemination import ladders as data
from anlan.dissemination.access import (
    access_assignment,
    access_ladder,
    visible_assignments,
    visible_ladders,
)
from anlan.dissemination.audience import Audience
from anlan.dissemination.ladders import Ladder, county
from anlan.dissemination.models import LadderVersion
from anlan.dissemination.planning import Party, Plan, plan
from anlan.dissemination.refusals import UnknownLadder
from anlan.dissemination.services import ladders as services
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places import access as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.posts import Right

EDIT, APPROVE = Right.EDIT_RULES, Right.APPROVE_RULES
#: Places that one simulation shows; more are not read by anybody.
SIMULATED = 20
#: Places offered for it.
_LEVELS = (DivisionLevel.VILLAGE, DivisionLevel.SITE, DivisionLevel.ENTERPRISE)


@desk
def ladders(request: DeskRequest) -> HttpResponse:
    """Every ladder that can be used here, what waits for approval, and which ladder is used when."""
    require_somewhere(request.actor, Right.SEE)
    here, at = _county(request.actor), _now()
    versions = list(visible_ladders(request.actor).order_by("-proposed_at", "-id")[:200])
    uses = list(visible_assignments(request.actor).order_by("-proposed_at", "-id")[:200])
    page = {
        "rows": [_summary(name, at, here) for name in county.known_names(here, at)],
        "waiting": [row for row in versions if row.state == "proposed"],
        "waiting_uses": [row for row in uses if row.state == "proposed"],
        "uses": [row for row in uses if row.state == "in_force"],
        "shipped_uses": county.shipped_assignments(),
        "may_edit": here is not None and request.actor.can(EDIT, here.path),
        "may_approve": request.actor.can_somewhere(APPROVE),
        "names": county.known_names(here, at),
        "kinds": ladderwords.kind_words(),
        "hazards": {kind.value: face.zh if is_chinese() else face.en for kind, face in HAZARDS.items()},
        "levels": (1, 2, 3, 4),
        "state_words": ladderwords.state_words(),
        "read_at": request.now,
    }
    return render(request, "console/ladders/ladders.html", page)


@desk
def ladder(request: DeskRequest, ladder_name: str) -> HttpResponse:
    """One ladder as it counts here now, and its versions."""
    require_somewhere(request.actor, Right.SEE)
    here, at = _county(request.actor), _now()
    shown = _named(ladder_name, at, here)
    versions = visible_ladders(request.actor).filter(name=ladder_name).order_by("-number")
    page = _ladder_page(shown) | {
        "own": county.version_in_force(ladder_name, at, here) if here is not None else None,
        "versions": list(versions[:50]),
        "may_edit": here is not None and request.actor.can(EDIT, here.path),
        "state_words": ladderwords.state_words(),
        "read_at": request.now,
    }
    return render(request, "console/ladders/ladder.html", page)


@desk
def version(request: DeskRequest, version_id: uuid.UUID) -> HttpResponse:
    """One version: its rungs, what differs from what counts now, and what may be done with it."""
    row = access_ladder(request.actor, version_id)
    shown, at = data.from_copy(row.body), _now()
    try:
        now: Ladder | None = data.ladder_named(row.name, at, row.division)
    except UnknownLadder:
        now = None
    path, actor = row.division.path, request.actor
    page = _ladder_page(shown) | {
        "row": row,
        "state": ladderwords.state_words()[row.state],
        "differences": data.same_as(now, shown) if now is not None else None,
        "is_mine": actor.ref == row.proposed_by or actor.person_id == row.proposed_by_person_id,
        "may_edit": actor.can(EDIT, path),
        "may_approve": actor.can(APPROVE, path),
        "read_at": request.now,
    }
    return render(request, "console/ladders/version.html", page)


@desk
@require_POST
def act_on_version(request: DeskRequest, version_id: uuid.UUID) -> HttpResponse:
    """Approve, send back or end, by whoever did not propose it."""
    row = access_ladder(request.actor, version_id, need=APPROVE)
    verb, words = request.POST.get("verb", ""), request.POST.get("reason", "").strip()[:500]
    at = _now()
    with transaction.atomic():
        if verb == "approve":
            since = request.POST.get("effective_from", "")
            services.approve_ladder(
                row,
                effective_from=parse_moment(since) if since else None,
                words=words,
                by=request.actor,
                at=at,
            )
            messages.success(
                request, _("The ladder is approved. Running call-outs keep the one they began with.")
            )
        elif verb == "return":
            services.send_back(row, reason=words, by=request.actor, at=at)
            messages.success(request, _("Sent back with your remark."))
        elif verb == "retire":
            services.retire_ladder(row, reason=words, by=request.actor, at=at)
            messages.success(request, _("This version no longer counts."))
    return redirect("console:ladder_version", version_id)


@desk
def edit(request: DeskRequest, ladder_name: str) -> HttpResponse:
    """A newer version of a ladder, or under another short name a new one; nothing counts before a second person approved it."""
    here, at = _county(request.actor), _now()
    need = (EDIT,) if request.method == "POST" else (EDIT, APPROVE)  # who approves may look at the form
    if here is None or not any(request.actor.can(right, here.path) for right in need):
        raise NotAllowed
    shown = _named(ladder_name, at, here)
    head, rows = ladderforms.head_of(shown), ladderforms.rows_of(shown)
    error: Refusal | None = None
    if request.method == "POST":
        head, rows = ladderforms.typed(request.POST)
        if not ladderforms.pressed(request.POST, rows):
            try:
                return _propose(request, head, rows, here, at)
            except Refusal as refusal:
                error = refusal
    page = {
        "name": ladder_name,
        "may_edit": request.actor.can(EDIT, here.path),
        "head": head,
        "rows": rows,
        "count": len(rows),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "targets": ladderwords.target_words(),
        "channels": ladderwords.channel_words(is_chinese()),
        "thirds": ladderwords.third_words(),
        "read_at": request.now,
    }
    return render(request, "console/ladders/form.html", page, status=200 if error is None else error.status)


def _propose(
    request: DeskRequest, head: dict[str, Any], rows: list[dict[str, Any]], here: Division, at: datetime
) -> HttpResponse:
    body = ladderforms.body_of(head, rows)
    reason = request.POST.get("reason", "")
    with transaction.atomic():
        made = services.propose_ladder(body, division=here, reason=reason, by=request.actor, at=at)
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("console:ladder_version", made.pk)


@desk
@require_POST
def propose_use(request: DeskRequest) -> HttpResponse:
    """Say which ladder is used for a kind, level, hazard or hours; a second person approves it."""
    require_somewhere(request.actor, EDIT)
    here = _county(request.actor)
    if here is None or not request.actor.can(EDIT, here.path):
        raise NotAllowed
    given = request.POST
    level = given.get("level", "")
    with transaction.atomic():
        services.propose_assignment(
            division=here,
            ladder_name=given.get("ladder", ""),
            kind=given.get("kind", "") if given.get("kind", "") in ladderwords.kind_words() else "",
            level=int(level) if level in {"1", "2", "3", "4"} else None,
            hazard_type=given.get("hazard_type", "")[:24],
            from_hour=given.get("from_hour", "")[:5],
            to_hour=given.get("to_hour", "")[:5],
            reason=given.get("reason", ""),
            by=request.actor,
            at=_now(),
        )
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("console:ladders")


@desk
@require_POST
def act_on_use(request: DeskRequest, use_id: uuid.UUID) -> HttpResponse:
    """Approve, send back or end a line of the table."""
    row = access_assignment(request.actor, use_id, need=APPROVE)
    verb, words = request.POST.get("verb", ""), request.POST.get("reason", "").strip()[:500]
    with transaction.atomic():
        if verb == "approve":
            services.approve_assignment(row, words=words, by=request.actor, at=_now())
        elif verb == "return":
            services.send_back(row, reason=words, by=request.actor, at=_now())
        elif verb == "retire":
            services.retire_assignment(row, reason=words, by=request.actor, at=_now())
    messages.success(request, _("Stored; the journal names you."))
    return redirect("console:ladders")


@desk
def simulate(request: DeskRequest, ladder_name: str) -> HttpResponse:
    """With the roster of that night: who is called when, by the very code that the engine runs. Nothing is sent or stored."""
    require_somewhere(request.actor, Right.SEE)
    here, at = _county(request.actor), _now()
    given = request.GET.get("at", "")
    start = parse_moment(given) if given else at
    chosen = _ladder_to_try(request, ladder_name, start, here)
    seen = places.visible(request.actor).defer("geometry").filter(level__in=_LEVELS, valid_to=None)
    codes = request.GET.getlist("village")[:SIMULATED]
    villages = list(seen.filter(pk__in=codes).order_by("code"))
    plans = _plans(villages, chosen, start)
    page = _ladder_page(chosen) | {
        "version": request.GET.get("version", ""),
        "plans": [_plan_row(request, one) for one in plans],
        "villages": list(seen.order_by("path")[:2000]),
        "chosen": set(codes),
        "at_input": input_moment(start),
        "start": start,
        "most": SIMULATED,
        "gaps": ladderwords.gap_words(),
        "read_at": request.now,
    }
    return render(request, "console/ladders/simulate.html", page)


def _ladder_to_try(request: DeskRequest, name: str, at: datetime, here: Division | None) -> Ladder:
    """A version that waits for approval can be tried as well."""
    wanted = request.GET.get("version", "")
    if not wanted:
        return _named(name, at, here)
    try:
        row: LadderVersion = access_ladder(request.actor, uuid.UUID(wanted))
    except ValueError:
        raise NotFound from None
    return data.from_copy(row.body)


def _plans(villages: Sequence[Division], chosen: Ladder, start: datetime) -> list[Plan]:
    """One reading of the roster for each moment at which something happens, for all places together."""
    full = chosen.expanded()
    read: dict[datetime, Audience] = {}

    def audience_at(moment: datetime) -> Audience:
        if moment not in read:
            read[moment] = Audience.of(villages, at=moment, ladder=full)
        return read[moment]

    return [plan(Party(village), full, audience_at, start) for village in villages]


def _plan_row(request: DeskRequest, one: Plan) -> dict[str, Any]:
    path = one.party.division.path
    lines: list[dict[str, Any]] = []
    for planned in one.turns:
        lines += [_gap_line(planned.after_s, gap) for gap in planned.turn.passed]
        lines += [
            {
                "clock": _clock(planned.after_s),
                "who": reach.name,
                "role": reach.role,
                "channel": reach.channel,
                "address": shown_number(request.actor, reach.address, path),
            }
            for reach in planned.turn.reaches
        ]
    lines += [_gap_line(one.silent_after_s, gap) for gap in one.passed_at_end]
    return {
        "village": one.party.division,
        "lines": lines,
        "owner": one.owner,
        "owner_channel": one.owner_reach.channel if one.owner_reach is not None else "",
        "owned_after": _clock(one.silent_after_s),
    }


def _gap_line(after_s: int, gap: Any) -> dict[str, Any]:
    return {"clock": _clock(after_s), "role": gap.to, "gap": gap.why}


def _clock(seconds: int) -> str:
    """ "T+05:30": minutes and seconds from the beginning."""
    return f"T+{seconds // 60:02d}:{seconds % 60:02d}"


def _ladder_page(shown: Ladder) -> dict[str, Any]:
    """A ladder as a table, step by step with the time from the beginning."""
    steps, after_s = [], 0
    for rung in shown.expanded().rungs:
        steps.append(
            {
                "rung": rung,
                "targets": rung.targets,
                "from": _clock(after_s),
                "wait": _clock(rung.wait_s)[2:],
            }
        )
        after_s += rung.wait_s
    return {
        "ladder": shown,
        "title": (shown.zh, shown.en),
        "steps": steps,
        "total": _clock(after_s),
        "owner": shown.owner,
        "thirds": [ladderwords.third_words()[one] for one in shown.threes],
        "target_words": ladderwords.target_words(),
        "channel_words": ladderwords.channel_words(is_chinese()),
    }


def _summary(name: str, at: datetime, here: Division | None) -> dict[str, Any]:
    shown = _named(name, at, here)
    own = county.version_in_force(name, at, here) if here is not None else None
    wait_s = sum(rung.wait_s for rung in shown.expanded().rungs)
    return {
        "ladder": shown,
        "title": (shown.zh, shown.en),
        "own": own,
        "steps": len(shown.expanded().rungs),
        "total": _clock(wait_s)[2:],
    }


def _named(name: str, at: datetime, here: Division | None) -> Ladder:
    try:
        return data.ladder_named(name, at, here)
    except UnknownLadder:
        raise NotFound from None


def _county(actor: Actor) -> Division | None:
    """The county whose ladders count for the reader: the one that he sees, else the one that his places lie in."""
    counties = Division.objects.defer("geometry").filter(level=DivisionLevel.COUNTY).order_by("code")
    own = [one for one in counties if actor.sees(one.path)]
    if own:
        return own[0]
    codes = {code for path in actor.where(Right.SEE) for code in path.split("/")}
    return next((one for one in counties if one.code in codes), None)


def _now() -> datetime:
    return clocks.now(clocks.default_exercise_id())
