"""Every request knows who acts and what time it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from anlan.accounts.actors import NOBODY, actor_for
from anlan.accounts.models import User
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun

#: Keys of the session: the drill that a person looks at, and since when (wall, ISO).
ENTERED = "entered_run"
ENTERED_AT = "entered_run_at"
#: Headers of an answer that a phone kept: that it is one, and for which run it was written, "" for reality.
QUEUED = "HTTP_X_ANLAN_QUEUE"
FOR_RUN = "HTTP_X_ANLAN_RUN"


def enter_run(request: HttpRequest, run_id: uuid.UUID) -> None:
    """From now on this session looks at a drill instead of reality."""
    request.session[ENTERED] = str(run_id)
    request.session[ENTERED_AT] = clocks.wall_now().isoformat()


def leave_run(request: HttpRequest) -> None:
    """Back to reality. Harmless where nothing was entered."""
    request.session.pop(ENTERED, None)
    request.session.pop(ENTERED_AT, None)


class ActorMiddleware:
    """Sets `request.actor`, and `request.now` and `request.run`: the exercise that this person entered, else the folder's own, else None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = None if _is_for_anybody(request) else entered_run(request)
        if chosen is None:
            return self._answer(request, clocks.default_run())
        with clocks.played(chosen.pk):
            return self._answer(request, chosen)

    def _answer(self, request: HttpRequest, run: ExerciseRun | None) -> HttpResponse:
        if QUEUED in request.META and request.META.get(FOR_RUN, _here(run)) != _here(run):
            # Written in reality and sent from inside a drill, or the other way round: it waits until its run is here again.
            return HttpResponse(status=503)
        now = clocks.wall_now() if run is None else clocks.run_time(run)
        request.run = run  # type: ignore[attr-defined]  # Django's request is open for this
        user = request.user
        request.now = now  # type: ignore[attr-defined]  # Django's request is open for this
        request.actor = actor_for(user, at=now) if isinstance(user, User) else NOBODY  # type: ignore[attr-defined]
        if isinstance(user, User) and user.must_change_password and not _is_open(request.path):
            return redirect("accounts:change_password")
        return self.get_response(request)


def entered_run(request: HttpRequest) -> ExerciseRun | None:
    """The drill that somebody signed in chose to look at; None in reality, and where it is gone.

    A drill that ended lets everybody out who was in it: a session lasts for weeks, and nothing that is told to a drill that is
    over reaches anybody. Whoever enters it afterwards, to look back, stays until he leaves.
    """
    if not request.user.is_authenticated or not (key := request.session.get(ENTERED)):
        return None
    run = ExerciseRun.objects.filter(pk=key).first()
    if run is not None and run.ended_at is not None and _entered_at(request) <= run.ended_at:
        leave_run(request)
        return None
    return run


def _entered_at(request: HttpRequest) -> datetime:
    """Long ago where the session does not say."""
    try:
        return datetime.fromisoformat(request.session.get(ENTERED_AT, ""))
    except (TypeError, ValueError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _here(run: ExerciseRun | None) -> str:
    """What a form says of the run in which it was shown: the drill that was entered; "" is reality or the folder's own run."""
    return "" if run is None or run.pk == clocks.folder_exercise_id() else str(run.pk)


def _is_for_anybody(request: HttpRequest) -> bool:
    """A link that is itself the capability, or a program's door: no cookie counts there, nor the drill that it entered.

    Else a village that answers a real call-out in the browser in which somebody plays a drill would be refused.
    """
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "csrf_exempt", False) and not getattr(view, "takes_session", False)


def _is_open(path: str) -> bool:
    """Where a person may go before the first password of an administrator's making was replaced."""
    return path.startswith(settings.STATIC_URL) or path in {
        reverse(f"accounts:{name}") for name in ("change_password", "sign_out", "language")
    }
