"""The two live endpoints. Sign-in is checked like on any page; rights are looked up again every minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie

from django.contrib.auth import SESSION_KEY
from django.contrib.auth import get_user as _get_user
from django.db import close_old_connections
from django.http import HttpRequest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from anlan.accounts.actors import actor_for
from anlan.accounts.models import User
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.project import live

Endpoint = Callable[[Request], Awaitable[Response]]


def _actor_of(cookie_header: str) -> Actor | None:
    """Who is signed in by this cookie; None for a stranger. Runs in a thread."""
    from importlib import import_module

    from django.conf import settings

    cookies: SimpleCookie = SimpleCookie(cookie_header)
    if settings.SESSION_COOKIE_NAME not in cookies:
        return None
    try:
        request = HttpRequest()
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(cookies[settings.SESSION_COOKIE_NAME].value)
        if SESSION_KEY not in request.session:
            return None
        user = _get_user(request)
        if not isinstance(user, User):
            return None
        actor = actor_for(user, at=clocks.now(clocks.default_exercise_id()))
        return actor if actor.where() else None
    finally:
        close_old_connections()


def events(newsroom: live.Newsroom) -> Endpoint:
    """`GET /rt/events`: server-sent events; 403 for a stranger, 503 when full. Resumes from Last-Event-ID or ?last_event_id=."""

    async def endpoint(request: Request) -> Response:
        cookie = request.headers.get("cookie", "")

        async def look_up() -> Actor | None:
            return await asyncio.to_thread(_actor_of, cookie)

        actor = await look_up()
        if actor is None:
            return JSONResponse({"code": "sign_in"}, status_code=403)
        if newsroom.is_full:
            return JSONResponse({"code": "full"}, status_code=503)
        text = request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")
        after = int(text) if text.isdigit() else None
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            live.stream(newsroom, actor, after, look_up), media_type="text/event-stream", headers=headers
        )

    return endpoint


def health(newsroom: live.Newsroom) -> Endpoint:
    """`GET /rt/health`: the process lives, and how far the journal was read."""

    async def endpoint(_: Request) -> Response:
        return JSONResponse({"ok": True, "seq": newsroom.last})

    return endpoint
