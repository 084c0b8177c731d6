"""Byte layout and code lists of SL 651 frames. Source: protocols.md unless a line says otherwise."""

from __future__ import annotations

from enum import IntEnum

START = b"\x7e\x7e"
#: 7E7E, centre and station (6), password (2), function (1), direction and length (2), body start (1).
HEADER = 14
#: End byte and check sum.
TRAILER = 3
#: Twelve bits.
MAX_LENGTH = 0xFFF
MAX_FRAME = HEADER + MAX_LENGTH + TRAILER

UP = 0
DOWN = 8


class BodyStart(IntEnum):
    STX = 0x02
    #: One packet of several; three bytes with total and number come first and count in the length field.
    SYN = 0x16


class End(IntEnum):
    """End bytes; meanings from public implementations of the standard (not seen in its own text)."""

    ETX = 0x03  # up: finished, nothing follows
    ETB = 0x17  # up: another frame follows
    ENQ = 0x05  # down: a question or command
    EOT = 0x04  # down: finished, the terminal may leave
    ACK = 0x06  # down: received, go on
    NAK = 0x15  # down: not received, repeat
    ESC = 0x1B  # down: finished, stay on line


END_BYTES = frozenset(End)

#: Names of the functions as the vectors give them; others have no name.
FUNCTION_NAMES = {
    "2F": "link-keepalive",
    "30": "test",
    "31": "uniform-time",
    "32": "timing",
    "33": "added",
    "34": "hourly",
    "35": "manual",
    "36": "picture",
    "37": "query-realtime",
    "38": "query-period",
    "39": "query-manual",
    "3A": "query-elements",
}
#: The others, for people; never part of the decoded fields, whose names are those of the vectors.
FUNCTION_TITLES = {
    "40": "write-basic-settings",
    "41": "read-basic-settings",
    "42": "write-running-settings",
    "43": "read-running-settings",
    "44": "query-pumps",
    "45": "query-version",
    "46": "query-status",
    "47": "init-storage",
    "48": "factory-reset",
    "49": "change-password",
    "4A": "set-clock",
    "50": "query-events",
    "51": "query-clock",
}

KEEPALIVE = "2F"
#: Functions whose uplink body is station, observation time and elements, text or picture.
DATA_FUNCTIONS = frozenset({"30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "3A"})
#: A series of one element at a fixed step, the first value at the observation time.
PERIOD_FUNCTIONS = frozenset({"31", "38"})
#: Uplinks that a station sends by itself and repeats until it is answered.
REPORT_FUNCTIONS = frozenset({"2F", "30", "31", "32", "33", "34", "35", "36"})
