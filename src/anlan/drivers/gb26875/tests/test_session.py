from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from anlan.drivers.gb26875 import tables, times
from anlan.drivers.gb26875.encode import COMMANDS
from anlan.drivers.gb26875.layout import Command
from anlan.drivers.gb26875.session import Session
from anlan.drivers.gb26875.tests.make import (
    BCD_NOW,
    BINARY_NOW,
    CENTER,
    DEVICE,
    NOW,
    accepted,
    analogue,
    component,
    decoded,
    frame,
    refused,
    replies,
)
from anlan.drivers.types import CommandRequest, FrameAccepted
from anlan.vocab.happenings import HAPPENINGS
from anlan.vocab.quantities import QUANTITIES


def one(data: bytes, *, command: int = Command.SEND) -> FrameAccepted:
    (outcome,) = accepted(Session().feed(frame(data, command=command), NOW))
    return outcome


# --- readings and happenings


def test_the_state_of_a_component_is_a_reading_at_its_point_and_an_alarm() -> None:
    outcome = one(component(0b10))
    (reading,) = outcome.readings
    assert (reading.station, reading.quantity) == (DEVICE, "fire_state@1.2.42.5")
    assert (reading.value, reading.phenomenon_time) == (Decimal(2), NOW)
    (alarm,) = outcome.happenings
    assert (alarm.kind, alarm.phenomenon_time) == ("fire_alarm", NOW)
    assert alarm.fields["description"] == "三楼走廊"
    assert alarm.fields["component"] == "点型光电感烟火灾探测器"
    assert HAPPENINGS[alarm.kind].rings


def test_each_kind_of_state_is_told_once_with_all_its_bits() -> None:
    outcome = one(component(1 << 2 | 1 << 3 | 1 << 8))
    found = {each.kind: each.fields["states"] for each in outcome.happenings}
    assert found == {"fire_fault": ["fault", "power"], "fire_shielded": ["shielded"]}


def test_a_normal_state_is_a_reading_and_no_happening() -> None:
    outcome = one(component(1))
    assert outcome.happenings == ()
    assert outcome.readings[0].value == 1


def test_states_of_systems_and_of_the_device_itself_have_their_own_points() -> None:
    system = bytes([1, 1, 11, 3]) + (1 << 8).to_bytes(2, "little") + BINARY_NOW
    device = bytes([21, 1, 1 << 3]) + BINARY_NOW
    assert [each.quantity for each in one(system).readings] == ["fire_state@11.3"]
    assert [each.quantity for each in one(device).readings] == ["fire_state"]
    assert [each.kind for each in one(device).happenings] == ["fire_fault"]


@pytest.mark.parametrize(
    ("kind", "value", "quantity", "expected"),
    [
        (2, 325, "fire_height", "3.25"),
        (3, -55, "temperature", "-5.5"),
        (4, 12, "fire_pressure", "1.2"),
        (5, 6050, "fire_pressure", "0.6050"),
        (6, 250, "gas_concentration", "25.0"),
        (10, 305, "fire_flow", "30.5"),
        (77, 5, "gb26875:77", "5"),
    ],
)
def test_an_analogue_value_is_in_the_unit_of_its_quantity(
    kind: int, value: int, quantity: str, expected: str
) -> None:
    (reading,) = one(analogue(kind, value)).readings
    assert (reading.quantity, reading.value) == (f"{quantity}@1.2.92.9", Decimal(expected))


def test_every_analogue_type_and_every_state_has_words_and_a_place() -> None:
    assert all(rule.quantity in QUANTITIES for rule in tables.ANALOGUES.values())
    bits = [*tables.SYSTEM_STATE.values(), *tables.COMPONENT_STATE.values(), *tables.DEVICE_STATE.values()]
    assert {bit.kind for bit in bits if bit.kind} <= set(HAPPENINGS)


def test_every_type_of_the_tables_has_words_in_both_languages() -> None:
    words = [tables.system_words(code) for code in tables.SYSTEM_TYPES]
    words += [tables.component_words(code) for code in tables.COMPONENT_TYPES]
    assert [pair for pair in words if "类型" in pair[0] or pair[1].startswith("type ")] == []
    assert tables.component_words(200) == ("类型 200", "type 200")


def test_pressing_manual_alarm_is_a_fire_alarm_and_other_keys_are_operations() -> None:
    pressed = bytes([24, 1, 0b100, 3]) + BINARY_NOW
    reset = bytes([4, 1, 1, 2, 0b1, 3]) + BINARY_NOW
    assert [each.kind for each in one(pressed).happenings] == ["fire_alarm"]
    (operation,) = one(reset).happenings
    assert (operation.kind, operation.fields["operations"]) == ("fire_operation", ["reset"])


def test_records_that_break_off_leave_those_before_and_a_problem() -> None:
    two = component(2)
    outcome = one(bytes([2, 2]) + two[2:] + two[2:10])
    assert len(outcome.readings) == 1
    assert outcome.frame.problems == ("Record 2 of 2 breaks off; 8 bytes are left for it.",)
    assert outcome.ack is not None


def test_a_vendors_type_is_kept_as_it_came() -> None:
    outcome = one(bytes.fromhex("960100035B0100000002"))
    assert outcome.readings == ()
    fields = outcome.frame.fields()
    assert (fields["type_flag"], fields["app_hex"]) == (150, "960100035b0100000002")
    assert "problems" not in fields


def test_a_description_cut_within_a_character_stays_readable() -> None:
    cut = ("一" * 16).encode("gb18030")[:31]
    outcome = one(component(1)[:-37] + cut + BINARY_NOW)
    records = outcome.frame.fields()["records"]
    assert isinstance(records, list)
    assert records[0]["description"] == "一" * 15


