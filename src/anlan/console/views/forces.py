"""Forces: teams with what each does now, its page, its register. A team's history is its journal and its jobs."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import forceforms as forms
from anlan.console import forcewords as words
from anlan.console.incidentpage import entries_of
from anlan.console.journal_words import kind_word
from anlan.console.people import names_of
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.directory import queries as directory
from anlan.directory.access import shown_number
from anlan.directory.models import Person
from anlan.dispatch.access_teams import visible_jobs
from anlan.dispatch.jobwords import GONE
from anlan.dispatch.models import TeamJob
from anlan.dispatch.places_of_teams import spots_of
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.resources import queries, services
from anlan.resources.access import access_team
from anlan.resources.models import Team
from anlan.vocab.posts import Right
from anlan.vocab.skills import READINESS, TEAM_KINDS

#: Lines of the history of one team.
HISTORY = 60


def tabs(here: str) -> list[tuple[str, str, bool]]:
    """(route, words, whether one is here) of the pages of forces."""
    found = (
        ("console:forces", _("Teams")),
        ("console:assets", _("Vehicles and equipment")),
        ("console:experts", _("Experts")),
        ("console:stock", _("Stock")),
        ("console:jobs", _("Teams out")),
        ("console:supply_requests", _("Requests")),
    )
    return [(route, label, route == here) for route, label in found]


@desk
def forces(request: DeskRequest) -> HttpResponse:
    """Every team with its state, readiness, skills and place; the filters narrow it."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "")[:60] for name in ("q", "skill", "kind", "readiness", "now")}
    page = {
        "given": given,
        "rows": [row for row in _rows(request) if _fits(row, given)],
        "tabs": tabs("console:forces"),
        "may_edit": request.actor.can_somewhere(Right.EDIT_RESOURCES),
        "read_at": clocks.now(clocks.default_exercise_id()),
        **words.tables(),
    }
    name = "console/forces/_teams.html" if request.headers.get("HX-Request") else "console/forces/teams.html"
    return render(request, name, page)


def _rows(request: DeskRequest) -> list[dict[str, Any]]:
    run = clocks.default_exercise_id()
    teams = list(queries.teams(request.actor, exercise_id=run))
    jobs = _jobs_now(teams, run)
    spots = spots_of(teams, at=clocks.now(run), exercise_id=run)
    seen = set(
        visible_jobs(request.actor)
        .filter(pk__in=[job.pk for job in jobs.values()])
        .values_list("pk", flat=True)
    )
    return [_row(team, jobs.get(team.pk), spots.get(team.pk), seen) for team in teams]


def _jobs_now(teams: list[Team], run: uuid.UUID | None) -> dict[uuid.UUID, TeamJob]:
    rows = TeamJob.objects.filter(team__in=teams, exercise_id=run, state__in=[*GONE, "done"])
    rows = rows.select_related("division").defer("division__geometry").order_by("told_at")
    return {job.team_id: job for job in sorted(rows, key=lambda job: job.state in GONE)}


def _row(team: Team, job: TeamJob | None, spot: Any, seen: set[uuid.UUID]) -> dict[str, Any]:
    return {
        "team": team,
        "kind": words.word(TEAM_KINDS, team.kind),
        "readiness": words.word(READINESS, team.readiness),
        "ready_chip": words.READY_CHIPS[team.readiness],
        "skills": words.skill_list(team.skills),
        "job": job,
        "sees_job": job is not None and job.pk in seen,
        "job_word": "" if job is None else words.job_word(job.state),
        "job_chip": "" if job is None else words.JOB_CHIPS[job.state],
        "spot": spot,
        "spot_word": "" if spot is None else words.source_word(spot.how),
    }


def _fits(row: dict[str, Any], given: dict[str, str]) -> bool:
    team, text = row["team"], given["q"].strip()
    is_out = row["job"] is not None and row["job"].state in GONE
    return (
        (not text or text in f"{team.name}{team.code}{team.division.name}{team.owner_words}")
        and given["skill"] in ("", *team.skills)
        and given["kind"] in ("", team.kind)
        and given["readiness"] in ("", team.readiness)
        and given["now"] in ("", "out" if is_out else "free")
    )


