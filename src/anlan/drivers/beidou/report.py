"""A flood report in 70 bytes, ours: what a station or a cut-off village says when only a short message gets through.

| bytes | what |
|---|---|
| 2 | "AL" |
| 1 | version, 1 |
| 1 | high half: number of this part, low half: parts in all (1 to 15) |
| 1 | number of the report, the same in all its parts |
| 4 | time of the report: seconds since 2020-01-01T00:00Z, high byte first |
| n × 6 | code of the quantity (1), five-minute steps before the time of the report (1), value in the quantity's steps (4, signed, high byte first) |
| 2 | CRC-16/CCITT (1021, start FFFF) of all before, high byte first |

A part is readable alone: nothing is lost with another part. The value 80000000 means "no reading".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

MARK = b"AL"
VERSION = 1
MAX_BYTES = 70
_HEADER = struct.Struct(">2sBBBI")
_ITEM = struct.Struct(">BBi")
_SUM = 2
MAX_PARTS = 15
ITEMS_PER_PART = (MAX_BYTES - _HEADER.size - _SUM) // _ITEM.size
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
_NO_READING = -(2**31)

#: Code → quantity of vocab.quantities and decimals of the value. Only ever append: stations in the field keep the numbers.
QUANTITIES: dict[int, tuple[str, int]] = {
    1: ("rain_5min", 1),
    2: ("rain_10min", 1),
    3: ("rain_1h", 1),
    4: ("rain_total", 1),
    5: ("stage", 3),
    6: ("discharge", 3),
    7: ("battery_v", 2),
    8: ("water_temperature", 1),
    9: ("mud_level", 3),
    10: ("displacement", 2),
    11: ("crack_width", 2),
    12: ("pond_level", 3),
    13: ("dry_beach_length", 1),
    14: ("phreatic_depth", 3),
    15: ("soil_moisture", 1),
    16: ("rain_24h", 1),
}
_CODES = {quantity: (code, decimals) for code, (quantity, decimals) in QUANTITIES.items()}


@dataclass(frozen=True, slots=True)
class Item:
    """`phenomenon_time` is aware UTC; `value` None means no reading."""

    quantity: str
    phenomenon_time: datetime
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    """One part."""

    number: int
    part: int
    parts: int
    sent_at: datetime
    items: tuple[Item, ...]
    #: Codes of quantities that this build does not know, whose values are passed over.
    unknown: tuple[int, ...] = ()


def crc16(data: bytes) -> int:
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1
    return value


def read_report(payload: bytes) -> Report | None:
    """The report of a payload; None where it is none, is cut, or its sum is wrong."""
    body = len(payload) - _HEADER.size - _SUM
    if not payload.startswith(MARK) or body < 0 or body % _ITEM.size or len(payload) > MAX_BYTES:
        return None
    _, version, parts, number, seconds = _HEADER.unpack_from(payload)
    part, total = parts >> 4, parts & 0x0F
    if (
        version != VERSION
        or not 1 <= part <= total
        or crc16(payload[:-_SUM]) != int.from_bytes(payload[-_SUM:], "big")
    ):
        return None
    sent_at = EPOCH + timedelta(seconds=seconds)
    rows = list(_ITEM.iter_unpack(payload[_HEADER.size : -_SUM]))
    items = tuple(_item(code, steps, value, sent_at) for code, steps, value in rows if code in QUANTITIES)
    unknown = tuple(sorted({code for code, _, _ in rows} - set(QUANTITIES)))
    return Report(number, part, total, sent_at, items, unknown)


def _item(code: int, steps: int, value: int, sent_at: datetime) -> Item:
    quantity, decimals = QUANTITIES[code]
    number = None if value == _NO_READING else Decimal(value).scaleb(-decimals)
    return Item(quantity, sent_at - steps * STEP, number)


def build_report(items: Sequence[Item], *, sent_at: datetime, number: int) -> list[bytes]:
    """The parts of a report. Times are rounded down to five-minute steps before `sent_at`, which is cut to whole seconds.

    ValueError for a quantity without a code, a value or time that does not fit, or more than 15 parts.
    """
    rows = [_row(item, sent_at) for item in items]
    chunks = [rows[at : at + ITEMS_PER_PART] for at in range(0, len(rows), ITEMS_PER_PART)] or [[]]
    if len(chunks) > MAX_PARTS:
        raise ValueError(f"{len(rows)} values do not fit {MAX_PARTS} messages")
    seconds = int((sent_at - EPOCH).total_seconds())
    parts = []
    for part, chunk in enumerate(chunks, start=1):
        body = _HEADER.pack(MARK, VERSION, part << 4 | len(chunks), number & 0xFF, seconds) + b"".join(chunk)
        parts.append(body + crc16(body).to_bytes(_SUM, "big"))
    return parts


def _row(item: Item, sent_at: datetime) -> bytes:
    if item.quantity not in _CODES:
        raise ValueError(f"{item.quantity} has no code in a short report")
    code, decimals = _CODES[item.quantity]
    steps = -((item.phenomenon_time - sent_at) // STEP)
    value = _NO_READING if item.value is None else int(item.value.scaleb(decimals).to_integral_value())
    if not 0 <= steps <= 255 or not (_NO_READING <= value < 2**31):
        raise ValueError(f"{item.quantity} is too old or too large for a short report")
    return _ITEM.pack(code, steps, value)
