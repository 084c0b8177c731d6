"""The application data unit: type 1, number of records 1, and the records, each laid out by its type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from anlan.drivers.gb26875 import tables
from anlan.drivers.gb26875.times import RecordTime, read
from anlan.drivers.types import Fields


class Form(Enum):
    NUMBER = "number"
    SIGNED = "signed"
    #: GB18030, filled with NUL.
    TEXT = "text"
    #: One byte length and as much text.
    LONG_TEXT = "long text"
    TIME = "time"


class Slot(NamedTuple):
    name: str
    size: int
    form: Form = Form.NUMBER


_SYSTEM = (Slot("system_type", 1), Slot("system_addr", 1))
_COMPONENT = (*_SYSTEM, Slot("component_type", 1), Slot("component_addr", 4))
_TIME = Slot("time", 6, Form.TIME)
_DESCRIPTION = Slot("description", 31, Form.TEXT)
_OPERATION = (Slot("operation", 1), Slot("operator", 1), _TIME)
_VERSION = (Slot("version_main", 1), Slot("version_user", 1))
_CONFIGURATION = Slot("configuration", 1, Form.LONG_TEXT)
_RESERVED = (Slot("reserved", 1),)

SHAPES: dict[int, tuple[Slot, ...]] = {
    1: (*_SYSTEM, Slot("state", 2), _TIME),
    2: (*_COMPONENT, Slot("state", 2), _DESCRIPTION, _TIME),
    3: (*_COMPONENT, Slot("analogue_type", 1), Slot("analogue_value", 2, Form.SIGNED), _TIME),
    4: (*_SYSTEM, *_OPERATION),
    5: (*_SYSTEM, *_VERSION),
    6: (*_SYSTEM, _CONFIGURATION),
    7: (*_COMPONENT, _DESCRIPTION),
    8: (*_SYSTEM, _TIME),
    21: (Slot("state", 1), _TIME),
    24: _OPERATION,
    25: _VERSION,
    26: (_CONFIGURATION,),
    28: (_TIME,),
    61: _SYSTEM,
    62: _COMPONENT,
    63: _COMPONENT,
    64: (*_SYSTEM, Slot("records", 1), _TIME),
    65: _SYSTEM,
    66: _SYSTEM,
    67: _COMPONENT,
    68: _SYSTEM,
    81: _RESERVED,
    84: (Slot("records", 1), _TIME),
    85: _RESERVED,
    86: _RESERVED,
    88: _RESERVED,
    89: _RESERVED,
    90: (_TIME,),
    91: (Slot("answer_within_min", 1),),
}


class Piece(NamedTuple):
    """One field of a record as it stands in the data: where, how long, and what it says."""

    start: int
    size: int
    name: str
    value: int | str | RecordTime


@dataclass(frozen=True, slots=True)
class Record:
    pieces: tuple[Piece, ...]

    def number(self, name: str) -> int:
        """A number of the record; 0 where its type has no such field."""
        return next(
            (each.value for each in self.pieces if each.name == name and isinstance(each.value, int)), 0
        )

    @property
    def time(self) -> RecordTime | None:
        return next((each.value for each in self.pieces if isinstance(each.value, RecordTime)), None)

    @property
    def description(self) -> str:
        return next((each.value for each in self.pieces if isinstance(each.value, str)), "")

    def fields(self) -> Fields:
        fields: Fields = {}
        for piece in self.pieces:
            if isinstance(piece.value, RecordTime):
                fields |= {"time": piece.value.text, "time_encoding": piece.value.encoding}
            else:
                fields[piece.name] = piece.value
        return fields


@dataclass(frozen=True, slots=True)
class Unit:
    """`is_whole` is False where records break off; those before are kept."""

    type_flag: int
    count: int
    records: tuple[Record, ...]
    #: First byte behind the records.
    end: int
    is_whole: bool
    problems: tuple[str, ...]

    def fields(self) -> Fields:
        fields: Fields = {
            "type_flag": self.type_flag,
            "type_name": tables.TYPE_NAMES.get(self.type_flag, f"type {self.type_flag}"),
            "object_count": self.count,
        }
        if self.records:
            fields["records"] = [_named(self.type_flag, record) for record in self.records]
        return fields


def read_unit(data: bytes, *, known: datetime | None = None) -> Unit | None:
    """The unit of a frame; None where there is none. `known` is a time near which the records must lie."""
    if not data:
        return None
    if len(data) < 2:
        problem = "The data unit ends before its number of records."
        return Unit(data[0], 0, (), len(data), is_whole=False, problems=(problem,))
    type_flag, count = data[0], data[1]
    shape = SHAPES.get(type_flag)
    if shape is None:
        problems = (
            () if type_flag >= tables.VENDOR else (f"The type {type_flag} is not one of the standard's.",)
        )
        return Unit(type_flag, count, (), 2, is_whole=True, problems=problems)
    return _read_records(data, shape, known)


def _read_records(data: bytes, shape: tuple[Slot, ...], known: datetime | None) -> Unit:
    type_flag, count = data[0], data[1]
    records: list[Record] = []
    problems: list[str] = []
    at = 2
    for number in range(1, count + 1):
        record = _read_record(data, at, shape, known)
        if record is None:
            problems.append(f"Record {number} of {count} breaks off; {len(data) - at} bytes are left for it.")
            return Unit(type_flag, count, tuple(records), at, is_whole=False, problems=tuple(problems))
        records.append(record)
        time = record.time
        if time is not None and time.problem is not None:
            problems.append(time.problem)
        at = record.pieces[-1].start + record.pieces[-1].size
    if at < len(data):
        problems.append(f"{len(data) - at} bytes stand behind the records.")
    return Unit(type_flag, count, tuple(records), at, is_whole=True, problems=tuple(dict.fromkeys(problems)))


def _read_record(data: bytes, at: int, shape: tuple[Slot, ...], known: datetime | None) -> Record | None:
    pieces: list[Piece] = []
    for slot in shape:
        size = slot.size
        if slot.form is Form.LONG_TEXT:
            size = 1 + data[at] if at < len(data) else 1
        raw = data[at : at + size]
        if len(raw) < size:
            return None
        pieces.append(Piece(at, size, slot.name, _value(slot.form, raw, known)))
        at += size
    return Record(tuple(pieces))


def _value(form: Form, raw: bytes, known: datetime | None) -> int | str | RecordTime:
    if form is Form.TIME:
        return read(raw, known=known)
    if form is Form.TEXT:
        return text_of(raw)
    if form is Form.LONG_TEXT:
        return text_of(raw[1:])
    return int.from_bytes(raw, "little", signed=form is Form.SIGNED)


def text_of(raw: bytes) -> str:
    """Text up to its NULs. A character cut in two at the end of the field is dropped, not shown as a wrong one."""
    return raw.rstrip(b"\0").partition(b"\0")[0].decode("gb18030", "ignore").strip()


def state_bits(type_flag: int) -> dict[int, tables.StateBit]:
    if type_flag == 1:
        return tables.SYSTEM_STATE
    return tables.COMPONENT_STATE if type_flag == 2 else tables.DEVICE_STATE


def _named(type_flag: int, record: Record) -> Fields:
    """The fields of a record, with words beside the codes that have some."""
    fields = record.fields()
    if "system_type" in fields:
        number = record.number("system_type")
        fields["system_name"] = tables.SYSTEM_TYPES.get(number, f"type {number}")
    if "component_type" in fields:
        number = record.number("component_type")
        fields["component_name"] = tables.COMPONENT_TYPES.get(number, f"type {number}")
    if "state" in fields:
        bits = tables.states_of(record.number("state"), state_bits(type_flag))
        fields["states"] = [bit.code for bit in bits]
    if "operation" in fields:
        fields["operations"] = [code for code, _ in tables.operations_of(record.number("operation"))]
    if "analogue_type" in fields:
        number = record.number("analogue_type")
        rule = tables.ANALOGUES.get(number)
        fields["analogue_name"] = rule.zh if rule is not None else f"type {number}"
    return fields
