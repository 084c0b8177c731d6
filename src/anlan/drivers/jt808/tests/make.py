"""Messages of our own, written from protocols.md. Vehicles 100… do not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.drivers.jt808.codec import decode
from anlan.drivers.jt808.encode import build_message
from anlan.drivers.jt808.model import Jt808Frame
from anlan.drivers.types import FrameAccepted, FrameRefused, Outcome, Reply

PHONE = "010012345678"
STATION = "10012345678"
OWN_FRAMES = Path(__file__).parent / "frames" / "own.txt"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


def location_body(
    *,
    alarm: int = 0,
    status: int = 3,
    lat: float = 25.04,
    lon: float = 102.71,
    speed_kmh: float = 62.5,
    time: str = "260701080000",
    items: str = "",
) -> bytes:
    """A location in Beijing time; `items` is hex."""
    return (
        alarm.to_bytes(4, "big")
        + status.to_bytes(4, "big")
        + round(lat * 1e6).to_bytes(4, "big")
        + round(lon * 1e6).to_bytes(4, "big")
        + (1900).to_bytes(2, "big")
        + round(speed_kmh * 10).to_bytes(2, "big")
        + (90).to_bytes(2, "big")
        + bytes.fromhex(time + items)
    )


def message(message_id: str, body: bytes = b"", *, serial: int = 7, is_2019: bool = False) -> bytes:
    return build_message(message_id, body, phone=PHONE, serial=serial, is_2019=is_2019)


def location(serial: int = 7, *, alarm: int = 0, status: int = 3, items: str = "") -> bytes:
    return message("0200", location_body(alarm=alarm, status=status, items=items), serial=serial)


def batch(*bodies: bytes) -> bytes:
    parts = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    return message("0704", len(bodies).to_bytes(2, "big") + b"\x01" + parts)


def packets(message_id: str, body: bytes, *, size: int, serial: int = 20) -> list[bytes]:
    """The body in sub-packets with consecutive serials."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [
        build_message(message_id, part, phone=PHONE, serial=serial + number - 1, packet=(len(parts), number))
        for number, part in enumerate(parts, start=1)
    ]


def decoded(raw: bytes) -> Jt808Frame:
    result = decode(raw)
    assert isinstance(result, Jt808Frame), result
    return result


def accepted(outcomes: list[Outcome]) -> list[FrameAccepted]:
    return [each for each in outcomes if isinstance(each, FrameAccepted)]


def refused(outcomes: list[Outcome]) -> list[FrameRefused]:
    return [each for each in outcomes if isinstance(each, FrameRefused)]


def replies(outcomes: list[Outcome]) -> list[Jt808Frame]:
    return [decoded(each.data) for each in outcomes if isinstance(each, Reply)]
