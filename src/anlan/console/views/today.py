"""The first page: what rings, what waits for me, what I follow; the map; the live log."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import narrow, require_somewhere, within
from anlan.console import mine, words
from anlan.console.context import rail_entries, ringing_for, sounding
from anlan.console.gatewaywords import troubles
from anlan.console.mapprops import map_props
from anlan.console.mine import Item
from anlan.console.views.base import DeskRequest, back, desk, shared, shared_text
from anlan.console.views.enterprise import row_view
from anlan.dissemination.models import Callout, CalloutSeat
from anlan.duty import services as duty
from anlan.duty.access import access_alarm
from anlan.incidents.listing import Wanted, chosen
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.sensing.models import OPEN_ALARM, EnterpriseAlarm, MaintenanceWindow, Station
from anlan.sensing.queries import enterprise, hot_reader, stations_for
from anlan.sensing.types import Condition
from anlan.vocab.posts import Right
from anlan.warning.access import works_on
from anlan.warning.models import HazardWarning

LOG_ROWS = 60
WETTEST = 5
MOST_DRAFTS = 50
SILENT = ("unanswered", "lost_contact")

mine.part("drafts", lambda: [HazardWarning.objects.filter(state="draft")])
mine.part("to_call", lambda: [CalloutSeat.objects.filter(callout__state="open", state__in=SILENT)])
mine.part("to_answer", lambda: [EnterpriseAlarm.objects.filter(state__in=OPEN_ALARM)])
mine.part("to_grant", lambda: [MaintenanceWindow.objects.filter(state="asked")])


@desk
def today(request: DeskRequest) -> HttpResponse:
    """The whole first page."""
    page = {
        **stacks(request),
        "map_props": map_props(),
        "log": log_text(request),
        "strip": strip_text(request),
    }
    return render(request, "console/today/today.html", page)


@desk
def stacks_fragment(request: DeskRequest) -> HttpResponse:
    return render(request, "console/today/_stacks.html", stacks(request))


@desk
def strip_fragment(request: DeskRequest) -> HttpResponse:
    return HttpResponse(strip_text(request))


def strip_text(request: DeskRequest) -> str:
    """The strip as HTML; new readings change it although the journal stands still."""
    name = f"strip:{hot_reader().changed_at()}"
    return shared_text(
        request, name, lambda: render_to_string("console/today/_strip.html", {"strip": strip(request)})
    )


@desk
def log_fragment(request: DeskRequest) -> HttpResponse:
    return HttpResponse(log_text(request))


def log_text(request: DeskRequest) -> str:
    """The log as HTML."""
    return shared_text(
        request, "log", lambda: render_to_string("console/today/_log.html", {"log": log_rows(request)})
    )


@desk
def banner(request: DeskRequest) -> HttpResponse:
    return render(
        request,
        "console/_banner.html",
        {"alarms": sounding(request), "troubles": troubles(request.actor)},
    )


def stacks(request: DeskRequest) -> dict[str, Any]:
    """The three stacks of the left column, sorted by what is due first."""
    actor = request.actor
    running_count, running = shared(request, "running", lambda: _running(actor))
    # What waits differs from person to person; the deadlines in it count down by themselves.
    waits = shared_text(
        request,
        f"mine:{actor.ref}",
        lambda: render_to_string("console/today/_mine.html", _mine(request)),
    )
    return {
        "alarms": ringing_for(request),
        "mine": waits,
        "running_count": running_count,
        "running": mark_safe(running),  # noqa: S308 - rendered by a template, which escaped it
        "read_at": request.now,
    }


def _mine(request: DeskRequest) -> dict[str, Any]:
    """Everything that waits for this person and what he began."""
    actor = request.actor
    waiting_drafts, drafts = (
        shared(request, "drafts", lambda: _drafts(actor)) if mine.has(request, "drafts") else (0, [])
    )
    to_sign = [draft for draft in drafts if can_sign(request, draft)]
    items = [
        *map(_draft_item, to_sign),
        *_part(request, "to_call", _to_call),
        *_part(request, "to_answer", _to_answer),
        *_part(request, "to_grant", _to_grant),
        *mine.waiting_for(request),
    ]
    return {
        "waiting": sorted(items, key=mine.urgency),
        "followed": mine.followed_by(request),
        "waiting_drafts": waiting_drafts - len(to_sign),
    }


def _part(request: DeskRequest, name: str, make: Callable[[Actor], list[Item]]) -> list[Item]:
    return shared(request, name, lambda: make(request.actor)) if mine.has(request, name) else []


def _drafts(actor: Actor) -> tuple[int, list[dict[str, Any]]]:
    """How many drafts there are, and the most urgent of them."""
    rows = HazardWarning.objects.filter(works_on(actor), state="draft").order_by("review_due_at")
    shown = rows.values("pk", "level", "headline", "review_due_at", "drafted_by_person_id", "division__path")
    found = [dict(row) for row in shown[: MOST_DRAFTS + 1]]
    return len(found) if len(found) <= MOST_DRAFTS else rows.count(), found[:MOST_DRAFTS]


def _draft_item(draft: dict[str, Any]) -> Item:
    return Item(
        what=_("to sign"),
        title=draft["headline"],
        url=reverse("console:warning", args=[draft["pk"]]),
        due_at=draft["review_due_at"],
        level=draft["level"],
        chip="",
        shows_level=True,
    )


def _to_call(actor: Actor) -> list[Item]:
    """Silent seats on which the actor works."""
    silent = CalloutSeat.objects.filter(callout__state="open", state__in=SILENT)
    rows = (
        narrow(silent, actor, need=Right.RUN_CALLOUT)
        .order_by("waiting_since")
        .values(
            "pk",
            "state",
            "waiting_since",
            "escalated_to_name",
            "callout__level",
            "callout__title",
            "division__name",
        )
    )
    return [
        Item(
            what=_("lost contact") if row["state"] == "lost_contact" else _("unanswered"),
            title=row["division__name"],
            url=reverse("console:seat", args=[row["pk"]]),
            since=row["waiting_since"],
            level=row["callout__level"],
            chip="chip--unanswered",
            note=f"{row['callout__title']} → {row['escalated_to_name'] or '—'}",
        )
        for row in rows[:50]
    ]


def _to_answer(actor: Actor) -> list[Item]:
    """Alarms of enterprises whose next step is this reader's."""
    return [
        Item(
            what=row["state"],
            title=row["alarm"].division.name,
            url=reverse("console:enterprise_alarm", args=[row["alarm"].pk]),
            due_at=row["alarm"].due_at,
            since=row["alarm"].raised_at,
            level=row["alarm"].level,
            chip=row["chip"],
            note=row["text"],
            shows_level=True,
        )
        for row in map(row_view, enterprise.waiting_for(actor))
    ]


