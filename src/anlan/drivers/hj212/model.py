"""A decoded HJ 212 message, and its fields under the names that the vectors use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anlan.drivers.hj212.crc import Dialect
from anlan.drivers.hj212.layout import COMMAND_NAMES, FLAG_ACK, FLAG_PACKETS, VERSION_SHIFT
from anlan.drivers.hj212.times import utc_of
from anlan.drivers.types import DuplicateKey, Fields


@dataclass(frozen=True, slots=True)
class Hj212Frame:
    """One message. `groups` are the items between the && marks, one mapping for each group, in their order."""

    raw: bytes
    header: Mapping[str, str]
    groups: tuple[Mapping[str, str], ...]
    dialect: Dialect
    length_field: int
    crc_field: str
    problems: tuple[str, ...] = ()

    @property
    def station(self) -> str:
        return self.header.get("MN", "")

    @property
    def function(self) -> str:
        return self.header.get("CN", "")

    @property
    def qn(self) -> str:
        return self.header.get("QN", "")

    @property
    def sent_at(self) -> datetime | None:
        return utc_of(self.header.get("QN"))

    @property
    def flag(self) -> int | None:
        """The number of the Flag item; None where it is absent (2005) or no number."""
        raw = self.header.get("Flag", "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 3 else None

    @property
    def wants_answer(self) -> bool:
        return bool((self.flag or 0) & FLAG_ACK)

    @property
    def packet(self) -> tuple[int, int] | None:
        """Total and number of a message of several packets; None where it is whole, or the numbers make no sense."""
        if not (self.flag or 0) & FLAG_PACKETS:
            return None
        total, number = self.header.get("PNUM", ""), self.header.get("PNO", "")
        if not (total.isascii() and total.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(total) > 4 or len(number) > 4 or not 1 <= int(number) <= int(total):
            return None
        return (int(total), int(number)) if int(total) > 1 else None

    @property
    def data_time(self) -> str | None:
        return self.item("DataTime")

    def item(self, name: str) -> str | None:
        """The first item of this name."""
        return next((group[name] for group in self.groups if name in group), None)

    @property
    def duplicate_key(self) -> DuplicateKey:
        """Station, command, packet, and the data time; of a message without one the QN, or its check sum."""
        what = self.data_time or self.qn or self.crc_field
        return (self.station, self.function, self.header.get("PNO", ""), self.header.get("ST", ""), what)

    def fields(self) -> Fields:
        fields: Fields = {
            "length_field": self.length_field,
            "actual_length": self.length_field,
            "length_ok": True,
            "crc_field": self.crc_field,
            "crc_ok": True,
            "crc_dialect": self.dialect.value,
            "station": self.station,
            "function": self.function,
            "function_name": COMMAND_NAMES.get(self.function, (None, None))[0],
            **self.header,
            "CP": [dict(group) for group in self.groups],
        }
        if self.flag is not None:
            fields |= {
                "flag_ack_required": bool(self.flag & FLAG_ACK),
                "flag_has_packet_numbers": bool(self.flag & FLAG_PACKETS),
                "flag_version_bits": self.flag >> VERSION_SHIFT,
            }
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields
