"""The inbox, one message with what was found out about it, the calls that nobody wrote down."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.attachments.refusals import EmptyFile
from anlan.attachments.uploading import bounded_uploads, check_uploads
from anlan.console import intakewords as words
from anlan.console.views.base import DeskRequest, desk, shared, shared_text
from anlan.console.views.files import as_it_is
from anlan.directory.queries import mask
from anlan.duty.access import access_alarm
from anlan.incidents.access import access_incident
from anlan.intake import queries, services
from anlan.intake.access import (
    access_asked,
    access_intake,
    desk_intakes,
    sees_numbers,
    visible_intakes,
    visible_rings,
)
from anlan.intake.files import files_of, keep_file
from anlan.intake.landmarks import resolve
from anlan.intake.models import OPEN, Intake
from anlan.intake.refusals import SeveralPlaces
from anlan.intake.types import IntakeDetails, Likeness
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotFound, Refusal, fill
from anlan.places import queries as places
from anlan.places.access import access_division, visible
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.incidents import Informant
from anlan.vocab.posts import Right

#: Rows on one page. Engineering choice.
ROWS = 50


@desk
@require_GET
def inbox(request: DeskRequest) -> HttpResponse:
    """What the desk keeps, the latest first; by state, source and township. Pages go on from the last row, not by number."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    given = request.GET
    state, source, township = given.get("state", "open"), given.get("source", ""), given.get("township", "")
    after = given.get("after", "")[:90]
    asked = {"state": state[:12], "source": source[:16], "township": township[:24], "after": after}
    page = {
        **asked,
        # The same for everybody at this desk until something happens: ten officers look at one table.
        "table": shared_text(
            request, f"intake:{sorted(asked.items())}", lambda: _table(request.actor, **asked)
        ),
        "states": words.states(),
        "sources": words.sources(),
        "townships": shared(request, "intake_townships", lambda: _townships(request.actor)),
        "unanswered": visible_rings(request.actor)
        .filter(state__in=("ringing", "missed"), exercise_id=clocks.default_exercise_id())
        .order_by("-rang_at")[:5],
        "ring_states": words.ring_states(),
        "read_at": request.now,
    }
    return render(request, "console/intake/inbox.html", page)


def _table(actor: Actor, *, state: str, source: str, township: str, after: str) -> str:
    """One page of messages as HTML; it holds no form."""
    rows = desk_intakes(actor).filter(exercise_id=clocks.default_exercise_id())
    if state == "open":
        rows = rows.filter(state__in=OPEN, duplicate_of=None)
    elif state in words.states():
        rows = rows.filter(state=state)
    if source in words.sources():
        rows = rows.filter(source=source)
    if township:
        place = visible(actor).filter(pk=township).first()
        rows = rows.filter(_below(place)) if place is not None else rows.none()
    found = list(_after(rows, after).order_by("-received_at", "-id")[: ROWS + 1])
    page = {
        "rows": found[:ROWS],
        "after": _mark(found[ROWS - 1]) if len(found) > ROWS else "",
        "state": state,
        "source": source,
        "township": township,
        "states": words.states(),
        "chips": words.state_chips(),
        "sources": words.sources(),
        "types": words.types(),
    }
    return render_to_string("console/intake/_rows.html", page)


def _below(place: Division) -> Q:
    return Q(path=place.path) | Q(path__startswith=f"{place.path}/")


def _townships(actor: Actor) -> list[tuple[str, str]]:
    rows = visible(actor, Right.TAKE_REPORTS).filter(level=DivisionLevel.TOWNSHIP, valid_to=None)
    return list(rows.order_by("code").values_list("code", "name")[:100])


def _mark(row: Intake) -> str:
    return f"{row.received_at.astimezone(UTC).isoformat()}_{row.pk}"


