"""Captured messages as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.framing import RawFrame
from anlan.drivers.gb26875.codec import decode, decode_verified
from anlan.drivers.gb26875.gauge import describe_gauge
from anlan.drivers.gb26875.layout import HEADER, LAYOUT, START, TRAILER, judge
from anlan.drivers.gb26875.units import read_unit
from anlan.drivers.types import Fields, FrameRefused


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good frame, with what lay around it; never raises."""
    framer = CandidateFramer(LAYOUT, judge)
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        return _describe_bad(message, [each for each in framed if isinstance(each, FrameRefused)])
    before, _, after = message.partition(good[0])
    around: Fields = {"leading_garbage_hex": before.hex().upper() or None, "trailing_garbage_hex": None}
    if len(good) > 1:
        around["further_frames"] = [_good(raw) for raw in good[1:]]
    else:
        around["trailing_garbage_hex"] = after.hex().upper() or None
    return _good(good[0]) | around


def describe_stream(data: bytes) -> Fields:
    """A captured stream: its good frames in order and what was refused in it."""
    framer = CandidateFramer(LAYOUT, judge)
    framed = framer.feed(data) + framer.flush()
    frames = [_good(each.raw) for each in framed if isinstance(each, RawFrame)]
    refused = [each for each in framed if isinstance(each, FrameRefused)]
    return {
        "ok": bool(frames),
        "reason": None if frames else "There is no good frame in this stream.",
        "code": None if frames else "gb26875.no_frame",
        "frames": frames,
        "refused": [
            {"code": each.code, "reason": each.reason, "raw_hex": each.raw.hex()} for each in refused
        ],
    }


def describe_unit(data: bytes) -> Fields:
    """An application data unit without its frame; records that break off are refused."""
    unit = read_unit(data)
    if unit is None:
        return _bad("gb26875.unit", "There is no data unit.")
    fields = unit.fields()
    if not unit.is_whole:
        return _bad("gb26875.unit", unit.problems[-1]) | fields
    if unit.problems:
        fields["problems"] = list(unit.problems)
    return {"ok": True, "reason": None, "code": None, **fields}


DECODE_KINDS = {
    "frame": describe,
    "stream": describe_stream,
    "application_data_unit": describe_unit,
    "vendor_A55A_pressure_gauge": describe_gauge,
}


def _good(raw: bytes) -> Fields:
    return {"ok": True, "reason": None, "code": None, **decode_verified(raw).fields()}


def _bad(code: str, reason: str) -> Fields:
    return {"ok": False, "reason": reason, "code": code}


def _describe_bad(message: bytes, refused: list[FrameRefused]) -> Fields:
    if not message.startswith(START) and not refused:
        return _bad("gb26875.no_frame", "There is no frame start 40 40 with a header behind it.")
    seen = message if message.startswith(START) else refused[0].raw
    whole = decode(seen)
    if isinstance(whole, FrameRefused) and (not refused or refused[0].code == "gb26875.truncated"):
        refused = [whole]
    first = refused[0] if refused else None
    reason = first.reason if first is not None else "There is no good frame."
    code = first.code if first is not None else "gb26875.no_frame"
    fields = decode_verified(seen).fields() if len(seen) >= HEADER + TRAILER else {}
    return _bad(code, reason) | fields
