"""A small HTTP/1.1 server on asyncio: bounded, keep-alive, JSON in and out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_HEADER_BYTES = 16_384
MOST_BODY_BYTES = 1_048_576
IDLE_S = 120.0
REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
REASONS |= {
    413: "Content Too Large",
    422: "Unprocessable Content",
    501: "Not Implemented",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case, each query name keeps its first value."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON document."""

    status: int
    document: dict[str, Any]


#: None = drop the connection without an answer, as a dying provider does.
Handler = Callable[[Request], Awaitable[Answer | None]]


class BadRequest(Exception):
    """The bytes are not a request that this server reads."""


async def serve(handler: Handler, host: str, port: int) -> asyncio.Server:
    """Start listening; every connection is served until it is closed or idle."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(handler, reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(connected, host, port, limit=MOST_HEADER_BYTES)


async def _converse(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            request = await asyncio.wait_for(_read(reader), IDLE_S)
        except (BadRequest, asyncio.LimitOverrunError) as error:
            writer.write(_bytes(Answer(400, {"error": "request.invalid", "message": str(error)}), close=True))
            await writer.drain()
            return
        answer = await handler(request)
        if answer is None:
            return
        close = request.headers.get("connection", "").lower() == "close"
        writer.write(_bytes(answer, close=close))
        await writer.drain()
        if close:
            return


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    parts = head[0].split(" ")
    if len(parts) != 3:
        raise BadRequest("The request line is not valid.")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
    }
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit() or int(length) > MOST_BODY_BYTES:
        raise BadRequest("A body needs a Content-Length of at most 1 MiB.")
    body = await reader.readexactly(int(length))
    target = urlsplit(parts[1])
    query = {name: values[0] for name, values in parse_qs(target.query).items()}
    return Request(parts[0], target.path, query, headers, body)


def _bytes(answer: Answer, *, close: bool) -> bytes:
    body = json.dumps(answer.document, ensure_ascii=False).encode()
    reason = REASONS.get(answer.status, "Status")
    lines = [
        f"HTTP/1.1 {answer.status} {reason}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    lines += ["Connection: close"] if close else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
