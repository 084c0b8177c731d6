"""Writes frames: confirmations and denials, the questions and orders of a centre, and any frame for tests and tools."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from anlan.drivers.gb26875 import times
from anlan.drivers.gb26875.layout import END, HEADER, MAX_DATA, START, TRAILER, Command
from anlan.drivers.types import Command as Offered
from anlan.drivers.types import CommandRequest


def build_frame(
    command: int,
    data: bytes = b"",
    *,
    serial: int,
    at: datetime,
    source: bytes,
    destination: bytes,
    version: bytes = b"\x01\x01",
) -> bytes:
    """One frame. Addresses are six bytes as on the wire."""
    if len(data) > MAX_DATA:
        raise ValueError(f"{len(data)} bytes of data do not fit in one frame")
    content = (serial & 0xFFFF).to_bytes(2, "little") + version + times.to_bytes(at)
    content += source + destination + len(data).to_bytes(2, "little") + bytes([command]) + data
    return START + content + bytes([sum(content) & 0xFF]) + END


def answer(raw: bytes, command: Command, at: datetime) -> bytes:
    """Confirmation or denial of a frame, which need not be good: its serial and version come back, its addresses turned round."""
    return build_frame(
        command,
        serial=raw[2] | raw[3] << 8,
        at=at,
        source=raw[18:24],
        destination=raw[12:18],
        version=raw[4:6],
    )


def can_be_answered(raw: bytes) -> bool:
    return len(raw) >= HEADER + TRAILER


def wire_address(station: str) -> bytes:
    """Six bytes; ValueError with a sentence for an address that is no such number."""
    if not (station.isascii() and station.isdigit()) or int(station) >= 1 << 48:
        raise ValueError(f"{station} is not the number of a transmission device.")
    return int(station).to_bytes(6, "little")


def _order(request: CommandRequest, command: Command, data: bytes) -> bytes:
    """The settings `center` (own address, 0) and `version` ("1.1") tell how the device knows us."""
    main, _, user = request.settings.get("version", "1.1").partition(".")
    version = bytes([int(part) & 0xFF if part.isdigit() else 1 for part in (main, user)])
    return build_frame(
        command,
        data,
        serial=request.serial,
        at=request.at,
        source=wire_address(request.settings.get("center", "0")),
        destination=wire_address(request.station),
        version=version,
    )


def _byte(arguments: Mapping[str, str], name: str, high: int = 255) -> int:
    text = arguments.get(name, "")
    if not (text.isascii() and text.isdigit()) or int(text) > high:
        raise ValueError(f"{name} must be a whole number from 0 to {high}.")
    return int(text)


def _read_system(request: CommandRequest) -> bytes:
    system = bytes([_byte(request.arguments, name) for name in ("system_type", "system_addr")])
    return _order(request, Command.REQUEST, b"\x3d\x01" + system)


def _read_component(request: CommandRequest, type_flag: int) -> bytes:
    head = [_byte(request.arguments, name) for name in ("system_type", "system_addr", "component_type")]
    address = _byte(request.arguments, "component_addr", 0xFFFFFFFF).to_bytes(4, "little")
    return _order(request, Command.REQUEST, bytes([type_flag, 1, *head]) + address)


def _read_device(request: CommandRequest, type_flag: int) -> bytes:
    return _order(request, Command.REQUEST, bytes([type_flag, 1, 0]))


def _set_clock(request: CommandRequest) -> bytes:
    return _order(request, Command.CONTROL, b"\x5a\x01" + times.to_bytes(request.at))


def _check_duty(request: CommandRequest) -> bytes:
    minutes = _byte(request.arguments, "answer_within_min")
    return _order(request, Command.CONTROL, bytes([0x5B, 1, minutes]))


def _initialise(request: CommandRequest) -> bytes:
    return _order(request, Command.CONTROL, b"\x59\x01\x00")


_SYSTEM = {"system_type": "type of the system", "system_addr": "address of the system"}
_COMPONENT = _SYSTEM | {"component_type": "type of the component", "component_addr": "its address"}

COMMANDS: dict[str, Offered] = {
    command.name: command
    for command in (
        Offered("read_system", "读系统状态", "read the state of a system", _SYSTEM, _read_system),
        Offered(
            "read_component",
            "读部件状态",
            "read the state of a component",
            _COMPONENT,
            lambda request: _read_component(request, 62),
        ),
        Offered(
            "read_analogue",
            "读部件模拟量",
            "read the value of a component",
            _COMPONENT,
            lambda request: _read_component(request, 63),
        ),
        Offered(
            "read_device",
            "读传输装置状态",
            "read the state of the device",
            {},
            lambda request: _read_device(request, 81),
        ),
        Offered(
            "read_clock",
            "读传输装置时钟",
            "read the clock of the device",
            {},
            lambda request: _read_device(request, 88),
        ),
        Offered("set_clock", "同步时钟", "set the clock of the device", {}, _set_clock),
        Offered(
            "check_duty",
            "查岗",
            "ask whether somebody is on duty",
            {"answer_within_min": "minutes in which the duty person must answer"},
            _check_duty,
        ),
        Offered("initialise", "初始化传输装置", "initialise the device", {}, _initialise, needs_release=True),
    )
}

#: The command that an answer (5) of each type belongs to.
ANSWERED_BY = {1: "read_system", 2: "read_component", 3: "read_analogue", 21: "read_device", 28: "read_clock"}
