from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from anlan.drivers.hj212.commands import COMMANDS
from anlan.drivers.hj212.crc import Dialect
from anlan.drivers.hj212.describe import describe
from anlan.drivers.hj212.parts import PartLimits
from anlan.drivers.hj212.session import Session
from anlan.drivers.hj212.tests.make import MN, NOW, message
from anlan.drivers.types import CommandRequest, FrameAccepted, FrameRefused, Outcome, Reading


def accepted(outcomes: list[Outcome]) -> list[FrameAccepted]:
    return [each for each in outcomes if isinstance(each, FrameAccepted)]


def codes(outcomes: list[Outcome]) -> list[str]:
    return [each.code for each in outcomes if isinstance(each, FrameRefused)]


def readings_of(items: str, **more: str) -> dict[str, Reading]:
    raw = message(f"DataTime=20260701080000;{items}", **more)  # type: ignore[arg-type]  # plain text arguments
    (outcome,) = accepted(Session().feed(raw, NOW))
    return {reading.quantity: reading for reading in outcome.readings}


# --- check sum dialects


@pytest.mark.parametrize("dialect", [Dialect.MODBUS, Dialect.MODBUS_SWAPPED])
def test_another_check_sum_is_taken_only_from_a_station_set_up_for_it(dialect: Dialect) -> None:
    raw = message(dialect=dialect)
    other = message(dialect=dialect, mn="YL0000000000000000000002")

    def settings_of(station: str) -> Mapping[str, str]:
        return {"crc": dialect.value} if station == MN else {}

    outcomes = Session(settings_of=settings_of).feed(raw + other, NOW)
    assert [each.frame.raw for each in accepted(outcomes)] == [raw]
    assert codes(Session().feed(raw + message(), NOW)) == ["hj212.crc_dialect"]


def test_the_answer_to_a_station_of_another_dialect_is_in_its_dialect() -> None:
    session = Session(settings_of=lambda _station: {"crc": "modbus"})
    (outcome,) = accepted(session.feed(message(dialect=Dialect.MODBUS), NOW))
    assert outcome.ack is not None
    assert describe(outcome.ack)["code"] == "hj212.crc_dialect"


def test_a_station_set_up_for_one_dialect_is_not_believed_in_another() -> None:
    session = Session(settings_of=lambda _station: {"crc": "modbus"})
    outcomes = session.feed(message(dialect=Dialect.MODBUS_SWAPPED) + message(), NOW)
    assert codes(outcomes) == ["hj212.crc_dialect"]
    assert [each.frame.raw for each in accepted(outcomes)] == [message()]


# --- answers


@pytest.mark.parametrize(
    ("flag", "answered"), [("4", False), ("5", True), ("0", False), ("1", True), ("", False)]
)
def test_data_are_acknowledged_only_where_the_flag_asks(flag: str, answered: bool) -> None:
    (outcome,) = accepted(Session().feed(message(flag=flag), NOW))
    assert (outcome.ack is not None) is answered


@pytest.mark.parametrize(
    ("cn", "answer"),
    [
        ("2011", "9014"),
        ("2051", "9014"),
        ("2031", "9014"),
        ("1013", "9013"),
        ("9021", "9013"),
        ("9015", "9013"),
    ],
)
def test_an_answer_names_the_report_and_asks_for_none_itself(cn: str, answer: str) -> None:
    (outcome,) = accepted(Session().feed(message(cn=cn), NOW))
    assert outcome.ack is not None
    said = describe(outcome.ack)
    assert (said["CN"], said["QN"], said["MN"], said["ST"]) == (answer, "20260701080000123", MN, "91")
    assert said["Flag"] == "4"


def test_answers_and_results_are_not_answered_again() -> None:
    for cn in ("9011", "9012", "9013", "9014"):
        (outcome,) = accepted(Session().feed(message("", cn=cn), NOW))
        assert outcome.ack is None


def test_logins_and_heartbeats_are_told_apart() -> None:
    login, data = accepted(Session().feed(message("", cn="9021") + message(), NOW))
    assert login.is_keepalive
    assert [each.kind for each in login.happenings] == ["device_login"]
    assert not data.is_keepalive


def test_a_report_of_2005_without_a_request_number_is_stored_and_not_answered() -> None:
    raw = message(qn="", flag="1")
    (outcome,) = accepted(Session().feed(raw, NOW))
    assert len(outcome.readings) == 1
    assert outcome.ack is None


def test_a_message_that_names_no_station_is_refused() -> None:
    assert codes(Session().feed(message(mn=""), NOW)) == ["hj212.no_station"]


def test_a_wrong_password_is_refused_where_the_county_checks_it() -> None:
    settings = {"check_password": "yes", "password": "654321"}
    assert codes(Session(settings_of=lambda _: settings).feed(message(), NOW)) == ["hj212.password"]
    assert accepted(Session(settings_of=lambda _: {"password": "654321"}).feed(message(), NOW))


# --- readings


def test_codes_of_both_lists_and_of_none_become_quantities() -> None:
    found = readings_of("011-Rtd=1.5;w21003-Rtd=2;w22001-Rtd=0.1;X99-Rtd=7")
    assert set(found) == {"cod", "ammonia_nitrogen", "hj212:w22001", "hj212:X99"}
    assert found["cod"].value == Decimal("1.5")
    assert found["cod"].phenomenon_time == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


def test_minute_hour_and_day_statistics_do_not_overwrite_each_other() -> None:
    items = "w01018-Min=1,w01018-Avg=2,w01018-Max=3,w01018-Cou=4"
    ends = ("_min", "_avg", "_max", "_cou")
    assert set(readings_of(items, cn="2051")) == {f"hj212:w01018{end}" for end in ends}
    assert set(readings_of(items, cn="2061")) == {f"hj212:w01018{end}_1h" for end in ends}
    assert set(readings_of(items, cn="2031")) == {f"hj212:w01018{end}_1d" for end in ends}


def test_a_chimney_and_an_air_quality_station_do_not_share_a_quantity() -> None:
    assert set(readings_of("a21026-Rtd=60", st="22")) == {"so2"}
    assert set(readings_of("a21026-Rtd=60", st="31")) == {"hj212:a21026"}


def test_air_pressure_in_kilopascal_is_stored_in_hectopascal() -> None:
    assert readings_of("a01006-Rtd=101.02", st="22")["air_pressure"].value == Decimal("1010.2")


@pytest.mark.parametrize(
    ("flag", "mark", "is_doubtful"),
    [
        ("N", "", False),
        ("n", "", False),
        ("D", "D", True),
        ("C", "C", True),
        ("S", "S", False),
        ("9", "9", True),
    ],
)
def test_a_value_taken_during_a_fault_keeps_its_value_and_its_mark(
    flag: str, mark: str, is_doubtful: bool
) -> None:
    reading = readings_of(f"w01018-Rtd=20,w01018-Flag={flag}")["cod"]
    assert (reading.value, reading.device_flag, reading.is_doubtful) == (Decimal(20), mark, is_doubtful)


def test_a_sample_taken_earlier_is_dated_when_it_was_taken() -> None:
    reading = readings_of("w01018-SampleTime=20260701073000,w01018-Rtd=20")["cod"]
    assert reading.phenomenon_time == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_value_is_no_reading_and_not_zero(value: str) -> None:
    assert readings_of(f"w01018-Rtd={value}")["cod"].value is None


@pytest.mark.parametrize("value", ["abc", "NaN", "Infinity", "1e999999", "１２", "1_0", "--5"])
def test_what_is_no_number_gives_no_reading(value: str) -> None:
    assert readings_of(f"w01018-Rtd={value};w21003-Rtd=1").keys() == {"ammonia_nitrogen"}


@pytest.mark.parametrize("time", ["20260732080000", "", "now"])
def test_no_time_is_invented(time: str) -> None:
    (outcome,) = accepted(Session().feed(message(f"DataTime={time};w01018-Rtd=20"), NOW))
    assert outcome.readings == ()


def test_what_breaks_the_rules_is_named_and_still_read() -> None:
    items = "DataTime=20260701080000;w01018-Rtd=20;011-Rtd=20;what;" + "x" * 1000
    (outcome,) = accepted(Session().feed(message(items + ";", st="101"), NOW))
    told = " ".join(outcome.frame.problems)
    for part in ("1024", "two digits", "semicolon", "both lists", "no item"):
        assert part in told
    assert len(outcome.readings) == 2


# --- several packets


def packet(number: int, total: int, items: str) -> bytes:
    return message(items, flag="7", packet=f"PNUM={total};PNO={number};")


FIRST = packet(1, 3, "DataTime=20260701080000;w01018-Rtd=1")
SECOND = packet(2, 3, "w21003-Rtd=2")
THIRD = packet(3, 3, "w21011-Rtd=3")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 0, 1, 2)])
def test_packets_of_one_message_share_its_data_time(order: tuple[int, ...]) -> None:
    session = Session()
    outcomes = accepted([each for at in order for each in session.feed((FIRST, SECOND, THIRD)[at], NOW)])
    found = {reading.quantity: reading.phenomenon_time for each in outcomes for reading in each.readings}
    assert set(found) == {"cod", "ammonia_nitrogen", "total_phosphorus"}
    assert set(found.values()) == {datetime(2026, 7, 1, tzinfo=UTC)}
    assert all(each.ack for each in outcomes)


def test_a_packet_is_not_acknowledged_before_its_values_can_be_read() -> None:
    session = Session()
    assert session.feed(SECOND, NOW) == []
    assert [bool(each.ack) for each in accepted(session.feed(FIRST, NOW))] == [True, True]


def test_a_missing_packet_is_named_when_the_wait_is_over() -> None:
    session = Session(part_limits=PartLimits(wait=timedelta(minutes=1)))
    session.feed(FIRST, NOW)
    session.feed(THIRD, NOW)
    (lost,) = session.expire(NOW + timedelta(minutes=2))
    assert isinstance(lost, FrameRefused)
    assert "packets 2 of 3 did not come" in lost.reason
    assert session.close() == []


def test_a_packet_sent_again_after_the_message_was_complete_does_not_count_as_another_message() -> None:
    session = Session()
    session.feed(FIRST + SECOND + THIRD, NOW)
    (again,) = accepted(session.feed(SECOND, NOW))
    assert again.readings[0].phenomenon_time == datetime(2026, 7, 1, tzinfo=UTC)
    assert session.close() == []


def test_a_later_packet_never_gets_the_time_of_the_message_before() -> None:
    session = Session()
    session.feed(FIRST + SECOND + THIRD, NOW)
    assert session.feed(packet(2, 3, "w21003-Rtd=9"), NOW) == []
    outcomes = accepted(session.feed(packet(1, 3, "DataTime=20260701090000;w01018-Rtd=9"), NOW))
    assert {each.phenomenon_time.hour for outcome in outcomes for each in outcome.readings} == {1}


def test_memory_for_waiting_packets_is_bounded() -> None:
    session = Session(part_limits=PartLimits(messages=2, held_bytes=300))
    outcomes = [each for total in range(3, 9) for each in session.feed(packet(2, total, "w21003-Rtd=2"), NOW)]
    assert "hj212.parts_missing" in codes(outcomes)
    assert session._parts.held_bytes <= 300


def test_a_second_message_of_as_many_packets_has_its_own_time() -> None:
    session = Session()
    later = packet(1, 3, "DataTime=20260701090000;w01018-Rtd=9")
    outcomes = session.feed(FIRST + later + SECOND, NOW)
    assert codes(outcomes) == ["hj212.parts_missing"]
    assert accepted(outcomes)[-1].readings[0].phenomenon_time.hour == 1


# --- commands


def request(
    name: str, arguments: Mapping[str, str] | None = None, *, settings: Mapping[str, str] | None = None
) -> bytes:
    asked = CommandRequest(MN, NOW, 7, arguments or {}, settings or {"password": "654321", "st": "31"})
    return COMMANDS[name].encode(asked)


ARGUMENTS = {
    "begin": "2026-07-01 00:00",
    "end": "2026-07-01 08:00",
    "factor": "w01018",
    "info": "i13004",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_a_good_message_and_its_result_is_put_to_it(name: str) -> None:
    said = describe(request(name, ARGUMENTS))
    assert said["ok"] is True
    assert (said["PW"], said["ST"], said["MN"], said["flag_ack_required"]) == ("654321", "31", MN, True)
    result = message("ExeRtn=1", cn="9012", qn=str(said["QN"]))
    assert [each.answers for each in accepted(Session().feed(result, NOW))] == [name]


def test_the_clock_is_set_to_beijing_time() -> None:
    assert describe(request("set_clock"))["CP"] == [{"SystemTime": "20260701080000"}]


def test_a_command_speaks_the_dialect_and_version_of_the_station() -> None:
    said = describe(request("read_clock", settings={"crc": "modbus", "version": "2005"}))
    assert (said["code"], said["Flag"]) == ("hj212.crc_dialect", "1")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("fetch_hours", {}),
        ("fetch_hours", {"begin": "2026-07-01 08:00", "end": "2026-07-01 07:00"}),
        ("read_identity", {"factor": "w01018;CN=1012"}),
        ("read_information", {"factor": "w01018", "info": "&&"}),
    ],
)
def test_a_command_that_makes_no_message_is_refused_with_a_sentence(
    name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"must|end"):
        request(name, arguments)


def test_a_refused_request_ends_its_command_and_an_accepted_one_does_not() -> None:
    for answer, ended in (("1", None), ("2", "fetch_hours")):
        qn = str(describe(request("fetch_hours", ARGUMENTS))["QN"])
        (outcome,) = accepted(Session().feed(message(f"QnRtn={answer}", cn="9011", qn=qn), NOW))
        assert outcome.answers == ended


# --- bounds


@pytest.mark.parametrize(
    "unit", [b"#", b"##9999", b"##0000\r\n", b"##0500\r\n"], ids=["marks", "long", "none", "short"]
)
def test_a_flood_of_false_starts_is_dropped_as_it_comes(unit: bytes) -> None:
    session = Session()
    for _ in range(60):
        session.feed((unit * 200)[:1000], NOW)
    assert accepted(session.feed(message(), NOW))
    assert session._framer.held <= 10_011