def _after(rows: Any, mark: str) -> Any:  # Any: a queryset in, the same narrowed out
    moment, _sep, key = mark.partition("_")
    try:
        at, pk = datetime.fromisoformat(moment.replace(" ", "+")).astimezone(UTC), uuid.UUID(key)
    except (ValueError, OverflowError):
        return rows
    return rows.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk))


@desk
@require_GET
def rings(request: DeskRequest) -> HttpResponse:
    """Calls on the lines of this desk: those that ring, those to ring back, those written down."""
    require_somewhere(request.actor, Right.TAKE_REPORTS)
    found = visible_rings(request.actor).filter(exercise_id=clocks.default_exercise_id())
    page = {
        "rows": [
            (row, row.number if request.actor.can(Right.SEE_NUMBERS, row.division.path) else mask(row.number))
            for row in found.order_by("-rang_at", "-pk")[:ROWS]
        ],
        "ring_states": words.ring_states(),
        "read_at": request.now,
    }
    return render(request, "console/intake/rings.html", page)


@desk
@require_GET
def record(request: DeskRequest, intake_id: uuid.UUID) -> HttpResponse:
    return _record(request, access_intake(request.actor, intake_id))


def _record(request: DeskRequest, row: Intake, problem: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor
    may_act = actor.can(Right.TAKE_REPORTS, row.path)
    is_free = (
        row.incident_id is None and row.duplicate_of_id is None and row.state not in ("not_true", "handed_on")
    )
    page = {
        "row": row,
        "problem": problem,
        "number": row.caller_number if sees_numbers(actor, row) else mask(row.caller_number),
        "figures": words.figures_of(row),
        "steps": list(
            row.steps.select_related("division").defer("division__geometry").order_by("at", "pk")[:200]
        ),
        "files": files_of(row),
        "duplicates": list(row.duplicates.order_by("received_at", "pk")[:50]),
        "main": visible_intakes(actor).filter(pk=row.duplicate_of_id).first()
        if row.duplicate_of_id
        else None,
        "likely": shared(request, f"likely:{row.pk}", lambda: _likely(actor, row))
        if may_act and is_free
        else [],
        "is_free": is_free,
        "is_open": row.state in OPEN,
        "may_act": may_act,
        "may_find": may_act or (row.asked_path != "" and actor.can(Right.REPORT, row.asked_path)),
        "may_sign": row.needs_signature and row.signed_at is None and actor.can(Right.SIGN_REPORTS, row.path),
        "may_reward": may_act and row.source == Informant.C12350,
        "askable": _askable(row) if may_act else [],
        "states": words.states(),
        "chips": words.state_chips(),
        "sources": words.sources(),
        "types": words.types(),
        "levels": words.levels(),
        "ways": words.ways(),
        "step_words": words.steps(),
        "clocks": clocks_for(row.event_type, row.occurred_at, row.received_at, row.path) if is_free else [],
        "read_at": request.now,
    }
    return render(request, "console/intake/record.html", page, status=status)


def _likely(actor: Actor, row: Intake) -> list[Likeness]:
    return queries.likely_duplicates(actor, queries.described(row), but=row)


def _askable(row: Intake) -> list[Division]:
    """Who may be asked: the village, its township, the county."""
    if row.division is None:
        county = places.county()
        return [county] if county is not None else []
    chain = places.breadcrumb(row.division)
    wanted = (DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY, DivisionLevel.ENTERPRISE)
    return [one for one in reversed(chain) if one.level in wanted]


def clocks_for(
    event_type: str, occurred_at: datetime | None, received_at: datetime, path: str
) -> list[dict[str, Any]]:
    """The legal limits that run from the time of receipt, the soonest first."""
    from anlan.console.templatetags.anlan import is_chinese
    from anlan.ruleset.reportclocks import ReportFacts, clocks_of
    from anlan.sensing.rules.governing import report_packs

    packs = report_packs(at=received_at, path=path, exercise_id=clocks.default_exercise_id())
    facts = ReportFacts(
        event_type=event_type or "other_natural",
        grade=None,
        known_at=received_at,
        occurred_at=occurred_at,
        received_at=received_at,
    )
    return [
        {"words": one.zh if is_chinese() else one.en, "due_at": one.due_at, "verified": one.verified}
        for one in clocks_of(facts, packs)
        if one.is_mine
    ][:4]


Verb = Callable[[DeskRequest, Intake, datetime], object]


@desk
@require_POST
def act(request: DeskRequest, intake_id: uuid.UUID) -> HttpResponse:
    """What the pressed button names."""
    verb = request.POST.get("verb", "")
    need = Right.SIGN_REPORTS if verb == "sign" else Right.TAKE_REPORTS
    row = access_intake(request.actor, intake_id, need=need)
    do = _VERBS.get(verb)
    if do is None:
        return redirect("console:intake_record", row.pk)
    try:
        with transaction.atomic():
            made = do(request, row, clocks.now(row.exercise_id))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _record(request, access_intake(request.actor, intake_id), sentence(refusal), refusal.status)
    if verb == "open" and made is not None:
        return redirect("console:incident", made.pk)  # type: ignore[attr-defined]  # the incident that was opened
    return redirect("console:intake_record", row.pk)


def sentence(refusal: Refusal) -> str:
    """In the reader's language, with the next step."""
    parts = [fill(_(one), refusal.data) for one in (refusal.text, refusal.next_step) if one]
    return " ".join(parts)


def _ask(request: DeskRequest, row: Intake, at: datetime) -> object:
    division = access_division(request.actor, request.POST.get("division", ""))
    return services.ask_to_verify(row, division=division, words=_words(request), by=request.actor, at=at)


def _verify(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.verify_intake(row, result=_words(request), by=request.actor, at=at)


def _not_true(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.find_intake_not_true(row, reason=_words(request), by=request.actor, at=at)


def _feed_back(request: DeskRequest, row: Intake, at: datetime) -> object:
    way = request.POST.get("way", "")
    return services.feed_back(row, way=way, words=_words(request), by=request.actor, at=at)


def _hand_on(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.hand_on(row, to=_words(request), by=request.actor, at=at)


def _take_back(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.take_back(row, reason=_words(request), by=request.actor, at=at)


def _open(request: DeskRequest, row: Intake, at: datetime) -> object:
    title = request.POST.get("title", "")
    wanted = request.POST.get("event_type", "")
    if wanted and wanted != row.event_type:
        services.describe_intake(row, event_type=wanted, by=request.actor, at=at)
    return services.open_from_intake(row, title=title, by=request.actor, at=at)


def _join(request: DeskRequest, row: Intake, at: datetime) -> object:
    incident = access_incident(request.actor, _id(request, "incident"), need=Right.TAKE_REPORTS)
    return services.add_to_incident(row, incident, by=request.actor, at=at)


def _link(request: DeskRequest, row: Intake, at: datetime) -> object:
    main = access_intake(request.actor, _id(request, "main"), need=Right.TAKE_REPORTS)
    return services.link_duplicate(row, main, by=request.actor, at=at)


def _unlink(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.unlink_duplicate(row, reason=_words(request), by=request.actor, at=at)


def _take_out(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.take_out(row, reason=_words(request), by=request.actor, at=at)


def _place(request: DeskRequest, row: Intake, at: datetime) -> object:
    typed = request.POST.get("place", "").strip()[:200]
    found = resolve(request.actor, typed)
    if len({one.division.pk for one in found}) > 1:
        raise SeveralPlaces(given=typed, choices="、".join(one.label for one in found[:6]))
    first = found[0] if found else None
    return services.correct_place(
        row,
        division=first.division if first is not None else None,
        place_words=first.name if first is not None and first.label == typed else typed,
        lon=first.lon if first is not None else None,
        lat=first.lat if first is not None else None,
        reason=_words(request),
        by=request.actor,
        at=at,
    )


def _sign(request: DeskRequest, row: Intake, at: datetime) -> object:
    return services.sign_for_township(row, by=request.actor, at=at)


def _reward(request: DeskRequest, row: Intake, at: datetime) -> object:
    if row.source != Informant.C12350:
        raise NotFound
    return services.note_reward(
        row, promised=_amount(request, "promised"), paid=_amount(request, "paid"), by=request.actor, at=at
    )


_VERBS: dict[str, Verb] = {
    "ask": _ask,
    "verify": _verify,
    "not_true": _not_true,
    "feed_back": _feed_back,
    "hand_on": _hand_on,
    "take_back": _take_back,
    "open": _open,
    "join": _join,
    "link": _link,
    "unlink": _unlink,
    "take_out": _take_out,
    "place": _place,
    "sign": _sign,
    "reward": _reward,
}


def _words(request: DeskRequest) -> str:
    return request.POST.get("words", "").strip()[:400]


def _amount(request: DeskRequest, name: str) -> Decimal | None:
    text = request.POST.get(name, "").strip()
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return Decimal("NaN")


def _id(request: DeskRequest, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound from None


@desk
@require_POST
def found(request: DeskRequest, intake_id: uuid.UUID) -> HttpResponse:
    """What the place that was asked found out."""
    row = access_asked(request.actor, intake_id)
    try:
        with transaction.atomic():
            services.answer_verification(
                row,
                finding=request.POST.get("finding", ""),
                words=_words(request),
                by_name=request.POST.get("name", "").strip()[:60],
                by=request.actor,
                at=clocks.now(row.exercise_id),
            )
    except Refusal as refusal:
        return _record(request, row, sentence(refusal), refusal.status)
    return redirect("console:intake_record", row.pk)


@bounded_uploads
@desk
@require_POST
def attach(request: DeskRequest, intake_id: uuid.UUID) -> HttpResponse:
    """A photo, voice note, film or paper; a recording's file or name."""
    row = access_intake(request.actor, intake_id, need=Right.TAKE_REPORTS)
    file = request.FILES.get("file")
    try:
        check_uploads(request)
        if file is None:
            raise EmptyFile
        with transaction.atomic():
            keep_file(
                row, file.chunks(), name=file.name or "", by=request.actor, at=clocks.now(row.exercise_id)
            )
    except Refusal as refusal:
        return _record(request, row, sentence(refusal), refusal.status)
    return redirect("console:intake_record", row.pk)


@desk
@require_GET
def file(request: DeskRequest, intake_id: uuid.UUID, intake_file_id: uuid.UUID) -> HttpResponse:
    """The bytes as what they are, never as a page."""
    row = access_intake(request.actor, intake_id)
    kept = next((one for one in files_of(row) if one.pk == intake_file_id), None)
    if kept is None:
        raise NotFound
    return as_it_is(kept, ("image/", "audio/", "video/"))


@desk
@require_POST
def take_over(request: DeskRequest, alarm_id: uuid.UUID) -> HttpResponse:
    """One key: what an instrument noticed becomes a message that is verified like any other."""
    alarm = access_alarm(request.actor, alarm_id)
    division = alarm.division
    require(request.actor, Right.TAKE_REPORTS, division.path if division is not None else _county_path())
    at = clocks.now(alarm.exercise_id)
    details = IntakeDetails(
        source=Informant.STATION.value,
        sender_name=_("monitoring")[:80],
        reference=f"alarm:{alarm.pk}",
        text=alarm.text_zh,
        received_at=min(alarm.raised_at, at),
        occurred_at=min(alarm.raised_at, at),
        division=division if division is not None and division.level != DivisionLevel.COUNTY else None,
    )
    with transaction.atomic():
        row, _is_new = services.take_intake(details, by=request.actor, at=at, exercise_id=alarm.exercise_id)
    return redirect("console:intake_record", row.pk)


def _county_path() -> str:
    county = places.county()
    return county.path if county is not None else ""
