"""One captured message as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.framing import RawFrame
from anlan.drivers.sl651.codec import decode_verified, read_envelope
from anlan.drivers.sl651.crc import crc16
from anlan.drivers.sl651.framing import Sl651Framer, declared_size
from anlan.drivers.sl651.layout import END_BYTES, HEADER, START, TRAILER
from anlan.drivers.types import Fields, FrameRefused

#: Start of an ASCII-coded frame; no real one was ever found to read from.
_ASCII_START = b"\x01"


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good frame, with what lay around it; never raises."""
    framer = Sl651Framer()
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        return _describe_bad(message, [each for each in framed if isinstance(each, FrameRefused)])
    frame = decode_verified(good[0])
    before, _, after = message.partition(good[0])
    around: Fields = {"leading_garbage_hex": before.hex().upper() or None, "trailing_garbage_hex": None}
    if len(good) > 1:
        around["further_frames"] = [describe(raw) for raw in good[1:]]
    else:
        around["trailing_garbage_hex"] = after.hex().upper() or None
    if isinstance(frame, FrameRefused):
        return {"ok": False, "reason": frame.reason, "code": frame.code, **_seen(good[0]), **around}
    return {"ok": True, "reason": None, "code": None, **frame.fields(), **around}


def _describe_bad(message: bytes, refused: list[FrameRefused]) -> Fields:
    if refused:
        first = refused[0]
        seen = message if message.startswith(START) else first.raw
        return {"ok": False, "reason": first.reason, "code": first.code, **_seen(seen)}
    if message.startswith(_ASCII_START):
        return _bad("sl651.ascii", "This is an ASCII-coded frame; only hexadecimal frames are read.")
    if not message.startswith(START):
        return _bad("sl651.no_frame", "There is no frame start 7E7E with a header behind it.")
    return _bad("sl651.header", "The header has no valid direction or body start.")


def _bad(code: str, reason: str) -> Fields:
    return {"ok": False, "reason": reason, "code": code}


def _seen(raw: bytes) -> Fields:
    """What a refused frame says about itself, for the person who looks for the station; nothing of it is verified."""
    if len(raw) < HEADER + TRAILER:
        return {}
    frame = decode_verified(raw)
    if isinstance(frame, FrameRefused):
        frame = read_envelope(raw)
    return frame.fields() | {
        "length_ok": declared_size(raw) == len(raw) and raw[-TRAILER] in END_BYTES,
        "crc_ok": crc16(raw[:-2]) == int.from_bytes(raw[-2:], "big"),
    }
