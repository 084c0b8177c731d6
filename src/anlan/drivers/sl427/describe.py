"""One captured frame as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.sl427.codec import LAYOUT, check, declared_size, read_frame
from anlan.drivers.sl427.crc import crc8
from anlan.drivers.sl427.layout import HEADER, MIN_USER, TRAILER
from anlan.drivers.types import Fields, FrameRefused


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good frame, with what lay around it; never raises."""
    framer = CandidateFramer(LAYOUT, check)
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        return _describe_bad([each for each in framed if isinstance(each, FrameRefused)])
    frame = read_frame(good[0])
    if isinstance(frame, FrameRefused):
        return {"ok": False, "reason": frame.reason, "code": frame.code}
    before, _, after = message.partition(good[0])
    around: Fields = {}
    if before:
        around["leading_garbage_hex"] = before.hex().upper()
    if len(good) > 1:
        around["further_frames"] = [describe(raw) for raw in good[1:]]
    elif after:
        around["trailing_garbage_hex"] = after.hex().upper()
    return {"ok": True, "reason": None, "code": None, **frame.fields(), **around}


def _describe_bad(refused: list[FrameRefused]) -> Fields:
    if not refused:
        reason = "There is no start 68 L 68 with room for control, address and function."
        return {"ok": False, "reason": reason, "code": "sl427.no_frame"}
    first = refused[0]
    return {"ok": False, "reason": first.reason, "code": first.code, **_seen(first.raw)}


def _seen(raw: bytes) -> Fields:
    """What a refused frame says about itself, for the person who looks for the station; nothing of it is verified."""
    if len(raw) < HEADER + MIN_USER + TRAILER or declared_size(raw) is None:
        return {}
    user = raw[HEADER:-TRAILER]
    frame = read_frame(raw)
    said = {} if isinstance(frame, FrameRefused) else frame.fields()
    return said | {
        "length_field": raw[1],
        "actual_user_bytes": len(user),
        "crc8_poly_E5_ok": crc8(user) == raw[-TRAILER],
    }
