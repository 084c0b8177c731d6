"""What every page's frame shows: county, mode, clock, what rings, where one is."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from anlan.console.gatewaywords import troubles
from anlan.console.reportwords import left_words
from anlan.console.views.base import head_seq, shared
from anlan.dissemination.models import Callout
from anlan.duty import queries
from anlan.duty.access import may_confirm
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.reporting.queries import next_clock as next_report_clock
from anlan.reporting.types import NextClock
from anlan.response.queries import mode as response_mode
from anlan.vocab.posts import Right

#: Sections of the left rail: (route, icon, msgid, rights of which one is enough). A route that nothing answers is left out.
RAIL: tuple[tuple[tuple[str, str, str, tuple[Right, ...]], ...], ...] = (
    (("console:today", "today", "Today", (Right.SEE,)),),
    (
        ("console:intake", "intake", "Intake", (Right.TAKE_REPORTS,)),
        ("console:incidents", "incidents", "Incidents", (Right.SEE,)),
        (
            "console:reports",
            "reports",
            "Reports",
            (Right.TAKE_REPORTS, Right.REVIEW_REPORTS, Right.SIGN_REPORTS),
        ),
        ("console:duty_board", "duty", "Duty", (Right.MANAGE_DUTY, Right.TAKE_REPORTS)),
        ("console:papers", "papers", "Papers", (Right.TAKE_REPORTS, Right.SIGN_REPORTS)),
        ("console:data_calls", "datacalls", "Data calls", (Right.CALL_FOR_DATA, Right.FILE_DATA)),
        ("console:losses", "losses", "Losses", (Right.TAKE_REPORTS, Right.FILE_DATA)),
        ("console:scores", "scores", "Scores", (Right.JUDGE_REPORTING, Right.TAKE_REPORTS)),
    ),
    (
        ("console:plans", "plans", "Plans", (Right.SEE,)),
        ("console:responses", "responses", "Responses", (Right.SEE,)),
        ("console:orders", "orders", "Orders", (Right.SEE,)),
        ("console:forces", "forces", "Forces", (Right.SEE,)),
        ("console:drills", "drills", "Drills", (Right.RUN_DRILLS, Right.REVIEW_INCIDENTS)),
        ("console:reviews", "reviews", "Reviews", (Right.REVIEW_INCIDENTS, Right.RUN_DRILLS)),
    ),
    (
        ("console:warnings", "warnings", "Warnings", (Right.SEE,)),
        ("console:callouts", "callouts", "Call-outs", (Right.SEE,)),
        ("console:channels", "channels", "Channels", (Right.RUN_CALLOUT,)),
    ),
    (
        ("console:stations", "stations", "Stations", (Right.SEE,)),
        ("console:boards", "boards", "Connection", (Right.SEE,)),
        ("console:rain", "rain", "Rain and water", (Right.SEE,)),
    ),
    (
        ("console:rules", "rules", "Rules", (Right.SEE,)),
        ("console:directory", "directory", "Directory", (Right.SEE,)),
        ("console:imports", "imports", "Import", (Right.EDIT_DIRECTORY,)),
        ("console:journal", "journal", "Journal", (Right.SEE_JOURNAL,)),
    ),
)

#: Alarms of instruments, which one key takes over into intake.
FROM_INSTRUMENTS = frozenset(
    {"station_happening", "reading_suspect", "enterprise_overdue", "contact_may_be_lost"}
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Everything that `console/base.html` needs; little for somebody who is not signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    now: datetime | None = getattr(request, "now", None)
    shared = {"actor": actor, "now": now, "theme": _theme(request), "county_name": county_name()}
    if actor is None or now is None or not request.user.is_authenticated:
        return shared
    exercise: ExerciseRun | None = getattr(request, "run", None)
    return {
        **shared,
        "rail": rail_of(request),
        "exercise": exercise,
        "clock_sync": clock_state(),
        "exercise_name": _scenario_words(exercise),
        "is_emergency": is_emergency(request),
        "ringing": sounding(request),
        "next_report": next_report(request, now),
        "troubles": troubles(actor),
        "live_props": live_props(getattr(request, "seq", None), exercise),
        "ring_props": {
            "text": {"blocked": _("The browser blocks sound. Click here so that alarms can be heard.")}
        },
    }


def next_report(request: HttpRequest, now: datetime) -> dict[str, Any] | None:
    """The limit of a report that ends next, counted down on every screen; None when none runs."""
    run = clocks.default_exercise_id()
    at = now if run is None else clocks.now(run)
    found: list[NextClock] = shared(
        request,
        "next_report",
        lambda: [one for one in [next_report_clock(request.actor, now=at)] if one is not None],  # type: ignore[attr-defined]  # set by the middleware
    )
    if not found:
        return None
    [one] = found
    return {"one": one, "left": left_words(one.due_at, at), "is_late": at > one.due_at}


def _theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in {"light", "night"} else ""


def county_name() -> str:
    """The county of this node; kept for a minute."""
    name: str | None = cache.get("county_name")
    if name is None:
        county = Division.objects.filter(level="county").order_by("code").first()
        name = county.name if county is not None else ""
        cache.set("county_name", name, 60)
    return name


def clock_state() -> str:
    """Whether this machine's clock follows its source, as it was looked at last; "" where nobody looks. Kept for a minute."""
    state: str | None = cache.get("clock_state")
    if state is None:
        sync, since = queries.clock_sync()
        state = sync if since is not None else ""
        cache.set("clock_state", state, 60)
    return state


def is_emergency(request: HttpRequest) -> bool:
    """Whether any call-out or response runs, in the jurisdiction or not, or somebody switched to emergency by hand."""
    found: bool = shared(request, "is_emergency", _is_emergency)
    return found


def _is_emergency() -> bool:
    if Callout.objects.filter(state="open").exists():
        return True
    run = clocks.default_exercise_id()
    return response_mode(clocks.now(run), run) == "emergency"


def _scenario_words(exercise: ExerciseRun | None) -> str:
    """The scenario in the reader's language; a name that a person gave stays as it is."""
    words = {
        "storm": _("night storm"),
        "night": _("night at the duty desk"),
        "rehearsal": _("rehearsal"),
        "bench": _("measurement"),
        "test": _("test"),
    }
    return "" if exercise is None else words.get(exercise.scenario, exercise.scenario)


def rail_of(request: HttpRequest) -> SafeString:
    """The rail as HTML, made once for each set of rights, language and section that somebody is in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    rights = frozenset(right for right, _place in actor.grants)
    here = next((url for url in _sections() if _is_here(request.path, url)), "")
    return _rail_text(rights, here, get_language() or "")


def rail_entries(request: HttpRequest) -> list[dict[str, Any]]:
    """The same as rows, for the command line."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return _rail_entries(frozenset(right for right, _place in actor.grants), "")