def _to_grant(actor: Actor) -> list[Item]:
    """Maintenance windows that an enterprise asked for."""
    return [
        Item(
            what=_("maintenance asked for"),
            title=window.station.name,
            url=reverse("console:enterprise_alarms"),
            due_at=window.starts_at,
            note=window.reason,
        )
        for window in enterprise.windows_to_decide(actor)
    ]


def _running(actor: Actor) -> tuple[int, str]:
    """Open call-outs with their progress, as HTML."""
    rows = narrow(Callout.objects.filter(state="open"), actor).order_by("-started_at")[:20]
    callouts = words.with_progress(rows)
    return len(callouts), render_to_string("console/today/_running.html", {"callouts": callouts})


def can_sign(request: DeskRequest, draft: dict[str, Any]) -> bool:
    """Somebody with the right who did not draft it."""
    can = request.actor.can(Right.SIGN_OFF, draft["division__path"])
    return can and draft["drafted_by_person_id"] != request.actor.person_id


def strip(request: DeskRequest) -> dict[str, Any]:
    """Rain and water under the map: the wettest stations, rivers over a limit, silent stations."""
    lines = stations_for(request.actor, at=request.now)
    wet = [line for line in lines if line.rain_1h is not None and line.rain_1h.value > 0]
    wet.sort(key=lambda line: line.rain_1h.value if line.rain_1h else Decimal(0), reverse=True)
    return {
        "wettest": wet[:WETTEST],
        "rivers": [line for line in lines if line.level and line.newest and line.newest.quantity == "stage"],
        "silent": sum(line.condition == Condition.SILENT for line in lines),
    }


