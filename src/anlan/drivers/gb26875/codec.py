"""Bytes of one frame to its meaning, and its meaning to readings and happenings. Pure; no clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from anlan.drivers.gb26875 import tables, times
from anlan.drivers.gb26875.layout import HEADER, START, TRAILER, Command, data_length, judge
from anlan.drivers.gb26875.model import FireFrame
from anlan.drivers.gb26875.units import Record, read_unit, state_bits
from anlan.drivers.types import Fields, FrameRefused, Happening, Reading

#: A header this far from the arrival is a dead clock and decides nothing.
_TRUSTED = timedelta(days=30)


def decode(raw: bytes, *, received_at: datetime | None = None) -> FireFrame | FrameRefused:
    """One whole frame, nothing before or behind it; size, end and sum are verified."""
    if len(raw) < HEADER + TRAILER or not raw.startswith(START):
        reason = f"A frame begins with 40 40 and has at least {HEADER + TRAILER} bytes; {len(raw)} are here."
        return FrameRefused("gb26875.short", reason, raw)
    if len(raw) != HEADER + data_length(raw) + TRAILER:
        reason = (
            f"The header declares {data_length(raw)} bytes of data; {len(raw) - HEADER - TRAILER} are here."
        )
        return FrameRefused("gb26875.length", reason, raw)
    return judge(raw) or decode_verified(raw, received_at=received_at)


def decode_verified(raw: bytes, *, received_at: datetime | None = None) -> FireFrame:
    """The same for a frame that the framer has verified."""
    return FireFrame(raw, read_unit(raw[HEADER:-TRAILER], known=_known(raw, received_at)))


def _known(raw: bytes, received_at: datetime | None) -> datetime | None:
    sent = times.binary(raw[6:12])
    if received_at is None or (sent is not None and abs(sent - received_at) <= _TRUSTED):
        return sent
    return received_at


def readings(frame: FireFrame) -> tuple[Reading, ...]:
    """State words and analogue values; a record without a usable time gives none: a time is not invented."""
    if frame.is_down or frame.unit is None:
        return ()
    found = (_reading(frame.station, frame.unit.type_flag, record) for record in frame.unit.records)
    return tuple(reading for reading in found if reading is not None)


def point_of(record: Record) -> str:
    """The measuring point: system type and address, for a component its type and address too."""
    names = [piece.name for piece in record.pieces]
    wanted = ("system_type", "system_addr", "component_type", "component_addr")
    return ".".join(str(record.number(name)) for name in wanted if name in names)


def _reading(station: str, type_flag: int, record: Record) -> Reading | None:
    time = record.time
    if time is None or time.at is None:
        return None
    point = point_of(record)
    suffix = f"@{point}" if point else ""
    if type_flag in (1, 2, 21):
        state = Decimal(record.number("state"))
        return Reading(station, f"fire_state{suffix}", time.at, state, str(type_flag))
    if type_flag == 3:
        number = record.number("analogue_type")
        rule = tables.ANALOGUES.get(number) or tables.Analogue(f"gb26875:{number}", 0, "")
        value = Decimal(record.number("analogue_value")).scaleb(-rule.decimals)
        return Reading(station, f"{rule.quantity}{suffix}", time.at, value, f"3/{number}")
    return None


def happenings(frame: FireFrame) -> tuple[Happening, ...]:
    """Alarms, faults, shields and operations, one for each kind and record."""
    if frame.unit is None or frame.command not in (Command.SEND, Command.ANSWER):
        return ()
    found: list[Happening] = []
    for record in frame.unit.records:
        if frame.unit.type_flag in (1, 2, 21):
            found += _states(frame.station, frame.unit.type_flag, record)
        elif frame.unit.type_flag in (4, 24):
            found += _operations(frame.station, record)
    return tuple(found)


def _states(station: str, type_flag: int, record: Record) -> list[Happening]:
    by_kind: dict[str, list[tables.StateBit]] = {}
    for bit in tables.states_of(record.number("state"), state_bits(type_flag)):
        if bit.kind:
            by_kind.setdefault(bit.kind, []).append(bit)
    return [
        _happening(
            station,
            kind,
            record,
            {"states": [bit.code for bit in bits], "text": "、".join(bit.zh for bit in bits)},
        )
        for kind, bits in by_kind.items()
    ]


def _operations(station: str, record: Record) -> list[Happening]:
    """Pressing "manual alarm" is a fire alarm, by whomever it was pressed."""
    flags = record.number("operation")
    named = tables.operations_of(flags)
    fields: Fields = {
        "operations": [code for code, _ in named],
        "text": "、".join(zh for _, zh in named),
        "operator": record.number("operator"),
    }
    kind = "fire_alarm" if flags >> tables.MANUAL_ALARM & 1 else "fire_operation"
    return [_happening(station, kind, record, fields)] if named else []


def _happening(station: str, kind: str, record: Record, fields: Fields) -> Happening:
    where: Fields = {"point": point_of(record)}
    if record.description:
        where["description"] = record.description
    if any(piece.name == "component_type" for piece in record.pieces):
        number = record.number("component_type")
        where["component"] = tables.COMPONENT_TYPES.get(number, f"type {number}")
    time = record.time
    return Happening(station, kind, time.at if time is not None else None, fields | where)
