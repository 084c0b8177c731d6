"""Many reports in one read travel together: nothing is acknowledged before it is stored, and nothing differs from one by one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from anlan.drivers.sl651.encode import answer_to, build_frame
from anlan.drivers.sl651.layout import End
from anlan.drivers.sl651.tests import make
from anlan.gateway.tests.conftest import Running, catalogue, fill_disk
from anlan.kernel.clock import parse_instant
from anlan.vocab.quality import QualityFlag

Play = Callable[[dict[str, Any], Callable[[Running], Awaitable[None]]], None]
STATION, OTHER = make.STATION, "9999010002"
#: Beijing time of the clock of the run.
NOW = "260701200000"


def report(number: int, station: str = STATION, *, sent: str = NOW, data: str = "") -> bytes:
    """Rain of 0.1 mm · number and a stage, observed `number` times five minutes after 08:00 Beijing time."""
    observed = f"260701{8 + number // 12:02d}{5 * (number % 12):02d}"
    elements = data or f"2219{number:06d} 392300{2_000 + number:06d}"
    content = make.body(elements, observed=observed, sent=sent, serial=number)
    content = content.replace(bytes.fromhex(STATION), bytes.fromhex(station))
    return build_frame("32", content, station=station, center=make.CENTER, password=make.PASSWORD)


def answer(raw: bytes) -> bytes:
    return answer_to(make.decoded(raw), when_finished=End.ESC) or b""


async def exchange(house: Running, raws: Sequence[bytes], *, noise: bytes = b"") -> bytes:
    """Send all in one piece and hear as many answers."""
    reader, writer = await house.connect()
    writer.write(noise.join(raws))
    async with asyncio.timeout(20):
        heard = await reader.readexactly(sum(len(answer(raw)) for raw in raws))
    writer.close()
    return heard


def test_all_are_stored_and_acknowledged_in_the_order_in_which_they_came(play: Play) -> None:
    """Two stations behind one concentrator, and among the plain reports one with a number below zero, which takes the long way."""
    below = report(8, data="3A23FF001234")
    raws = [*(report(n) for n in range(8)), below, *(report(n, OTHER) for n in range(8)), report(9)]

    async def story(house: Running) -> None:
        assert await exchange(house, raws) == b"".join(map(answer, raws))
        mine = [raw for raw in raws if bytes.fromhex(STATION) in raw]
        assert [frame.data for frame in reversed(house.reader.raw(STATION))] == mine
        assert [value for _, value, _ in house.values(STATION, "stage")] == [
            f"{2 + n / 1000:.3f}" for n in (*range(8), 9)
        ]
        assert len(house.values(OTHER, "rain_5min")) == 8
        assert house.counters.frames == len(raws)

    play(catalogue(STATION, OTHER), story)


def test_noise_between_them_costs_none(play: Play) -> None:
    raws = [report(n) for n in range(16)]

    async def story(house: Running) -> None:
        assert await exchange(house, raws, noise=b"\r\n\x7e") == b"".join(map(answer, raws))
        assert len(house.values(STATION, "rain_5min")) == 16

    play(catalogue(STATION), story)


def test_sent_again_they_are_acknowledged_again_and_add_nothing(play: Play) -> None:
    raws = [report(n) for n in range(16)]

    async def story(house: Running) -> None:
        first = await exchange(house, raws)
        before = house.reader.counts()
        assert await exchange(house, raws) == first
        assert house.reader.counts() == before
        assert len(house.reader.raw(STATION)) == 16
        assert (house.counters.accepted, house.counters.duplicates) == (32, 32)

    play(catalogue(STATION), story)


def test_of_a_repeat_with_one_new_report_only_the_new_one_is_kept(play: Play) -> None:
    async def story(house: Running) -> None:
        await exchange(house, [report(0), report(1)])
        await exchange(house, [report(0), report(2), report(1)])
        assert [frame.data for frame in reversed(house.reader.raw(STATION))] == [
            report(0),
            report(1),
            report(2),
        ]

    play(catalogue(STATION), story)


def test_a_full_disk_acknowledges_none_of_them(play: Play) -> None:
    raws = [report(n) for n in range(140)]

    async def story(house: Running) -> None:
        await exchange(house, [report(0, OTHER)])
        engine = house.gateway.writer._engine
        fill_disk(engine.store.file(int(house.gateway.writer.clock.now().timestamp()) // 86_400))
        reader, writer = await house.connect()
        writer.write(b"".join(raws))
        await house.until(lambda: bool(house.counters.store_problem))
        await house.settled()
        assert house.values(STATION, "rain_5min") == []
        await house.until(lambda: time.perf_counter() > house.gateway.writer._refuse_until)
        writer.write(b"".join(raws))
        async with asyncio.timeout(20):
            heard = await reader.readexactly(len(answer(raws[0])) * len(raws))
        assert heard == b"".join(map(answer, raws))
        assert len(house.values(STATION, "rain_5min")) == len(raws)

    play(catalogue(STATION, OTHER), story)


def test_a_station_with_a_wrong_clock_is_told_about_as_one_by_one(play: Play) -> None:
    raws = [report(n, sent="260701223000") for n in range(4)]

    async def story(house: Running) -> None:
        assert await exchange(house, raws) == b"".join(map(answer, raws))
        (signal,) = house.signals("clock_offset")
        assert (signal["station"], round(signal["offset_s"] / 60)) == (STATION, 150)
        assert {flag for *_, flag in house.values(STATION, "stage")} == {QualityFlag.CLOCK}

    play(catalogue(STATION), story)


def test_reports_that_waited_for_their_line_are_not_taken_for_those_of_a_wrong_clock(play: Play) -> None:
    """The first ones were sent hours ago and the last ones now; the line was down meanwhile."""
    raws = [*(report(n, sent=f"26070109{n:02d}00") for n in range(12)), report(12), report(13)]

    async def story(house: Running) -> None:
        assert await exchange(house, raws) == b"".join(map(answer, raws))
        assert [flag for *_, flag in house.values(STATION, "stage")] == [0] * 14

    play(catalogue(STATION), story)


def test_reports_of_a_station_that_nobody_registered_are_kept_and_not_acknowledged(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(b"".join([*(report(n) for n in range(4)), report(0, OTHER)]))
        async with asyncio.timeout(20):
            assert await reader.read(4096) == answer(report(0, OTHER))
        assert len(house.signals("unknown_station")) == 1
        assert house.values(STATION, "stage") == []

    play(catalogue(OTHER), story)


def test_heavy_rain_in_the_midst_of_them_crosses_at_its_own_time(play: Play) -> None:
    raws = [report(n, data="2219000400") if n in (6, 7) else report(n) for n in range(16)]

    async def story(house: Running) -> None:
        await exchange(house, raws)
        first = next(one for one in house.signals("crossing") if one["direction"] == "up")
        at = parse_instant(first["phenomenon_time"])
        assert at.isoformat() == "2026-07-01T00:30:00+00:00"

    play(catalogue(STATION), story)
