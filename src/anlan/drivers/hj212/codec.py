"""Bytes of one HJ 212 message to its meaning, and its meaning to readings. Pure; no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from anlan.drivers.hj212.crc import Dialect, crc_standard, dialect_of
from anlan.drivers.hj212.factors import quantity_of_item
from anlan.drivers.hj212.layout import DATA_COMMANDS, HEADER, LENGTH_DIGITS, START, TAIL, TRAILER, VALUE_FLAGS
from anlan.drivers.hj212.model import Hj212Frame
from anlan.drivers.hj212.segment import read_segment
from anlan.drivers.hj212.times import utc_of
from anlan.drivers.types import FrameRefused, Reading

#: Whether a station may send this dialect; asked only for another than the standard's.
Allows: TypeAlias = Callable[[str, Dialect], bool]

_MN = re.compile(rb"(?:^|[;,])MN=([^;,]*)")
_SUM = re.compile(rb"[0-9A-Fa-f]{4}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?")


def only_standard(_station: str, _dialect: Dialect) -> bool:
    return False


def declared_size(buffer: bytes | bytearray, at: int = 0) -> int | None:
    """Whole size in bytes of the frame that begins at `at`; None where no four digits follow the start."""
    digits = bytes(buffer[at + len(START) : at + HEADER])
    return HEADER + int(digits) + TRAILER if len(digits) == LENGTH_DIGITS and digits.isdigit() else None


def check(raw: bytes, allows: Allows = only_standard) -> FrameRefused | None:
    """Why these bytes of the declared size are no frame; None for a good one."""
    if not raw.endswith(TAIL):
        said = int(raw[len(START) : HEADER])
        reason = f"The length field says {said} bytes, but no line end stands behind them and the check sum."
        return FrameRefused("hj212.length", reason, raw)
    stated = stated_sum(raw[-TRAILER : -len(TAIL)])
    if stated is None:
        reason = "The check sum is not four hexadecimal digits."
        return FrameRefused("hj212.crc", reason, raw)
    segment = raw[HEADER:-TRAILER]
    if crc_standard(segment) == stated:
        return None
    return _refused_sum(raw, segment, stated, allows)


def _refused_sum(raw: bytes, segment: bytes, stated: int, allows: Allows) -> FrameRefused | None:
    dialect = dialect_of(segment, stated)
    if dialect is None:
        reason = f"The check sum says {stated:04X}, the bytes give {crc_standard(segment):04X}."
        return FrameRefused("hj212.crc", reason, raw)
    station = station_of(segment)
    if station and allows(station, dialect):
        return None
    reason = (
        f"The check sum is not the standard's but {dialect.value}; the setting crc={dialect.value} of station "
        f"{station or '(unnamed)'} would accept it."
    )
    return FrameRefused("hj212.crc_dialect", reason, raw)


def stated_sum(digits: bytes) -> int | None:
    """The number of four hexadecimal digits of either case; None for anything else."""
    return int(digits, 16) if _SUM.fullmatch(digits) else None


def station_of(segment: bytes) -> str:
    """The MN of a segment, before anything else of it is read; "" where there is none."""
    found = _MN.search(segment)
    return found[1].decode("ascii", "replace") if found else ""


def read_frame(raw: bytes) -> Hj212Frame:
    """A frame that `check` found good."""
    content = raw[HEADER:-TRAILER]
    segment = read_segment(content)
    crc_field = raw[-TRAILER : -len(TAIL)].decode("ascii").upper()
    return Hj212Frame(
        raw=raw,
        header=segment.header,
        groups=segment.groups,
        dialect=dialect_of(content, int(crc_field, 16)) or Dialect.STANDARD,
        length_field=len(content),
        crc_field=crc_field,
        problems=segment.problems,
    )


def readings(frame: Hj212Frame, *, data_time: str | None = None) -> tuple[Reading, ...]:
    """The readings in the order of the message; none from other commands than data, and none without a usable time.

    `data_time` is that of the message's first packet, for a packet that carries none.
    """
    if frame.function not in DATA_COMMANDS or not frame.station:
        return ()
    at = utc_of(frame.data_time or data_time)
    return tuple(reading for group in frame.groups for reading in _of_group(frame, group, at))


def _of_group(frame: Hj212Frame, group: Mapping[str, str], at: datetime | None) -> Iterator[Reading]:
    for name, raw in group.items():
        code, dash, suffix = name.partition("-")
        if not dash:
            continue
        found = quantity_of_item(code, suffix, command=frame.function, system=frame.header.get("ST", ""))
        if found is None:
            continue
        quantity, scale = found
        # A slow analyser repeats its last sample under newer data times; the sample's own time is when it happened.
        time = utc_of(group.get(f"{code}-SampleTime")) or at
        value = _value(raw, scale)
        if time is None or value is _NO_NUMBER:
            continue
        flag = group.get(f"{code}-Flag", "").strip()
        mark = "" if flag.upper() == "N" else flag
        yield Reading(frame.station, quantity, time, value, name, mark, _is_doubtful(mark))


#: What is neither a number nor empty.
_NO_NUMBER = Decimal("NaN")


def _value(raw: str, scale: int) -> Decimal | None:
    text = raw.strip()
    if not text:
        return None
    return Decimal(text).scaleb(scale) if _NUMBER.fullmatch(text) else _NO_NUMBER


def _is_doubtful(mark: str) -> bool:
    """An unknown mark is taken for a warning: the station means something by it."""
    return bool(mark) and VALUE_FLAGS.get(mark.upper(), ("", "", True))[2]
