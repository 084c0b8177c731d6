"""Drills: the calendar with what the year still asks for, a drill with its script, its run and its scorecard."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.accounts.middleware import ENTERED, enter_run, leave_run
from anlan.console import drillforms as forms
from anlan.console import drillwords as words
from anlan.console import reviewslot
from anlan.console.reviewforms import owners
from anlan.console.views.base import DeskRequest, desk
from anlan.drills import script as scripts
from anlan.drills import services
from anlan.drills.access import access_drill, reads_script, visible_drills
from anlan.drills.duties import Duty, duties
from anlan.drills.files import MOST as MOST_FILES
from anlan.drills.files import counts, files_of
from anlan.drills.library import CODES, NOTICE, pack, packs
from anlan.drills.models import Drill
from anlan.drills.refusals import ScriptWrong
from anlan.drills.services.scoring import scorecard
from anlan.incidents.access import visible_incidents
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.models import Division
from anlan.plans.access import visible_plans
from anlan.vocab.incidents import INFORMANT_LABELS, TYPES
from anlan.vocab.posts import Right

PAGE_ROWS = 200
_OWNERS = ("county", "department", "township", "enterprise")


@desk
def drills(request: DeskRequest) -> HttpResponse:
    """What is planned, what runs, what was held; and whose yearly minimum is not reached."""
    require_somewhere(request.actor, Right.SEE)
    rows = visible_drills(request.actor).order_by("-held_on", "-planned_on", "-made_at")[:PAGE_ROWS]
    files = counts(rows)
    page = {
        "rows": [{**_line(row), "files": files[row.pk]} for row in rows],
        "standings": standing_lines(duties(request.actor, today=_today())[:60], _today()),
        "may_run": request.actor.can_somewhere(Right.RUN_DRILLS),
        "read_at": request.now,
    }
    return render(request, "console/drills/list.html", page)


def _line(row: Drill) -> dict[str, Any]:
    return {
        "row": row,
        "kind": words.word(words.KINDS, row.kind),
        "blindness": words.word(words.BLINDNESS, row.blindness),
        "state": words.word(words.STATES, row.state),
        "score": row.scorecard.get("score") if row.scorecard else None,
    }


def standing_lines(found: list[Duty], today: date) -> list[dict[str, Any]]:
    return [
        {
            "one": duty.standing,
            "owner": duty.owner.name,
            "words": words.word({"": (duty.standing.minimum.zh, duty.standing.minimum.en)}, ""),
            "until": duty.until,
            "planned": duty.planned,
            "is_late": duty.until < today,
        }
        for duty in found
    ]


def _today() -> date:
    return clocks.wall_now().astimezone(SHANGHAI).date()


@desk
def new_drill(request: DeskRequest) -> HttpResponse:
    """Into the calendar, or as one that was held outside the system."""
    require_somewhere(request.actor, Right.RUN_DRILLS)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            made = _make(request)
            return redirect("console:drill", made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    typed = request.POST if request.method == "POST" else _typed(request)
    page = {"typed": typed, "error": error, **choices(request)}
    return render(request, "console/drills/new.html", page, status=200 if error is None else error.status)


def _typed(request: DeskRequest) -> dict[str, str]:
    """What the library has filled in already."""
    code = request.GET.get("library", "")
    found = {
        "library": code,
        "seed": request.GET.get("seed", ""),
        "division": request.GET.get("division", ""),
    }
    if code not in CODES:
        return found
    one = pack(code)
    return {**found, "title": one.title, "kind": one.drill_kind, "event_type": one.event_types[0]}


def _make(request: DeskRequest) -> Drill:
    given = forms.details(request.actor, request.POST)
    at, name = clocks.wall_now(), request.actor.name
    with clocks.entered(clocks.folder_exercise_id()), transaction.atomic():
        if request.POST.get("verb") != "record":
            made = services.plan_drill(given, by=request.actor, by_name=name, at=at)
            code = request.POST.get("library", "")
            if code in CODES:
                services.take_pack(
                    made, code, seed=forms.seed(request.POST.get("seed", "")), by=request.actor, at=at
                )
            return made
        return services.record_outside(
            given,
            held_on=forms.day(request.POST.get("held_on", "")),
            summary=request.POST.get("summary", ""),
            findings=request.POST.get("findings", ""),
            by=request.actor,
            by_name=name,
            at=at,
        )


def choices(request: DeskRequest) -> dict[str, Any]:
    """What the fields of a drill are chosen from; places where the reader may run drills."""
    places = Division.objects.filter(level__in=_OWNERS).only("code", "name", "level", "path").order_by("code")
    return {
        "kinds": words.options(words.KINDS),
        "blindnesses": words.options(words.BLINDNESS),
        "types": [(code, words.word({code: (face.zh, face.en)}, code)) for code, face in TYPES.items()],
        "places": [one for one in places if request.actor.can(Right.RUN_DRILLS, one.path)],
        "packs": packs(),
        "notice": NOTICE,
        "plans": list(
            visible_plans(request.actor)
            .filter(state="in_force")
            .order_by("number")
            .values_list("pk", "title")[:300]
        ),
    }


@desk
def drill(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    row = access_drill(request.actor, drill_id)
    may_run = request.actor.can(Right.RUN_DRILLS, row.division.path)
    may_read = reads_script(request.actor, row)
    page = {
        **_line(row),
        "may_run": may_run,
        "may_read": may_read,
        "is_inside": row.run_id is not None and clocks.default_exercise_id() == row.run_id,
        "lines": _script_lines(row) if may_read else [],
        "steps": _steps(row),
        "verdicts": words.options(words.VERDICTS),
        "marks": [
            {"row": mark, "verdict": words.word(words.VERDICTS, mark.verdict)}
            for mark in row.marks.order_by("made_at")
        ],
        "lesson_owners": _lesson_owners(request, row),
        "gaps": ("missed", "late", "wrong"),
        "files": files_of(row) if may_read else [],
        "takes_files": may_run and row.state != "cancelled",
        "most_files": MOST_FILES,
        "clock": None if row.run is None else clocks.run_time(row.run),
        "reviews": reviewslot.of_drill(request, row),
        "replays": _replays(request, row) if may_run else [],
        "read_at": request.now,
    }
    return render(request, "console/drills/drill.html", page)


def _replays(request: DeskRequest, row: Drill) -> list[Incident]:
    """Incidents of the run that the reader may see, the first one first."""
    if row.run_id is None:
        return []
    seen = visible_incidents(request.actor).filter(exercise_id=row.run_id).exclude(state="merged")
    return list(seen.order_by("known_at", "pk")[:50])


def _lesson_owners(request: DeskRequest, row: Drill) -> list[tuple[str, str]]:
    """Who may owe a lesson of this drill; empty for whoever writes no reviews there, and before the drill is over."""
    if row.state != "held" or not request.actor.can(Right.REVIEW_INCIDENTS, row.division.path):
        return []
    return owners(request.actor)


def _script_lines(row: Drill) -> list[dict[str, Any]]:
    """The script as written, or once it runs, each inject with what came of it."""
    if row.run_id is None:
        return [
            {"line": line, "kind": words.word(words.INJECTS, line.kind), "expects": len(line.expects)}
            for line in _read(row).lines
        ]
    return [
        {
            "inject": one,
            "kind": words.word(words.INJECTS, one.kind),
            "state": words.word(words.INJECT_STATES, one.state),
            "expects": len(one.expects),
        }
        for one in row.injects.order_by("position")
    ]


def _read(row: Drill) -> scripts.Script:
    try:
        return scripts.read(row.script) if row.script else scripts.Script()
    except scripts.BadScript as error:
        raise ScriptWrong(why=str(error)) from None


def _steps(row: Drill) -> list[dict[str, Any]]:
    if row.run is None:
        return []
    return [
        {"one": step, "mark": words.word(words.MARKS, step.mark), "chip": words.CHIP_OF_MARK[step.mark]}
        for step in scorecard(row).steps
    ]


@desk
def drill_line(request: DeskRequest, drill_id: uuid.UUID, key: str) -> HttpResponse:
    """One line of the script: its time, what the players get, and the steps that must follow. "new" adds one."""
    row = access_drill(request.actor, drill_id, need=Right.RUN_DRILLS)
    script = _read(row)
    known = next((one for one in script.lines if one.key == key), None)
    if known is None and key != "new":
        raise NotFound
    error: Refusal | None = None
    if request.method == "POST":
        try:
            _save_line(request, row, script, key)
            return redirect("console:drill", row.pk)
        except ValueError:
            error = ScriptWrong(why=_("a time or limit is no number"))
        except Refusal as refusal:
            error = refusal
    typed = (
        forms.typed_line(known) if known else {"steps": [{"n": n} for n in range(1, forms.MOST_STEPS + 1)]}
    )
    page = {
        "row": row, "typed": typed, "known": known, "error": error, "injects": words.options(words.INJECTS),
        "steps": words.options(words.STEPS),
        "sources": [(one.value, words.word({one.value: label}, one.value)) for one, label in INFORMANT_LABELS.items()],
        "places": Division.objects.filter(level__in=("county", "township", "village")).only("code", "name", "level", "path").order_by("code"),
    }  # fmt: skip
    return render(request, "console/drills/line.html", page, status=200 if error is None else error.status)


def _save_line(request: DeskRequest, row: Drill, script: scripts.Script, key: str) -> None:
    if request.POST.get("verb") == "remove":
        changed = forms.without_line(script, key)
    else:
        name = forms.next_key(script) if key == "new" else key
        former = next((one for one in script.lines if one.key == key), None)
        changed = forms.with_line(script, forms.line(request.POST, name, former))
    with transaction.atomic():
        services.write_script(row, changed, by=request.actor, at=clocks.wall_now())


@require_POST
@desk
def act_on_drill(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """Start, end, cancel; give or skip an inject now; an observer's mark. The calendar keeps the wall's time, injects the run's."""
    verb = request.POST.get("verb", "")
    row = access_drill(request.actor, drill_id, need=Right.RUN_DRILLS)
    if verb == "start":
        return _start(request, row)
    with transaction.atomic():
        if verb == "end":
            services.end_drill(row, why=request.POST.get("why", ""), by=request.actor, at=clocks.wall_now())
        elif verb == "cancel":
            services.cancel_drill(
                row, why=request.POST.get("why", ""), by=request.actor, at=clocks.wall_now()
            )
        elif verb == "mark":
            _mark(request, row)
        elif verb in ("give", "skip"):
            _inject(request, row, verb)
        else:
            raise NotFound
    if verb == "end" and request.session.get(ENTERED) == str(row.run_id):
        leave_run(request)
    return redirect("console:drill", row.pk)


