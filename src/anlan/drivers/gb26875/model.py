"""A decoded frame, and its fields under the names that the vectors use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.drivers.gb26875 import tables, times
from anlan.drivers.gb26875.layout import DOWN, HEADER, TRAILER, Command, data_length, sum_of
from anlan.drivers.gb26875.units import Unit
from anlan.drivers.types import DuplicateKey, Fields


def address_of(raw: bytes) -> str:
    """Addresses are little-endian numbers; public frames carry 11111 and 88888 in decimal."""
    return str(int.from_bytes(raw, "little"))


@dataclass(frozen=True, slots=True)
class FireFrame:
    """One frame of a user transmission device. `unit` is None where the frame carries no data."""

    raw: bytes
    unit: Unit | None

    @property
    def serial(self) -> int:
        return self.raw[2] | self.raw[3] << 8

    @property
    def station(self) -> str:
        """The device's address, whichever way the frame goes."""
        return address_of(self.raw[18:24] if self.is_down else self.raw[12:18])

    @property
    def command(self) -> int:
        return self.raw[26]

    @property
    def function(self) -> str:
        """Command and type, such as "2-2": sent state of a component."""
        return f"{self.command}-{self.unit.type_flag}" if self.unit is not None else str(self.command)

    @property
    def is_down(self) -> bool:
        return self.command in DOWN

    @property
    def sent_at(self) -> datetime | None:
        return times.binary(self.raw[6:12])

    @property
    def data(self) -> bytes:
        return self.raw[HEADER:-TRAILER]

    @property
    def problems(self) -> tuple[str, ...]:
        found = self.unit.problems if self.unit is not None else ()
        if self.sent_at is None:
            found = (f"The time {self.raw[6:12].hex()} of the header is no date.", *found)
        return found

    @property
    def duplicate_key(self) -> DuplicateKey:
        """Serials wrap and many units never count them, so the data are part of the key."""
        return (self.station, self.function, str(self.serial), self.raw[6:12].hex(), self.data.hex()[:120])

    def fields(self) -> Fields:
        raw = self.raw
        fields: Fields = {
            "serial": self.serial,
            "version_main": raw[4],
            "version_user": raw[5],
            "time": times.shown(self.sent_at),
            "station": self.station,
            "source_addr_le": raw[12:18].hex(),
            "dest_addr_le": raw[18:24].hex(),
            "app_len": data_length(raw),
            "command": self.command,
            "command_name": tables.COMMAND_NAMES.get(self.command, f"command {self.command}"),
            "direction": "down" if self.command in (Command.CONTROL, Command.REQUEST) else "up",
            "length_ok": len(raw) == HEADER + data_length(raw) + TRAILER,
            "checksum": f"{raw[-TRAILER]:02X}",
            "checksum_ok": raw[-TRAILER] == sum_of(raw),
            "end_ok": raw[-2:] == b"\x23\x23",
        }
        if self.data:
            fields["app_hex"] = self.data.hex()
        if self.unit is not None:
            fields |= self.unit.fields()
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields
