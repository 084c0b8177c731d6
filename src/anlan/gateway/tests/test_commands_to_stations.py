"""A command of the county reaches its station once, and what became of it is told."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from anlan.drivers.sl651.codec import decode
from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.sl651.tests import make
from anlan.gateway import downlink
from anlan.gateway.tests.conftest import Running, catalogue, fill_disk, running
from anlan.gateway.tests.gossip import BOTH
from anlan.gateway.tests.test_listeners_of_all_drivers import tell, with_gossip

STATION = make.STATION
TOLD = ("command_sent", "command_answered", "command_failed", "command_uncertain")


def command(name: str = "say", **changes: Any) -> dict[str, Any]:
    given = {
        "id": "c1",
        "station": "G-A1",
        "command": name,
        "arguments": {"what": "hello"},
        "asked_by": "user:1",
    }
    return {**given, **changes}


def wipe(**changes: Any) -> dict[str, Any]:
    return command("wipe", **{"arguments": {}, "released_by": "user:2", **changes})


def told(house: Running) -> list[str]:
    return [signal.kind for signal in house.reader.signals_after({}) if signal.kind in TOLD]


class Device:
    """A station on a line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def says(self, line: str) -> bytes:
        self._writer.write(line.encode() + b"\n")
        return await self.hears()

    async def hears(self) -> bytes:
        return await asyncio.wait_for(self._reader.readline(), 20)

    async def hears_nothing(self, house: Running) -> None:
        await house.settled()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self._reader.readline(), 0.05)

    def hangs_up(self) -> None:
        self._writer.transport.abort()


async def device(house: Running) -> Device:
    return Device(*await house.connect("gossip"))


def test_a_command_waits_for_the_station_and_leaves_right_behind_the_answer_to_its_report(
    tmp_path: Path,
) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await house.settled()
        assert told(house) == []
        assert await station.says("A1 1 stage=1") == b"OK 1 loud\n"
        assert await station.hears() == b"SAY A1 hello\n"
        assert told(house) == ["command_sent"]
        await station.says("A1 2 = say stage@P2=2")
        await house.until(lambda: "command_answered" in told(house))
        (signal,) = house.signals("command_answered")
        assert (signal["command"], signal["station"]) == ("c1", "G-A1")
        assert signal["fields"] == {"words": ["=", "say", "stage@P2=2"]}
        assert len(house.values("G-A1", "stage@P2")) == 1
        await station.says("A1 3 .")
        await station.hears_nothing(house)

    tell(tmp_path, with_gossip("A1", commands=[command()]), story)


def test_a_command_to_a_station_on_the_line_leaves_at_once(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        await house.change(with_gossip("A1", commands=[command()]))
        assert await station.hears() == b"SAY A1 hello\n"

    tell(tmp_path, with_gossip("A1"), story)


def test_commands_to_one_station_leave_one_after_the_other(tmp_path: Path) -> None:
    commands = [command(), command(id="c2", arguments={"what": "again"})]

    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        assert await station.hears() == b"SAY A1 hello\n"
        await station.hears_nothing(house)
        assert await station.says("A1 2 = say") == b"OK 2 loud\n"
        assert await station.hears() == b"SAY A1 again\n"

    tell(tmp_path, with_gossip("A1", commands=commands), story)


def test_a_command_past_its_time_is_not_sent(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        await station.hears_nothing(house)
        assert told(house) == []

    late = command(expires_at="2026-07-01T11:59:00Z")
    tell(tmp_path, with_gossip("A1", commands=[late]), story)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (command("dance"), "no_such_command"),
        (command(arguments={"what": "nonsense"}), "bad_arguments"),
        (wipe(released_by=""), "not_released"),
        (wipe(released_by="user:1"), "not_released"),
    ],
    ids=["unknown", "bad arguments", "not released", "released by who asked"],
)
def test_what_cannot_or_must_not_be_sent_fails_with_a_reason(
    tmp_path: Path, given: dict[str, Any], code: str
) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        await house.until(lambda: bool(house.signals("command_failed")))
        (signal,) = house.signals("command_failed")
        assert signal["code"] == code
        assert signal["reason"].endswith(".")
        await station.hears_nothing(house)
        assert told(house) == ["command_failed"]

    tell(tmp_path, with_gossip("A1", commands=[given]), story)


