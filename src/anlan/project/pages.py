"""Django's pages behind the ASGI front: one thread makes a page, and the loop hears of it once.

An ordinary page is small and whole when it is made, so it crosses to the loop in one step. Only what is long or made while it is
sent (a workbook, a large file) crosses part by part, each when the one before has left, so that a slow reader holds no memory.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from a2wsgi.wsgi import Body, build_environ

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
#: A WSGI application: environment and `start_response` to the parts of the body.
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: How long a reader may take nothing of a long answer before it is given up; and how many long answers leave at once in a process
#: of so many threads: the others stay for pages. Engineering choices.
STALLED_S = 30.0


def long_ones(threads: int) -> int:
    return max(1, threads - 2)


#: A streamed answer that says it is no longer than this crosses whole as well, bytes.
WHOLE = 256 * 1024


@dataclass(slots=True)
class _Answer:
    """What one request came to. `is_sent`: its parts have left already."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    is_sent: bool = False

    def start(self, status: str, headers: Iterable[tuple[str, str]], exc_info: object = None) -> None:
        """WSGI's `start_response`. Nothing here uses the `write` that it could return."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [
            (name.strip().lower().encode("latin1"), value.strip().encode("latin1")) for name, value in headers
        ]

    @property
    def length(self) -> int | None:
        """As it announces itself."""
        text = next((value for name, value in self.headers if name == b"content-length"), b"")
        return int(text) if text.isdigit() else None


class Pages:
    """The ASGI side of a WSGI application in a few threads."""

    def __init__(self, app: Wsgi, *, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")
        self._long = threading.Semaphore(long_ones(threads))

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:  # Any: as ASGI servers type them
        loop = asyncio.get_running_loop()
        environ = build_environ(scope, Body(loop, receive))
        context = contextvars.copy_context()
        answer = await loop.run_in_executor(self._threads, context.run, self._make, environ, loop, send)
        if not answer.is_sent:
            await send(_start(answer))
            await send({"type": "http.response.body", "body": answer.body})

    def _make(self, environ: Any, loop: asyncio.AbstractEventLoop, send: Send) -> _Answer:
        """In a thread. The answer is closed here too: its database connection belongs to this thread."""
        answer = _Answer()
        parts = self._app(environ, answer.start)
        try:
            if _is_whole(parts, answer):
                answer.body = b"".join(parts)
            elif self._long.acquire(blocking=False):
                try:
                    _hand_over(parts, answer, loop, send)
                finally:
                    self._long.release()
            else:
                answer.status, answer.body = 503, b""
                answer.headers = [(b"retry-after", b"20"), (b"content-length", b"0")]
        finally:
            getattr(parts, "close", lambda: None)()
        return answer


def _is_whole(parts: Iterable[bytes], answer: _Answer) -> bool:
    if not getattr(parts, "streaming", False):
        return True
    return answer.length is not None and answer.length <= WHOLE


def _hand_over(parts: Iterable[bytes], answer: _Answer, loop: asyncio.AbstractEventLoop, send: Send) -> None:
    """Part by part; raises here what the connection raises there."""

    def cross(message: Message) -> None:
        asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()

    cross(_start(answer))
    for part in parts:
        cross({"type": "http.response.body", "body": part, "more_body": True})
    cross({"type": "http.response.body", "body": b""})
    answer.is_sent = True


async def _sent(send: Send, message: Message) -> None:
    """Raises `TimeoutError` where nobody takes it."""
    await asyncio.wait_for(send(message), STALLED_S)


def _start(answer: _Answer) -> Message:
    return {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
