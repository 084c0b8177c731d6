"""What HJ 212 stations report that is no number."""

from __future__ import annotations

from anlan.drivers.hj212.layout import LOGIN, REQUEST_ACK, RESULT
from anlan.drivers.hj212.model import Hj212Frame
from anlan.drivers.hj212.times import utc_of
from anlan.drivers.types import Fields, Happening

#: Command → kind of vocab.happenings.
_KINDS = {
    "1011": "terminal_clock",
    "1013": "clock_wanted",
    "2081": "logger_started",
    "2021": "terminal_status",
    "3019": "terminal_settings",
    "3020": "terminal_settings",
    LOGIN: "device_login",
    REQUEST_ACK: "command_answered",
    RESULT: "command_answered",
}


def happenings(frame: Hj212Frame) -> tuple[Happening, ...]:
    kind = _KINDS.get(frame.function)
    if kind is None:
        return ()
    fields: Fields = {"command": frame.function, "items": [dict(group) for group in frame.groups]}
    return (Happening(frame.station, kind, utc_of(frame.data_time) or frame.sent_at, fields),)
