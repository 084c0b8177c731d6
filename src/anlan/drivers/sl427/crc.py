"""CRC-8 of SL 427: polynomial x⁷+x⁶+x⁵+x²+1 (E5), start 0, over the user data. Recomputed on the one real frame at hand."""

from __future__ import annotations

POLYNOMIAL = 0xE5


def _table() -> bytes:
    table = bytearray()
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value << 1 ^ POLYNOMIAL) & 0xFF if value & 0x80 else value << 1
        table.append(value)
    return bytes(table)


_TABLE = _table()


def crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _TABLE[value ^ byte]
    return value
