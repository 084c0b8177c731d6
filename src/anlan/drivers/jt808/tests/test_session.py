from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from anlan.drivers.jt808.commands import COMMANDS
from anlan.drivers.jt808.encode import build_message
from anlan.drivers.jt808.parts import PartLimits
from anlan.drivers.jt808.session import Session
from anlan.drivers.jt808.tests.make import (
    NOW,
    PHONE,
    STATION,
    accepted,
    batch,
    decoded,
    location,
    location_body,
    message,
    packets,
    refused,
    replies,
)
from anlan.drivers.types import CommandRequest, StationSettings
from anlan.vocab.happenings import HAPPENINGS
from anlan.vocab.quantities import QUANTITIES

KNOWN: StationSettings = {"auth_codes": "CODE-1, CODE-2"}
REGISTER = (
    bytes.fromhex("0035 0001")
    + b"MAKER"
    + b"MODEL".ljust(20, b"\0")
    + b"TERM001"
    + b"\x01"
    + "云A00001".encode("gb18030")
)


def known(_station: str) -> StationSettings:
    return KNOWN


def values(raw: bytes) -> dict[str, Decimal | None]:
    (outcome,) = accepted(Session().feed(raw, NOW))
    return {reading.quantity: reading.value for reading in outcome.readings}


# --- readings


def test_a_location_gives_position_speed_and_items_in_utc() -> None:
    (outcome,) = accepted(Session().feed(location(items="0104000003E8 020200C8 300114"), NOW))
    assert {reading.quantity: reading.value for reading in outcome.readings} == {
        "position_lat": Decimal("25.040000"),
        "position_lon": Decimal("102.710000"),
        "vehicle_altitude": 1900,
        "vehicle_speed": Decimal("62.5"),
        "vehicle_direction": 90,
        "vehicle_mileage": Decimal("100.0"),
        "vehicle_fuel": Decimal("20.0"),
    }
    assert {reading.phenomenon_time for reading in outcome.readings} == {NOW}
    assert {reading.station for reading in outcome.readings} == {STATION}
    assert all(reading.quantity in QUANTITIES for reading in outcome.readings)


def test_south_and_west_are_negative() -> None:
    got = values(location(status=2 | 4 | 8))
    assert (got["position_lat"], got["position_lon"]) == (Decimal("-25.04"), Decimal("-102.71"))


@pytest.mark.parametrize("status", [0, 1], ids=["parked", "ignition on"])
def test_without_a_fix_no_position_is_invented(status: int) -> None:
    assert values(location(status=status, items="0104000003E8")) == {"vehicle_mileage": Decimal("100.0")}


def test_a_time_that_is_no_date_gives_no_reading() -> None:
    assert values(message("0200", location_body(time="261301080000"))) == {}
    assert values(message("0200", location_body(time="2607010800FF"))) == {}


def test_a_device_with_another_zone_is_read_in_its_zone() -> None:
    session = Session(settings_of=lambda _station: {"utc_offset_h": "0"})
    (outcome,) = accepted(session.feed(location(), NOW))
    assert outcome.readings[0].phenomenon_time == NOW + timedelta(hours=8)


def test_a_batch_gives_the_readings_of_each_of_its_places() -> None:
    raw = batch(location_body(), location_body(time="260701075900"))
    (outcome,) = accepted(Session().feed(raw, NOW))
    times = [each.phenomenon_time for each in outcome.readings if each.quantity == "position_lat"]
    assert times == [NOW, NOW - timedelta(minutes=1)]
    assert outcome.frame.problems == ()


def test_a_report_kept_back_in_a_dead_zone_is_not_taken_for_a_clock_that_is_slow() -> None:
    raw = batch(location_body(time="260701030000"))
    (outcome,) = accepted(Session().feed(raw, NOW))
    assert outcome.frame.sent_at is None
    assert outcome.readings[0].phenomenon_time == NOW - timedelta(hours=5)


def test_a_batch_that_breaks_off_keeps_what_can_be_read_and_says_so() -> None:
    body = location_body()
    raw = message("0704", b"\x00\x02\x00" + len(body).to_bytes(2, "big") + body + b"\x00\x1c" + body[:5])
    (outcome,) = accepted(Session().feed(raw, NOW))
    assert len(outcome.readings) == 5
    assert outcome.frame.problems == (
        "Item 2 of the batch breaks off.",
        "The batch declares 2 locations, 1 could be read.",
    )


