"""The web process: a small ASGI front for live streams and slow bodies, and Django behind it in a few threads."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Largest request body, bytes; workbooks of a whole county are far smaller.
MAX_BODY = 32 * 1024 * 1024
#: A body must keep coming at this rate after the grace time, bytes per second.
MIN_RATE = 2_048
GRACE_S = 10.0
SPOOL_IN_MEMORY = 256 * 1024
THREADS = 4


class BodyTooSlow(Exception):
    """The client does not send fast enough to be worth a place."""


class BodyTooLarge(Exception):
    """The client sends more than is taken."""


class SpoolBodies:
    """Reads a request's body to disk before a Django thread is taken, so that a slow upload never holds one."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY) as file:
            try:
                await _read_body(receive, file)
            except BodyTooLarge:
                await _answer(send, 413, b"The upload is larger than 32 MB.")
            except (BodyTooSlow, TimeoutError):
                await _answer(send, 408, b"The upload was too slow and was given up.")
            except ConnectionResetError:
                return
            else:
                file.seek(0)
                await self.app(scope, _replay(file, receive), send)


async def _read_body(receive: Receive, file: Any) -> None:
    started, size = time.monotonic(), 0
    while True:
        message = await asyncio.wait_for(receive(), GRACE_S)
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise BodyTooLarge
        elapsed = time.monotonic() - started
        if elapsed > GRACE_S and size < MIN_RATE * elapsed:
            raise BodyTooSlow
        file.write(chunk)
        if not message.get("more_body", False):
            return


def _replay(file: Any, receive: Receive) -> Receive:
    finished = False

    async def again() -> Message:
        nonlocal finished
        if finished:
            return await receive()
        chunk = file.read(64 * 1024)
        finished = len(chunk) < 64 * 1024
        return {"type": "http.request", "body": chunk, "more_body": not finished}

    return again


async def _answer(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def build() -> App:
    """The whole ASGI application: /rt/events, /rt/health, everything else Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    django.setup()
    from a2wsgi import WSGIMiddleware
    from django.core.wsgi import get_wsgi_application
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    from anlan.project import live, rt

    newsroom = live.Newsroom()

    async def start() -> None:
        newsroom.start(asyncio.get_running_loop())

    pages: Any = SpoolBodies(WSGIMiddleware(get_wsgi_application(), workers=THREADS))  # type: ignore[arg-type]
    routes = [
        Route("/rt/events", rt.events(newsroom)),
        Route("/rt/health", rt.health(newsroom)),
        Mount("/", pages),
    ]
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        await start()
        yield

    app: Any = Starlette(routes=routes, lifespan=lifespan)
    return app  # type: ignore[no-any-return]


def main() -> int:
    import uvicorn

    from anlan.project.orphan import leave_with_parent
    from anlan.project.runtime import Ports

    ports = Ports.from_environment()
    leave_with_parent()
    uvicorn.run(
        build(),
        host=ports.bind,
        port=ports.web,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        server_header=False,
        backlog=4096,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