def _is_here(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


@functools.lru_cache(maxsize=1)
def _sections() -> tuple[str, ...]:
    """The addresses of all sections."""
    routes = [route for section in RAIL for route, *_rest in section]
    return tuple(filter(None, map(_address, routes)))


@functools.lru_cache(maxsize=1024)
def _rail_text(rights: frozenset[str], here: str, language: str) -> SafeString:
    entries = _rail_entries(rights, here)
    return mark_safe(render_to_string("console/_rail.html", {"rail": entries}))  # noqa: S308 - escaped by its template


def _rail_entries(rights: frozenset[str], here: str) -> list[dict[str, Any]]:
    """Entries of the rail that these rights use. The first of each section says so."""
    labels = _rail_labels()
    entries: list[dict[str, Any]] = []
    for section in RAIL:
        is_first = bool(entries)
        for route, icon, label, needed in section:
            url = _address(route)
            if not url or not any(right in rights for right in needed):
                continue
            entry = {
                "url": url,
                "icon": icon,
                "label": labels[label],
                "is_here": url == here,
                "is_first": is_first,
            }
            entries.append(entry)
            is_first = False
    return entries


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def _rail_labels() -> dict[str, str]:
    return {
        "Today": _("Today"),
        "Intake": pgettext("section", "Intake"),
        "Incidents": _("Incidents"),
        "Reports": pgettext("section", "Reports"),
        "Duty": pgettext("section", "Duty"),
        "Papers": pgettext("section", "Papers"),
        "Data calls": pgettext("section", "Data calls"),
        "Losses": pgettext("section", "Losses"),
        "Scores": pgettext("section", "Scores"),
        "Stations": pgettext("section", "Stations"),
        "Connection": _("Connection"),
        "Rain and water": _("Rain and water"),
        "Plans": pgettext("section", "Plans"),
        "Responses": pgettext("section", "Responses"),
        "Orders": pgettext("section", "Orders"),
        "Forces": pgettext("section", "Forces"),
        "Drills": pgettext("section", "Drills"),
        "Reviews": pgettext("section", "Reviews"),
        "Warnings": _("Warnings"),
        "Call-outs": _("Call-outs"),
        "Channels": _("Channels"),
        "Rules": _("Rules"),
        "Directory": _("Directory"),
        "Import": _("Import"),
        "Journal": _("Journal"),
    }


def ringing_for(request: HttpRequest) -> list[dict[str, Any]]:
    """What rings for this reader, the most severe first, in the reader's language."""
    found: list[dict[str, Any]] = shared(request, "ringing", lambda: ringing(request.actor))  # type: ignore[attr-defined]  # set by the middleware
    return found


def ringing(actor: Actor) -> list[dict[str, Any]]:
    """The same, read now."""
    from anlan.console.templatetags.anlan import is_chinese

    alarms = queries.ringing(actor)[:50]
    return [
        {
            "id": alarm.pk,
            "text": alarm.text_zh if is_chinese() else alarm.text_en,
            "raised_at": alarm.raised_at,
            "level": alarm.level,
            "state": alarm.state,
            "leader": alarm.leader_called.name if alarm.leader_called else "",
            "leader_call_at": alarm.leader_call_at,
            "url": subject_url(alarm.subject),
            "sounds": queries.sounds(alarm),
            "can_confirm": may_confirm(actor, alarm),
            "can_take_over": alarm.kind in FROM_INSTRUMENTS and actor.can_somewhere(Right.TAKE_REPORTS),
        }
        for alarm in alarms
    ]


def sounding(request: HttpRequest) -> list[dict[str, Any]]:
    """Those of them that are heard; the banner shows only these."""
    return [alarm for alarm in ringing_for(request) if alarm["sounds"]]


def subject_url(subject: str) -> str:
    """The page of what an alarm or a message is about; "" when it has none."""
    kind, _colon, key = subject.partition(":")
    routes = {
        "warning": "console:warning",
        "callout": "console:callout",
        "seat": "console:seat",
        "delivery": "console:hand_task",
        "help": "console:seat",
        "station": "console:station_by_id",
        "enterprise_alarm": "console:enterprise_alarm",
        "incoming": "console:incoming_warning",
        "roll_call": "console:duty_roll_call",
        "handover": "console:duty_sheet",
        "report_clock": "console:report_clock",
        "upward_report": "console:report",
        "incident": "console:incident",
        "chase": "console:chase",
        "instruction": "console:order",
        "data_call": "console:data_call",
        "data_seat": "console:data_seat",
        "intake": "console:intake_record",
        "consultation": "console:consultation",
        "situation_report": "console:situation",
        "team_job": "console:job",
        "supply_request": "console:supply_request",
        "team": "console:team",
        "activation": "console:activation",
        "response_notice": "console:response_notice",
        "joint_duty": "console:joint_duty",
        "plan": "console:plan",
        "plan_version": "console:plan_version",
        "plan_filing": "console:plan_filing",
        "lesson": "console:lesson",
        "review": "console:review",
        "case_record": "console:case",
    }
    if kind == "ring":
        return f"{reverse('console:intake_new')}?ring={key}"
    if kind == "orders":
        incident, _colon, unit = key.partition(":")
        return f"{reverse('console:room_orders', args=[incident])}?unit={unit}"
    if kind == "expert_call":
        return _room_of_expert(key)
    if kind in ("check_in", "room_link"):
        return reverse("console:duty_board")
    try:
        return reverse(routes[kind], args=[key]) if kind in routes else ""
    except NoReverseMatch:
        return ""


def _room_of_expert(key: str) -> str:
    """The board of experts in the room where one was asked; rare, so one query."""
    from anlan.command.models import ExpertCall

    incident = ExpertCall.objects.filter(pk=key).values_list("incident_id", flat=True).first()
    return "" if incident is None else f"{reverse('console:room', args=[incident])}?tab=experts"


def live_props(seq: int | None, exercise: ExerciseRun | None) -> dict[str, Any]:
    """Props of the live stream: where the page stands in the journal, and the exercise's clock if there is one."""
    props: dict[str, Any] = {
        "url": "/rt/events",
        "lastEventId": str(head_seq() if seq is None else seq),
        "text": {
            "lost": _("Connection lost. The data on this page stopped at {time}."),
            "secondsAgo": _("{n} s ago"),
            "minutesAgo": _("{n} min ago"),
            "hoursAgo": _("{n} h ago"),
            "daysAgo": _("{n} days ago"),
            "overdue": _("overdue by {time}"),
        },
    }
    if exercise is not None:
        wall = clocks.wall_now()
        speed = 0 if exercise.ended_at else exercise.speed
        props["clock"] = {
            "now": clocks.run_time(exercise).isoformat(),
            "wall": wall.isoformat(),
            "speed": speed,
        }
    return props
