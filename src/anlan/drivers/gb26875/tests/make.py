"""Frames of our own, written from protocols.md. Transmission device 990001 does not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from anlan.drivers.gb26875 import times
from anlan.drivers.gb26875.codec import decode
from anlan.drivers.gb26875.encode import build_frame, wire_address
from anlan.drivers.gb26875.layout import Command
from anlan.drivers.gb26875.model import FireFrame
from anlan.drivers.types import FrameAccepted, FrameRefused, Outcome, Reply

DEVICE = "990001"
CENTER = "1"
OWN_FRAMES = Path(__file__).parent / "frames" / "own.txt"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
BINARY_NOW = times.to_bytes(NOW)
#: The same moment in the digits of a BCD unit.
BCD_NOW = bytes.fromhex("000008010726")


def frame(data: bytes = b"", *, command: int = Command.SEND, serial: int = 7, at: datetime = NOW) -> bytes:
    return build_frame(
        command,
        data,
        serial=serial,
        at=at,
        source=wire_address(DEVICE),
        destination=wire_address(CENTER),
    )


def component(
    state: int, *, address: int = 5, kind: int = 42, description: str = "三楼走廊", time: bytes = BINARY_NOW
) -> bytes:
    """A type-2 unit of one component: fire alarm system 1, its address 2."""
    text = description.encode("gb18030").ljust(31, b"\0")
    return (
        bytes([2, 1, 1, 2, kind]) + address.to_bytes(4, "little") + state.to_bytes(2, "little") + text + time
    )


def analogue(kind: int, value: int, *, time: bytes = BINARY_NOW) -> bytes:
    head = bytes([3, 1, 1, 2, 92]) + (9).to_bytes(4, "little") + bytes([kind])
    return head + value.to_bytes(2, "little", signed=True) + time


def decoded(raw: bytes) -> FireFrame:
    result = decode(raw)
    assert isinstance(result, FireFrame), result
    return result


def accepted(outcomes: list[Outcome]) -> list[FrameAccepted]:
    return [each for each in outcomes if isinstance(each, FrameAccepted)]


def refused(outcomes: list[Outcome]) -> list[FrameRefused]:
    return [each for each in outcomes if isinstance(each, FrameRefused)]


def replies(outcomes: list[Outcome]) -> list[FireFrame]:
    return [decoded(each.data) for each in outcomes if isinstance(each, Reply)]
