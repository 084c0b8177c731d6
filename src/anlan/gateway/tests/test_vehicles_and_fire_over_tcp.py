"""A lorry and a hospital's transmission device over real sockets: what is answered was stored first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anlan.drivers.gb26875.tests import make as fire
from anlan.drivers.jt808.tests import make as truck
from anlan.gateway.tests.conftest import Running, catalogue, running
from anlan.kernel.clock import parse_instant

Story = Callable[[Running], Awaitable[None]]
TRUCK, UNIT = "TRUCK-01", "FIRE-01"
#: The exercise's clock stands at noon UTC; the reports are of five minutes before, in Beijing time.
TIME = "260701195500"


def county(**settings: str) -> dict[str, Any]:
    described = catalogue()
    described["stations"] += [
        {"code": TRUCK, "kind": "hazmat_truck", "protocol": "jt808", "address": truck.STATION, "settings": settings},
        {"code": UNIT, "kind": "fire_device", "protocol": "gb26875", "address": fire.DEVICE},
    ]  # fmt: skip
    described["ports"] = {"tcp": 0, "http": 0, "protocols": {"jt808": 0, "gb26875": 0}}
    return described


def tell(data: Path, described: dict[str, Any], story: Story) -> None:
    async def main() -> None:
        async with asyncio.timeout(60), running(data, described) as house:
            await story(house)

    asyncio.run(main())


async def frame_of_a_truck(reader: asyncio.StreamReader) -> Any:
    """The next message of the centre, between its two marks."""
    await asyncio.wait_for(reader.readexactly(1), 20)
    return truck.decoded(b"\x7e" + await asyncio.wait_for(reader.readuntil(b"\x7e"), 20))


def position() -> bytes:
    return truck.message("0200", truck.location_body(time=TIME, alarm=1))


def test_a_lorrys_position_is_stored_with_six_decimals_before_it_is_acknowledged(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect("jt808")
        writer.write(position())
        answer = await frame_of_a_truck(reader)
        assert (answer.function, answer.content.fields["result"]) == ("8001", 0)
        moment = "2026-07-01T11:55:00+00:00"
        assert house.values(TRUCK, "position_lat") == [(moment, "25.040000", 0)]
        assert house.values(TRUCK, "position_lon") == [(moment, "102.710000", 0)]
        (alarm,) = house.signals("happening")
        assert (alarm["station"], alarm["kind"]) == (TRUCK, "vehicle_emergency")
        writer.close()

    tell(tmp_path, county(), story)


def test_a_lorry_that_has_codes_must_give_one_before_its_position_counts(tmp_path: Path) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect("jt808")
        writer.write(position())
        assert (await frame_of_a_truck(reader)).content.fields["result"] == 1
        writer.write(truck.message("0102", b"CODE"))
        assert (await frame_of_a_truck(reader)).content.fields["result"] == 0
        assert house.values(TRUCK, "position_lat") == []
        writer.write(position())
        assert (await frame_of_a_truck(reader)).content.fields["result"] == 0
        assert len(house.values(TRUCK, "position_lat")) == 1
        writer.close()

    tell(tmp_path, county(auth_codes="CODE"), story)


def test_a_smoke_detectors_alarm_is_stored_before_it_is_confirmed_and_a_damaged_one_is_denied(
    tmp_path: Path,
) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect("gb26875")
        noon = parse_instant("2026-07-01T12:00:00Z")
        good = fire.frame(fire.component(0b10, time=bytes([0, 55, 19, 1, 7, 26])), at=noon)
        writer.write(good[:-3] + bytes([good[-3] ^ 1]) + good[-2:])
        assert fire.decoded(await asyncio.wait_for(reader.readexactly(30), 20)).command == 6
        writer.write(good)
        assert fire.decoded(await asyncio.wait_for(reader.readexactly(30), 20)).command == 3
        assert house.values(UNIT, "fire_state@1.2.42.5") == [("2026-07-01T11:55:00+00:00", "2", 0)]
        (alarm,) = house.signals("happening")
        assert (alarm["station"], alarm["kind"]) == (UNIT, "fire_alarm")
        writer.close()

    tell(tmp_path, county(), story)
