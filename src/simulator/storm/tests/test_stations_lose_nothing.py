"""Devices on bad lines: everything measured is acknowledged in the end."""

import asyncio
from datetime import timedelta

import pytest

from simulator.seeds import stream
from simulator.sl651 import frames
from simulator.sl651.frames import Address, observed
from simulator.storm import rtu as rtu_module
from simulator.storm.faults import Fault
from simulator.storm.reports import Report, moment_of
from simulator.storm.rtu import Rtu
from simulator.storm.tally import Tally
from simulator.storm.tests.conftest import CLOCK_START, Centre, hurried_clock

STATION = "00990100AF"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtu_module, "BACKOFF_S", 0.001)
    monkeypatch.setattr(rtu_module, "BACKOFF_MOST_S", 0.002)
    monkeypatch.setattr(rtu_module, "PIECE_PAUSE_S", 0)
    monkeypatch.setattr(rtu_module, "ACK_TIMEOUT_S", 0.5)


def _reports(count: int = 12) -> list[Report]:
    start = int(CLOCK_START.timestamp())
    found = []
    for slot in range(1, count + 1):
        moment = start + slot * 300
        elements = observed(moment_of(moment)) + frames.element(0x22, slot, 3, 1)
        found.append(Report(STATION, frames.TIMING, moment, elements, {(STATION, "rain_5min", moment): slot}))
    return found


async def _play(centre: Centre, *faults: Fault, seed: int = 0, skew: timedelta = timedelta()) -> Tally:
    tally = Tally()
    async with centre.listening():
        station = Rtu(
            Address(STATION, frames.TYPE_RAIN),
            _reports(),
            "127.0.0.1",
            centre.port,
            hurried_clock(),
            tally,
            frozenset(faults),
            skew,
            seed,
        )
        await asyncio.wait_for(station.run(), 20)
    return tally


def _observed_slots(centre: Centre) -> set[bytes]:
    return {frame[32:37] for frame in centre.frames if frame[10] != frames.KEEPALIVE}


@pytest.mark.parametrize("fault", [None, *Fault])
def test_every_report_arrives_whatever_the_line_does(fault: Fault | None) -> None:
    centre = Centre()
    tally = asyncio.run(_play(centre, *([fault] if fault else [])))
    assert len(tally.acked) == len(tally.sent) == 12
    assert len(_observed_slots(centre)) == 12


def test_what_was_measured_while_nobody_listened_is_sent_later() -> None:
    centre = Centre(silent_connections=5)
    tally = asyncio.run(_play(centre))
    assert centre.connections == 6
    assert len(tally.acked) == 12


def test_a_frame_without_an_answer_is_repeated_under_its_serial() -> None:
    centre = Centre(silent_connections=1)
    tally = asyncio.run(_play(centre, Fault.FLAPPING))
    assert tally.faults["connection_flapped"] >= 6
    serials = [(frame[14:16], frame[32:37]) for frame in centre.frames]
    assert len(serials) > len(set(serials)) == 12


def test_each_fault_really_happens() -> None:
    async def all_of_them() -> dict[str, int]:
        centre = Centre()
        quiet = Fault.WRONG_CRC, Fault.GARBAGE, Fault.DUPLICATE, Fault.SPLIT, Fault.GLUED
        tally = await _play(centre, *quiet, seed=5)
        return {**tally.faults, "rejected": centre.rejected}

    faults = asyncio.run(all_of_them())
    names = ["wrong_crc_copies", "garbage_before_frame", "duplicate_frames", "frames_split", "frames_glued"]
    assert all(faults[name] > 0 for name in [*names, "rejected"]), faults


def test_a_slow_clock_shows_in_the_send_time() -> None:
    async def send_times(skew: timedelta) -> bytes:
        centre = Centre()
        await _play(centre, skew=skew)
        return centre.frames[0][16:19]

    assert asyncio.run(send_times(timedelta(days=-3))) != asyncio.run(send_times(timedelta()))


def test_serials_wrap_at_ffff_and_skip_zero() -> None:
    station = Rtu(Address(STATION, frames.TYPE_RAIN), [], "", 0, hurried_clock(), Tally())
    station._serial = 0xFFFF
    report = Report(STATION, frames.KEEPALIVE, 0)
    assert [station._parcel(report).serial, station._parcel(report).serial] == [0xFFFF, 1]


def test_two_stations_of_one_seed_do_not_share_their_chances() -> None:
    assert stream(1, "rtu", "A").random() != stream(1, "rtu", "B").random()
