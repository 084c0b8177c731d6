from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from anlan.drivers.sl651.codec import decode, readings
from anlan.drivers.sl651.elements import ELEMENT_RULES, Confidence
from anlan.drivers.sl651.encode import build_frame
from anlan.drivers.sl651.layout import DOWN
from anlan.drivers.sl651.tests.make import CENTER, PASSWORD, STATION, body, decoded, frame, report, utc
from anlan.drivers.types import Reading
from anlan.vocab.quantities import QUANTITIES


def values(raw: bytes) -> list[tuple[str, Decimal | None]]:
    return [(reading.quantity, reading.value) for reading in readings(decoded(raw))]


def test_a_timing_report_gives_its_elements_as_readings_in_utc() -> None:
    (rain, stage, battery) = readings(
        decoded(report("2219000035 3923000012345 38121208".replace("12345", "2345")))
    )
    assert rain == Reading(STATION, "rain_5min", utc(0, 0), Decimal("3.5"), "22")
    assert (stage.quantity, stage.value) == ("stage", Decimal("2.345"))
    assert (battery.quantity, battery.value) == ("battery_v", Decimal("12.08"))


@pytest.mark.parametrize(
    ("data", "quantity", "value"),
    [
        ("2219000035", "rain_5min", "3.5"),
        ("1A19000412", "rain_1h", "41.2"),
        ("2019000055", "rain_current", "5.5"),
        ("2619003196", "rain_total", "319.6"),
        ("392300028960", "stage", "28.96"),
        ("38121370", "battery_v", "13.7"),
        ("FF9219000198", "sl651:FF92", "19.8"),
        ("10110158", "sl651:10", "15.8"),
        ("762AFF00000172", "sl651:76", "-1.72"),
    ],
)
def test_an_element_becomes_its_quantity(data: str, quantity: str, value: str) -> None:
    assert values(report(data)) == [(quantity, Decimal(value))]


def test_a_leading_ff_makes_the_value_negative() -> None:
    assert values(report("3923FF000450")) == [("stage", Decimal("-0.450"))]


@pytest.mark.parametrize("data", ["3923FFFFFFFF", "2219FFFFFF", "3923AAAAAAAA", "392300A01234"])
def test_what_is_no_number_is_no_reading_and_not_zero(data: str) -> None:
    ((_, value),) = values(report(data))
    assert value is None


def test_an_hourly_rain_group_sent_on_the_hour_covers_the_hour_before() -> None:
    got = readings(decoded(report("F460 01020304050607080900FF0A", function="34")))
    assert [reading.phenomenon_time for reading in got] == [
        utc(0, 0) - timedelta(minutes=5 * n) for n in range(11, -1, -1)
    ]
    assert [str(reading.value) for reading in got] == [
        *("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.0"),
        *("None", "1.0"),
    ]
    assert {reading.quantity for reading in got} == {"rain_5min"}


def test_a_rain_group_whose_twelfth_slot_is_the_send_time_begins_at_its_observation_time() -> None:
    raw = report("F460" + "01" * 12, function="34", observed="2607011220", sent="260701131525")
    times = [reading.phenomenon_time for reading in readings(decoded(raw))]
    assert (times[0], times[-1]) == (utc(4, 20), utc(5, 15))


@pytest.mark.parametrize("sent", ["260701083000", "260701085530", "260701093000"])
def test_an_hourly_report_that_is_sent_late_is_not_taken_for_the_next_hour(sent: str) -> None:
    raw = report("F460" + "01" * 12, function="34", sent=sent)
    assert readings(decoded(raw))[-1].phenomenon_time == utc(0, 0)


def test_the_answer_to_a_period_query_begins_at_its_observation_time() -> None:
    raw = report("0418000005 F460" + "01" * 12, function="38", observed="2607011005", sent="260701140000")
    times = [reading.phenomenon_time for reading in readings(decoded(raw))]
    assert (times[0], times[-1], len(times)) == (utc(2, 5), utc(3, 0), 12)


def test_a_group_of_relative_levels_is_kept_beside_the_stage() -> None:
    got = readings(decoded(report("F5C0" + "01AC" * 10 + "FFFF" + "AAAA", function="34")))
    assert {reading.quantity for reading in got} == {"sl651:F5"}
    assert [reading.value for reading in got] == [Decimal("4.28")] * 10 + [None, None]


def test_a_level_group_with_a_regional_definition_byte_still_has_24_bytes() -> None:
    result = decoded(report("F55C" + "0A2D" * 12 + "38121316", function="34"))
    assert result.body.nonstandard_def == "F5 5C (regional dialect; 24 data bytes follow)"
    assert [reading.quantity for reading in readings(result)] == ["sl651:F5"] * 12 + ["battery_v"]


