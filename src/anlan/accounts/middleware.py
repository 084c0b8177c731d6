"""Every request knows who acts and what time it is."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from anlan.accounts.actors import NOBODY, actor_for
from anlan.accounts.models import User
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun

#: Key of the session: the drill that a person looks at.
ENTERED = "entered_run"


class ActorMiddleware:
    """Sets `request.actor`, and `request.now` and `request.run`: the exercise that this person entered, else the folder's own, else None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = entered_run(request)
        if chosen is None or _is_for_anybody(request):
            return self._answer(request, clocks.default_run())
        with clocks.played(chosen.pk):
            return self._answer(request, chosen)

    def _answer(self, request: HttpRequest, run: ExerciseRun | None) -> HttpResponse:
        now = clocks.wall_now() if run is None else clocks.run_time(run)
        request.run = run  # type: ignore[attr-defined]  # Django's request is open for this
        user = request.user
        request.now = now  # type: ignore[attr-defined]  # Django's request is open for this
        request.actor = actor_for(user, at=now) if isinstance(user, User) else NOBODY  # type: ignore[attr-defined]
        if isinstance(user, User) and user.must_change_password and not _is_open(request.path):
            return redirect("accounts:change_password")
        return self.get_response(request)


def entered_run(request: HttpRequest) -> ExerciseRun | None:
    """The drill that somebody signed in chose to look at; None in reality, and where it is gone."""
    if not request.user.is_authenticated or not (key := request.session.get(ENTERED)):
        return None
    return ExerciseRun.objects.filter(pk=key).first()


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
