"""A decoded JT/T 808 message, and its fields under the names that the vectors use."""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass
from datetime import datetime

from anlan.drivers.jt808 import layout
from anlan.drivers.jt808.bodies import Content
from anlan.drivers.jt808.framing import Header
from anlan.drivers.jt808.times import BEIJING_H, utc_of
from anlan.drivers.types import DuplicateKey, Fields


def station_of(phone: str) -> str:
    """The address of a terminal: its number without the zeros that fill the field, so that 2013 and 2019 agree. Not always decimal."""
    return phone.lstrip("0").upper() or "0"


@dataclass(frozen=True, slots=True)
class Jt808Frame:
    """One message, or (`is_joined`) the sub-packet that completed one, with the body of the whole."""

    raw: bytes
    header: Header
    body: bytes
    content: Content
    #: The vendor's dialect with a serial of one byte.
    has_short_serial: bool = False
    is_joined: bool = False
    utc_offset_h: float = BEIJING_H

    @property
    def station(self) -> str:
        return station_of(self.header.phone)

    @property
    def function(self) -> str:
        return self.header.message_id

    @property
    def is_down(self) -> bool:
        return not layout.is_uplink(self.function)

    @property
    def is_part(self) -> bool:
        """One sub-packet of several, not the whole message."""
        return (self.header.total or 1) > 1 and not self.is_joined

    @property
    def sent_at(self) -> datetime | None:
        """The header has no time. A location's is when the satellites were heard, which may be hours before a resend: not taken for it."""
        return None

    @property
    def newest_at(self) -> datetime | None:
        """Time of the newest location, aware UTC; None where there is none."""
        times = [utc_of(place.time_raw, self.utc_offset_h) for place in self.content.locations]
        return max((time for time in times if time is not None), default=None)

    @property
    def problems(self) -> tuple[str, ...]:
        return self.content.problems

    @property
    def duplicate_key(self) -> DuplicateKey:
        """Serials wrap after 65536 messages and restart after power loss, so the whole body is part of it."""
        packet = f"{self.header.number}/{self.header.total}" if self.is_part else ""
        times = [place.time_raw for place in self.content.locations[:1]]
        return (
            self.station,
            self.function,
            str(self.header.serial),
            f"{crc32(self.body):08x}",
            packet or "".join(times),
        )

    def fields(self) -> Fields:
        header = self.header
        fields: Fields = {
            "xor_ok": True,
            "msg_id": header.message_id,
            "msg_name": layout.MESSAGE_NAMES.get(header.message_id),
            "direction": "down" if self.is_down else "up",
            "version": "2019" if header.is_2019 else "2011/2013",
            "body_len_field": header.body_length,
            "subpackaged": header.total is not None,
            "encrypt_bits": header.encryption,
            "phone": header.phone,
            "station": self.station,
            "serial": header.serial,
            "body_len_actual": header.body_length,
            "length_ok": True,
        }
        if header.is_2019:
            fields["protocol_version"] = header.protocol_version
        if header.total is not None:
            fields |= {"packet_total": header.total, "packet_no": header.number}
        if self.has_short_serial:
            fields["serial_bytes"] = 1
        fields |= self.content.fields
        if not self.content.fields and self.body and not self.is_part:
            fields["body_hex"] = self.body.hex()
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields
