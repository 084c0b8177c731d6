"""Frames of the centre: answers and commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from anlan.drivers.sl427.address import address_of
from anlan.drivers.sl427.crc import crc8
from anlan.drivers.sl427.layout import END, FCB, LINK_TEST, QUERY, REPORTS, SET_CLOCK, START
from anlan.drivers.sl427.model import Sl427Frame
from anlan.drivers.sl427.values import ITEMS, label_of
from anlan.drivers.types import Command, CommandRequest, StationSettings

#: No delay is allowed for: 0 tells the terminal not to judge by it.
_NO_DELAY = b"\x00"


def build_frame(control: int, address: bytes, afn: int, data: bytes) -> bytes:
    """ValueError where the data do not fit one frame."""
    user = bytes([control]) + address + bytes([afn]) + data
    if len(user) > 255:
        raise ValueError(f"{len(user)} bytes do not fit the length field")
    return bytes([START, len(user), START]) + user + bytes([crc8(user), END])


def answer_to(frame: Sl427Frame, *, at: datetime, settings: StationSettings) -> bytes | None:
    """The confirmation of a report, None where none is due.

    A confirmation also sets the terminal's mode and its clock (table 52): the mode is repeated as the report tells it; where it does
    not tell, the setting `mode` (0 to 3) must, or there is no answer. The clock is set to `at`.
    """
    control, address = frame.control & FCB, bytes.fromhex(frame.station)
    if frame.afn == LINK_TEST:
        return build_frame(control, address, LINK_TEST, frame.data[:1])
    if frame.afn not in REPORTS or frame.split is not None:
        return None
    mode = frame.mode if frame.status else _mode(settings)
    if mode is None:
        return None
    return build_frame(control, address, frame.afn, bytes([mode]) + label_of(at) + _NO_DELAY)


def _mode(settings: Mapping[str, str]) -> int | None:
    given = settings.get("mode", "")
    return int(given) if given in ("0", "1", "2", "3") else None


def _control(request: CommandRequest, type_code: int) -> int:
    """The frame count runs from 1 to 3; 0 would switch the counting off."""
    return (request.serial % 3 + 1) << 4 | type_code


def _read_values(request: CommandRequest) -> bytes:
    given = request.arguments.get("type", "").strip().upper()
    type_code = int(given, 16) if len(given) == 1 and given in "123456789ABCDEF" else 0
    if type_code not in ITEMS:
        raise ValueError("type must be one hexadecimal digit: 1 rain, 2 stage, 3 flow, 4 velocity …")
    return build_frame(_control(request, type_code), address_of(request.station), QUERY, b"")


def _set_clock(request: CommandRequest) -> bytes:
    password = request.settings.get("password", "0000")
    try:
        digits = bytes.fromhex(password)
    except ValueError:
        digits = b""
    if len(digits) != 2:
        raise ValueError("The setting password of the station must be four digits.")
    now = label_of(request.at)
    data = now + digits + now + _NO_DELAY
    return build_frame(_control(request, 0), address_of(request.station), SET_CLOCK, data)


def answered_command(frame: Sl427Frame) -> str | None:
    return {QUERY: "read_values", SET_CLOCK: "set_clock"}.get(frame.afn)


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(
            "read_values",
            "查询实时值",
            "Read present values",
            {
                "type": "one hexadecimal digit: 1 rain, 2 stage, 3 flow, 4 velocity, 5 gate, 7 weather, 9 water temperature"
            },
            _read_values,
        ),
        Command("set_clock", "设置时钟", "Set the clock", {}, _set_clock),
    )
}
