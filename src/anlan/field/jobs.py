"""A team's job on a phone: `/t/<token>/` for its leader without an account, `/f/jobs/` for whoever is signed in.

Works without scripts. A position leaves the phone only after its button was pressed, and none is taken once the job is over.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.dispatch import services
from anlan.dispatch.access_teams import access_job, may_speak_for, require_voice, visible_jobs
from anlan.dispatch.joblinks import digest, job_behind, token_of
from anlan.dispatch.jobwords import GONE, JOB_STATES, ORDER, TIMES
from anlan.dispatch.models import TeamJob
from anlan.dispatch.services.positions import MOST, is_followed
from anlan.field import limits
from anlan.field.links import sentence
from anlan.field.refusals import UnknownAnswer
from anlan.field.report import WAITED_MOST, moment
from anlan.field.views import FieldRequest, _taken
from anlan.journal import clocks
from anlan.journal.models import Entry
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import Refusal

#: Bytes of one upload of positions. Engineering choice: 500 positions of 120 bytes.
_UPLOAD = 64 * 1024
_SHOWN = 50
STEPS = ("left", "arrived", "working", "done", "back")


@csrf_exempt  # the link is the capability; no cookie is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, job_token: str) -> HttpResponse:
    """Who, where, what, and the next step as one big button."""
    job = _behind(job_token)
    if job is None:
        return render(request, "field/gone.html", status=404)
    if not (limits.posts if request.method == "POST" else limits.looks).allows(job_token):
        return render(request, "field/slow.html", status=429)
    by = _speaker(job, request.POST.get("who", "").strip()[:60])
    return _answer(request, job, by=by, via="link", route=("field:job_link", job_token))


@csrf_exempt  # as above
@never_cache
@require_POST
def link_positions(request: HttpRequest, job_token: str) -> HttpResponse:
    """A batch of positions that a phone noted, also one that waited for the network."""
    job = _behind(job_token)
    if job is None:
        return render(request, "field/gone.html", status=404)
    if not limits.posts.allows(job_token):
        return render(request, "field/slow.html", status=429)
    return _take_positions(request, job)


@login_required
@never_cache
@require_safe
def jobs(request: FieldRequest) -> HttpResponse:
    """Jobs of the teams that I lead or keep, the running ones first."""
    run = clocks.default_exercise_id()
    rows = visible_jobs(request.actor).filter(exercise_id=run, state__in=[*GONE, "done"]).order_by("told_at")
    mine = [row for row in rows[:_SHOWN] if may_speak_for(request.actor, row)]
    page = {"jobs": [(row, _word(row.state)) for row in mine], "now": clocks.now(run)}
    return render(request, "field/jobs.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def job(request: FieldRequest, job_id: uuid.UUID) -> HttpResponse:
    """The same page for somebody with an account."""
    row = access_job(request.actor, job_id)
    if request.method == "POST":
        require_voice(request.actor, row)
    return _answer(request, row, by=request.actor, via="phone", route=("field:job", row.pk))


@login_required
@never_cache
@require_POST
def job_positions(request: FieldRequest, job_id: uuid.UUID) -> HttpResponse:
    row = access_job(request.actor, job_id)
    require_voice(request.actor, row)
    return _take_positions(request, row)


def _behind(token: str) -> TeamJob | None:
    found = job_behind(token)
    return None if found is None else job_behind(token, at=clocks.now(found.exercise_id))


def _speaker(job: TeamJob, name: str) -> Actor:
    """The leader whom the message went to, or the link in the name that was typed."""
    leader = job.team.leader
    if leader is not None and name in ("", leader.name):
        return Actor(ref=f"person:{leader.pk}", name=leader.name, person_id=leader.pk)
    return Actor(ref=f"job_link:{digest(token_of(job.pk))[:16]}", name=name or job.team.name)


def _answer(
    request: HttpRequest, job: TeamJob, *, by: Actor, via: str, route: tuple[str, Any]
) -> HttpResponse:
    if request.method != "POST":
        return render(request, "field/job.html", _page(request, job, via))
    try:
        with transaction.atomic():
            _take(request, job, by, via)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        job.refresh_from_db()
        page = {**_page(request, job, via), "error": sentence(refusal), "given": request.POST}
        return render(request, "field/job.html", page, status=refusal.status)
    return _taken(request, *route)


def _take(request: HttpRequest, job: TeamJob, by: Actor, via: str) -> None:
    given, at = request.POST, clocks.now(job.exercise_id)
    verb, words = given.get("verb", ""), given.get("words", "")[:300]
    if verb == "position":
        services.note_position(job, _one(given, at), at=at)
        return
    if not _is_first(job, given.get("key", ""), by=by, at=at):
        return
    when = _written(job, given.get("written", ""), at)
    if verb in (*STEPS, "refused"):
        services.move_job(job, verb, by=by, by_name=by.name, via=via, at=at, words=words, happened_at=when)
    elif verb in ("well", "help"):
        people = given.get("people", "").strip()
        count = int(people) if people.isascii() and people.isdigit() and len(people) < 6 else None
        services.check_in(
            job, is_well=verb == "well", people=count, words=words, by=by, by_name=by.name, via=via, at=at,
            happened_at=when,
        )  # fmt: skip
    else:
        raise UnknownAnswer
    if given.get("lat", "").strip():
        services.note_position(job, _one(given, at), at=at)


def _written(job: TeamJob, text: str, at: datetime) -> datetime | None:
    """When the button was pressed, as a form says that waited without a network; None for one that came at once."""
    found = moment(text, None)
    if found is None:
        return None
    found += _drift(job, at)
    return found if at - WAITED_MOST <= found <= at else None


def _drift(job: TeamJob, at: datetime) -> timedelta:
    """A phone shows the wall clock; in a drill its times are moved to the drill's."""
    return timedelta() if job.exercise_id is None else at - clocks.wall_now()