def _start(request: DeskRequest, row: Drill) -> HttpResponse:
    speed = request.POST.get("speed", "1")
    with clocks.entered(clocks.folder_exercise_id()), transaction.atomic():
        services.start_drill(
            row, speed=float(speed) if speed.isdecimal() else 1.0, by=request.actor, at=clocks.wall_now()
        )
    if row.run_id is not None:
        enter_run(request, row.run_id)
    messages.success(
        request, _("The drill runs. You see the drill now, not reality; leave it at the top of its page.")
    )
    return redirect("console:drill", row.pk)


def _mark(request: DeskRequest, row: Drill) -> None:
    verdict = request.POST.get("verdict", "")
    services.mark_step(
        row,
        step=request.POST.get("step", ""),
        verdict=verdict if verdict in words.VERDICTS else "right",
        words=request.POST.get("words", ""),
        by=request.actor,
        by_name=request.actor.name,
        at=clocks.wall_now(),
    )


def _inject(request: DeskRequest, row: Drill, verb: str) -> None:
    key = request.POST.get("inject", "")
    inject = row.injects.filter(key=key, state="waiting").first()
    if inject is None or row.run_id is None:
        raise NotFound
    with clocks.entered(row.run_id):
        at = clocks.now(row.run_id)
        if verb == "give":
            services.give_inject(inject, by=request.actor, at=at)
        else:
            services.skip_inject(inject, why=request.POST.get("why", ""), by=request.actor, at=at)


@require_POST
@desk
def enter_drill(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """Look at the drill instead of reality, or leave it again."""
    if request.POST.get("verb") == "leave":
        leave_run(
            request
        )  # before any question of rights: they are those of the drill's clock, and nobody is kept inside
        return redirect("console:drill", drill_id)
    row = access_drill(request.actor, drill_id)
    if row.run_id is None:
        return redirect("console:drill", row.pk)
    enter_run(request, row.run_id)
    return redirect("console:today")