def test_a_uniform_report_repeats_one_element_at_its_step() -> None:
    raw = report("0418000005 3923 00028960 00028970 FFFFFFFF", function="31", observed="2607011005")
    got = [(reading.phenomenon_time, reading.value) for reading in readings(decoded(raw))]
    assert got == [(utc(2, 5), Decimal("28.960")), (utc(2, 10), Decimal("28.970")), (utc(2, 15), None)]


@pytest.mark.parametrize(("step", "minutes"), [("000100", 60), ("010000", 1440), ("000010", 10)])
def test_a_step_counts_days_hours_and_minutes(step: str, minutes: int) -> None:
    raw = report(f"0418{step} 3923 00028960 00028970", function="31")
    first, second = readings(decoded(raw))
    assert second.phenomenon_time - first.phenomenon_time == timedelta(minutes=minutes)


def test_a_series_without_a_usable_step_gives_only_its_first_value() -> None:
    assert values(report("0418000000 3923 00028960 00028970", function="31")) == [
        ("stage", Decimal("28.960"))
    ]


def test_each_observation_time_governs_what_follows_it() -> None:
    raw = report("26190031 96 F0F02607010815 392300028960", function="34", sent="260701081600")
    got = [(reading.quantity, reading.phenomenon_time) for reading in readings(decoded(raw))]
    assert got == [("rain_total", utc(0, 0)), ("stage", utc(0, 15))]


def test_two_elements_of_one_quantity_and_time_are_both_kept_in_order() -> None:
    raw = report("2219000035 F460" + "00" * 11 + "22", function="34")
    at_eight = [reading for reading in readings(decoded(raw)) if reading.phenomenon_time == utc(0, 0)]
    assert [(reading.element, str(reading.value)) for reading in at_eight] == [("22", "3.5"), ("F4", "3.4")]


def test_a_dead_clock_is_told_as_it_is() -> None:
    result = decoded(report("392300028960", observed="5910111614", sent="591011161403"))
    assert result.sent_at is not None
    assert result.sent_at.year == readings(result)[0].phenomenon_time.year == 2059


@pytest.mark.parametrize("observed", ["2613010800", "2607012560", "AAAAAAAAAA", "0000000000"])
def test_without_a_usable_observation_time_no_time_is_invented(observed: str) -> None:
    result = decoded(report("392300028960", observed=observed))
    assert readings(result) == ()
    assert result.body.elements is not None
    assert result.body.elements[0].values == (Decimal("28.960"),)


def test_elements_before_any_observation_time_give_no_reading() -> None:
    raw = frame("32", bytes.fromhex(f"0007260701080000F1F1{STATION}48392300028960"))
    assert readings(decoded(raw)) == ()


@pytest.mark.parametrize("function", ["35", "39"])
def test_a_text_gives_no_reading_but_its_words(function: str) -> None:
    text = "Q 1.234 水位上涨"
    result = decoded(frame(function, bytes.fromhex("0014170718100630F2F2") + text.encode("gb18030")))
    assert result.body.manual_text == text
    assert readings(result) == ()


def test_a_text_that_is_not_text_does_not_lose_the_frame() -> None:
    result = decoded(frame("35", bytes.fromhex("0014170718100630F2F2") + b"Q\xff\xff1"))
    assert result.body.manual_text is not None
    assert result.body.manual_text.startswith("Q")


@pytest.mark.parametrize("function", ["30", "31", "32", "33", "34", "37", "38", "3A"])
def test_reports_and_answers_to_queries_give_readings(function: str) -> None:
    assert values(report("392300028960", function=function)) == [("stage", Decimal("28.960"))]


def test_a_frame_of_the_centre_gives_no_readings() -> None:
    raw = build_frame(
        "37", body("392300028960"), station=STATION, center=CENTER, password=PASSWORD, direction=DOWN
    )
    assert readings(decoded(raw)) == ()


def test_what_was_read_before_a_broken_element_stands_and_the_break_is_told() -> None:
    result = decoded(report("392300028960 2219000035 26FF"))
    assert [reading.quantity for reading in readings(result)] == ["stage", "rain_5min"]
    assert result.body.is_complete is False
    assert "26FF" in result.problems[0]


@pytest.mark.parametrize("data", ["39", "FF", "FF92", "3900", "F460 0102", "F0F02607", "0418", "F1F1"])
def test_a_body_that_breaks_off_anywhere_is_read_as_far_as_it_goes(data: str) -> None:
    assert decoded(report(data)).body.is_complete is False


def test_status_bits_are_not_read_as_digits() -> None:
    assert values(report("4520 0000000A")) == [("sl651:45", Decimal(10))]


def test_every_row_of_the_element_table_names_a_quantity_its_unit_and_its_source() -> None:
    for rule in ELEMENT_RULES.values():
        assert QUANTITIES[rule.quantity].unit == rule.unit
        assert rule.source
        assert rule.confidence in Confidence


def test_a_body_too_short_for_serial_and_time_is_refused() -> None:
    refused = decode(frame("32", b"\x00\x07"))
    assert getattr(refused, "code", None) == "sl651.body_short"
