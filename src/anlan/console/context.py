"""What every page's frame shows: county, mode, clock, what rings, where one is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.console.gatewaywords import troubles
from anlan.console.views.base import head_seq, shared
from anlan.dissemination.models import Callout
from anlan.duty import queries
from anlan.duty.access import may_confirm
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import Right

#: (route, icon, msgid, right) of the left rail.
RAIL = (
    ("console:today", "today", "Today", Right.SEE),
    ("console:stations", "stations", "Stations", Right.SEE),
    ("console:boards", "boards", "Connection", Right.SEE),
    ("console:rain", "rain", "Rain and water", Right.SEE),
    ("console:warnings", "warnings", "Warnings", Right.SEE),
    ("console:callouts", "callouts", "Call-outs", Right.SEE),
    ("console:channels", "channels", "Channels", Right.RUN_CALLOUT),
    ("console:rules", "rules", "Rules", Right.SEE),
    ("console:directory", "directory", "Directory", Right.SEE),
    ("console:imports", "imports", "Import", Right.EDIT_DIRECTORY),
    ("console:journal", "journal", "Journal", Right.SEE_JOURNAL),
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
        "rail": _rail(request, actor),
        "exercise": exercise,
        "exercise_name": _scenario_words(exercise),
        "is_emergency": is_emergency(request),
        "ringing": sounding(request),
        "troubles": troubles(actor),
        "live_props": live_props(getattr(request, "seq", None), exercise),
        "ring_props": {
            "text": {"blocked": _("The browser blocks sound. Click here so that alarms can be heard.")}
        },
    }


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


def is_emergency(request: HttpRequest) -> bool:
    """Whether any call-out runs, in the jurisdiction or not."""
    found: bool = shared(request, "is_emergency", lambda: Callout.objects.filter(state="open").exists())
    return found


def _scenario_words(exercise: ExerciseRun | None) -> str:
    """The scenario in the reader's language; a name that a person gave stays as it is."""
    words = {
        "storm": _("night storm"),
        "rehearsal": _("rehearsal"),
        "bench": _("measurement"),
        "test": _("test"),
    }
    return "" if exercise is None else words.get(exercise.scenario, exercise.scenario)


def _rail(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    labels = {
        "Today": _("Today"),
        "Stations": pgettext("section", "Stations"),
        "Connection": _("Connection"),
        "Rain and water": _("Rain and water"),
        "Warnings": _("Warnings"),
        "Call-outs": _("Call-outs"),
        "Channels": _("Channels"),
        "Rules": _("Rules"),
        "Directory": _("Directory"),
        "Import": _("Import"),
        "Journal": _("Journal"),
    }
    entries = []
    for route, icon, label, right in RAIL:
        if not actor.can_somewhere(right):
            continue
        url = reverse(route)
        is_here = request.path == url or (url != "/" and request.path.startswith(url))
        entries.append({"url": url, "icon": icon, "label": labels[label], "is_here": is_here})
    return entries


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
    }
    return reverse(routes[kind], args=[key]) if kind in routes else ""


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
