from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from anlan.kernel.actor import SEE, Actor, grants
from anlan.project import live
from anlan.project.live import MEMORY, QUEUE, Newsroom, Told, stream

COUNTY = Actor(ref="user:1", grants=grants([SEE], "999901000000"))
TOWNSHIP = Actor(ref="user:2", grants=grants([SEE], "999901000000/999901101000"))
HERE = "999901000000/999901101000/999901101001"
ELSEWHERE = "999901000000/999901102000/999901102001"


def told(seq: int, path: str = HERE) -> Told:
    return Told(seq, path, json.dumps({"topic": "callout", "seq": seq}))


async def frames(bytes_: AsyncIterator[bytes], count: int) -> list[str]:
    found = []
    for _ in range(count):
        found.append((await asyncio.wait_for(anext(bytes_), 2)).decode())
    return found


def seqs(texts: list[str]) -> list[int]:
    return [int(text.split("id: ")[1].split("\n")[0]) for text in texts if text.startswith("id: ")]


def test_a_browser_that_was_cut_off_gets_exactly_what_it_missed() -> None:
    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(seq) for seq in range(1, 8)])
        return await frames(stream(newsroom, COUNTY, after=4), 4)

    assert seqs(asyncio.run(scene())) == [5, 6, 7]


def test_what_happens_while_a_page_is_open_arrives_once_and_in_order() -> None:
    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(1)])
        client = stream(newsroom, COUNTY, after=1)
        first = await frames(client, 1)
        newsroom._hand_out([told(2), told(3)])
        return first + await frames(client, 2)

    assert seqs(asyncio.run(scene())) == [2, 3]


def test_a_township_is_not_told_about_its_neighbour() -> None:
    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(1, ELSEWHERE), told(2, HERE), told(3, "999901000000")])
        client = stream(newsroom, TOWNSHIP, after=0)
        return await frames(client, 2)

    assert seqs(asyncio.run(scene())) == [2]


def test_a_browser_that_missed_more_than_is_remembered_loads_afresh() -> None:
    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(seq) for seq in range(1, MEMORY + 50)])
        return await frames(stream(newsroom, COUNTY, after=3), 2)

    assert '"reconnected"' in asyncio.run(scene())[1]


def test_a_browser_that_reads_too_slowly_is_told_to_load_afresh_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)

    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(1)])
        client = stream(newsroom, COUNTY, after=1)
        first = await frames(client, 2)  # the beat of the start and one while it is quiet
        newsroom._hand_out([told(seq) for seq in range(2, QUEUE + 10)])
        return first + await frames(client, QUEUE + 2)

    texts = asyncio.run(scene())
    assert seqs(texts)[-1] == QUEUE + 1
    assert '"reconnected"' in texts[-2]
    assert "event: beat" in texts[-1]


def test_a_closed_browser_leaves_nothing_behind() -> None:
    async def scene() -> int:
        newsroom = Newsroom()
        client = stream(newsroom, COUNTY, after=None)
        await frames(client, 1)
        await client.aclose()  # type: ignore[attr-defined]  # an async generator
        return len(newsroom._clients)

    assert asyncio.run(scene()) == 0


def test_a_closed_account_hears_nothing_more_and_a_changed_post_only_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RIGHTS_S", -1.0)
    now: list[Actor | None] = [COUNTY, TOWNSHIP, None]

    async def again() -> Actor | None:
        return now.pop(0)

    async def scene() -> list[str]:
        newsroom = Newsroom()
        newsroom._hand_out([told(1)])
        client = stream(newsroom, COUNTY, 1, again)
        await frames(client, 1)
        heard = asyncio.ensure_future(anext(client))
        await asyncio.sleep(0.01)  # it waits for news now
        newsroom._hand_out([told(2, ELSEWHERE), told(3, ELSEWHERE)])
        return [(await heard).decode()] + [text.decode() async for text in client]

    assert seqs(asyncio.run(scene())) == [2]
