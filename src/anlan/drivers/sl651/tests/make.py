"""Frames of our own, written from protocols.md. Stations 9999… do not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.drivers.sl651.codec import decode
from anlan.drivers.sl651.encode import build_frame, packet_content
from anlan.drivers.sl651.layout import BodyStart, End
from anlan.drivers.sl651.model import Sl651Frame

STATION = "9999010001"
CENTER = 1
PASSWORD = "A1B2"
OWN_FRAMES = Path(__file__).parent / "frames" / "own.txt"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


def utc(hour: int, minute: int, *, day: int = 1) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC)


def body(
    data: str = "", *, observed: str = "2607010800", sent: str = "260701080000", serial: int = 7
) -> bytes:
    """Serial, send time, station, type H, observation time, and then `data` as hex. Times are Beijing time."""
    return bytes.fromhex(f"{serial:04X}{sent}F1F1{STATION}48F0F0{observed}{data}".replace(" ", ""))


def frame(function: str, content: bytes, *, end: End = End.ETX) -> bytes:
    return build_frame(function, content, station=STATION, center=CENTER, password=PASSWORD, end=end)


def report(
    data: str, *, function: str = "32", observed: str = "2607010800", sent: str = "260701080000"
) -> bytes:
    return frame(function, body(data, observed=observed, sent=sent))


def packets(function: str, content: bytes, *, size: int) -> list[bytes]:
    """The content in packets of `size` bytes; all but the last end with ETB."""
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return [
        build_frame(
            function,
            packet_content(len(parts), number, part),
            station=STATION,
            center=CENTER,
            password=PASSWORD,
            body_start=BodyStart.SYN,
            end=End.ETX if number == len(parts) else End.ETB,
        )
        for number, part in enumerate(parts, start=1)
    ]


def decoded(raw: bytes) -> Sl651Frame:
    result = decode(raw)
    assert isinstance(result, Sl651Frame), result
    return result