def test_a_question_cut_off_by_a_broken_line_is_uncertain_and_asked_again(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        first = await device(house)
        await first.says("A1 1 .")
        assert await first.hears() == b"SAY A1 hello\n"
        first.hangs_up()
        await house.until(lambda: "command_uncertain" in told(house))
        second = await device(house)
        await second.says("A1 2 .")
        assert await second.hears() == b"SAY A1 hello\n"
        assert told(house) == ["command_sent", "command_uncertain", "command_sent"]

    tell(tmp_path, with_gossip("A1", commands=[command()]), story)


def test_what_wipes_a_station_is_never_sent_twice_and_a_late_answer_still_counts(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        first = await device(house)
        await first.says("A1 1 .")
        assert await first.hears() == b"WIPE A1\n"
        first.hangs_up()
        await house.until(lambda: "command_uncertain" in told(house))
        second = await device(house)
        await second.says("A1 2 .")
        await second.hears_nothing(house)
        assert told(house) == ["command_sent", "command_uncertain"]
        await second.says("A1 3 = wipe")
        await house.until(lambda: "command_answered" in told(house))

    tell(tmp_path, with_gossip("A1", commands=[wipe()]), story)


def test_a_question_that_is_never_answered_fails_after_some_attempts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downlink, "ANSWER_S", -1.0)

    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        for _ in range(downlink.ATTEMPTS):
            assert await station.hears() == b"SAY A1 hello\n"
            await house.until(lambda: house.counters.commands_sent > 0)
            house.gateway.downlink.sweep()
            await house.settled()
        await house.until(lambda: "command_failed" in told(house))
        assert house.signals("command_failed")[0]["code"] == "no_answer"
        await station.hears_nothing(house)

    tell(tmp_path, with_gossip("A1", commands=[command()]), story)


@pytest.mark.parametrize(
    ("given", "heard"), [(command(), b"SAY A1 hello\n"), (wipe(), b"WIPE A1\n")], ids=["harmless", "wipe"]
)
def test_a_gateway_that_died_after_sending_remembers_that_it_did(
    tmp_path: Path, given: dict[str, Any], heard: bytes
) -> None:
    """As after SIGKILL: the second process has nothing but the files of the first."""
    described = with_gossip("A1", commands=[given])

    async def main() -> None:
        async with asyncio.timeout(60):
            async with running(tmp_path, described, BOTH) as house:
                station = await device(house)
                await station.says("A1 1 .")
                assert await station.hears() == heard
                house.gateway.downlink.gone = lambda line: None  # type: ignore[method-assign]  # it dies, and tells nobody
            async with running(tmp_path, described, BOTH) as house:
                await house.until(lambda: told(house) == ["command_sent", "command_uncertain"])
                station = await device(house)
                await station.says("A1 2 .")
                if given["command"] == "say":
                    assert await station.hears() == heard
                else:
                    await station.hears_nothing(house)
                await station.says(f"A1 3 = {given['command']}")
                await house.until(lambda: told(house)[-1] == "command_answered")
            async with running(tmp_path, described, BOTH) as house:
                station = await device(house)
                await station.says("A1 4 .")
                await station.hears_nothing(house)

    asyncio.run(main())


def test_what_the_county_knows_to_be_sent_is_not_sent_again_when_the_files_are_gone(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 .")
        await station.hears_nothing(house)
        assert told(house) == ["command_uncertain"]

    tell(tmp_path, with_gossip("A1", commands=[wipe(attempts=1)]), story)


def test_a_command_that_cannot_be_written_down_does_not_leave(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        station = await device(house)
        await station.says("A1 1 stage=1")
        engine = house.gateway.writer._engine
        day = int(house.gateway.writer.clock.now().timestamp()) // 86_400
        fill_disk(engine.store.file(day))
        long = command(arguments={"what": "hello"}, id="c" * 90_000)
        await house.change(with_gossip("A1", commands=[long]))
        await house.until(lambda: bool(house.counters.store_problem))
        await station.hears_nothing(house)
        await house.until(lambda: time.perf_counter() > house.gateway.writer._refuse_until)
        house.gateway.downlink.sweep()
        assert await station.hears() == b"SAY A1 hello\n"

    tell(tmp_path, with_gossip("A1"), story)


def test_the_clock_of_a_real_protocol_is_set_with_what_the_station_taught(tmp_path: Path) -> None:
    described = catalogue(STATION)
    described["commands"] = [command("set_clock", station=STATION, arguments={})]

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(make.report("2219000025", observed="2607012000", sent="260701200000"))
        got = await asyncio.wait_for(reader.readexactly(25), 20)  # the acknowledgement
        got = await asyncio.wait_for(reader.readexactly(25), 20)
        sent = decode(got)
        assert isinstance(sent, Sl651Frame)
        assert (sent.function, sent.station, sent.center, sent.password) == (
            "4A",
            STATION,
            make.CENTER,
            make.PASSWORD,
        )
        assert (sent.body.send_time_raw or "").startswith("2607012000")
        body = bytes.fromhex(f"0009260701200001F1F1{STATION}")
        writer.write(build_frame("4A", body, station=STATION, center=make.CENTER, password=make.PASSWORD))
        await house.until(lambda: "command_answered" in told(house))

    tell(tmp_path, described, story)
