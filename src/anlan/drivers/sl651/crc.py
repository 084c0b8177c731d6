"""CRC-16 of SL 651: polynomial A001 reflected, start FFFF, from the first 7E to the end byte, sent high byte first.

Source: protocols.md, recomputed on real frames. `RunningCrc` exists so that a flood of false frame starts costs no more than the
bytes themselves: the sum over any slice comes from two running values instead of from the slice.
"""

from __future__ import annotations

from array import array
from functools import cache

try:
    from fastcrc.crc16 import modbus
except ImportError:  # no wheel for this kind of processor: slower, the same sums
    modbus = None  # type: ignore[assignment]

POLYNOMIAL = 0xA001
INITIAL = 0xFFFF
#: The polynomial "1" in reflected notation.
_ONE = 0x8000


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ POLYNOMIAL if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_TABLE = _table()


def crc16_by_table(data: bytes | bytearray, value: int = INITIAL) -> int:
    """The sum of the bytes, continued from the sum of those before them."""
    table = _TABLE
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value


#: The same; compiled where the machine has it.
crc16 = crc16_by_table if modbus is None else modbus


@cache
def _powers(longest: int) -> array[int]:
    """x^(8n) for every slice length n: what n zero bytes do to a sum."""
    powers = array("H", [_ONE])
    value = _ONE
    for _ in range(longest):
        value = (value >> 8) ^ _TABLE[value & 0xFF]
        powers.append(value)
    return powers


def _multiply(left: int, right: int) -> int:
    """Product of two polynomials modulo the CRC polynomial, reflected notation."""
    product = 0
    while left:
        if left & _ONE:
            product ^= right
        left = (left << 1) & 0xFFFF
        right = (right >> 1) ^ POLYNOMIAL if right & 1 else right >> 1
    return product


class RunningCrc:
    """Running sums over a sliding window of bytes; `of(start, end)` takes 16 steps whatever the length."""

    def __init__(self, longest: int) -> None:
        self._powers = _powers(longest)
        #: _sums[i] is the running sum before byte i of the window.
        self._sums = array("H", [0])

    def append(self, data: bytes) -> None:
        table, sums = _TABLE, self._sums
        value = sums[-1]
        for byte in data:
            value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
            sums.append(value)

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes of the window."""
        del self._sums[:count]

    def of(self, start: int, end: int) -> int:
        """The same as crc16(window[start:end])."""
        before = self._sums[start] ^ INITIAL
        return self._sums[end] ^ _multiply(before, self._powers[end - start])
