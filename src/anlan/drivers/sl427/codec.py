"""Bytes of one SL 427 frame to its meaning, and its meaning to readings. Pure; no clock."""

from __future__ import annotations

from datetime import datetime

from anlan.drivers.candidates import Layout
from anlan.drivers.sl427.address import station_of
from anlan.drivers.sl427.crc import crc8
from anlan.drivers.sl427.layout import (
    ADDRESS,
    END,
    HEADER,
    MAX_FRAME,
    MIN_USER,
    OVERLAP,
    QUERY,
    SELF_REPORT,
    SPLIT,
    START,
    STATUS,
    TIME_LABEL,
    TRAILER,
    VOLTAGE,
)
from anlan.drivers.sl427.model import Sl427Frame
from anlan.drivers.sl427.values import ITEMS, Value, read_values
from anlan.drivers.types import FrameRefused, Reading


def declared_size(buffer: bytes | bytearray, at: int = 0) -> int | None:
    """Whole size of the frame whose 68 stands at `at`; None where that is no header."""
    if buffer[at + 2] != START or buffer[at + 1] < MIN_USER:
        return None
    return HEADER + buffer[at + 1] + TRAILER


def check(raw: bytes) -> FrameRefused | None:
    """Why these bytes of the declared size are no frame; None for a good one."""
    if raw[-1] != END:
        reason = (
            f"The length field says {raw[1]} bytes, but no end byte 16 stands behind them and the check sum."
        )
        return FrameRefused("sl427.length", reason, raw)
    stated, computed = raw[-TRAILER], crc8(raw[HEADER:-TRAILER])
    if stated != computed:
        reason = f"The check sum says {stated:02X}, the bytes give {computed:02X}."
        return FrameRefused("sl427.crc", reason, raw)
    return None


LAYOUT = Layout("sl427", bytes([START]), HEADER, MAX_FRAME, declared_size, OVERLAP)


def read_frame(raw: bytes) -> Sl427Frame | FrameRefused:
    """A frame that `check` found good; refused where the split bit leaves no room for its count."""
    user = raw[HEADER:-TRAILER]
    control = user[0]
    at = 2 if control & SPLIT else 1
    if len(user) < at + ADDRESS + 1:
        reason = f"The frame has {len(user)} bytes; control, count, address and function need {MIN_USER + 1}."
        return FrameRefused("sl427.short", reason, raw)
    station = station_of(user[at : at + ADDRESS])
    afn, data = user[at + ADDRESS], user[at + ADDRESS + 1 :]
    split = user[1] if control & SPLIT else None
    plain = Sl427Frame(raw, control, station, afn, data, split)
    if plain.is_down:
        return plain
    if split is not None:
        problem = "The message is split over several frames; they are kept and not joined."
        return Sl427Frame(raw, control, station, afn, data, split, problems=(problem,))
    return _with_values(plain)


def _with_values(frame: Sl427Frame) -> Sl427Frame:
    """Values, status and time label of the functions that carry them."""
    data, status, label = frame.data, b"", b""
    if frame.afn == SELF_REPORT:
        data, status, label = _cut_self_report(data)
    elif frame.afn == QUERY:
        data, status = _cut_answer(frame.type_code, data)
    elif frame.afn != VOLTAGE:
        return frame
    type_code = 0xD if frame.afn == VOLTAGE else frame.type_code
    values, problems = _values(type_code, data)
    if frame.afn == SELF_REPORT and not label:
        problems = (*problems, "The self report is too short for its status and time label.")
    return Sl427Frame(
        frame.raw, frame.control, frame.station, frame.afn, data, None, status, label, values, problems
    )


def _cut_self_report(data: bytes) -> tuple[bytes, bytes, bytes]:
    behind = STATUS + TIME_LABEL
    if len(data) < behind:
        return data, b"", b""
    return data[:-behind], data[-behind:-TIME_LABEL], data[-TIME_LABEL:]


def _cut_answer(type_code: int, data: bytes) -> tuple[bytes, bytes]:
    """An answer ends with the status by the text, without it at some stations: what fits the instruments decides."""
    item = ITEMS.get(type_code)
    if item is None or not item.size or len(data) % item.size != STATUS % item.size or len(data) < STATUS:
        return data, b""
    is_ambiguous = STATUS % item.size == 0 and len(data) == item.size
    return (data, b"") if is_ambiguous else (data[:-STATUS], data[-STATUS:])


def _values(type_code: int, data: bytes) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    item = ITEMS.get(type_code)
    if item is None or not data:
        return (), ()
    if item.read is None:
        return (), (f"Values of the type {item.en} are kept and not read.",)
    left = len(data) % item.size
    problems = (f"{left} bytes are left over behind the values.",) if left else ()
    return tuple(read_values(type_code, data)), problems


def readings(frame: Sl427Frame, received_at: datetime) -> tuple[Reading, ...]:
    """The readings in the order of the frame. An answer to a query has no time of its own: what was asked for is the present value,
    so it is dated when it arrived. A self report without a usable time gives none.
    """
    at = received_at if frame.afn in (QUERY, VOLTAGE) else frame.sent_at
    if at is None or frame.is_down:
        return ()
    return tuple(
        Reading(frame.station, value.quantity, at, value.number, f"{frame.function}.{frame.type_code:X}")
        for value in frame.values
    )
