"""A vendor's pressure gauge that reports beside GB/T 26875.3: A5 5A, length 3, … Modbus CRC (high byte first), 55 AA.

Known from one public message (gb26875-045): twelve characters of device, pressure in kPa and a Unix time. What else stands in it is shown
as it came.
"""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.drivers.explaining import Explainer
from anlan.drivers.gb26875.times import shown
from anlan.drivers.types import Fields, Span

_START, _END = b"\xa5\x5a", b"\x55\xaa"
_DEVICE = slice(5, 17)
_LENGTH = 41


def crc_modbus(data: bytes) -> int:
    """CRC-16/MODBUS: polynomial 8005 reflected, start FFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def describe_gauge(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of one message; never raises."""
    if len(message) < 9 or not message.startswith(_START) or not message.endswith(_END):
        return _bad("gb26875.gauge", "A message of the gauge begins with A5 5A and ends with 55 AA.")
    length = int.from_bytes(message[2:5], "big")
    computed = crc_modbus(message[:-4])
    fields: Fields = {
        "length_field": length,
        "actual_length": len(message),
        "crc_modbus_be_ok": int.from_bytes(message[-4:-2], "big") == computed,
        "crc_modbus_le_ok": int.from_bytes(message[-4:-2], "little") == computed,
    }
    if length != len(message):
        reason = f"The gauge declares {length} bytes; {len(message)} are here."
        return _bad("gb26875.length", reason) | fields
    if not fields["crc_modbus_be_ok"]:
        return _bad("gb26875.crc", f"The check sum does not fit; the bytes give {computed:04X}.") | fields
    return {"ok": True, "reason": None, "code": None, **fields, **_values(message)}


def _values(message: bytes) -> Fields:
    if len(message) != _LENGTH:
        return {"app_hex": message[5:-4].hex()}
    pressure = int.from_bytes(message[29:31], "big")
    at = datetime.fromtimestamp(int.from_bytes(message[31:35], "big"), UTC)
    return {
        "device": message[_DEVICE].decode("ascii", "replace"),
        "current_MPa": pressure / 1000,
        "time": shown(at),
        "app_hex": message[5:-4].hex(),
    }


def explain_gauge(message: bytes) -> list[Span]:
    walk = Explainer(message)
    walk.add(2, "start", "A5 5A", "起始符")
    walk.add(3, "length", str(int.from_bytes(message[2:5], "big")), "长度")
    walk.add(len(message) - 9, "content", "a vendor's gauge", "厂家压力表内容")
    walk.add(2, "crc", "CRC-16/MODBUS, high byte first", "校验")
    walk.add(2, "end", "55 AA", "结束符")
    return walk.rest()


def _bad(code: str, reason: str) -> Fields:
    return {"ok": False, "reason": reason, "code": code}