def log_rows(request: DeskRequest) -> list[dict[str, Any]]:
    """The newest sealed entries that this actor may see, said in one line each."""
    kinds = [*words.LOG_KINDS]
    entries = Entry.objects.filter(seq__isnull=False, kind__in=kinds).filter(
        within(request.actor, "division_path")
    )
    return words.log_lines(entries.order_by("-seq")[:LOG_ROWS], request.actor)


@desk
@require_POST
def write_note(request: DeskRequest) -> HttpResponse:
    """A free note into the log."""
    require_somewhere(request.actor, Right.SEE_JOURNAL)
    text = request.POST.get("text", "").strip()[:500]
    if text:
        with transaction.atomic():
            note(
                kind="log.noted",
                subject=("log", str(request.actor.person_id)),
                payload={"text": text, "by": request.actor.name},
                by=request.actor,
                at=request.now,
                path=request.actor.where(Right.SEE_JOURNAL)[0],
                exercise_id=clocks.default_exercise_id(),
            )
    return back(request, "console:today")


@desk
@require_POST
def confirm_alarm(request: DeskRequest, alarm_id: uuid.UUID) -> HttpResponse:
    """Take over what rings: it stops sounding, and the journal says who did it."""
    alarm = access_alarm(request.actor, alarm_id, need=Right.CONFIRM_ALARM)
    with transaction.atomic():
        duty.confirm_alarm(alarm, by=request.actor, at=clocks.now(alarm.exercise_id))
    if request.headers.get("HX-Request"):
        return render(request, "console/today/_stacks.html", stacks(request))
    return back(request, "console:today")


@desk
@require_POST
def theme(request: DeskRequest) -> HttpResponse:
    """Switch between day and night; kept in a cookie."""
    response = back(request, "console:today")
    chosen = "light" if request.COOKIES.get("theme") == "night" else "night"
    response.set_cookie("theme", chosen, max_age=365 * 24 * 3600, samesite="Lax")
    return response


@desk
def find(request: DeskRequest) -> HttpResponse:
    """The command line: a village, station, person, incident or message by a part of its name, number or code."""
    from anlan.directory.models import Person
    from anlan.places.models import Division

    text = request.GET.get("q", "").strip()[:60]
    found: dict[str, Any] = {
        "query": text, "divisions": [], "stations": [], "people": [], "incidents": [], "messages_in": [], "entries": [],
    }  # fmt: skip
    if text:
        run = clocks.default_exercise_id()
        wanted = Wanted(text=text, exercise_id=run)
        found["incidents"] = chosen(request.actor, wanted)[:30]
        found["messages_in"] = _messages(request.actor, text)
        found["entries"] = [entry for entry in rail_entries(request) if text in entry["label"]]
        divisions = Division.objects.filter(within(request.actor, "path"), name__icontains=text)
        found["divisions"] = divisions.select_related("parent").order_by("path")[:30]
        stations = Station.objects.filter(within(request.actor, "division__path"))
        found["stations"] = (stations.filter(name__icontains=text) | stations.filter(code__icontains=text))[
            :30
        ]
        found["people"] = narrow(Person.objects.filter(name__icontains=text), request.actor).select_related(
            "division"
        )[:30]
    return render(request, "console/find.html", {**found, "title": _("Search")})


def _messages(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Messages that came in, by number or words; of a restricted one nothing but the number is searched."""
    from anlan.intake.access import visible_intakes

    in_words = Q(text__icontains=text, is_restricted=False) | Q(number__startswith=text)
    rows = visible_intakes(actor).filter(in_words, exercise_id=clocks.default_exercise_id())
    return [
        {"row": row, "url": mine.url_of("console:intake_record", row.pk)}
        for row in rows.order_by("-received_at")[:30]
    ]
