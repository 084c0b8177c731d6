"""BeiDou sentences for tests; no terminal said these."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from anlan.drivers.beidou.encode import build_sentence
from anlan.drivers.beidou.report import Item, build_report

OWN_FRAMES = Path(__file__).with_name("frames") / "own.txt"
#: Seven digits, of nobody.
CARD = "0000017"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)

ITEMS = (
    Item("rain_1h", NOW, Decimal("35.5")),
    Item("stage", NOW - timedelta(minutes=5), Decimal("-1.234")),
    Item("battery_v", NOW, None),
)


def received(payload: bytes, *, mode: str = "2", card: str = CARD, time: str = "") -> bytes:
    return build_sentence(f"BDTXR,1,{card},{mode},{time},A4{payload.hex().upper()}")


def report_sentences(count: int = 3) -> list[bytes]:
    items = [ITEMS[number % len(ITEMS)] for number in range(count)]
    return [received(part) for part in build_report(items, sent_at=NOW, number=5)]
