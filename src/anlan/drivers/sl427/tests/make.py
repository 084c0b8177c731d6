"""SL 427 frames for tests, written from the text; no station sent these."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.drivers.sl427.encode import build_frame

OWN_FRAMES = Path(__file__).with_name("frames") / "own.txt"
STATION = "5301270100"
ADDRESS = bytes.fromhex(STATION)
NOW = datetime(2026, 7, 1, 0, 0, 30, tzinfo=UTC)
#: 2026-07-01 08:00:00 Beijing time, no delay allowed for.
LABEL = bytes.fromhex("00000801072600")
UP = 0x80


def report(
    type_code: int, values: str, *, afn: int = 0xC0, status: str = "00000100", label: bytes = LABEL
) -> bytes:
    return build_frame(UP | type_code, ADDRESS, afn, bytes.fromhex(values + status) + label)


def bare(type_code: int, data: str, *, afn: int, control: int = UP) -> bytes:
    return build_frame(control | type_code, ADDRESS, afn, bytes.fromhex(data))
