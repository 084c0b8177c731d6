"""A page is made in a thread and crosses to the loop whole; what is long crosses part by part and is closed in its thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from anlan.project.pages import WHOLE, Pages

OK = [("Content-Type", "text/plain"), ("X-Own", "ü")]


class Streamed:
    """Stands for an answer that is made while it is sent."""

    streaming = True

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.closed_in = ""

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


def ask(app: Any, *, body: bytes = b"", send_error: bool = False) -> list[dict[str, Any]]:
    """What the server is handed for one request, each message with the thread that handed it over."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if send_error:
            raise ConnectionResetError
        sent.append({**message, "thread": threading.current_thread().name})

    scope = {
        "type": "http", "method": "POST" if body else "GET", "path": "/页", "query_string": b"a=1", "http_version": "1.1",
        "headers": [(b"host", b"x"), (b"content-length", str(len(body)).encode())], "server": ("x", 80),
        "client": ("y", 9),
    }  # fmt: skip
    asyncio.run(Pages(app, threads=1)(scope, receive, send))
    return sent


def test_an_ordinary_page_crosses_whole() -> None:
    def app(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", OK)
        return [b"one ", environ["wsgi.input"].read(), environ["QUERY_STRING"].encode()]

    head, body = ask(app, body=b"two ")
    assert head["status"] == 200
    assert head["headers"] == [(b"content-type", b"text/plain"), (b"x-own", b"\xfc")]
    assert body["body"] == b"one two a=1"
    assert not body.get("more_body")


@pytest.mark.parametrize("length", [None, WHOLE + 1])
def test_a_long_answer_crosses_part_by_part_and_is_closed_where_it_was_made(length: int | None) -> None:
    answer = Streamed([b"one", b"two"])

    def app(_environ: Any, start: Any) -> Streamed:
        start("200 OK", OK if length is None else [*OK, ("Content-Length", str(length))])
        return answer

    sent = ask(app)
    assert [one["body"] for one in sent[1:]] == [b"one", b"two", b""]
    assert [one.get("more_body", False) for one in sent[1:]] == [True, True, False]
    assert {one["thread"] for one in sent} == {"MainThread"}
    assert answer.closed_in.startswith("pages")


def test_a_short_file_crosses_whole() -> None:
    answer = Streamed([b"one", b"two"])

    def app(_environ: Any, start: Any) -> Streamed:
        start("200 OK", [("Content-Length", "6")])
        return answer

    assert [one.get("body") for one in ask(app)] == [None, b"onetwo"]
    assert answer.closed_in.startswith("pages")


def test_an_answer_is_closed_although_its_reader_went_away() -> None:
    answer = Streamed([b"one"] * 3)

    def app(_environ: Any, start: Any) -> Streamed:
        start("200 OK", OK)
        return answer

    with pytest.raises(ConnectionResetError):
        ask(app, send_error=True)
    assert answer.closed_in.startswith("pages")


def test_a_failure_of_the_page_is_the_servers_to_answer() -> None:
    def app(_environ: Any, _start: Any) -> list[bytes]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        ask(app)


def test_long_answers_leave_threads_to_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fetches a large file over a poor line keeps a thread; as many as there are would stop the desk."""

    def app(_environ: Any, start: Any) -> Streamed:
        start("200 OK", OK)
        return Streamed([b"one"])

    assert ask(app)[0]["status"] == 200
    assert ask(app)[0]["status"] == 200, "the place of the first one is free again"
    monkeypatch.setattr("anlan.project.pages.long_ones", lambda _threads: 0)
    sent = ask(app)
    assert (sent[0]["status"], sent[1]["body"]) == (503, b"")


def test_a_reader_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.project.pages.STALLED_S", 0.01)
    answer = Streamed([b"one", b"two"])

    def app(_environ: Any, start: Any) -> Streamed:
        start("200 OK", OK)
        return answer

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Any) -> None:
        await asyncio.Event().wait()

    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1", "headers": [(b"host", b"x")],
        "server": ("x", 80), "client": ("y", 9),
    }  # fmt: skip
    with pytest.raises(TimeoutError):
        asyncio.run(Pages(app, threads=1)(scope, receive, send))
    assert answer.closed_in.startswith("pages")
