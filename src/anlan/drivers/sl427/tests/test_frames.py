from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from anlan.drivers.decode import decode_file
from anlan.drivers.sl427.address import RegionAddress, address_of
from anlan.drivers.sl427.describe import describe
from anlan.drivers.sl427.encode import COMMANDS
from anlan.drivers.sl427.layout import FCB
from anlan.drivers.sl427.manifest import MANIFEST
from anlan.drivers.sl427.session import Session
from anlan.drivers.sl427.tests.make import ADDRESS, NOW, STATION, UP, bare, report
from anlan.drivers.tests.vectors import load_vectors, vector_file
from anlan.drivers.types import CommandRequest, FrameAccepted, FrameRefused


def heard(raw: bytes, settings: Mapping[str, str] | None = None) -> FrameAccepted:
    (outcome,) = Session(settings_of=lambda _: settings or {}).feed(raw, NOW)
    assert isinstance(outcome, FrameAccepted)
    return outcome


def test_the_real_frame_decodes_to_the_stated_values() -> None:
    (vector,) = load_vectors("sl427")
    (result,) = decode_file("sl427", vector_file("sl427"))
    assert result["ok"] is True
    assert {name: result.get(name) for name in vector["decoded"]} == vector["decoded"]
    assert result["values"] == [{"quantity": "velocity", "value": 44.555}]
    assert result["time"] == "2026-05-12T06:15:30+00:00"


@pytest.mark.parametrize(
    ("type_code", "values", "expected"),
    [
        (0x1, "350200", {"rain_total": "23.5"}),
        (0x2, "45230100", {"stage": "12.345"}),
        (0x2, "450100F0", {"stage": "-0.145"}),
        (0x2, "4523010045230200", {"stage": "12.345", "stage@2": "22.345"}),
        (0x2, "FFFFFFFF", {"stage": None}),
        (0x2, "AAAAAAAA", {"stage": None}),
        (0x3, "45230100007856341200", {"discharge": "12.345", "sl427:volume": "12345678"}),
        (0x3, "452301003078563412AA", {"pipe_flow": "12.345", "sl427:volume": None}),
        (0x3, "45230100C0AAAAAAAAAA", {"discharge": "-12.345", "sl427:volume": None}),
        (0x4, "5545F0", {"velocity": "-4.555"}),
        (0x5, "501200", {"gate_opening": "12.50"}),
        (0x9, "5502", {"water_temperature": "25.5"}),
        (0xB, "55024000", {"soil_moisture@40cm": "25.5"}),
        (0xC, "550000", {"evaporation": "5.5"}),
        (0xE, "01350000", {"rain_5min": "3.5"}),
        (0xE, "06350000", {"rain_30min": "3.5"}),
        (0xE, "46350000", {"rain_6h": "3.5"}),
        (0xE, "81350000", {"rain_24h": "3.5"}),
        (0xE, "C1350000", {"sl427:rain_test": "3.5"}),
        (0xF, "50340000", {"pipe_pressure": "0.03450"}),
    ],
)
def test_values_are_bcd_with_the_low_byte_first(
    type_code: int, values: str, expected: dict[str, str | None]
) -> None:
    found = heard(report(type_code, values)).readings
    assert {each.quantity: each.value for each in found} == {
        name: None if value is None else Decimal(value) for name, value in expected.items()
    }
    assert {each.phenomenon_time for each in found} == {datetime(2026, 7, 1, 0, 0, tzinfo=UTC)}


def test_weather_is_pressure_wind_and_temperature() -> None:
    found = {each.quantity: each.value for each in heard(report(0x7, "131000500300" + "35F2")).readings}
    assert found["air_pressure"] == Decimal(1013)
    assert found["wind_speed"] == Decimal("3.50")
    assert found["air_temperature"] == Decimal("-23.5")


def test_no_time_is_invented() -> None:
    outcome = heard(report(0x2, "45230100", label=bytes.fromhex("00000832132600")))
    assert outcome.readings == ()
    assert outcome.frame.fields()["time"] is None


def test_the_answer_to_a_query_is_dated_when_it_came() -> None:
    (reading,) = heard(bare(0x2, "45230100", afn=0xB0)).readings
    assert (reading.value, reading.phenomenon_time) == (Decimal("12.345"), NOW)
    outcome = heard(bare(0x4, "55450400000100", afn=0xB0))
    assert [each.value for each in outcome.readings] == [Decimal("44.555")]
    assert outcome.answers == "read_values"


