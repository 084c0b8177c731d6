"""Writes JT/T 808 messages: the answers and commands of a platform, and any message for tests and tools.

An answer carries the serial of the message that it answers as its own serial too: the platform's serial has no meaning for a terminal,
and so the same report is answered with the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from anlan.drivers.jt808.framing import escape, xor_of
from anlan.drivers.jt808.layout import MAX_BODY, PACKET_BIT, VERSION_BIT
from anlan.drivers.jt808.model import Jt808Frame
from anlan.drivers.types import StationSettings

#: Results of 8001 and 8100.
OK, FAILED = 0, 1
#: 8100: no such terminal in the register.
NO_TERMINAL = 4


def build_message(
    message_id: str,
    body: bytes,
    *,
    phone: str,
    serial: int,
    is_2019: bool = False,
    protocol_version: int = 1,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """One frame. `phone` are hex digits, filled with zeros to the field; `packet` is (total, number)."""
    if len(body) > MAX_BODY:
        raise ValueError(f"a body of {len(body)} bytes does not fit in one message")
    digits = phone.zfill(20 if is_2019 else 12)
    if len(digits) > (20 if is_2019 else 12):
        raise ValueError(f"the number {phone} does not fit in the header")
    attributes = len(body) | (VERSION_BIT if is_2019 else 0) | (PACKET_BIT if packet else 0)
    version = bytes([protocol_version]) if is_2019 else b""
    head = bytes.fromhex(message_id) + attributes.to_bytes(2, "big") + version + bytes.fromhex(digits)
    head += (serial & 0xFFFF).to_bytes(2, "big")
    if packet is not None:
        head += packet[0].to_bytes(2, "big") + packet[1].to_bytes(2, "big")
    message = head + body
    return escape(message + bytes([xor_of(message)]))


def answer(frame: Jt808Frame, message_id: str, body: bytes) -> bytes:
    """A message to the terminal that sent `frame`, in its edition."""
    header = frame.header
    return build_message(
        message_id,
        body,
        phone=header.phone,
        serial=header.serial,
        is_2019=header.is_2019,
        protocol_version=header.protocol_version or 1,
    )


def general_ack(frame: Jt808Frame, result: int = OK) -> bytes:
    header = frame.header
    body = header.serial.to_bytes(2, "big") + bytes.fromhex(header.message_id) + bytes([result])
    return answer(frame, "8001", body)


def register_answer(frame: Jt808Frame, auth_code: str | None) -> bytes:
    """8100: the code with which the terminal authenticates from now on, or result 4 for a terminal that has none."""
    serial = frame.header.serial.to_bytes(2, "big")
    if auth_code is None:
        return answer(frame, "8100", serial + bytes([NO_TERMINAL]))
    return answer(frame, "8100", serial + bytes([OK]) + auth_code.encode("gb18030"))


def multimedia_ack(frame: Jt808Frame) -> bytes:
    """8800 for a message that came whole: the media id and nothing behind it."""
    return answer(frame, "8800", frame.body[:4])


def missing_packets(frame: Jt808Frame, *, first_serial: int, numbers: Iterable[int]) -> bytes:
    """8003: serial of the first sub-packet, how many are missing (one byte; two in 2019), and which."""
    listed = list(numbers)[:255]
    width = 2 if frame.header.is_2019 else 1
    body = (first_serial & 0xFFFF).to_bytes(2, "big") + len(listed).to_bytes(width, "big")
    return answer(frame, "8003", body + b"".join(number.to_bytes(2, "big") for number in listed))


def command_message(
    message_id: str, body: bytes, *, station: str, serial: int, settings: StationSettings
) -> bytes:
    """A command; the setting `version` is "2019" for a terminal of that edition."""
    is_2019 = settings.get("version") == "2019"
    return build_message(message_id, body, phone=station, serial=serial, is_2019=is_2019)