def test_alarm_bits_become_happenings_by_what_they_mean_for_the_duty_room() -> None:
    (outcome,) = accepted(Session().feed(location(alarm=1 | 1 << 1 | 1 << 4 | 1 << 29), NOW))
    found = {each.kind: each.fields["alarms"] for each in outcome.happenings}
    assert found == {
        "vehicle_emergency": ["emergency"],
        "vehicle_notice": ["overspeed"],
        "vehicle_fault": ["gnss_fault"],
        "vehicle_danger": ["collision"],
    }
    assert [kind for kind in found if HAPPENINGS[kind].rings] == ["vehicle_emergency", "vehicle_danger"]
    assert {each.phenomenon_time for each in outcome.happenings} == {NOW}


def kinds(session: Session, alarm: int, minutes: float, *, serial: int) -> list[str]:
    raw = location(serial, alarm=alarm)
    (outcome,) = accepted(session.feed(raw, NOW + timedelta(minutes=minutes)))
    return [each.kind for each in outcome.happenings]


def test_a_fault_that_lasts_is_told_once_an_hour_and_again_when_it_comes_back() -> None:
    session, fault = Session(), 1 << 5
    told = [kinds(session, fault, minute, serial=minute) for minute in range(122)]
    assert [minute for minute, found in enumerate(told) if found] == [0, 60, 120]
    assert kinds(session, 0, 122, serial=122) == []
    assert kinds(session, fault, 123, serial=123) == ["vehicle_fault"]
    assert kinds(session, fault | 1 << 7, 124, serial=124) == ["vehicle_fault"]


def test_an_emergency_that_lasts_is_told_once_a_minute_because_the_first_may_not_have_been_stored() -> None:
    session = Session()
    told = [kinds(session, 1, step / 6, serial=step) for step in range(13)]
    assert [step for step, found in enumerate(told) if found] == [0, 6, 12]


def test_every_alarm_bit_has_a_kind_that_the_duty_room_knows() -> None:
    (outcome,) = accepted(Session().feed(location(alarm=0xFFFFFFFF), NOW))
    assert {each.kind for each in outcome.happenings} <= set(HAPPENINGS)


# --- answers


@pytest.mark.parametrize("is_2019", [False, True], ids=["2013", "2019"])
@pytest.mark.parametrize("message_id", ["0002", "0003", "0200", "0704", "0900", "0701"])
def test_a_report_is_acknowledged_with_its_serial_and_id(message_id: str, is_2019: bool) -> None:
    raw = message(message_id, location_body(), serial=300, is_2019=is_2019)
    (outcome,) = accepted(Session().feed(raw, NOW))
    assert outcome.ack is not None
    answer = decoded(outcome.ack)
    assert (answer.function, answer.station, answer.header.is_2019) == ("8001", STATION, is_2019)
    assert (answer.content.fields["answered_serial"], answer.content.fields["answered_id"]) == (
        300,
        message_id,
    )
    assert answer.content.fields["result"] == 0


@pytest.mark.parametrize("message_id", ["0001", "0104", "0201"])
def test_an_answer_to_us_is_not_answered(message_id: str) -> None:
    (outcome,) = accepted(Session().feed(message(message_id, bytes(5) + location_body()), NOW))
    assert outcome.ack is None


def test_a_terminal_of_the_register_is_given_its_code() -> None:
    (outcome,) = accepted(Session(settings_of=known).feed(message("0100", REGISTER), NOW))
    assert outcome.ack is not None
    answer = decoded(outcome.ack).content.fields
    assert (answer["result"], answer["auth_code"], answer["answered_serial"]) == (0, "CODE-1", 7)
    assert outcome.happenings[0].fields["plate"] == "云A00001"


def test_a_terminal_that_nobody_registered_is_told_so_and_gets_no_code() -> None:
    (outcome,) = accepted(Session().feed(message("0100", REGISTER), NOW))
    assert outcome.ack is not None
    answer = decoded(outcome.ack).content.fields
    assert answer["result"] == 4
    assert "auth_code" not in answer


