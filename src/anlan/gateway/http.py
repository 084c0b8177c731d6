"""A small HTTP/1.1 server for one purpose. Parsing is httptools'; here are the bounds: size, rate, time, number."""

from __future__ import annotations

import asyncio
import http
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import httptools
import msgspec

from anlan.gateway.catalogue import Limits
from anlan.gateway.counters import Counters

_HEADER_BYTES = 16 << 10
_KEEPALIVE_S = 75.0
#: A slow start is allowed for this long before the minimum rate counts.
_GRACE_S = 5.0
_PIPELINED = 8


@dataclass(slots=True)
class Request:
    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    peer: str = ""
    wants_to_stay: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    data: dict[str, Any]  # JSON
    retry_after_s: int | None = None


Handler = Callable[[Request], Awaitable[Response]]
#: Called when the headers are complete; a response here is sent without reading the body.
Doorkeeper = Callable[[Request], Response | None]


def refusal(status: int, code: str, message: str, *, retry_after_s: int | None = None) -> Response:
    return Response(status, {"error": code, "message": message}, retry_after_s)


class _Stop(Exception):
    """Raised inside a parser callback to answer at once and close."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.data["error"])
        self.response = response


class HttpListener:
    """All open connections and their bounds."""

    def __init__(self, handler: Handler, doorkeeper: Doorkeeper, counters: Counters) -> None:
        self.handler = handler
        self.doorkeeper = doorkeeper
        self.counters = counters
        self.limits = Limits()
        self.links: set[HttpLink] = set()
        #: Bytes of all bodies that are arriving or being handled.
        self.body_bytes = 0

    def sweep(self) -> None:
        """Once a second: end requests that are too slow and connections that only wait."""
        now = time.monotonic()
        for link in list(self.links):
            link.check_time(now)

    def close(self) -> None:
        for link in list(self.links):
            link.close_when_done()


class HttpLink(asyncio.Protocol):
    """One connection; one request is handled at a time."""

    def __init__(self, listener: HttpListener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request()
        self._header_bytes = 0
        self._began: float | None = None
        self._body_began: float | None = None
        self._last_activity = time.monotonic()
        self._ready: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        self._peer = ""

    # -- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # a stream server hands out stream transports
        self._peer = str((transport.get_extra_info("peername") or ("unknown",))[0])
        if len(self._listener.links) >= self._listener.limits.http_connections:
            self._listener.counters.http_refused_by_code["connections.too_many"] += 1
            self._answer_and_close(
                refusal(503, "connections.too_many", "Too many connections.", retry_after_s=5)
            )
            return
        self._listener.links.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.links.discard(self)
        self._listener.body_bytes -= len(self._request.body) + sum(len(r.body) for r in self._ready)
        self._request, self._transport = Request(), None
        self._ready.clear()

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        now = time.monotonic()
        self._last_activity = now
        if self._began is None:
            self._began = now
        try:
            self._bound_headers(len(data))
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(refusal(400, "http.malformed", "No upgrade is offered here."))
        except httptools.HttpParserError as error:
            stop = error.__context__
            known = isinstance(stop, _Stop)
            self._fail(stop.response if known else refusal(400, "http.malformed", "This is not HTTP/1.1."))  # type: ignore[union-attr]
        except _Stop as stop:
            self._fail(stop.response)

    def _bound_headers(self, size: int) -> None:
        if self._body_began is None:
            self._header_bytes += size
            if self._header_bytes > _HEADER_BYTES + self._listener.limits.max_body:
                raise _Stop(refusal(431, "http.headers_too_large", "The headers are too large."))

    # -- httptools

    def on_message_begin(self) -> None:
        self._request = Request(peer=self._peer)
        self._began = time.monotonic()

    def on_url(self, url: bytes) -> None:
        self._request.target += url.decode("latin-1")
        if len(self._request.target) > 2048:
            raise _Stop(refusal(414, "http.target_too_long", "The address is too long."))

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self._request.headers
        headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        if len(headers) > 64 or sum(len(k) + len(v) for k, v in headers.items()) > _HEADER_BYTES:
            raise _Stop(refusal(431, "http.headers_too_large", "The headers are too large."))

    def on_headers_complete(self) -> None:
        request = self._request
        request.method = self._parser.get_method().decode("latin-1")
        request.wants_to_stay = self._parser.should_keep_alive()
        self._body_began = time.monotonic()
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._listener.limits.max_body:
            raise _Stop(refusal(413, "body.too_large", "The body is too large; send smaller batches."))
        response = self._listener.doorkeeper(request)
        if response is not None:
            raise _Stop(response)
        if request.headers.get("expect", "").lower() == "100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        limits = self._listener.limits
        if len(self._request.body) + len(body) > limits.max_body:
            raise _Stop(refusal(413, "body.too_large", "The body is too large; send smaller batches."))
        if self._listener.body_bytes + len(body) > limits.max_bodies:
            raise _Stop(refusal(503, "bodies.too_many", "Too much is arriving at once.", retry_after_s=5))
        self._request.body += body
        self._listener.body_bytes += len(body)

    def on_message_complete(self) -> None:
        self._header_bytes = 0
        self._began = self._body_began = None
        self._ready.append(self._request)
        self._request = Request()
        if len(self._ready) > _PIPELINED:
            raise _Stop(refusal(400, "http.pipelined_too_deep", "Wait for answers before sending more."))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    # -- answering

    async def _work(self) -> None:
        while self._ready and not self._is_closing:
            request = self._ready.popleft()
            try:
                response = await self._listener.handler(request)
            finally:
                self._listener.body_bytes -= len(request.body)
            self._listener.counters.http_requests += 1
            self._last_activity = time.monotonic()
            self._write(response, stays=request.wants_to_stay)
            if not request.wants_to_stay:
                self._is_closing = True
        self._task = None
        if self._is_closing and self._transport:
            self._transport.close()

    def _write(self, response: Response, *, stays: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if response.status >= 400:
            self._listener.counters.http_refused_by_code[str(response.data.get("error"))] += 1
        body = msgspec.json.encode(response.data)
        phrase = http.HTTPStatus(response.status).phrase
        head = [f"HTTP/1.1 {response.status} {phrase}", "Content-Type: application/json"]
        head.append(f"Content-Length: {len(body)}")
        if response.retry_after_s is not None:
            head.append(f"Retry-After: {response.retry_after_s}")
        if not stays:
            head.append("Connection: close")
        self._transport.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def _fail(self, response: Response) -> None:
        self._listener.body_bytes -= len(self._request.body)
        self._request = Request()
        self._answer_and_close(response)

    def _answer_and_close(self, response: Response) -> None:
        self._is_closing = True
        self._write(response, stays=False)
        if self._transport:
            self._transport.close()

    def close_when_done(self) -> None:
        """Shutting down: finish the request in hand, then close."""
        self._is_closing = True
        if self._task is None and self._transport:
            self._transport.close()

    def check_time(self, now: float) -> None:
        limits = self._listener.limits
        if self._body_began is not None:
            elapsed = now - self._body_began
            is_slow = elapsed > _GRACE_S and len(self._request.body) < elapsed * limits.body_bytes_a_second
            if elapsed > limits.body_s or is_slow:
                self._fail(refusal(408, "body.too_slow", "The body came too slowly."))
        elif self._began is not None:
            if now - self._began > limits.header_s:
                self._fail(refusal(408, "http.headers_too_slow", "The headers came too slowly."))
        elif self._task is None and now - self._last_activity > _KEEPALIVE_S:
            self.close_when_done()
