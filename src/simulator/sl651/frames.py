"""SL 651-2014 HEX frames as a station writes them, and the acknowledgements it reads.

Uplink: 7E7E · centre 1 · station 5 · password 2 · function 1 · direction and length 2 · STX · body · ETX · CRC 2.
Times on the wire are Beijing time (UTC+8), BCD.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise

START = b"\x7e\x7e"
STX, ETX = 0x02, 0x03
#: End bytes of downlink frames that accept what was sent: EOT, ENQ, ACK and ESC. NAK (15) refuses it.
ACCEPTING = frozenset({0x04, 0x05, 0x06, 0x1B})
DOWN = 0x8000
BEIJING = timezone(timedelta(hours=8))
KEEPALIVE, TEST, UNIFORM, TIMING, ADDED, HOURLY = 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34
TYPE_RAIN, TYPE_RIVER = 0x50, 0x48


def crc16(data: bytes) -> int:
    """CRC-16, polynomial A001 reflected, start FFFF; sent high byte first."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def bcd(number: int, size: int) -> bytes:
    """A non-negative number as packed decimal of a fixed size."""
    digits = f"{number:0{size * 2}d}"
    if len(digits) > size * 2 or number < 0:
        raise ValueError(f"{number} does not fit into {size} BCD bytes")
    return bytes.fromhex(digits)


def beijing_minutes(moment: datetime) -> bytes:
    """Observation time, yyMMddHHmm."""
    return bytes.fromhex(moment.astimezone(BEIJING).strftime("%y%m%d%H%M"))


def beijing_seconds(moment: datetime) -> bytes:
    """Send time, yyMMddHHmmss."""
    return bytes.fromhex(moment.astimezone(BEIJING).strftime("%y%m%d%H%M%S"))


def element(identifier: int, value: int | None, size: int, decimals: int) -> bytes:
    """One element: identifier, definition byte, then the value scaled by its decimals; None = no reading."""
    return bytes([identifier, size << 3 | decimals]) + digits(value, size)


def digits(value: int | None, size: int) -> bytes:
    """The value part of an element: all F = no reading, a leading FF = negative."""
    if value is None:
        return b"\xff" * size
    if value < 0:
        return b"\xff" + bcd(-value, size - 1)
    return bcd(value, size)


def rain_group(tenths: Sequence[int | None]) -> bytes:
    """F4: the rain of twelve 5-minute slots in 0.1 mm, one byte each; FF = no reading."""
    if len(tenths) != 12 or any(value is not None and not 0 <= value <= 0xFE for value in tenths):
        raise ValueError("an F4 group holds twelve values of 0 to 25.4 mm")
    return bytes([0xF4, 12 << 3]) + bytes(0xFF if value is None else value for value in tenths)


def uniform_series(
    step_min: int, identifier: int, values: list[int | None], size: int, decimals: int
) -> bytes:
    """Uniform-time report: 04 with the step as DDHHmm, then one definition and its values to the end."""
    step = bytes([0x04, 3 << 3]) + bcd(step_min, 3)
    return step + bytes([identifier, size << 3 | decimals]) + b"".join(digits(v, size) for v in values)


def observed(moment: datetime) -> bytes:
    """F0F0 and the observation time that governs the elements after it."""
    return b"\xf0\xf0" + beijing_minutes(moment)


@dataclass(frozen=True, slots=True)
class Address:
    """Who sends to whom: station code of ten hex digits, centre, password and station type."""

    station: str
    station_type: int
    centre: int = 1
    password: str = "0000"  # noqa: S105 - the factory setting of real stations

    def uplink(self, function: int, *, serial: int, sent: datetime, elements: bytes = b"") -> bytes:
        """A complete frame; a keep-alive has no elements and then no station block either."""
        body = serial.to_bytes(2, "big") + beijing_seconds(sent)
        if function != KEEPALIVE:
            body += b"\xf1\xf1" + bytes.fromhex(self.station) + bytes([self.station_type]) + elements
        head = bytes([self.centre]) + bytes.fromhex(self.station + self.password) + bytes([function])
        frame = START + head + len(body).to_bytes(2, "big") + bytes([STX]) + body + bytes([ETX])
        return frame + crc16(frame).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Ack:
    """What the centre answered to one frame."""

    station: str
    function: int
    serial: int
    accepted: bool


class AckReader:
    """Collects bytes from the centre and gives back whole, correct downlink frames."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Ack]:
        """Add received bytes; returns the acknowledgements completed by them."""
        self._held += data
        found: list[Ack] = []
        while (start := self._held.find(START)) >= 0:
            self._held = self._held[start:]
            if len(self._held) < 14:
                break
            length = int.from_bytes(self._held[11:13], "big")
            whole = 14 + (length & 0x0FFF) + 3
            if len(self._held) < whole:
                break
            ack = _ack(self._held[:whole])
            self._held = self._held[whole if ack else 2 :]
            found += [ack] if ack else []
        return found


def _ack(frame: bytes) -> Ack | None:
    """Downlink order is station, centre, password, function; None when it is no correct downlink frame."""
    if crc16(frame[:-2]).to_bytes(2, "big") != frame[-2:] or not frame[11] & DOWN >> 8 or len(frame) < 19:
        return None
    serial = int.from_bytes(frame[14:16], "big")
    return Ack(frame[2:7].hex().upper(), frame[10], serial, frame[-3] in ACCEPTING)


def cut(frame: bytes, pieces: int) -> list[bytes]:
    """A frame in nearly equal pieces, as a slow radio link delivers it."""
    marks = [len(frame) * part // pieces for part in range(pieces + 1)]
    return [frame[a:b] for a, b in pairwise(marks)]


def spoiled(frame: bytes) -> bytes:
    """A copy with one bit of the last body byte turned, so that its CRC is wrong and its length still right."""
    return frame[:-4] + bytes([frame[-4] ^ 0x01]) + frame[-3:]


def torn(frame: bytes) -> bytes:
    """The first half of a frame, at least its whole head: what is left when a device restarts while sending."""
    return frame[: max(14, len(frame) // 2)]