@desk
def team_new(request: DeskRequest) -> HttpResponse:
    """Register a team."""
    require_somewhere(request.actor, Right.EDIT_RESOURCES)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                details = forms.team_of(request.POST, request.actor)
                made = services.register_team(details, by=request.actor, at=clocks.wall_now())
            messages.success(request, _("Registered."))
            return redirect("console:team", made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
    typed: Any = request.POST if error is not None else {"kind": "professional"}
    page = {**_choices(request), "typed": typed, "chosen": request.POST.getlist("skill"), "error": error}
    return render(
        request, "console/forces/team_form.html", page, status=200 if error is None else error.status
    )


@desk
def team_edit(request: DeskRequest, team_id: uuid.UUID) -> HttpResponse:
    """Correct what is known of a team."""
    team = access_team(request.actor, team_id, need=Right.EDIT_RESOURCES)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                changes = forms.team_changes(forms.team_of(request.POST, request.actor))
                services.change_team(team, by=request.actor, at=clocks.wall_now(), **changes)
            return redirect("console:team", team.pk)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error = refusal
            team.refresh_from_db()
    page = {
        **_choices(request),
        "team": team,
        "typed": request.POST if error is not None else _typed(team),
        "chosen": request.POST.getlist("skill") if error is not None else team.skills,
        "error": error,
    }
    return render(
        request, "console/forces/team_form.html", page, status=200 if error is None else error.status
    )


def _typed(team: Team) -> dict[str, Any]:
    plain = {
        name: getattr(team, name)
        for name in ("name", "code", "kind", "owner_words", "strength", "lon", "lat")
    }
    keys = {
        "division": team.division_id,
        "leader": str(team.leader_id or ""),
        "deputy": str(team.deputy_id or ""),
    }
    return {**{name: "" if value is None else value for name, value in plain.items()}, **keys}


def _choices(request: DeskRequest) -> dict[str, Any]:
    actor = request.actor
    return {
        **words.tables(),
        "places": shared(request, "force_places", lambda: forms.places_for(actor, Right.EDIT_RESOURCES)),
        "people": shared(request, "force_people", lambda: forms.people_for(actor)),
    }


@desk
def team(request: DeskRequest, team_id: uuid.UUID) -> HttpResponse:
    """One team: what it is, what it does, what it did, what was changed by whom."""
    row = access_team(request.actor, team_id)
    return render(request, "console/forces/team.html", _team_page(request, row))


def _team_page(request: DeskRequest, row: Team, error: Refusal | None = None) -> dict[str, Any]:
    run = clocks.default_exercise_id()
    jobs = list(visible_jobs(request.actor).filter(team=row, exercise_id=run).order_by("-told_at")[:30])
    now = _jobs_now([row], run)
    spots = spots_of([row], at=clocks.now(run), exercise_id=run)
    return {
        **_row(row, now.get(row.pk), spots.get(row.pk), {job.pk for job in jobs}),
        "jobs": [
            {"job": job, "word": words.job_word(job.state), "chip": words.JOB_CHIPS[job.state]}
            for job in jobs
        ],
        "assets": list(row.assets.filter(retired_at=None).order_by("name")),
        "numbers": numbers_of(request, row),
        "history": _history(row),
        "may_edit": request.actor.can(Right.EDIT_RESOURCES, row.division.path),
        "error": error,
        "typed": request.POST if error is not None else {},
        "readiness_choices": words.choices(READINESS),
        "tabs": tabs("console:forces"),
        "read_at": clocks.now(run),
    }


def numbers_of(request: DeskRequest, row: Team) -> list[dict[str, Any]]:
    """Leader and deputy with a number, masked for whoever may not see it."""
    people = [(pgettext("team", "Leader"), row.leader), (pgettext("team", "Deputy"), row.deputy)]
    at = clocks.wall_now()
    points = directory.contact_points([one.pk for _label, one in people if one is not None], at)
    return [
        {
            "label": label,
            "person": one,
            "numbers": [_shown(request, one, point.value) for point in points.get(one.pk, [])[:2]],
        }
        for label, one in people
        if one is not None
    ]


def _shown(request: DeskRequest, one: Person, value: str) -> str:
    return shown_number(request.actor, value, one.division.path)


def _history(row: Team) -> list[dict[str, Any]]:
    entries = sorted(entries_of({"team": {str(row.pk)}}), key=lambda entry: entry.at, reverse=True)[:HISTORY]
    names = names_of(entry.actor for entry in entries)
    return [
        {"at": entry.at, "word": kind_word(entry.kind), "who": names.get(entry.actor, entry.actor)}
        for entry in entries
    ]


@desk
@require_POST
def team_act(request: DeskRequest, team_id: uuid.UUID) -> HttpResponse:
    """Say whether it is ready, or strike it."""
    row = access_team(request.actor, team_id, need=Right.EDIT_RESOURCES)
    by, at, given = request.actor, clocks.wall_now(), request.POST
    try:
        with transaction.atomic():
            if given.get("verb") == "readiness":
                wait = forms.whole(given.get("ready_in_min", ""))
                services.set_readiness(
                    row, given.get("readiness", ""), why=given.get("why", ""), ready_in_min=wait, by=by, at=at
                )
                messages.success(request, _("Readiness stored."))
            elif given.get("verb") == "retire":
                services.retire_team(row, by=by, at=at)
                messages.success(request, _("Struck from the register; its history stays."))
            else:
                raise NotFound
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        row = access_team(request.actor, team_id)
        page = _team_page(request, row, refusal)
        return render(request, "console/forces/team.html", page, status=refusal.status)
    return redirect("console:team", row.pk)
