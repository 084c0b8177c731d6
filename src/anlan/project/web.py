"""The web process: a small ASGI front for live streams and slow bodies, and Django behind it in a few threads."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import IO, Any

import django

log = logging.getLogger("anlan.web")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SPOOL_IN_MEMORY = 256 * 1024
THREADS = 4
#: A request's headers must be complete this long after its connection was opened or its first byte came, seconds.
HEADERS_S = 20.0


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Bounds of request bodies, in bytes and seconds. Engineering choices."""

    #: Largest body; workbooks of a whole county are far smaller.
    one: int = 32 * 1024 * 1024
    #: All bodies together while they arrive and are worked on.
    together: int = 256 * 1024 * 1024
    #: A body must keep coming at this rate after the grace time, bytes per second.
    rate: int = 2_048
    grace_s: float = 10.0


class BodyRefused(Exception):
    """A body that is not taken. No page can be made here, so the sentence speaks both languages."""

    def __init__(self, status: int, chinese: str, english: str) -> None:
        super().__init__(english)
        self.status = status
        self.sentence = f"{chinese}\n{english}\n".encode()


TOO_LARGE = BodyRefused(413, "上传的内容太大（上限32 MB）。", "The upload is too large (at most 32 MB).")
TOO_SLOW = BodyRefused(408, "上传太慢，已放弃。", "The upload was too slow and was given up.")
TOO_MANY = BodyRefused(503, "正在上传的内容太多，请稍后再试。", "Too much is being uploaded; try again soon.")
NO_ROOM = BodyRefused(507, "磁盘已满，内容没有收下。", "The disk is full; nothing was taken.")


@dataclass(slots=True)
class _Body:
    """One request's body on its way to disk."""

    file: IO[bytes]
    size: int = 0


class SpoolBodies:
    """Reads a request's body to disk before a Django thread is taken, so that a slow upload never holds one."""

    def __init__(self, app: App, limits: BodyLimits | None = None) -> None:
        self.app = app
        self.limits = limits or BodyLimits()
        #: Bytes of all bodies that are arriving or being worked on.
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY) as file:
            body = _Body(file)
            try:
                await self._read(scope, receive, body)
            except BodyRefused as refused:
                await _answer(send, refused.status, refused.sentence)
            except ConnectionResetError:
                return
            else:
                file.seek(0)
                await self.app(scope, _replay(file, receive), send)
            finally:
                self.held -= body.size

    async def _read(self, scope: Scope, receive: Receive, body: _Body) -> None:
        """Raises `BodyRefused`; what says itself that it is too large is refused before a byte of it is read."""
        limits, started = self.limits, time.monotonic()
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and int(announced) > limits.one:
            raise TOO_LARGE
        more = True
        while more:
            try:
                message = await asyncio.wait_for(receive(), limits.grace_s)
            except TimeoutError:
                raise TOO_SLOW from None
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            self._keep(message.get("body", b""), body)
            elapsed = time.monotonic() - started
            if elapsed > limits.grace_s and body.size < limits.rate * elapsed:
                raise TOO_SLOW
            more = message.get("more_body", False)

    def _keep(self, chunk: bytes, body: _Body) -> None:
        if body.size + len(chunk) > self.limits.one:
            raise TOO_LARGE
        if self.held + len(chunk) > self.limits.together:
            raise TOO_MANY
        body.size += len(chunk)
        self.held += len(chunk)
        try:
            body.file.write(chunk)
        except OSError as error:
            log.error("body_not_spooled", extra={"why": str(error)})
            raise NO_ROOM from None


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
    from django.core.wsgi import get_wsgi_application
    from starlette.applications import Starlette
    from starlette.routing import Route

    from anlan.console.views import base as desk
    from anlan.project import live, rt
    from anlan.project.pages import Pages

    desk.shares_by_seal = True
    newsroom = live.Newsroom()

    async def start() -> None:
        newsroom.start(asyncio.get_running_loop())

    pages = SpoolBodies(Pages(get_wsgi_application(), threads=THREADS))
    routes = [Route("/rt/events", rt.events(newsroom)), Route("/rt/health", rt.health(newsroom))]
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        await start()
        yield

    streams: Any = Starlette(routes=routes, lifespan=lifespan)

    own = {route.path for route in routes}

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        """Pages do not pass through the layers of the streams."""
        is_page = scope["type"] == "http" and scope["path"] not in own
        await (pages if is_page else streams)(scope, receive, send)

    return front


def bounded_protocol(headers_s: float = HEADERS_S) -> Any:  # Any: uvicorn's protocol classes are untyped here
    """HTTP as uvicorn speaks it, except that a connection which does not finish its headers in time is cut.

    uvicorn itself bounds only the pause after an answer, so silent or dripping connections would stay for ever.
    """
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class Bounded(HttpToolsProtocol):
        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._expect_headers()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            self._expect_headers()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._stop_waiting()
            super().on_headers_complete()

        def _expect_headers(self) -> None:
            self._stop_waiting()
            self._deadline = asyncio.get_running_loop().call_later(headers_s, self.transport.abort)

        def _stop_waiting(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

    return Bounded


def main() -> int:
    import uvicorn

    from anlan.kernel.files import raise_file_limit
    from anlan.kernel.orphan import leave_with_parent
    from anlan.project.runtime import Ports

    ports = Ports.from_environment()
    leave_with_parent()
    raise_file_limit()
    app = build()
    # All that was imported stays: without it a search for rings of objects takes a third of the time, in the middle of a page.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        http=bounded_protocol(),
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
