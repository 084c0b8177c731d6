"""A decoded SL 651 frame, and its fields under the names that the vectors use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from anlan.drivers.sl651.layout import DOWN, FUNCTION_NAMES, BodyStart
from anlan.drivers.sl651.times import utc_of
from anlan.drivers.types import DuplicateKey, Fields


class ElementKind(Enum):
    """How the data of an element are laid out; the value is the field name in the vectors."""

    SCALAR = "value"
    SERIES = "values"
    RAIN_GROUP = "values_mm"
    LEVEL_GROUP = "values_m"
    STEP = "step_DDHHmm"


@dataclass(frozen=True, slots=True)
class Element:
    """`raw` is the data as hex digits (of a series: its first value); `values` are in the unit of the element."""

    id: str
    definition: str
    raw: str
    kind: ElementKind
    values: tuple[Decimal | None, ...]
    #: The observation time that governs it, as written: yyMMddHHmm; None before the first F0F0.
    observed_raw: str | None

    def fields(self) -> Fields:
        fields: Fields = {"id": self.id, "def": self.definition, "raw": self.raw}
        numbers = [None if value is None else float(value) for value in self.values]
        if self.kind is ElementKind.STEP:
            fields[self.kind.value] = self.raw
        elif self.kind is ElementKind.SCALAR:
            fields[self.kind.value] = numbers[0]
        else:
            fields[self.kind.value] = numbers
        return fields


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between body start and end byte. Of a later packet of several, only `content` is known."""

    content: bytes
    serial: int | None = None
    send_time_raw: str | None = None
    station: str | None = None
    station_type: str | None = None
    obs_times_raw: tuple[str, ...] = ()
    #: None where the function carries no elements at all.
    elements: tuple[Element, ...] | None = None
    is_complete: bool = True
    manual_text: str | None = None
    picture: bytes | None = None
    param_hex: str | None = None
    params: bytes = b""
    nonstandard_def: str | None = None
    problems: tuple[str, ...] = ()

    def fields(self) -> Fields:
        named: Fields = {
            "serial": self.serial,
            "send_time_raw": self.send_time_raw,
            "station_in_body": self.station,
            "station_type": self.station_type,
            "obs_times_raw": list(self.obs_times_raw) or None,
            "nonstandard_def": self.nonstandard_def,
            "manual_text": self.manual_text,
            "picture_bytes": None if self.picture is None else len(self.picture),
            "param_hex": self.param_hex,
        }
        fields = {name: value for name, value in named.items() if value is not None}
        if self.elements is not None:
            fields["elements"] = [element.fields() for element in self.elements]
            fields["elements_complete"] = self.is_complete
        return fields


@dataclass(frozen=True, slots=True)
class Sl651Frame:
    """One frame, or (`is_joined`) the packet that completed a message of several, with the body of the whole."""

    raw: bytes
    direction: int
    center: int
    station: str
    password: str
    function: str
    length_field: int
    body_start: int
    terminator: int
    body: Body
    packet_total: int | None = None
    packet_no: int | None = None
    is_joined: bool = False

    @property
    def is_down(self) -> bool:
        return self.direction == DOWN

    @property
    def is_part(self) -> bool:
        """One packet of several, not the whole message."""
        return self.body_start == BodyStart.SYN and not self.is_joined

    @property
    def sent_at(self) -> datetime | None:
        return utc_of(self.body.send_time_raw)

    @property
    def observed_at(self) -> datetime | None:
        """The last observation time of the body."""
        return utc_of(self.body.obs_times_raw[-1]) if self.body.obs_times_raw else None

    @property
    def problems(self) -> tuple[str, ...]:
        return self.body.problems

    @property
    def duplicate_key(self) -> DuplicateKey:
        """Serials wrap and restart after power loss, so the send time is part of it. A packet without serial is known by its sum."""
        if self.is_part:
            return (
                self.station,
                self.function,
                f"{self.packet_no}/{self.packet_total}",
                self.raw[-2:].hex(),
                "",
            )
        observed = ",".join(self.body.obs_times_raw)
        return (self.station, self.function, str(self.body.serial), self.body.send_time_raw or "", observed)

    def fields(self) -> Fields:
        fields: Fields = {
            "crc_ok": True,
            "direction": "down" if self.is_down else "up",
            "center": self.center,
            "station": self.station,
            "password": self.password,
            "function": self.function,
            "function_name": FUNCTION_NAMES.get(self.function),
            "length_field": self.length_field,
            "body_start": f"{self.body_start:02X}",
            "length_ok": True,
            "terminator": f"{self.terminator:02X}",
        }
        if self.packet_total is not None:
            fields |= {"packet_total": self.packet_total, "packet_no": self.packet_no}
        fields |= self.body.fields()
        if self.problems:
            fields["problems"] = list(self.problems)
        return fields
