"""Stations on real sockets: what is acknowledged is stored, and nothing that one peer does costs another a reading."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from anlan.drivers.sl651.tests import make
from anlan.gateway.stations import StationDesk
from anlan.gateway.tests.conftest import Running, catalogue, fill_disk
from anlan.kernel.clock import parse_instant
from anlan.ruleset.quality import stage_limits
from anlan.sensing.hot.types import StoreUnavailable
from anlan.vocab.quality import QualityFlag
from anlan.vocab.quantities import quantity_of

Play = Callable[[dict[str, Any], Callable[[Running], Awaitable[None]]], None]
STATION = make.STATION
#: Five-minute rain (element 22) in mm, as the station writes it.
RAIN_2_5_MM = "2219000025"


def rain(tenths: int, minute: int = 0) -> bytes:
    """A report of five-minute rain at 20:MM Beijing time, which is noon UTC and some minutes."""
    at = f"2607012{minute // 60}{minute % 60:02d}"
    return make.report(f"2219{tenths:06d}", observed=at, sent=f"{at}00")


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """Send and wait for one answer."""
    writer.write(data)
    async with asyncio.timeout(20):
        return await reader.read(4096)


def test_a_report_is_stored_before_it_is_acknowledged(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        answer = await ask(reader, writer, rain(25))
        assert answer.startswith(b"\x7e\x7e")
        assert house.values(STATION, "rain_5min") == [("2026-07-01T12:00:00+00:00", "2.5", 0)]
        assert [frame.data for frame in house.reader.raw(STATION)] == [rain(25)]

    play(catalogue(STATION), story)


def test_a_station_that_hangs_up_right_after_its_report_still_gets_the_acknowledgement(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(rain(25))
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer[:2] == b"\x7e\x7e"
        writer.close()

    play(catalogue(STATION), story)


def test_a_repeated_frame_is_acknowledged_again_and_adds_no_row(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        first = await ask(reader, writer, rain(25))
        before = house.reader.counts()
        assert await ask(reader, writer, rain(25)) == first
        assert house.reader.counts() == before
        assert (house.counters.accepted, house.counters.duplicates) == (1, 1)

    play(catalogue(STATION), story)


def test_every_captured_uplink_is_stored_as_stated_and_sending_twice_adds_nothing(
    play: Play, shared_vectors: Any
) -> None:
    vectors = [v for v in json.loads((shared_vectors / "sl651.json").read_text()) if v["valid"]]
    uplinks = [v for v in vectors if v["decoded"]["direction"] == "up"]
    stations = sorted({v["decoded"]["station"] for v in uplinks})

    async def story(house: Running) -> None:
        _reader, writer = await house.connect()
        for _ in range(2):
            before = house.counters.frames
            writer.write(b"".join(bytes.fromhex(v["raw_hex"]) for v in uplinks))
            await house.until(lambda b=before: house.counters.frames == b + len(uplinks))  # type: ignore[misc]
            await house.settled()
            reader_counts.append(house.reader.counts())
        assert house.counters.refused_by_code == {}
        assert reader_counts[0] == reader_counts[1]
        assert reader_counts[0]["readings"] > 150
        _check_single_valued(house, uplinks)

    reader_counts: list[dict[str, int]] = []
    play(catalogue(*stations), story)


#: Elements whose meaning is beyond doubt: rain of five minutes, total rain, supply voltage, stage.
CHECKED = {"22": "rain_5min", "26": "rain_total", "38": "battery_v", "39": "stage"}


def _check_single_valued(house: Running, uplinks: list[Any]) -> None:
    """What was reported for one stated time is stored as the vector says."""
    checked = 0
    for decoded in (vector["decoded"] for vector in uplinks):
        for element in decoded.get("elements", []):
            if (
                element["id"] not in CHECKED
                or len(decoded["obs_times_raw"]) != 1
                or element.get("value") is None
            ):
                continue
            quantity = quantity_of(CHECKED[element["id"]])
            raw = decoded["obs_times_raw"][0]
            at = parse_instant(f"20{raw[:2]}-{raw[2:4]}-{raw[4:6]}T{raw[6:8]}:{raw[8:10]}:00+08:00")
            found = {t: v for t, v, _ in house.values(decoded["station"], quantity.code)}
            expected = quantity.from_stored(quantity.to_stored(Decimal(str(element["value"]))))
            assert Decimal(found[at.isoformat()]) == expected, (decoded["station"], element)
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("noise", [b"\x00\xff garbage \x7e", b"\x7e\x7e", b"GET / HTTP/1.1\r\n\r\n"])
def test_garbage_between_frames_costs_no_frame(play: Play, noise: bytes) -> None:
    async def story(house: Running) -> None:
        _, writer = await house.connect()
        for minute in (0, 5, 10):
            writer.write(noise + rain(1, minute))
        writer.write(rain(1, 15) + rain(1, 20))
        await house.until(lambda: house.counters.accepted == 5)
        assert len(house.values(STATION, "rain_5min")) == 5

    play(catalogue(STATION), story)


def wrong_sum() -> bytes:
    return rain(1)[:-1] + bytes([rain(1)[-1] ^ 0xFF])


def wrong_length(by: int) -> bytes:
    """The frame states in its twelfth byte that it is so much longer or shorter than it is."""
    frame = bytearray(rain(1))
    frame[12] = (frame[12] + by) & 0xFF
    return bytes(frame)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(wrong_sum(), id="checksum"),
        pytest.param(wrong_length(-3), id="states too little"),
        pytest.param(wrong_length(5), id="states too much"),
    ],
)
def test_a_wrong_checksum_or_length_is_refused_recorded_and_does_not_close_the_station(
    play: Play, bad: bytes
) -> None:

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(bad)
        await ask(reader, writer, rain(25, 5))
        assert house.values(STATION, "rain_5min") == [("2026-07-01T12:05:00+00:00", "2.5", 0)]
        assert sum(house.counters.refused_by_code.values()) == 1
        await house.until(lambda: bool(house.reader.refused()))
        (row,) = house.reader.refused()
        assert row["code"] in house.counters.refused_by_code
        assert bytes.fromhex(row["head"])[:13] == bad[:13]

    play(catalogue(STATION), story)


def test_a_frame_split_at_every_byte_is_one_frame(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        for byte in rain(25)[:-1]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert await ask(reader, writer, rain(25)[-1:])
        assert house.counters.accepted == 1

    play(catalogue(STATION), story)


def test_a_client_that_sends_forever_without_a_frame_is_cut_and_counted(play: Play) -> None:
    async def story(house: Running) -> None:
        _reader, writer = await house.connect()
        good_reader, good_writer = await house.connect()

        async def flood() -> None:
            try:
                while True:
                    writer.write(b"\x00" * 1000)
                    await writer.drain()
            except ConnectionError:
                pass

        await asyncio.wait_for(flood(), 20)
        assert house.counters.connections_cut_no_frame == 1
        assert await ask(good_reader, good_writer, rain(25))

    play(catalogue(STATION, limits={"bytes_without_frame": 8192}), story)


def test_five_thousand_idle_connections_do_not_keep_a_station_out(play: Play) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 12_000:
        pytest.skip("this system grants fewer than 12,000 open files")

    async def story(house: Running) -> None:
        port = house.gateway.ports["tcp"]
        idle: list[socket.socket] = []

        def connect_many() -> None:
            for _ in range(5000):
                idle.append(socket.create_connection(("127.0.0.1", port), timeout=20))

        await asyncio.to_thread(connect_many)
        try:
            await house.until(lambda: house.counters.connections_opened == 5000)
            reader, writer = await house.connect()
            assert await ask(reader, writer, rain(25))
            assert house.counters.connections_refused == 0
        finally:
            for one in idle:
                one.close()

    play(catalogue(STATION), story)


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(20):
        try:
            return await reader.read(1) == b""
        except ConnectionError:
            return True


def test_connections_above_the_limit_are_closed_at_once(play: Play) -> None:
    async def story(house: Running) -> None:
        first_reader, first_writer = await house.connect()
        second_reader, _ = await house.connect()
        assert await _is_closed(second_reader)
        assert await ask(first_reader, first_writer, rain(25))
        assert house.counters.connections_refused == 1

    play(catalogue(STATION, limits={"connections": 1}), story)


def test_a_silent_connection_is_cut_after_the_idle_time(play: Play) -> None:
    async def story(house: Running) -> None:
        await house.connect()
        await house.until(lambda: house.counters.connections_opened == 1)
        house.gateway._stations.sweep()
        await house.until(lambda: house.counters.connections_cut_idle == 1)

    play(catalogue(STATION, limits={"idle_s": -1}), story)


def test_an_unknown_station_is_kept_told_about_once_and_not_acknowledged(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(rain(25) + rain(30, 5))
        await house.until(lambda: len(house.reader.raw(STATION)) == 2)
        assert house.signals("unknown_station")[0]["code"] == STATION
        assert len(house.signals("unknown_station")) == 1
        assert house.counters.frames_unknown_station == 2
        assert house.reader.counts()["readings"] == 0
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)

    play(catalogue(), story)


def test_a_reading_from_next_year_is_kept_flagged_and_triggers_nothing(play: Play) -> None:
    ahead = make.report("2219000600", observed="2707012000", sent="270701200000")

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        assert await ask(reader, writer, ahead)
        assert house.values(STATION, "rain_5min") == [
            ("2027-07-01T12:00:00+00:00", "60.0", QualityFlag.FUTURE | QualityFlag.CLOCK)
        ]
        assert house.signals("crossing") == []
        assert house.reader.latest([STATION], exercise="drill") == {}
        await ask(reader, writer, rain(25))
        assert len(house.values(STATION, "rain_5min")) == 2

    play(catalogue(STATION), story)


def test_a_value_out_of_range_is_kept_flagged_and_triggers_nothing(play: Play) -> None:
    described = catalogue(STATION)
    described["stations"][0]["ranges"] = {"rain_5min": [0, 40]}

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        await ask(reader, writer, rain(500))
        assert house.values(STATION, "rain_5min") == [
            ("2026-07-01T12:00:00+00:00", "50.0", QualityFlag.RANGE)
        ]
        assert house.signals("crossing") == []

    play(described, story)


def test_heavy_rain_crosses_and_the_signal_names_reading_rule_and_reason(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        await ask(reader, writer, rain(300))
        await ask(reader, writer, rain(300, 5))
        (crossing,) = house.signals("crossing")
        assert (crossing["direction"], crossing["level"], crossing["previous_level"]) == ("up", 2, None)
        assert (crossing["value"], crossing["threshold"], crossing["window_min"]) == (60.0, 60.0, 60)
        assert crossing["phenomenon_time"] == "2026-07-01T12:05:00Z"
        assert crossing["missing_slots"] == 10
        assert crossing["received_wall"] > 0
        assert "60毫米" in crossing["explanation_zh"]
        assert "橙色" in crossing["explanation_zh"]
        assert "60 mm" in crossing["explanation_en"]

    play(catalogue(STATION), story)


def test_a_station_whose_clock_is_off_is_told_about_once(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        slow = make.report("2219000001", observed="2607011900", sent="260701190000")
        await ask(reader, writer, slow)
        await ask(reader, writer, slow)
        (signal,) = house.signals("clock_offset")
        assert signal["station"] == STATION
        assert abs(signal["offset_s"] + 3600) < 120

    play(catalogue(STATION), story)


def _lags(*steps: tuple[int, int]) -> list[bool]:
    """Whether the clock is called wrong, for frames that arrive at second so and are behind by so many seconds."""
    desk, start = StationDesk(), parse_instant("2026-07-01T12:00:00Z")
    found = []
    for at, behind in steps:
        now = start + timedelta(seconds=at)
        found.append(desk.clock_error("S", now - timedelta(seconds=behind), now)[1])
    return found


def test_frames_that_waited_for_their_line_do_not_make_a_clock_wrong_and_a_steady_lag_does() -> None:
    assert _lags((0, 0), (3000, 2400), (3001, 2101), (3002, 1802), (3300, 0)) == [False] * 5
    assert _lags((0, 660), (1, 661), (300, 660), (600, 662)) == [False, False, True, True]
    assert _lags((0, -400)) == [True]
    assert _lags((0, 660), (300, 660), (600, 0), (900, 660)) == [False, True, False, False]


def test_readings_that_waited_for_their_line_warn_and_those_of_a_slow_clock_do_not(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        for minute in range(0, 60, 5):
            at = f"26070119{minute:02d}"
            await ask(reader, writer, make.report("2219000060", observed=at, sent=f"{at}00"))
        assert {flag for _, _, flag in house.values(STATION, "rain_5min")} == {0}
        assert [body["level"] for body in house.signals("crossing") if body["rule_id"] == "R12"]

    play(catalogue(STATION), story)


def test_a_full_disk_means_no_acknowledgement_nothing_half_stored_and_recovery_by_itself(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        await ask(reader, writer, rain(25))
        engine = house.gateway.writer._engine
        day = int(house.gateway.writer.clock.now().timestamp()) // 86_400
        fill_disk(engine.store.file(day))
        before = house.reader.counts()
        many = [reading(minute) for minute in range(12 * 60)]
        status, answer = await house.post(many)
        assert (status, answer["error"]) == (503, "store.unavailable")
        assert house.counters.not_stored == len(many)
        assert house.counters.store_problem
        assert house.reader.counts() == {**before, "streams": before["streams"] + 1}
        await house.until(lambda: time.perf_counter() > house.gateway.writer._refuse_until)
        assert (await house.post(many))[1]["stored"] == len(many)
        assert await ask(reader, writer, rain(30, 5))
        assert ("2026-07-01T12:05:00+00:00", "3.0", 0) in house.values(STATION, "rain_5min")
        assert not house.counters.store_problem

    play(catalogue(STATION), story)


def test_a_frame_that_comes_while_the_disk_is_full_is_not_acknowledged(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise StoreUnavailable(why="database or disk is full")

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        with monkeypatch.context() as patched:
            patched.setattr(house.gateway.writer._engine, "commit", full)
            writer.write(rain(25))
            await house.until(lambda: house.counters.not_stored > 0)
        await house.until(lambda: time.perf_counter() > house.gateway.writer._refuse_until)
        answers = await ask(reader, writer, rain(30, 5))
        assert answers.count(b"\x7e\x7e") == 1
        assert house.values(STATION, "rain_5min") == [("2026-07-01T12:05:00+00:00", "3.0", 0)]
        await ask(reader, writer, rain(25))
        assert len(house.values(STATION, "rain_5min")) == 2

    play(catalogue(STATION), story)


def test_a_gauge_that_starts_to_send_centimetres_raises_no_level_however_often_it_says_so(play: Play) -> None:
    described = catalogue(STATION)
    described["stations"][0]["ranges"] = {"stage": list(stage_limits([10.0, 11.0, 12.0]) or ())}

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        for minute, millimetres in enumerate([8000] * 6 + [800_000] * 6):
            at = f"26070119{5 * minute:02d}"
            stage = make.report(f"3923{millimetres:08d}", observed=at, sent=f"2607012000{minute:02d}")
            assert await ask(reader, writer, stage)
        assert [flag for _, _, flag in house.values(STATION, "stage")][6:] == [int(QualityFlag.RANGE)] * 6
        assert house.signals("crossing") == []

    play(described, story)


def reading(minute: int) -> dict[str, Any]:
    at = f"2026-07-01T{minute // 60:02d}:{minute % 60:02d}:00Z"
    return {"station": STATION, "quantity": "discharge", "time": at, "value": minute}


def test_a_new_catalogue_is_used_without_a_restart(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        writer.write(rain(25))
        await house.until(lambda: house.counters.frames_unknown_station == 1)
        (house.data / "catalogue.json").write_text(json.dumps(catalogue(STATION, version=2)))
        house.gateway.reload()
        assert await ask(reader, writer, rain(25))
        assert len(house.values(STATION, "rain_5min")) == 1

    play(catalogue(), story)


def test_a_wrong_catalogue_keeps_the_old_one_and_is_reported(play: Play) -> None:
    async def story(house: Running) -> None:
        (house.data / "catalogue.json").write_text('{"stations": [{"name": "no code"}]}')
        house.gateway.reload()
        reader, writer = await house.connect()
        assert await ask(reader, writer, rain(25))
        house.gateway._write_counters()
        assert "code" in house.reader.gateway_counters()["catalogue_problem"]

    play(catalogue(STATION), story)


def test_new_thresholds_fire_on_what_is_stored_already(play: Play) -> None:
    lower = catalogue(STATION)
    for binding in lower["bindings"]:
        if binding["rule_id"] == "R12":
            binding["rise"] = {"2": [5, None, None, None]}

    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        await ask(reader, writer, rain(60))
        assert house.signals("crossing") == []
        (house.data / "catalogue.json").write_text(json.dumps(lower))
        house.gateway.reload()
        await house.until(lambda: bool(house.signals("crossing")))
        assert house.signals("crossing")[0]["level"] == 2

    play(catalogue(STATION), story)


def test_with_deduplication_switched_off_in_a_drill_a_repeat_adds_a_row(play: Play) -> None:
    async def story(house: Running) -> None:
        reader, writer = await house.connect()
        await ask(reader, writer, rain(25))
        await ask(reader, writer, rain(25))
        assert len(house.values(STATION, "rain_5min")) == 2

    play(catalogue(STATION, sabotage=["dedup"]), story)


def test_sabotage_outside_an_exercise_is_ignored() -> None:
    from anlan.gateway.catalogue import parse_catalogue

    settings = parse_catalogue(
        json.dumps(catalogue(exercise=None, sabotage=["dedup", "hysteresis"])).encode()
    ).engine_settings()
    assert not settings.deduplication_switched_off_for_a_failing_drill
    assert not settings.hysteresis_switched_off_for_a_failing_drill
