"""Any driver of the registry gets its listener, and every listener keeps the same promises."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anlan.drivers.sl651.tests import make
from anlan.gateway.catalogue import parse_catalogue
from anlan.gateway.listeners import wanted
from anlan.gateway.tests.conftest import Running, catalogue, fill_disk, running
from anlan.gateway.tests.gossip import BOTH
from anlan.ruleset.bindings import bindings_for_rain
from anlan.vocab.quality import QualityFlag

STATION = make.STATION
Story = Callable[[Running], Awaitable[None]]


def with_gossip(*addresses: str, more: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """A county with one gossiping station for each address, called G-ADDRESS."""
    described = catalogue(*more)
    described["stations"] += [
        {"code": f"G-{address}", "name": address, "protocol": "gossip", "address": address, "settings": {"tone": "loud"}}
        for address in addresses
    ]  # fmt: skip
    described["ports"] = {"tcp": 0, "http": 0, "protocols": {"gossip": 0}}
    return {**described, **changes}


def tell(data: Path, described: dict[str, Any], story: Story) -> None:
    async def main() -> None:
        async with asyncio.timeout(60), running(data, described, BOTH) as house:
            await story(house)

    asyncio.run(main())


async def say(house: Running, line: str, *, answers: int = 1) -> list[bytes]:
    reader, writer = await house.connect("gossip")
    writer.write(line.encode() + b"\n")
    got = [await asyncio.wait_for(reader.readline(), 20) for _ in range(answers)]
    writer.close()
    return got


def test_a_station_of_another_protocol_is_known_by_its_address_and_stored_under_its_code(
    tmp_path: Path,
) -> None:
    async def story(house: Running) -> None:
        assert await say(house, "A1 7 rain_5min=2.5 stage@P2=1.25") == [b"OK 7 loud\n"]
        assert house.values("G-A1", "rain_5min") == [("2026-07-01T12:00:00+00:00", "2.5", 0)]
        assert house.values("G-A1", "stage@P2") == [("2026-07-01T12:00:00+00:00", "1.250", 0)]
        (raw,) = house.reader.raw("G-A1")
        assert raw.source.startswith("tcp:127.0.0.1")

    tell(tmp_path, with_gossip("A1"), story)


def test_one_address_on_two_protocols_is_two_stations(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        await say(house, f"{STATION} 1 rain_5min=9")
        reader, writer = await house.connect()
        writer.write(make.report("2219000025", observed="2607012000", sent="260701200000"))
        assert await asyncio.wait_for(reader.read(100), 20)
        assert [value for _, value, _ in house.values(f"G-{STATION}", "rain_5min")] == ["9.0"]
        assert [value for _, value, _ in house.values(STATION, "rain_5min")] == ["2.5"]

    tell(tmp_path, with_gossip(STATION, more=(STATION,)), story)


def test_an_unknown_address_is_kept_and_not_acknowledged(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect("gossip")
        writer.write(b"B2 1 stage=1\n")
        await house.until(lambda: bool(house.signals("unknown_station")))
        (signal,) = house.signals("unknown_station")
        assert (signal["code"], signal["protocol"]) == ("B2", "gossip")
        writer.write(b"A1 2 .\n")
        assert await asyncio.wait_for(reader.readline(), 20) == b"OK 2 loud\n"

    tell(tmp_path, with_gossip("A1"), story)


def test_what_cannot_be_stored_is_not_acknowledged_on_any_protocol(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        await say(house, "A1 1 stage=1")
        engine = house.gateway.writer._engine
        day = int(house.gateway.writer.clock.now().timestamp()) // 86_400
        fill_disk(engine.store.file(day))
        reader, writer = await house.connect("gossip")
        picture = "ff" * 40_000
        writer.write(f"A1 2 ! fire # {picture}\n".encode())
        await house.until(lambda: bool(house.counters.store_problem))
        assert house.signals("happening") == []
        await house.until(lambda: time.perf_counter() > house.gateway.writer._refuse_until)
        writer.write(f"A1 2 ! fire # {picture}\n".encode())  # the device repeats what was not acknowledged
        assert await asyncio.wait_for(reader.readline(), 20) == b"OK 2 loud\n"
        assert len(house.signals("happening")) == 1
        assert len(house.reader.attachments("G-A1")) == 1

    tell(tmp_path, with_gossip("A1"), story)


def test_a_happening_and_a_picture_are_stored_once_however_often_they_are_sent(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        for _ in range(2):
            await say(house, "A1 5 ! fire # ffd8ffe0")
        (signal,) = house.signals("happening")
        assert (signal["station"], signal["kind"], signal["fields"]) == ("G-A1", "fire", {"said": "fire"})
        assert signal["phenomenon_time"] == "2026-07-01T12:00:00+00:00"
        (line,) = house.reader.attachments("G-A1")
        found = house.reader.attachment(line.id)
        assert found is not None
        assert found == (line, b"\xff\xd8\xff\xe0")
        assert (line.media_type, line.size) == ("image/jpeg", 4)
        for wrong in ("2026-07-01.99", "../x.1", "2026-07-01", "", "2020-01-01.1", "2026-07-01.²"):
            assert house.reader.attachment(wrong) is None

    tell(tmp_path, with_gossip("A1"), story)


def test_a_file_that_is_too_large_is_refused_and_the_rest_of_the_message_is_kept(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("anlan.gateway.lines.MAX_ATTACHMENT", 3)

    async def story(house: Running) -> None:
        await say(house, "A1 5 stage=1 # ffd8ffe0")
        assert house.reader.attachments("G-A1") == []
        assert house.counters.refused_by_code == {"attachment.too_large": 1}
        assert len(house.values("G-A1", "stage")) == 1

    tell(tmp_path, with_gossip("A1"), story)


def test_a_reply_that_confirms_nothing_is_sent_at_once(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        assert await say(house, "A1 5 ?", answers=2) == [b"WAIT\n", b"OK 5 loud\n"]

    tell(tmp_path, with_gossip("A1"), story)


def test_a_concentrator_speaks_for_other_stations_and_not_for_those_nobody_registered(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        await say(house, "A1 5 stage=1 A2:stage=2 A9:stage=3")
        assert [value for _, value, _ in house.values("G-A2", "stage")] == ["2.000"]
        assert house.counters.refused_by_code == {"reading.station": 1}

    tell(tmp_path, with_gossip("A1", "A2"), story)


def test_a_value_that_the_device_itself_marks_as_invalid_is_kept_flagged_and_triggers_nothing(
    tmp_path: Path,
) -> None:
    described = with_gossip("A1")
    described["bindings"] += [binding.to_json() for binding in bindings_for_rain("G-A1")]

    async def story(house: Running) -> None:
        await say(house, "A1 1 stage=1 rain_5min=55~ battery_v=12")
        assert house.values("G-A1", "rain_5min") == [
            ("2026-07-01T12:00:00+00:00", "55.0", QualityFlag.DEVICE)
        ]
        assert [flag for name in ("stage", "battery_v") for *_, flag in house.values("G-A1", name)] == [0, 0]
        assert house.signals("crossing") == []
        await say(house, "A1 2 rain_5min=55")
        assert (
            house.values("G-A1", "rain_5min")[0][2] & QualityFlag.DEVICE
        )  # the same value again is a repeat

    tell(tmp_path, described, story)


def test_a_listener_opens_and_closes_with_the_stations_of_the_county(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        assert set(house.gateway.ports) == {"tcp", "http"}
        await house.change(with_gossip("A1"))
        assert await say(house, "A1 1 stage=1") == [b"OK 1 loud\n"]
        assert json.loads((house.data / "run" / "gateway.json").read_text())["ports"]["tcp"]
        reader, _ = await house.connect("gossip")
        await house.change(catalogue())
        assert set(house.gateway.ports) == {"tcp", "http"}
        assert await asyncio.wait_for(reader.read(1), 20) == b""

    tell(tmp_path, catalogue(), story)


def test_a_port_that_is_taken_is_told_and_the_others_stay_open(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        taken = house.gateway.ports["http"]
        await house.change(with_gossip("A1", ports={"tcp": 0, "http": 0, "protocols": {"gossip": taken}}))
        house.gateway._write_counters()
        assert "gossip" in house.reader.gateway_counters()["port_problems"]
        await house.connect()

    tell(tmp_path, catalogue(), story)


def test_a_datagram_is_stored_before_it_is_acknowledged(tmp_path: Path) -> None:
    ports = {"tcp": 0, "http": 0, "protocols": {"gossip": None}, "udp": {"gossip": 0, "sl651": 0}}

    async def story(house: Running) -> None:
        assert set(house.gateway.ports) == {"tcp", "http", "gossip/udp", "sl651/udp"}
        got: asyncio.Queue[bytes] = asyncio.Queue()

        class Peer(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                got.put_nowait(data)

        loop = asyncio.get_running_loop()
        where = ("127.0.0.1", house.gateway.ports["gossip/udp"])
        transport, _ = await loop.create_datagram_endpoint(Peer, remote_addr=where)
        transport.sendto(b"bad\n")
        transport.sendto(b"A1 5 stage=1\n")
        assert await asyncio.wait_for(got.get(), 20) == b"OK 5 loud\n"
        assert len(house.values("G-A1", "stage")) == 1
        assert house.reader.raw("G-A1")[0].source.startswith("udp:127.0.0.1")
        assert house.counters.refused_by_code == {"gossip.bad": 1}
        transport.close()

    tell(tmp_path, with_gossip("A1", ports=ports), story)


def test_two_live_connections_that_take_turns_for_one_address_are_told_about_and_both_are_stored(
    tmp_path: Path,
) -> None:
    async def story(house: Running) -> None:
        lines = [await house.connect("gossip") for _ in range(2)]
        for serial in range(6):
            reader, writer = lines[serial % 2]
            writer.write(f"A1 {serial} G{serial}=1 stage@P{serial}=1\n".encode())
            assert await asyncio.wait_for(reader.readline(), 20)
        (signal,) = house.signals("address_conflict")
        assert signal["station"] == "G-A1"
        assert all(len(house.values("G-A1", f"stage@P{serial}")) == 1 for serial in range(6))

    tell(tmp_path, with_gossip("A1"), story)


def test_a_station_that_connects_anew_beside_its_dead_connection_is_no_conflict(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        for serial in range(3):
            reader, writer = await house.connect("gossip")  # the older ones stay open and dumb
            writer.write(f"A1 {serial} stage=1\n".encode())
            assert await asyncio.wait_for(reader.readline(), 20)
        assert house.signals("address_conflict") == []

    tell(tmp_path, with_gossip("A1"), story)


def test_ports_open_for_spoken_protocols_unless_they_are_shut_and_for_named_ones() -> None:
    def ports(described: dict[str, Any]) -> list[tuple[str, str, int]]:
        found = wanted(parse_catalogue(json.dumps(described).encode()), BOTH)
        return sorted((one.protocol, one.carrier, one.port) for one in found)

    plain = catalogue(STATION)
    assert ports(plain) == []
    assert ports(with_gossip("A1", ports={})) == []  # it has no port of its own
    assert ports(with_gossip("A1", ports={"protocols": {"gossip": 7000}})) == [("gossip", "tcp", 7000)]
    assert ports({**plain, "ports": {"protocols": {"gossip": 7000}}}) == [("gossip", "tcp", 7000)]
    assert ports(with_gossip("A1", ports={"protocols": {"gossip": None}})) == []
    assert ports({**plain, "ports": {"udp": {"sl651": 6510}}}) == [("sl651", "udp", 6510)]