@pytest.mark.parametrize("is_2019", [False, True], ids=["2013", "2019"])
@pytest.mark.parametrize("code", ["CODE-1", "CODE-2"])
def test_reports_count_once_the_terminal_has_given_its_code(code: str, is_2019: bool) -> None:
    session = Session(settings_of=known)
    before = session.feed(location(), NOW)
    assert [each.code for each in refused(before)] == ["jt808.not_authenticated"]
    assert [each.content.fields["result"] for each in replies(before)] == [1]
    body = code.encode() if not is_2019 else bytes([len(code)]) + code.encode() + bytes(35)
    (login,) = accepted(session.feed(message("0102", body, is_2019=is_2019), NOW))
    assert login.ack is not None
    assert decoded(login.ack).content.fields["result"] == 0
    assert len(accepted(session.feed(location(), NOW))) == 1


def test_a_wrong_code_is_refused_and_closes_what_was_open() -> None:
    session = Session(settings_of=known)
    session.feed(message("0102", b"CODE-1"), NOW)
    outcomes = session.feed(message("0102", b"guess"), NOW)
    assert [each.code for each in refused(outcomes)] == ["jt808.auth_code"]
    assert [each.content.fields["result"] for each in replies(outcomes)] == [1]
    assert accepted(session.feed(location(), NOW)) == []


def test_a_heartbeat_is_told_apart() -> None:
    (beat,) = accepted(Session().feed(message("0002"), NOW))
    assert beat.is_keepalive
    assert beat.readings == ()


def test_a_message_of_the_platform_is_not_taken_from_a_terminal() -> None:
    assert [each.code for each in refused(Session().feed(message("8201"), NOW))] == ["jt808.downlink"]


def test_one_bad_frame_does_not_end_a_session() -> None:
    bad = bytearray(location())
    bad[10] ^= 0x40
    outcomes = Session().feed(bytes(bad) + location(), NOW)
    assert [each.code for each in refused(outcomes)] == ["jt808.xor"]
    assert len(accepted(outcomes)) == 1


# --- the same report


def test_serials_wrap_so_another_place_under_the_same_serial_is_another_report() -> None:
    later = message("0200", location_body(time="260702080000"))
    first, second, third = accepted(Session().feed(location() + location() + later, NOW))
    assert first.duplicate_key == second.duplicate_key != third.duplicate_key


# --- sub-packets

PICTURE = bytes.fromhex("FFD8FFE0") + bytes(range(256)) * 3
MEDIA = bytes.fromhex("0000007B 00 00 01 02") + location_body() + PICTURE


def test_packets_of_a_picture_are_joined_and_the_whole_is_confirmed() -> None:
    session = Session()
    outcomes = [each for raw in packets("0801", MEDIA, size=200) for each in session.feed(raw, NOW)]
    *parts, whole = accepted(outcomes)
    assert [decoded(each.ack or b"").function for each in parts] == ["8001"] * len(parts)
    (picture,) = whole.attachments
    assert (picture.media_type, picture.content) == ("image/jpeg", PICTURE)
    assert whole.ack is not None
    answer = decoded(whole.ack)
    assert (answer.function, answer.body) == ("8800", bytes.fromhex("0000007B"))
    assert [each.quantity for each in whole.readings][:2] == ["position_lat", "position_lon"]


def test_a_missing_packet_is_asked_for_and_given_up_in_the_end() -> None:
    raws = packets("0801", MEDIA, size=200)
    session = Session(part_limits=PartLimits(wait=timedelta(minutes=5)))
    for raw in (raws[0], *raws[2:]):
        session.feed(raw, NOW)
    assert session.expire(NOW + timedelta(seconds=30)) == []
    (asked,) = replies(session.expire(NOW + timedelta(seconds=31)))
    assert (asked.function, asked.body) == ("8003", bytes.fromhex("0014 01 0002"))
    assert len(accepted(session.feed(raws[1], NOW + timedelta(seconds=40)))[0].attachments) == 1

    session.feed(raws[0], NOW)
    (lost,) = refused(session.expire(NOW + timedelta(minutes=6)))
    assert lost.code == "jt808.parts_missing"


def test_a_silent_terminal_is_asked_three_times_only() -> None:
    session = Session()
    session.feed(packets("0801", MEDIA, size=200)[0], NOW)
    asked = [replies(session.expire(NOW + timedelta(seconds=31 * step))) for step in range(1, 8)]
    assert sum(map(len, asked)) == 3


