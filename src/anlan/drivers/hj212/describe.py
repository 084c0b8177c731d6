"""One captured message as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.hj212.codec import check, declared_size, read_frame
from anlan.drivers.hj212.crc import crc_standard
from anlan.drivers.hj212.framing import LAYOUT
from anlan.drivers.hj212.layout import CRC_DIGITS, HEADER, START, TAIL
from anlan.drivers.types import Fields, FrameRefused


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good frame, with what lay around it; never raises."""
    framer = CandidateFramer(LAYOUT, check)
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        return _describe_bad(message, [each for each in framed if isinstance(each, FrameRefused)])
    before, _, after = message.partition(good[0])
    around: Fields = {}
    if before:
        around["leading_garbage_hex"] = before.hex().upper()
    if len(good) > 1:
        around["further_frames"] = [describe(raw) for raw in good[1:]]
    elif after:
        around["trailing_garbage_hex"] = after.hex().upper()
    return {"ok": True, "reason": None, "code": None, **read_frame(good[0]).fields(), **around}


def _describe_bad(message: bytes, refused: list[FrameRefused]) -> Fields:
    if not refused:
        reason = "There is no start ## with four digits of length behind it."
        return {"ok": False, "reason": reason, "code": "hj212.no_frame"}
    first = refused[0]
    return {"ok": False, "reason": first.reason, "code": first.code, **_seen(first.raw)}


def _seen(raw: bytes) -> Fields:
    """What a refused message says about itself, for the person who looks for the station; nothing of it is verified."""
    if not raw.startswith(START) or declared_size(raw) is None:
        return {}
    body = raw.removesuffix(TAIL)[HEADER:]
    content, crc_field = body[:-CRC_DIGITS], body[-CRC_DIGITS:]
    fields = read_frame(_rebuilt(content)).fields()
    return fields | {
        "length_field": int(raw[len(START) : HEADER]),
        "actual_length": len(content),
        "length_ok": int(raw[len(START) : HEADER]) == len(content) and raw.endswith(TAIL),
        "crc_field": crc_field.decode("ascii", "replace").upper(),
        "crc_ok": crc_field.upper() == b"%04X" % crc_standard(content),
        "crc_dialect": None,
    }


def _rebuilt(content: bytes) -> bytes:
    return START + b"%04d" % min(len(content), 9999) + content + b"%04X" % crc_standard(content) + TAIL