# --- times


def test_a_record_in_bcd_digits_is_known_by_the_frames_own_time() -> None:
    outcome = one(component(2, time=BCD_NOW))
    assert outcome.readings[0].phenomenon_time == NOW
    assert "was read as BCD digits" in outcome.frame.problems[0]


def test_a_record_in_binary_numbers_near_the_frames_time_needs_no_remark() -> None:
    assert one(component(2)).frame.problems == ()


def test_a_dead_header_clock_leaves_the_choice_to_the_arrival() -> None:
    dead = frame(component(2, time=BCD_NOW), at=NOW - timedelta(days=4000))
    (outcome,) = accepted(Session().feed(dead, NOW))
    assert outcome.readings[0].phenomenon_time == NOW


def test_a_time_that_is_no_date_gives_no_reading_and_still_an_alarm() -> None:
    outcome = one(component(2, time=b"\xff" * 6))
    assert outcome.readings == ()
    assert [(each.kind, each.phenomenon_time) for each in outcome.happenings] == [("fire_alarm", None)]


def test_without_any_known_time_the_standards_binary_numbers_are_taken() -> None:
    assert times.read(bytes.fromhex("040009020715"), known=None).encoding == "binary"


# --- answers


def test_a_report_is_confirmed_with_its_serial_and_turned_addresses() -> None:
    outcome = one(component(2))
    assert outcome.ack is not None
    answer = decoded(outcome.ack)
    assert (answer.command, answer.serial, answer.unit) == (Command.CONFIRM, 7, None)
    fields, sent = answer.fields(), outcome.frame.fields()
    assert (fields["source_addr_le"], fields["dest_addr_le"]) == (
        sent["dest_addr_le"],
        sent["source_addr_le"],
    )


def test_an_empty_report_keeps_the_line_alive_and_is_confirmed() -> None:
    outcome = one(b"")
    assert outcome.is_keepalive
    assert outcome.ack is not None


@pytest.mark.parametrize("command", [Command.CONFIRM, Command.ANSWER, Command.DENY])
def test_an_answer_to_us_is_not_answered(command: Command) -> None:
    assert one(b"", command=command).ack is None


@pytest.mark.parametrize("place", [-1, -3, 40], ids=["end", "sum", "data"])
def test_a_damaged_frame_is_denied_so_that_it_comes_again(place: int) -> None:
    bad = bytearray(frame(component(2)))
    bad[place] ^= 0x01
    outcomes = Session().feed(bytes(bad) + frame(component(1), serial=8), NOW)
    (denial,) = replies(outcomes)
    assert (denial.command, denial.serial) == (Command.DENY, 7)
    assert len(refused(outcomes)) == 1
    assert [each.frame.fields()["serial"] for each in accepted(outcomes)] == [8]


@pytest.mark.parametrize("command", [Command.CONTROL, Command.REQUEST])
def test_an_order_is_not_taken_from_a_device(command: Command) -> None:
    outcomes = Session().feed(frame(b"\x59\x01\x00", command=command), NOW)
    assert [each.code for each in refused(outcomes)] == ["gb26875.downlink"]


def test_a_connection_that_ends_within_a_frame_tells_so() -> None:
    session = Session()
    session.feed(frame(component(2))[:-1], NOW)
    assert [each.code for each in refused(session.close())] == ["gb26875.truncated"]


def test_units_that_never_count_are_told_apart_by_what_they_say() -> None:
    first, again, other = accepted(
        Session().feed(frame(component(2)) * 2 + frame(component(2, address=6)), NOW)
    )
    assert first.duplicate_key == again.duplicate_key != other.duplicate_key


# --- commands


def request(**arguments: str) -> CommandRequest:
    return CommandRequest(DEVICE, NOW, 99, arguments, {"center": CENTER})


COMPONENT = {"system_type": "1", "system_addr": "2", "component_type": "42", "component_addr": "5"}


@pytest.mark.parametrize(
    ("name", "arguments", "command", "data"),
    [
        ("read_system", {"system_type": "1", "system_addr": "2"}, 4, "3D010102"),
        ("read_component", COMPONENT, 4, "3E0101022A05000000"),
        ("read_analogue", COMPONENT, 4, "3F0101022A05000000"),
        ("read_device", {}, 4, "510100"),
        ("read_clock", {}, 4, "580100"),
        ("set_clock", {}, 1, "5A01" + BINARY_NOW.hex()),
        ("check_duty", {"answer_within_min": "10"}, 1, "5B010A"),
        ("initialise", {}, 1, "590100"),
    ],
)
def test_a_command_is_the_frame_of_the_standard(
    name: str, arguments: dict[str, str], command: int, data: str
) -> None:
    sent = decoded(COMMANDS[name].encode(request(**arguments)))
    assert (sent.command, sent.data, sent.serial) == (command, bytes.fromhex(data), 99)
    assert (sent.station, sent.sent_at, sent.is_down) == (DEVICE, NOW, True)
    assert sent.problems == ()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("read_system", {"system_type": "256", "system_addr": "1"}), ("check_duty", {}), ("read_component", {})],
)
def test_arguments_that_make_no_frame_are_refused_with_a_sentence(
    name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        COMMANDS[name].encode(request(**arguments))


def test_initialising_a_device_needs_a_second_person() -> None:
    assert [name for name, command in COMMANDS.items() if command.needs_release] == ["initialise"]


def test_an_answer_names_the_command_that_asked() -> None:
    assert one(component(1), command=Command.ANSWER).answers == "read_component"
    assert one(bytes([24, 1, 1 << 5, 3]) + BINARY_NOW).answers == "check_duty"
    assert one(component(1)).answers is None
