"""What one browser or attacker sends never costs another his page: over real loopback sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import uvicorn

from anlan.project.web import BodyLimits, Message, Receive, Scope, Send, SpoolBodies, bounded_protocol

SMALL = BodyLimits(one=20_000, together=30_000, rate=10_000, grace_s=0.2)


async def says_how_much(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for Django: answers with the number of bytes that it was handed."""
    size, more = 0, scope["method"] == "POST"
    while more:
        message: Message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    text = str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


class Web:
    """A server on a port of its own."""

    def __init__(self, port: int, bodies: SpoolBodies) -> None:
        self.port = port
        self.bodies = bodies

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def send(self, content: bytes) -> bytes:
        reader, writer = await self.connect()
        writer.write(content)
        return await answer_of(reader)


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server closes or the announced body is complete; what was said before a reset counts."""
    text = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            text = await reader.readuntil(b"\r\n\r\n")
            text += await reader.read(2000)
    return text


def post(size: int, *, announced: int | None = None) -> bytes:
    length = size if announced is None else announced
    return f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + b"x" * size


def play(story: Callable[[Web], Awaitable[None]]) -> None:
    async def main() -> None:
        bodies = SpoolBodies(says_how_much, SMALL)
        config = uvicorn.Config(
            bodies, port=0, log_level="critical", lifespan="off", http=bounded_protocol(headers_s=0.3)
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.005)
            try:
                await story(Web(server.servers[0].sockets[0].getsockname()[1], bodies))
            finally:
                server.should_exit = True
                await serving

    asyncio.run(main())


def test_a_body_that_fits_arrives_whole() -> None:
    async def story(web: Web) -> None:
        assert (await web.send(post(15_000))).endswith(b"15000")
        assert web.bodies.held == 0

    play(story)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(post(0, announced=20_001), id="announced"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4e21\r\n"
            + b"x" * 20_001
            + b"\r\n0\r\n\r\n",
            id="in chunks",
        ),
    ],
)
def test_a_body_above_the_cap_is_refused_with_a_sentence(sent: bytes) -> None:
    async def story(web: Web) -> None:
        answer = await web.send(sent)
        assert answer.startswith(b"HTTP/1.1 413")
        assert "太大".encode() in answer
        assert (await web.send(post(10))).endswith(b"10")
        assert web.bodies.held == 0

    play(story)


@pytest.mark.parametrize("drip_s", [0.0, 0.05])
def test_a_slow_upload_is_given_up_and_others_are_served_meanwhile(drip_s: float) -> None:
    async def story(web: Web) -> None:
        reader, writer = await web.connect()
        writer.write(post(1, announced=5_000))

        async def drip() -> None:
            while drip_s and not reader.at_eof():
                writer.write(b"x")
                await asyncio.sleep(drip_s)

        dripping = asyncio.create_task(drip())
        assert (await web.send(post(10))).endswith(b"10")
        answer = await answer_of(reader)
        dripping.cancel()
        assert answer.startswith(b"HTTP/1.1 408")
        assert web.bodies.held == 0

    play(story)


def test_all_bodies_together_are_bounded_too() -> None:
    async def story(web: Web) -> None:
        _reader, writer = await web.connect()
        writer.write(post(19_000, announced=19_500))
        while web.bodies.held < 19_000:
            await asyncio.sleep(0.005)
        answer = await web.send(post(15_000))
        assert answer.startswith(b"HTTP/1.1 503")
        writer.close()
        while web.bodies.held:
            await asyncio.sleep(0.005)
        assert (await web.send(post(15_000))).endswith(b"15000")

    play(story)


def test_a_full_disk_is_said_and_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(web: Web) -> None:
        import errno
        import tempfile

        class Full:
            def __init__(self, *_: object) -> None: ...
            def __enter__(self) -> Full:
                return self

            def __exit__(self, *_: object) -> None: ...
            def write(self, _: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
        assert (await web.send(post(10))).startswith(b"HTTP/1.1 507")
        assert web.bodies.held == 0

    play(story)


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_connection_that_never_finishes_its_headers_is_cut(said: bytes) -> None:
    async def story(web: Web) -> None:
        reader, writer = await web.connect()
        writer.write(said)
        with suppress(ConnectionError):
            assert await reader.read() == b""

    play(story)


def test_a_browser_that_keeps_its_connection_is_not_cut_between_requests() -> None:
    async def story(web: Web) -> None:
        reader, writer = await web.connect()
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await answer_of(reader)).endswith(b"0")
            await asyncio.sleep(0.5)

    play(story)
