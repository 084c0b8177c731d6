"""Byte layout and code lists of JT/T 808. Source: protocols.md; names and bit tables as public implementations of the standard state
them alike (yezhihao/jt808-server, cuteLittleDevil/go-jt808); the standard's own text was not seen.
"""

from __future__ import annotations

MARK = 0x7E
ESCAPE = 0x7D
#: Id 2, attributes 2, phone 6, serial 2.
HEADER_2013 = 12
#: Id 2, attributes 2, protocol version 1, phone 10, serial 2.
HEADER_2019 = 17
#: Total 2, number 2; behind the header of a sub-packet.
PACKET_ITEM = 4
MAX_BODY = 0x3FF
#: Marks, and every byte between them escaped.
MAX_FRAME = 2 * (HEADER_2019 + PACKET_ITEM + MAX_BODY + 1) + 2

VERSION_BIT = 1 << 14
PACKET_BIT = 1 << 13
LENGTH_MASK = 0x3FF

TERMINAL_ACK = "0001"
HEARTBEAT = "0002"
UNREGISTER = "0003"
REGISTER = "0100"
AUTHENTICATE = "0102"
PARAMETERS = "0104"
LOCATION = "0200"
QUERIED_LOCATION = "0201"
BATCH = "0704"
MULTIMEDIA = "0801"

MESSAGE_NAMES = {
    "0001": "terminal-ack",
    "0002": "heartbeat",
    "0003": "unregister",
    "0100": "register",
    "0102": "authenticate",
    "0104": "parameters",
    "0107": "attributes",
    "0108": "upgrade-result",
    "0200": "location",
    "0201": "location-answer",
    "0301": "event",
    "0302": "question-answer",
    "0500": "vehicle-control-answer",
    "0700": "recorder-data",
    "0701": "waybill",
    "0702": "driver-card",
    "0704": "location-batch",
    "0705": "can-data",
    "0800": "multimedia-event",
    "0801": "multimedia",
    "0802": "multimedia-search-answer",
    "0900": "transparent-up",
    "8001": "platform-ack",
    "8003": "missing-packets",
    "8100": "register-answer",
    "8103": "set-parameters",
    "8104": "query-parameters",
    "8105": "terminal-control",
    "8201": "query-location",
    "8202": "track",
    "8300": "text",
    "8800": "multimedia-ack",
    "8801": "take-picture",
}

#: Ids of vendors whose header has a one-byte serial, so that the declared length seems one too long (protocols.md).
ONE_BYTE_SERIAL = frozenset({"5501", "5502"})

#: Uplinks that answer something we sent, or that have an answer of their own.
WITHOUT_GENERAL_ACK = frozenset({TERMINAL_ACK, REGISTER, PARAMETERS, QUERIED_LOCATION, MULTIMEDIA})

#: What the 0001 of a terminal says.
RESULT_NAMES = {0: "done", 1: "failed", 2: "message wrong", 3: "not supported", 4: "alarm confirmed"}


def is_uplink(message_id: str) -> bool:
    """The high bit of an id marks messages of the platform; 9xxx are video requests of the platform too."""
    return int(message_id, 16) < 0x8000