@pytest.mark.parametrize(
    "limits", [PartLimits(messages=1), PartLimits(held_bytes=250)], ids=["messages", "bytes"]
)
def test_memory_for_waiting_packets_is_bounded(limits: PartLimits) -> None:
    session = Session(part_limits=limits)
    session.feed(packets("0801", MEDIA, size=200)[0], NOW)
    outcomes = session.feed(packets("0900", bytes(900), size=200)[0], NOW)
    assert [each.code for each in refused(outcomes)] == ["jt808.parts_missing"]


@pytest.mark.parametrize(("total", "number"), [(3, 0), (3, 4), (0, 0)])
def test_a_packet_with_an_impossible_number_is_refused(total: int, number: int) -> None:
    raw = build_message("0801", b"x", phone=PHONE, serial=1, packet=(total, number))
    assert [each.code for each in refused(Session().feed(raw, NOW))] == ["jt808.part_number"]


# --- a vendor's report with a serial of one byte


def short_serial() -> bytes:
    """5501 with a body of 17 bytes: the header declares them, but its own serial is one byte short of the standard's."""
    from anlan.drivers.jt808.framing import escape, xor_of

    body = bytes.fromhex("010726160000" + "25024000" + "102426007"[:9] + "0" + "00" * 2)
    head = bytes.fromhex("5501") + len(body).to_bytes(2, "big") + bytes.fromhex(PHONE) + b"\x9a"
    content = head + body
    return escape(content + bytes([xor_of(content)]))


def test_a_vendors_one_byte_serial_is_taken_where_the_station_is_set_so() -> None:
    raw = short_serial()
    assert [each.code for each in refused(Session().feed(raw, NOW))] == ["jt808.one_byte_serial"]
    session = Session(settings_of=lambda _station: {"serial": "one_byte"})
    (outcome,) = accepted(session.feed(raw, NOW))
    assert outcome.ack is None
    fields = outcome.frame.fields()
    assert (fields["serial"], fields["serial_bytes"]) == (0x9A, 1)


# --- commands


def request(settings: StationSettings | None = None, **arguments: str) -> CommandRequest:
    return CommandRequest(STATION, NOW, 99, arguments, settings or {})


@pytest.mark.parametrize(
    ("name", "arguments", "message_id", "body"),
    [
        ("query_location", {}, "8201", ""),
        ("query_parameters", {}, "8104", ""),
        ("track", {"interval_s": "10", "duration_s": "600"}, "8202", "000A00000258"),
        ("track", {"interval_s": "0"}, "8202", "0000"),
        ("text", {"text": "前方塌方"}, "8300", "0D" + "前方塌方".encode("gb18030").hex()),
        ("set_parameters", {"report_interval_s": "30"}, "8103", "01 00000029 04 0000001E"),
    ],
)
def test_a_command_is_the_message_of_the_standard(
    name: str, arguments: dict[str, str], message_id: str, body: str
) -> None:
    sent = decoded(COMMANDS[name].encode(request(None, **arguments)))
    assert (sent.function, sent.body, sent.header.serial) == (message_id, bytes.fromhex(body), 99)
    assert sent.station == STATION


def test_a_terminal_of_2019_is_addressed_in_its_edition() -> None:
    sent = decoded(COMMANDS["text"].encode(request({"version": "2019"}, text="x")))
    assert sent.header.is_2019
    assert sent.body == bytes([0x0D, 1]) + b"x"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("track", {"interval_s": "-1"}), ("track", {}), ("text", {"text": " "}), ("set_parameters", {})],
)
def test_arguments_that_make_no_message_are_refused_with_a_sentence(
    name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        COMMANDS[name].encode(request(None, **arguments))


def test_changing_a_terminals_settings_needs_a_second_person() -> None:
    assert [name for name, command in COMMANDS.items() if command.needs_release] == ["set_parameters"]


def test_an_answer_names_the_command_that_asked() -> None:
    (position,) = accepted(Session().feed(message("0201", b"\x00\x63" + location_body()), NOW))
    assert position.answers == "query_location"
    (shown,) = accepted(Session().feed(message("0001", bytes.fromhex("0063830000")), NOW))
    assert shown.answers == "text"
