"""Warnings of others: the list, the paste box, one warning with its marks, the report back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import incomingwords as words
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import Refusal, fill
from anlan.places import queries as places
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.warning.incoming.access import (
    access_incoming,
    access_report,
    visible_incoming,
    visible_reports,
)
from anlan.warning.incoming.reading import read_text, shown_text
from anlan.warning.incoming.sentence import READ_MOST
from anlan.warning.incoming.told import shown
from anlan.warning.models import IncomingWarning
from anlan.warning.services import back_reports, incoming_person
from anlan.warning.services.incoming import MOST_BYTES

ROWS = 100
BEIJING = ZoneInfo("Asia/Shanghai")
#: Ways by which a person may say that a pasted text reached him.
PASTED = ("paste", "wechat", "fax", "phone", "sms", "mail")


@desk
def listing(request: DeskRequest) -> HttpResponse:
    """What needs a person first, then the newest; copies of one warning are one line."""
    rows = list(visible_incoming(request.actor).exclude(state="duplicate")[:ROWS])
    owed = visible_reports(request.actor).filter(
        state__in=("due", "failed"), exercise_id=clocks.default_exercise_id()
    )
    page = {
        "rows": rows,
        "owed": list(owed.order_by("due_at")[:ROWS]),
        "states": words.states(),
        "ways": words.ways(),
        "actions": words.actions(),
        "report_states": words.report_states(),
        "can_draft": request.actor.can_somewhere(Right.DRAFT),
        "is_assumption": words.doubtful_rules(),
        "read_at": request.now,
    }
    return render(request, "console/incoming/list.html", page)


@desk
def paste(request: DeskRequest) -> HttpResponse:
    """Paste, see what was read, keep it: the rules then act as on everything else."""
    require_somewhere(request.actor, Right.DRAFT)
    text = request.POST.get("text", "")[: MOST_BYTES // 4]
    source = request.POST.get("source", "paste")
    page: dict[str, Any] = {
        "text": text,
        "source": source,
        "ways": {code: words.ways()[code] for code in PASTED},
        "from_whom": request.POST.get("from_whom", "").strip()[:120],
    }
    if request.method == "POST" and text.strip():
        if request.POST.get("verb") == "keep" and source in PASTED:
            return _keep(request, page)
        page |= _preview(text)
    return render(request, "console/incoming/paste.html", page)


def _preview(text: str) -> dict[str, Any]:  # Any: what the template shows
    exercise_id = clocks.default_exercise_id()
    result = read_text(text, received_at=clocks.now(exercise_id))
    warnings = [_fields(shown(one)) for one in result.warnings]
    marks: dict[str, Any] = {"not_understood": [list(span) for span in result.not_understood], "fields": {}}
    for number, one in enumerate(result.warnings):
        for name, field in shown(one)["fields"].items():
            known = marks["fields"].setdefault(name, {"spans": []})
            known["spans"] += field["spans"] if number < READ_MOST else []
    return {"warnings": warnings, "segments": words.segments(text[:READ_MOST], marks), "was_read": True}


def _keep(request: DeskRequest, page: dict[str, Any]) -> HttpResponse:
    exercise_id = clocks.default_exercise_id()
    try:
        with transaction.atomic():
            message = incoming_person.paste(
                page["text"],
                source=page["source"],
                source_name=page["from_whom"],
                by=request.actor,
                at=clocks.now(exercise_id),
                exercise_id=exercise_id,
            )
    except Refusal as refusal:
        page["problem"] = fill(_(refusal.text), refusal.data)
        return render(request, "console/incoming/paste.html", page, status=422)
    first = message.warnings.order_by("number").first()
    return redirect("console:incoming") if first is None else redirect("console:incoming_warning", first.pk)


@desk
def record(request: DeskRequest, incoming_id: uuid.UUID) -> HttpResponse:
    """One warning: the raw text with marks, what was read, where it came from, what was made of it."""
    return _record(request, access_incoming(request.actor, incoming_id))


def _record(request: DeskRequest, row: IncomingWarning, problem: str = "") -> HttpResponse:
    text = str(row.read.get("text") or shown_text(row.message))
    may_draft = request.actor.can(Right.DRAFT, row.division.path)
    can_make = may_draft and row.action != "lift" and row.state in ("needs_person", "informed", "ignored")
    page = {
        "row": row,
        "problem": problem,
        "segments": words.segments(text[:READ_MOST], row.read),
        "is_cut": len(text) > READ_MOST,
        "fields": _fields(row.read),
        "villages": words.names_of(row.villages),
        "copies": list(row.copies.select_related("message").order_by("received_at")),
        "later": list(row.followed_by.order_by("received_at")),
        "reports": list(visible_reports(request.actor).filter(incoming=row).order_by("due_at")),
        "states": words.states(),
        "ways": words.ways(),
        "actions": words.actions(),
        "report_states": words.report_states(),
        "may_draft": may_draft,
        "can_make": can_make,
        "can_call": incoming_person.can_call_out(row),
        "places": _places(row) if can_make else [],
        "hazards": words.hazards(),
        "levels": [(1, _("red")), (2, _("orange")), (3, _("yellow")), (4, _("blue"))],
        "others": _others(request, row) if may_draft else [],
        "read_at": request.now,
    }
    return render(request, "console/incoming/record.html", page, status=422 if problem else 200)


def _fields(read: dict[str, Any]) -> list[dict[str, Any]]:  # Any: JSON of what was read
    """Each field as name, value, how sure it is; the area by names, times in Beijing."""
    named, sure, verbs = words.fields(), words.confidences(), words.actions()
    found = []
    for name, field in read.get("fields", {}).items():
        value = field.get("value")
        if name == "area":
            value = "、".join(words.names_of(value or []))
        elif name in ("issued_at", "expires_at") and value:
            value = datetime.fromisoformat(value).astimezone(BEIJING)
        elif name == "action":
            value = verbs.get(value, value)
        confidence = field.get("confidence", "")
        found.append(
            {
                "name": name,
                "label": named.get(name, name),
                "value": value,
                "code": confidence,
                "sure": sure.get(confidence, ""),
            }
        )
    return found


def _places(row: IncomingWarning) -> list[tuple[Division, list[Division]]]:
    """Townships with their villages, for the choice."""
    rows = places.below(row.division.path).filter(
        level__in=[DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE], valid_to=None
    )
    listed = list(rows.only("code", "name", "level", "parent").order_by("code"))
    villages: dict[str | None, list[Division]] = {}
    for one in listed:
        if one.level == DivisionLevel.VILLAGE:
            villages.setdefault(one.parent_id, []).append(one)
    return [(one, villages.get(one.code, [])) for one in listed if one.level == DivisionLevel.TOWNSHIP]


def _others(request: DeskRequest, row: IncomingWarning) -> list[IncomingWarning]:
    rows = visible_incoming(request.actor).filter(same_as=None).exclude(pk=row.pk).order_by("-received_at")
    return list(rows[:20])


@desk
@require_POST
def act(request: DeskRequest, incoming_id: uuid.UUID) -> HttpResponse:
    """Make the draft, set it aside, or call it a duplicate; named by the pressed button."""
    row = access_incoming(request.actor, incoming_id, need=Right.DRAFT)
    verb, at = request.POST.get("verb", ""), clocks.now(row.exercise_id)
    try:
        with transaction.atomic():
            if verb == "draft":
                incoming_person.make_draft(row, by=request.actor, at=at, **_corrections(request))
            elif verb == "ignore":
                reason = request.POST.get("reason", "")[:500]
                incoming_person.ignore(row, reason=reason, by=request.actor, at=at)
            elif verb == "duplicate":
                first = access_incoming(request.actor, _id(request.POST.get("first", "")), need=Right.DRAFT)
                incoming_person.mark_duplicate(row, first, by=request.actor, at=at)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        text = " ".join(fill(_(one), refusal.data) for one in (refusal.text, refusal.next_step) if one)
        why = str(refusal.data.get("why", ""))
        return _record(request, access_incoming(request.actor, incoming_id), problem=f"{text} {why}".strip())
    if verb == "draft" and row.draft is not None:
        return redirect("console:warning", row.draft.pk)
    return redirect("console:incoming_warning", row.pk)


def _corrections(request: DeskRequest) -> dict[str, Any]:  # Any: keyword arguments of make_draft
    given = request.POST
    level = given.get("level", "")
    found: dict[str, Any] = {
        "issuer": given.get("issuer", "")[:120],
        "hazard": given.get("hazard", "")[:24],
        "level": int(level) if level in ("1", "2", "3", "4") else None,
        "with_callout": given.get("with_callout") == "1",
        "expires_at": _moment(given.get("expires_at", "")),
    }
    if given.get("chosen") == "1":
        found["villages"] = given.getlist("villages")[:2000]
    return found


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING) if text else None
    except ValueError:
        return None


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


@desk
def report(request: DeskRequest, report_id: uuid.UUID) -> HttpResponse:
    """The record that goes to the issuer by paper or fax, and the form for who confirmed it."""
    found = access_report(request.actor, report_id)
    figures = found.figures or back_reports.figures_of(found.warning, at=clocks.now(found.exercise_id))
    page = {
        "report": found,
        "figures": figures,
        "row": found.incoming,
        "warning": found.warning,
        "states": words.report_states(),
        "ways": words.report_ways(),
        "may_record": request.actor.can(Right.DRAFT, found.division.path)
        and found.state in ("due", "failed", "sent", "recorded"),
        "has_interface": bool(back_reports.centre_url()),
        "read_at": request.now,
    }
    return render(request, "console/incoming/report.html", page)


@desk
@require_POST
def told(request: DeskRequest, report_id: uuid.UUID) -> HttpResponse:
    """Handed over by fax at … to …, or the interface tried once more."""
    found = access_report(request.actor, report_id, need=Right.DRAFT)
    at = clocks.now(found.exercise_id)
    with transaction.atomic():
        if request.POST.get("verb") == "again":
            back_reports.try_again(found, by=request.actor, at=at)
        else:
            back_reports.record_told(
                found,
                way=request.POST.get("way", ""),
                to=request.POST.get("to", ""),
                confirmed_by=request.POST.get("confirmed_by", ""),
                note=request.POST.get("note", ""),
                by=request.actor,
                at=at,
            )
    return redirect("console:back_report", found.pk)
