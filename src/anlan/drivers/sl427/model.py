"""A decoded SL 427 frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.drivers.sl427.layout import (
    AFN_NAMES,
    ALARM_BITS,
    FCB,
    LINK_NAMES,
    LINK_TEST,
    SPLIT,
    STATE_BITS,
    TYPE,
    UP,
)
from anlan.drivers.sl427.values import ITEMS, Value, utc_of
from anlan.drivers.types import DuplicateKey, Fields


@dataclass(frozen=True, slots=True)
class Sl427Frame:
    """`data` stands between AFN and time label; of a self report the values alone, with status and label beside them."""

    raw: bytes
    control: int
    station: str
    afn: int
    data: bytes
    #: How many frames of a split message are still to come, this one counted; None for a whole one.
    split: int | None = None
    status: bytes = b""
    label: bytes = b""
    values: tuple[Value, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_down(self) -> bool:
        return not self.control & UP

    @property
    def function(self) -> str:
        return f"{self.afn:02X}"

    @property
    def type_code(self) -> int:
        return self.control & TYPE

    @property
    def sent_at(self) -> datetime | None:
        return utc_of(self.label) if self.label else None

    @property
    def alarms(self) -> tuple[int, ...]:
        """Bits of the alarm word that are set and are alarms. Low byte first, as all numbers here (assumed)."""
        word = int.from_bytes(self.status[:2], "little")
        return tuple(bit for bit in range(len(ALARM_BITS)) if word >> bit & 1 and bit not in STATE_BITS)

    @property
    def mode(self) -> int:
        """How the terminal works, of its state word; 0 where the frame has none."""
        return self.status[2] & 0x03 if len(self.status) >= 4 else 0

    @property
    def duplicate_key(self) -> DuplicateKey:
        what = f"{self.control:02X}" if self.label else self.raw[3:].hex().upper()
        split = "" if self.split is None else str(self.split)
        return (self.station, self.function, what, split, self.label.hex().upper())

    def fields(self) -> Fields:
        item = ITEMS.get(self.type_code)
        fields: Fields = {
            "length_field": self.raw[1],
            "actual_user_bytes": self.raw[1],
            "crc8_poly_E5_ok": True,
            "control": f"{self.control:02X}",
            "direction": "down" if self.is_down else "up",
            "fcb": (self.control & FCB) >> 4,
            "is_split": bool(self.control & SPLIT),
            "type": item.zh if item else None,
            "address": self.station,
            "station": self.station,
            "afn": self.function,
            "function": self.function,
            "function_name": AFN_NAMES.get(self.afn, (None, None))[0],
            "data_hex": self.data.hex().upper(),
            "values": [
                {"quantity": each.quantity, "value": None if each.number is None else float(each.number)}
                for each in self.values
            ],
        }
        if self.split is not None:
            fields["frames_to_come"] = self.split
        if self.afn == LINK_TEST and self.data:
            fields["link"] = LINK_NAMES.get(self.data[0], (None, None))[0]
        if self.status:
            fields |= {
                "status_hex": self.status.hex().upper(),
                "alarms": [ALARM_BITS[bit][0] for bit in self.alarms],
            }
        if self.label:
            sent = self.sent_at
            fields |= {"time_raw": self.label.hex().upper(), "time": sent.isoformat() if sent else None}
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields
