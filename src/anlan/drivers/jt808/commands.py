"""Messages that the centre may send to a vehicle."""

from __future__ import annotations

from collections.abc import Mapping

from anlan.drivers.jt808.encode import command_message
from anlan.drivers.types import Command, CommandRequest

#: 8300: urgent, shown on the terminal, read aloud.
_TEXT_FLAGS = 0b1101
_MAX_TEXT = 1000
#: 8103: heartbeat interval, default reporting interval; both in seconds, four bytes.
_SETTABLE = {"heartbeat_s": 0x0001, "report_interval_s": 0x0029}


def _whole(arguments: Mapping[str, str], name: str, low: int, high: int) -> int:
    text = arguments.get(name, "")
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def _message(request: CommandRequest, message_id: str, body: bytes) -> bytes:
    return command_message(
        message_id, body, station=request.station, serial=request.serial, settings=request.settings
    )


def _query_location(request: CommandRequest) -> bytes:
    return _message(request, "8201", b"")


def _track(request: CommandRequest) -> bytes:
    """Interval in seconds, 0 ends the tracking; and for how long."""
    interval = _whole(request.arguments, "interval_s", 0, 0xFFFF)
    if interval == 0:
        return _message(request, "8202", bytes(2))
    duration = _whole(request.arguments, "duration_s", 1, 86_400)
    return _message(request, "8202", interval.to_bytes(2, "big") + duration.to_bytes(4, "big"))


def _text(request: CommandRequest) -> bytes:
    text = request.arguments.get("text", "").strip()
    encoded = text.encode("gb18030", "replace")
    if not encoded or len(encoded) > _MAX_TEXT:
        raise ValueError(f"The text must have 1 to {_MAX_TEXT} bytes in GB18030.")
    kind = b"\x01" if request.settings.get("version") == "2019" else b""
    return _message(request, "8300", bytes([_TEXT_FLAGS]) + kind + encoded)


def _query_parameters(request: CommandRequest) -> bytes:
    return _message(request, "8104", b"")


def _set_parameters(request: CommandRequest) -> bytes:
    items = b""
    count = 0
    for name, parameter in _SETTABLE.items():
        if request.arguments.get(name):
            value = _whole(request.arguments, name, 5, 86_400)
            items += parameter.to_bytes(4, "big") + b"\x04" + value.to_bytes(4, "big")
            count += 1
    if not count:
        raise ValueError("Give at least one setting.")
    return _message(request, "8103", bytes([count]) + items)


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("query_location", "查询位置", "ask for the position", {}, _query_location),
        Command(
            "track",
            "临时跟踪",
            "report more often for a while",
            {"interval_s": "seconds between reports, 0 ends it", "duration_s": "for how many seconds"},
            _track,
        ),
        Command("text", "下发文本", "show and read a text to the driver", {"text": "the text"}, _text),
        Command("query_parameters", "查询终端参数", "ask for the settings", {}, _query_parameters),
        Command(
            "set_parameters",
            "设置终端参数",
            "change the settings",
            {"heartbeat_s": "seconds between heartbeats", "report_interval_s": "seconds between reports"},
            _set_parameters,
            needs_release=True,
        ),
    )
}

#: The message that answers a command, and the command that asked for it.
ANSWERED_BY = {"0201": "query_location", "0104": "query_parameters"}
#: What a general acknowledgement of the terminal answers, by the id that it names.
ACKNOWLEDGED = {"8202": "track", "8300": "text", "8103": "set_parameters"}
