"""Writes SL 651 frames: the answers of a centre, and any frame for tests and tools.

An answer has the function code of the report, its serial and its send time, and an end byte that says what comes next. Echoing both
was verified on two pairs of report and answer in the vectors (sl651-054 with -094; -093 answers the test report of its article).
"""

from __future__ import annotations

from anlan.drivers.sl651.crc import crc16
from anlan.drivers.sl651.layout import DOWN, MAX_LENGTH, REPORT_FUNCTIONS, START, UP, BodyStart, End
from anlan.drivers.sl651.model import Sl651Frame

#: Total and number must fit in twelve bits each.
MAX_PACKETS = 0xFFF


def build_frame(
    function: str,
    content: bytes,
    *,
    station: str,
    center: int,
    password: str,
    direction: int = UP,
    body_start: BodyStart = BodyStart.STX,
    end: End = End.ETX,
) -> bytes:
    """One frame. `content` is all that the length field counts; with SYN it begins with the packet's total and number."""
    if len(content) > MAX_LENGTH:
        raise ValueError(f"a body of {len(content)} bytes does not fit in one frame")
    address = bytes.fromhex(station)
    both = address + bytes([center]) if direction == DOWN else bytes([center]) + address
    length = (direction << 12 | len(content)).to_bytes(2, "big")
    head = START + both + bytes.fromhex(password) + bytes.fromhex(function) + length + bytes([body_start])
    frame = head + content + bytes([end])
    return frame + crc16(frame).to_bytes(2, "big")


def packet_content(total: int, number: int, part: bytes) -> bytes:
    """The content of one packet of several."""
    if not 1 <= number <= total <= MAX_PACKETS:
        raise ValueError(f"there is no packet {number} of {total}")
    return (total << 12 | number).to_bytes(3, "big") + part


def acknowledgement(frame: Sl651Frame, end: End) -> bytes:
    """The centre's answer to a report."""
    serial = (frame.body.serial or 0).to_bytes(2, "big")
    send_time = bytes.fromhex(frame.body.send_time_raw or "00" * 6)
    return build_frame(
        frame.function,
        serial + send_time,
        station=frame.station,
        center=frame.center,
        password=frame.password,
        direction=DOWN,
        end=end,
    )


def answer_to(
    frame: Sl651Frame, *, when_finished: End, answered: frozenset[str] = REPORT_FUNCTIONS
) -> bytes | None:
    """The answer that a frame waits for, or None.

    ETX, nothing follows: `when_finished` (ESC keeps the terminal on line, EOT lets it go). ETB, another frame follows: ACK, go on.
    Packets of several wait for the last one; answers to our own queries end the exchange and get none.
    """
    if frame.is_down or frame.is_part or frame.function not in answered:
        return None
    if frame.terminator == End.ETX:
        return acknowledgement(frame, when_finished)
    if frame.terminator == End.ETB:
        return acknowledgement(frame, when_finished if frame.is_joined else End.ACK)
    return None
