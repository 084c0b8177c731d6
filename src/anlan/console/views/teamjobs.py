"""Teams at work: send one with the reasons why this one, register one that turned up, follow each step."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import forceforms as forms
from anlan.console import forcewords as words
from anlan.console.incidentforms import moment, places_for
from anlan.console.incidentpage import entries_of, key_from
from anlan.console.journal_words import kind_word
from anlan.console.moments import input_moment
from anlan.console.people import names_of
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.console.views.forces import numbers_of, tabs
from anlan.dispatch import services
from anlan.dispatch.access_teams import access_job, may_speak_for, require_voice, visible_jobs
from anlan.dispatch.boards import team_row
from anlan.dispatch.jobwords import GONE, JOB_STATES, ORDER, TIMES
from anlan.dispatch.models import PositionFix, TeamJob
from anlan.dispatch.proposing import Proposal, propose
from anlan.incidents.access import access_incident, sees_incident
from anlan.incidents.models import Incident
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.places.access import access_division
from anlan.resources.access import access_team
from anlan.resources.models import Team
from anlan.resources.refusals import NameMissing
from anlan.resources.types import TeamDetails
from anlan.vocab.posts import Right
from anlan.vocab.skills import SKILLS, TEAM_KINDS

#: Rows of the list of jobs.
MOST = 200
#: The button of each step, in the order of a job.
STEPS = ("left", "arrived", "working", "done", "back")


@desk
def send(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Proposals for the skill that was chosen, and the form that tells one of them to go."""
    incident = access_incident(request.actor, incident_id, need=Right.DISPATCH)
    at = clocks.now(incident.exercise_id)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                job = _send(request, incident, at)
            messages.success(request, _("%(team)s was told.") % {"team": job.team.name})
            return redirect("console:job", job.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    given = request.POST if error is not None else request.GET
    skill = given.get("skill", "") if given.get("skill", "") in SKILLS else ""
    found = propose(incident, skill, actor=request.actor, at=at)
    page = {
        **_incident_choices(request, incident, at),
        "skill": skill,
        "proposals": [_proposal(one) for one in found],
        "typed": given
        if error is not None
        else {"division": incident.division_id, "place_words": incident.place_words},
        "error": error,
    }
    return render(request, "console/forces/send.html", page, status=200 if error is None else error.status)


def _proposal(one: Proposal) -> dict[str, Any]:
    return {
        "one": one,
        "key": str(one.team.pk),
        "kind": words.word(TEAM_KINDS, one.team.kind),
        "reasons": [words.said(pair) for pair in one.reasons],
    }


def _incident_choices(request: DeskRequest, incident: Incident, at: datetime) -> dict[str, Any]:
    actor = request.actor
    return {
        "incident": incident,
        "skills": words.skills(),
        "kinds": words.tables()["kinds"],
        "places": shared(request, "places_below:DISPATCH", lambda: places_for(actor, Right.DISPATCH)),
        "in_an_hour": input_moment(at + timedelta(hours=1)),
        "local_now": input_moment(at),
        "read_at": at,
        "tabs": tabs("console:jobs"),
    }


def _send(request: DeskRequest, incident: Incident, at: datetime) -> TeamJob:
    given, by = request.POST, request.actor
    key = key_from(given.get("team", ""))
    if key is None:
        raise NameMissing
    team = access_team(by, key)
    division = access_division(by, given.get("division", ""), need=Right.DISPATCH)
    chosen = _chosen(team, incident, given.get("skill", ""), at)
    return services.send_team(
        team,
        incident=incident,
        words=given.get("words", ""),
        division=division,
        place_words=given.get("place_words", ""),
        lon=incident.lon,
        lat=incident.lat,
        by=by,
        by_name=by.name,
        at=at,
        check_every_min=forms.whole(given.get("check_every_min", "")),
        arrive_by=moment(given.get("arrive_by", "")),
        travel_min=None if chosen is None else chosen.minutes,
        with_words=given.get("with_words", ""),
        why=[] if chosen is None else [list(pair) for pair in chosen.reasons],
    )


def _chosen(team: Team, incident: Incident, skill: str, at: datetime) -> Proposal | None:
    """The estimate and the reasons as they stood when it was sent."""
    found = propose(incident, skill if skill in SKILLS else "", at=at, most=500)
    return next((one for one in found if one.team.pk == team.pk), None)


@desk
def arrival(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """A team stands at the scene that nobody sent: register it and give it a task (F-13)."""
    incident = access_incident(request.actor, incident_id, need=Right.DISPATCH)
    at = clocks.now(incident.exercise_id)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                job = _register(request, incident, at)
            messages.success(request, _("%(team)s is registered at the scene.") % {"team": job.team.name})
            return redirect("console:job", job.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    page = {
        **_incident_choices(request, incident, at),
        "typed": request.POST if error is not None else {"kind": "social", "division": incident.division_id},
        "chosen": request.POST.getlist("skill"),
        "error": error,
    }
    return render(request, "console/forces/arrival.html", page, status=200 if error is None else error.status)


def _register(request: DeskRequest, incident: Incident, at: datetime) -> TeamJob:
    given, by = request.POST, request.actor
    division = access_division(by, given.get("division", ""), need=Right.DISPATCH)
    strength = forms.whole(given.get("strength", "")) or 0
    details = TeamDetails(
        name=given.get("name", ""),
        division=division,
        kind=given.get("kind", "social"),
        owner_words=given.get("owner_words", ""),
        strength=strength,
        skills=tuple(given.getlist("skill")),
    )
    return services.register_on_arrival(
        details,
        incident=incident,
        words=given.get("words", ""),
        division=division,
        place_words=given.get("place_words", ""),
        lon=incident.lon,
        lat=incident.lat,
        by=by,
        by_name=by.name,
        at=at,
        arrived_at=moment(given.get("arrived_at", "")),
        check_every_min=forms.whole(given.get("check_every_min", "")),
    )


@desk
@require_GET
def jobs(request: DeskRequest) -> HttpResponse:
    """Teams that are out, missed check-ins first; all of them on demand."""
    require_somewhere(request.actor, Right.SEE)
    run = clocks.default_exercise_id()
    which = "all" if request.GET.get("show") == "all" else "open"
    rows = visible_jobs(request.actor).filter(exercise_id=run)
    rows = (
        rows.order_by("-told_at")
        if which == "all"
        else rows.filter(state__in=[*GONE, "done"]).order_by("told_at")
    )
    listed = [_line(job) for job in rows[:MOST]]
    listed.sort(key=lambda one: (-one["row"].checks_missed, not one["row"].is_late))
    page = {"rows": listed, "show": which, "tabs": tabs("console:jobs"), "read_at": clocks.now(run)}
    name = "console/forces/_jobs.html" if request.headers.get("HX-Request") else "console/forces/jobs.html"
    return render(request, name, page)


def _line(job: TeamJob) -> dict[str, Any]:
    return {
        "job": job,
        "row": team_row(job),
        "word": words.job_word(job.state),
        "chip": words.JOB_CHIPS[job.state],
    }


@desk
@require_GET
def job(request: DeskRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job: where, what, each step with when it was true and when we heard, check-ins, positions, buttons."""
    row = access_job(request.actor, job_id)
    page = job_page(request, row)
    name = "console/forces/_job.html" if request.headers.get("HX-Request") else "console/forces/job.html"
    return render(request, name, page)


def job_page(request: DeskRequest, row: TeamJob, error: Refusal | None = None) -> dict[str, Any]:
    actor = request.actor
    may_move = may_speak_for(actor, row)
    return {
        **_line(row),
        "sees_incident": sees_incident(actor, row.incident),
        "times": [(words.job_word(step), getattr(row, TIMES[step])) for step in ORDER],
        "reasons": [words.said(tuple(pair)) for pair in row.why if isinstance(pair, list) and len(pair) == 2],
        "buttons": [(step, words.job_word(step)) for step in STEPS if may_move and _offers(row, step)],
        "may_refuse": may_move and "refused" in row.transitions[row.state],
        "may_cancel": actor.can(Right.DISPATCH, row.incident.division.path)
        and "cancelled" in row.transitions[row.state],
        "may_check": may_move and row.state in (*GONE, "done"),
        "may_set_checks": actor.can(Right.DISPATCH, row.incident.division.path) and row.state in GONE,
        "checks": list(row.checks.order_by("-happened_at")[:20]),
        "fixes": list(PositionFix.objects.filter(job=row).order_by("-happened_at")[:5]),
        "numbers": numbers_of(request, row.team),
        "history": _history(row),
        "local_now": input_moment(clocks.now(row.exercise_id)),
        "error": error,
        "typed": request.POST if error is not None else {},
        "tabs": tabs("console:jobs"),
        "read_at": clocks.now(row.exercise_id),
    }


def _offers(row: TeamJob, step: str) -> bool:
    """A step that comes next, or one that was skipped and whose time is still missing."""
    if step in row.transitions[row.state]:
        return True
    is_behind = row.state in ORDER and ORDER.index(step) < ORDER.index(row.state)
    return is_behind and getattr(row, TIMES[step]) is None


def _history(row: TeamJob) -> list[dict[str, Any]]:
    entries = sorted(entries_of({"team_job": {str(row.pk)}}), key=lambda entry: entry.at, reverse=True)[:60]
    names = names_of(entry.actor for entry in entries)
    return [
        {"at": one.at, "word": kind_word(one.kind), "who": names.get(one.actor, one.actor)} for one in entries
    ]


@desk
@require_POST
def act(request: DeskRequest, job_id: uuid.UUID) -> HttpResponse:
    """A step, a check-in or the interval of check-ins. Refused, the page comes back with the sentence and what was typed."""
    row = access_job(request.actor, job_id)
    try:
        with transaction.atomic():
            _do(request, row)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        row = access_job(request.actor, job_id)
        return render(
            request, "console/forces/job.html", job_page(request, row, refusal), status=refusal.status
        )
    return redirect("console:job", row.pk)


def _do(request: DeskRequest, row: TeamJob) -> None:
    given, by, at = request.POST, request.actor, clocks.now(row.exercise_id)
    verb = given.get("verb", "")
    require_voice(by, row)
    if verb in JOB_STATES:
        if verb == "cancelled" and not by.can(Right.DISPATCH, row.incident.division.path):
            raise NotAllowed
        when = moment(given.get("happened_at", "")) if given.get("is_earlier") == "1" else None
        services.move_job(
            row, verb, by=by, by_name=given.get("who", "").strip() or by.name, via="desk", at=at,
            words=given.get("words", ""), happened_at=when,
        )  # fmt: skip
        messages.success(request, _("Written down: %(step)s.") % {"step": words.job_word(row.state)})
    elif verb in ("well", "help"):
        services.check_in(
            row, is_well=verb == "well", people=forms.whole(given.get("people", "")), words=given.get("words", ""),
            by=by, by_name=given.get("who", "").strip() or by.name, via="desk", at=at,
        )  # fmt: skip
        messages.success(request, _("Check-in written down."))
    elif verb == "checks":
        if not by.can(Right.DISPATCH, row.incident.division.path):
            raise NotAllowed
        services.set_checks(row, forms.whole(given.get("check_every_min", "")), by=by, at=at)
        messages.success(request, _("Stored."))
    else:
        raise NotFound