def _is_first(job: TeamJob, key: str, *, by: Actor, at: datetime) -> bool:
    """A form that a phone sends again leaves its key in the journal the first time."""
    if not key or len(key) > 64:
        return True
    name = hashlib.sha256(f"{job.pk}:{key}".encode()).hexdigest()[:40]
    if Entry.objects.filter(subject_type="sent_form", subject_id=name).exists():
        return False
    note(
        kind="sent_form.taken",
        subject=("sent_form", name),
        payload={"team_job": str(job.pk)},
        by=by,
        at=at,
        path=job.incident.division.path,
        exercise_id=job.exercise_id,
    )
    return True


def _one(given: Any, at: datetime) -> list[services.Fix]:  # Any: a form
    found = _fix(given.get("lon"), given.get("lat"), None, given.get("accuracy"), at)
    return [] if found is None else [found]


def _take_positions(request: HttpRequest, job: TeamJob) -> HttpResponse:
    """JSON `[{"lon", "lat", "at" (ISO 8601 or ms), "accuracy"}]`. 410 once the job is over: the phone stops by itself."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > _UPLOAD:
        return HttpResponse(status=413)
    try:
        given = json.loads(request.body)
    except ValueError:
        return HttpResponse(status=400)
    if not isinstance(given, list):
        return HttpResponse(status=400)
    at = clocks.now(job.exercise_id)
    drift = _drift(job, at)
    found = [
        _fix(one.get("lon"), one.get("lat"), one.get("at"), one.get("accuracy"), at, drift)
        for one in given[:MOST]
        if isinstance(one, dict)
    ]
    fixes = [one for one in found if one is not None]
    with transaction.atomic():
        kept = services.note_position(job, fixes, at=at)
    return JsonResponse({"kept": kept, "goes_on": is_followed(job)}, status=200 if is_followed(job) else 410)


def _fix(
    lon: Any, lat: Any, when: Any, accuracy: Any, at: datetime, drift: timedelta = timedelta()
) -> services.Fix | None:  # Any: what a phone sent
    try:
        noted = at if when in (None, "") else _noted(when) + drift
        exact = None if accuracy in (None, "") else float(accuracy)
        return services.Fix(float(lon), float(lat), noted, exact)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _noted(when: Any) -> datetime:  # Any: what a phone sent
    if isinstance(when, int | float):
        return datetime.fromtimestamp(when / 1000, UTC)
    found = datetime.fromisoformat(str(when))
    if found.tzinfo is None:
        raise ValueError("a position's time needs its zone")
    return found.astimezone(UTC)


def _word(state: str) -> str:
    zh, en = JOB_STATES[state]
    return zh if (translation.get_language() or "zh").startswith("zh") else en


def _page(request: HttpRequest, job: TeamJob, via: str) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    may = via == "link" or (actor is not None and may_speak_for(actor, job))
    following = [step for step in STEPS if may and step in job.transitions[job.state]]
    return {
        "job": job,
        "word": _word(job.state),
        "steps": [(_word(step), getattr(job, TIMES[step])) for step in ORDER],
        "main": [(step, _word(step)) for step in following],
        "may_refuse": may and "refused" in job.transitions[job.state],
        "may_check": may and job.state in (*GONE, "done"),
        "follows": may and is_followed(job),
        "positions": f"/t/{token_of(job.pk)}/positions/" if via == "link" else f"/f/jobs/{job.pk}/positions/",
        "needs_token": via != "link",
        "key": uuid.uuid4(),
        "now": clocks.now(job.exercise_id),
        "asks_name": via == "link",
        "leader": job.team.leader.name if job.team.leader is not None else "",
        "exercise": job.exercise_id is not None,
    }
