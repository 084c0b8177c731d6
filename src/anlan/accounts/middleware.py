"""Every request knows who acts and what time it is."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from anlan.accounts.actors import NOBODY, actor_for
from anlan.accounts.models import User
from anlan.journal import clocks


class ActorMiddleware:
    """Sets `request.actor` and `request.now` (UTC; the exercise's time in a data folder made for one drill)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clocks.now(clocks.default_exercise_id())
        user = request.user
        request.now = now  # type: ignore[attr-defined]  # Django's request is open for this
        request.actor = actor_for(user, at=now) if isinstance(user, User) else NOBODY  # type: ignore[attr-defined]
        return self.get_response(request)
