"""The provider over loopback HTTP, and the people behind its phones."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from simulator.phones import callback as callback_module
from simulator.phones.behaviour import Act, react
from simulator.phones.callback import Callback
from simulator.phones.http import Answer, Request, serve
from simulator.phones.provider import Provider
from simulator.storm.clock import SimClock
from simulator.world import Person, World

HABITS = ["reliable", "prompt", "late", "second_try", "acts", "free_text", "twice", "stranger", "hangs_up"]
HABITS += ["dead_number", "never"]
PHONES = {habit: f"1000000{number:04d}" for number, habit in enumerate(HABITS, start=1)}
WORLD = World(
    1,
    "999901",
    900,
    [],
    [],
    [],
    [Person(p, "赵", "灾害信息员", "999901100200", h) for h, p in PHONES.items()],
)
Deed = Callable[[httpx.AsyncClient, Provider, Callback], Awaitable[None]]


def _provider(speed: float = 1.0, **options: Any) -> tuple[Provider, Callback]:
    clock = SimClock(time.time(), time.time(), speed)
    callback = Callback("http://platform/api/phone/v1/events", "c", clock)
    return Provider(WORLD, callback, clock, token="p", **options), callback


def _run(deed: Deed, **options: Any) -> None:
    async def whole() -> None:
        provider, callback = _provider(**options)
        server = await serve(provider.handle, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        headers = {"Authorization": "Bearer p"}
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
            await deed(client, provider, callback)
        server.close()

    asyncio.run(whole())


def _message(**changes: Any) -> dict[str, Any]:
    return {"client_ref": "k1", "kind": "sms", "to": PHONES["prompt"], "text": "请转移", "keys": {}} | changes


def test_the_same_reference_twice_rings_twice() -> None:
    async def deed(client: httpx.AsyncClient, provider: Provider, _: Callback) -> None:
        refs = [(await client.post("/v1/messages", json=_message())).json()["provider_ref"] for _ in range(2)]
        assert len(set(refs)) == 2
        assert provider.document()["by_client_ref"] == {"k1": 2}
        assert [entry.to for entry in provider.hand_overs] == [PHONES["prompt"]] * 2

    _run(deed)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "20000000000"}, 422, "number.unroutable"),
        ({"to": "1000000001"}, 422, "number.unroutable"),
        ({"kind": "fax"}, 422, "kind.invalid"),
        ({"text": ""}, 422, "text.invalid"),
        ({"client_ref": ""}, 422, "client_ref.invalid"),
        ({"keys": {"1": 2}}, 422, "keys.invalid"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_rings_nobody(
    change: dict[str, Any], status: int, code: str
) -> None:
    async def deed(client: httpx.AsyncClient, provider: Provider, callback: Callback) -> None:
        answer = await client.post("/v1/messages", json=_message(**change))
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert (provider.hand_overs, callback.pending) == ([], 0)

    _run(deed)


def test_bytes_that_are_no_message_are_refused() -> None:
    async def deed(client: httpx.AsyncClient, provider: Provider, _: Callback) -> None:
        for body in (b"{", b"[]", b"\xff"):
            assert (await client.post("/v1/messages", content=body)).status_code == 400
        assert (await client.get("/else")).status_code == 404
        assert provider.hand_overs == []

    _run(deed)


def test_a_wrong_token_reaches_nobody() -> None:
    async def deed(client: httpx.AsyncClient, provider: Provider, _: Callback) -> None:
        answer = await client.post("/v1/messages", json=_message(), headers={"Authorization": "Bearer x"})
        assert answer.status_code == 401
        assert provider.hand_overs == []

    _run(deed)


@pytest.mark.parametrize(
    ("queryable", "expected"),
    [
        (frozenset({"sms"}), {"sms": 200, "voice": 501, "never": 404}),
        (frozenset({"sms", "voice"}), {"sms": 200, "voice": 200, "never": 404}),
        (frozenset[str](), {"sms": 501, "voice": 501, "never": 501}),
    ],
)
def test_queries_answer_only_for_the_kinds_that_are_offered(
    queryable: frozenset[str], expected: dict[str, int]
) -> None:
    async def deed(client: httpx.AsyncClient, _: Provider, __: Callback) -> None:
        for kind in ("sms", "voice"):
            await client.post("/v1/messages", json=_message(client_ref=kind, kind=kind))
        for ref, status in expected.items():
            assert (await client.get("/v1/messages", params={"client_ref": ref})).status_code == status

    _run(deed, queryable=queryable)


def test_a_lost_response_is_still_a_message() -> None:
    async def deed(client: httpx.AsyncClient, provider: Provider, _: Callback) -> None:
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/messages", json=_message())
        assert (await client.get("/v1/messages", params={"client_ref": "k1"})).status_code == 200
        assert provider.document()["responses_dropped"] == 1

    _run(deed, drop_rate=1.0)


def test_events_are_repeated_until_the_platform_accepts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_module, "RETRY_S", 0.001)
    posts: list[list[str]] = []

    async def platform(request: Request) -> Answer | None:
        assert request.headers["authorization"] == "Bearer c"
        posts.append([event["event_id"] for event in json.loads(request.body)["events"]])
        if len(posts) == 1:
            return None  # killed in the middle
        return Answer(503 if len(posts) == 2 else 200, {"accepted": 1, "repeated": 0, "refused": []})

    async def whole() -> None:
        server = await serve(platform, "127.0.0.1", 0)
        clock = SimClock(0, time.time(), 1_000_000)
        callback = Callback(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/e", "c", clock)
        callback.add(0.0, {"event_id": "a", "type": "reply"})
        posting = asyncio.create_task(callback.run())
        while not callback.accepted:
            await asyncio.sleep(0)
        posting.cancel()
        server.close()
        assert posts[:3] == [["a"]] * 3
        assert (callback.answers_accepted, callback.pending) == (1, 0)

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_a_hand_over_ends_in_receipts_and_an_answer_at_the_platform() -> None:
    events: list[dict[str, Any]] = []

    def platform(request: httpx.Request) -> httpx.Response:
        events.extend(json.loads(request.content)["events"])
        return httpx.Response(200, json={"accepted": 1, "repeated": 0, "refused": []})

    async def whole() -> None:
        provider, callback = _provider(speed=1_000_000.0)
        body = json.dumps(_message(kind="voice", keys={"5": "answered"})).encode()
        headers = {"authorization": "Bearer p"}
        await provider.handle(Request("POST", "/v1/messages", {}, headers, body))
        posting = asyncio.create_task(callback.run(httpx.MockTransport(platform)))
        while callback.pending:
            await asyncio.sleep(0)
        posting.cancel()

    asyncio.run(asyncio.wait_for(whole(), 20))
    assert [(e["type"], e.get("status"), e.get("key")) for e in events] == [
        ("receipt", "answered", None),
        ("keypress", None, "5"),
    ]
    assert all(event["client_ref"] == "k1" for event in events)


def _acts(habit: str, kind: str, nth: int = 1) -> list[Act]:
    return react(habit, phone=PHONES[habit], kind=kind, nth=nth, key="1", seed=1)


@pytest.mark.parametrize(
    ("habit", "kind", "nth", "answers"),
    [
        ("reliable", "voice", 1, True),
        ("reliable", "sms", 1, True),
        ("prompt", "voice", 1, True),
        ("second_try", "voice", 1, False),
        ("second_try", "voice", 2, True),
        ("free_text", "sms", 1, False),
        ("free_text", "sms", 2, True),
        ("free_text", "voice", 1, False),
        ("stranger", "sms", 1, False),
        ("hangs_up", "voice", 1, False),
        ("dead_number", "sms", 1, False),
        ("never", "voice", 1, False),
        ("late", "voice", 1, True),
    ],
)
def test_people_answer_by_their_habit(habit: str, kind: str, nth: int, answers: bool) -> None:
    words = {"1", "收到", "已收到", "OK"}
    spoken = [
        act
        for act in _acts(habit, kind, nth)
        if act.sender == PHONES[habit] and (act.key == "1" or act.text in words)
    ]
    assert bool(spoken) == answers


def test_the_odd_ones_are_odd_in_their_own_way() -> None:
    assert [act.status for act in _acts("dead_number", "sms")] == ["failed"]
    assert [act.status for act in _acts("hangs_up", "voice")] == ["answered"]
    assert _acts("late", "voice")[0].status == "no_answer"
    assert _acts("late", "voice")[1].delay_s >= 240
    assert len([act for act in _acts("twice", "sms") if act.type == "reply"]) == 2
    assert [act.text for act in _acts("acts", "sms") if act.text][1:] == ["已行动", "完成"]
    strangers = [act.sender for act in _acts("stranger", "sms") if act.type == "reply"]
    assert strangers
    assert not set(strangers) & set(PHONES.values())


def test_the_same_seed_makes_people_act_the_same() -> None:
    assert _acts("prompt", "sms") == _acts("prompt", "sms")
    assert _acts("prompt", "sms") != react(
        "prompt", phone=PHONES["prompt"], kind="sms", nth=1, key="1", seed=2
    )