def test_a_link_test_is_a_keepalive_and_is_answered_with_its_own_byte() -> None:
    outcome = heard(bare(0, "F2", afn=0x02, control=UP | 0x20))
    assert outcome.is_keepalive
    assert outcome.ack is not None
    said = describe(outcome.ack)
    assert (said["direction"], said["afn"], said["fcb"], said["data_hex"]) == ("down", "02", 2, "F2")


def test_a_confirmation_repeats_the_mode_and_brings_the_time() -> None:
    outcome = heard(report(0x2, "45230100", status="00000200"))
    assert outcome.ack is not None
    said = describe(outcome.ack)
    assert said["data_hex"] == "02" + "30000801072600"


@pytest.mark.parametrize(
    ("settings", "is_answered"), [({}, False), ({"mode": "1"}, True), ({"mode": "x"}, False)]
)
def test_a_report_that_tells_no_mode_is_confirmed_only_where_the_county_set_it(
    settings: dict[str, str], is_answered: bool
) -> None:
    assert (heard(bare(0xD, "2012", afn=0x84), settings).ack is not None) is is_answered


def test_alarm_bits_become_one_happening() -> None:
    outcome = heard(report(0x2, "45230100", status="06000100"))
    assert [each.kind for each in outcome.happenings] == ["terminal_alarm"]
    assert outcome.happenings[0].fields == {"alarms": ["蓄电池电压低", "水位超限"]}


def test_a_pump_that_stands_still_is_no_alarm() -> None:
    assert heard(report(0x2, "45230100", status="40000100")).happenings == ()


def test_a_split_message_is_kept_and_not_read() -> None:
    raw = bytearray(bare(0x2, "00" * 12, afn=0xC0, control=UP | 0x40))
    assert heard(bytes(raw)).readings == ()


def test_a_frame_of_the_centre_is_not_taken_from_a_station() -> None:
    (outcome,) = Session().feed(bare(0x2, "", afn=0xB0, control=0), NOW)
    assert isinstance(outcome, FrameRefused)
    assert outcome.code == "sl427.downlink"


@pytest.mark.parametrize(("name", "afn"), [("read_values", "B0"), ("set_clock", "11")])
def test_a_command_is_a_good_frame_of_the_centre(name: str, afn: str) -> None:
    raw = COMMANDS[name].encode(CommandRequest(STATION, NOW, 3, {"type": "2"}, {"password": "1234"}))
    said = describe(raw)
    assert (said["ok"], said["direction"], said["afn"], said["address"]) == (True, "down", afn, STATION)
    assert raw[3] & FCB


def test_the_clock_is_set_with_password_and_time_label() -> None:
    raw = COMMANDS["set_clock"].encode(CommandRequest(STATION, NOW, 3, {}, {"password": "1234"}))
    assert describe(raw)["data_hex"] == "300008010726" + "1234" + "300008010726" + "00"


@pytest.mark.parametrize(
    ("station", "arguments", "settings"),
    [
        (STATION, {"type": "G"}, {}),
        (STATION, {}, {}),
        ("12", {"type": "2"}, {}),
        (STATION, {"type": ""}, {"password": "12345"}),
    ],
)
def test_a_command_that_makes_no_frame_is_refused_with_a_sentence(
    station: str, arguments: dict[str, str], settings: dict[str, str]
) -> None:
    request = CommandRequest(station, NOW, 3, arguments, settings)
    with pytest.raises(ValueError, match=r"must|address"):
        COMMANDS["set_clock" if settings else "read_values"].encode(request)


def test_addresses_are_shown_in_both_forms() -> None:
    assert RegionAddress().shown(ADDRESS)[0] == "division 530127, station 1"
    assert RegionAddress().shown(bytes.fromhex("0012345678"))[0] == "station code 12345678"
    assert address_of(STATION) == ADDRESS


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "sl427.no_frame"),
        ("6805" + "68" + "00" * 10, "sl427.no_frame"),
        ("681568B401", "sl427.truncated"),
        (report(2, "45230100")[:-2].hex() + "0016", "sl427.crc"),
        (report(2, "45230100")[:-1].hex() + "17", "sl427.length"),
    ],
)
def test_bytes_that_are_no_frame_say_why(message: str, code: str) -> None:
    result = MANIFEST.decode_message(bytes.fromhex(message))
    assert (result["ok"], result["code"]) == (False, code)
