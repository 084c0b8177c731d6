"""Messages of the centre: answers to reports, and commands."""

from __future__ import annotations

from anlan.drivers.hj212.crc import SUMS, Dialect
from anlan.drivers.hj212.layout import (
    CONVERSATION,
    DATA_ACK,
    FLAG_ACK,
    FLAG_PACKETS,
    MAX_SEGMENT,
    NOTICE_ACK,
    NOTICES,
    ST_SYSTEM,
    START,
    TAIL,
)
from anlan.drivers.hj212.model import Hj212Frame


def build_frame(segment: str, dialect: Dialect = Dialect.STANDARD) -> bytes:
    """The whole line around a data segment. ValueError where it is too long for four digits of length."""
    content = segment.encode("gb18030")
    if len(content) > MAX_SEGMENT:
        raise ValueError(f"a segment of {len(content)} bytes does not fit the length field")
    return START + b"%04d" % len(content) + content + b"%04X" % SUMS[dialect](content) + TAIL


def answer_to(frame: Hj212Frame) -> bytes | None:
    """9014 for data, 9013 for a notice, None where none is wanted or it could not be matched.

    An answer names the report by its QN; a 2005 report without one cannot be answered. It keeps the version bits and wants no answer.
    """
    if not frame.wants_answer or not frame.qn or not frame.station or frame.function in CONVERSATION:
        return None
    command = NOTICE_ACK if frame.function in NOTICES else DATA_ACK
    flag = (frame.flag or 0) & ~(FLAG_ACK | FLAG_PACKETS)
    password = frame.header.get("PW", "")
    head = f"QN={frame.qn};ST={ST_SYSTEM};CN={command};PW={password};MN={frame.station};Flag={flag}"
    return build_frame(f"{head};CP=&&&&", frame.dialect)
