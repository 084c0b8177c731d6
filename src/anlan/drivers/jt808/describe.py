"""Captured messages as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.framing import RawFrame
from anlan.drivers.jt808.bodies import read_content
from anlan.drivers.jt808.codec import decode_verified
from anlan.drivers.jt808.framing import Jt808Framer, already_unescaped, message_of, read_header, xor_of
from anlan.drivers.jt808.model import Jt808Frame
from anlan.drivers.jt808.session import refuse_short_serial
from anlan.drivers.types import Fields, FrameRefused


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good frame, with what lay around it; never raises."""
    framer = Jt808Framer()
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        raw = already_unescaped(message)
        if raw is not None:
            return _describe_good(raw) | {"capture_unescaped": True}
        return _describe_bad(message, [each for each in framed if isinstance(each, FrameRefused)])
    before, _, after = message.partition(good[0])
    around: Fields = {"leading_garbage_hex": before.hex().upper() or None, "trailing_garbage_hex": None}
    if len(good) > 1:
        around["further_frames"] = [_describe_good(raw) for raw in good[1:]]
    else:
        around["trailing_garbage_hex"] = after.hex().upper() or None
    return _describe_good(good[0]) | around


def describe_stream(data: bytes) -> Fields:
    """A captured stream: its good frames in order, what was refused in it, and how many bytes belonged to none."""
    framer = Jt808Framer()
    framed = framer.feed(data) + framer.flush()
    frames = [_describe_good(each.raw) for each in framed if isinstance(each, RawFrame)]
    refused = [each for each in framed if isinstance(each, FrameRefused)]
    is_good = any(frame["ok"] for frame in frames)
    return {
        "ok": is_good,
        "reason": None if is_good else "There is no good frame in this stream.",
        "code": None if is_good else "jt808.no_frame",
        "frames": frames,
        "refused": [
            {"code": each.code, "reason": each.reason, "raw_hex": each.raw.hex()} for each in refused
        ],
    }


def _describe_good(raw: bytes) -> Fields:
    frame = decode_verified(raw)
    if isinstance(frame, Jt808Frame) and frame.has_short_serial:
        refused = refuse_short_serial(frame)
        seen = frame.fields() | {"length_ok": False, "body_len_actual": frame.header.body_length - 1}
        # Read with two bytes, as the header of the standard has them.
        message = message_of(raw) or b""
        header = read_header(message[:-1])
        seen["serial"] = header.serial if header is not None else None
        return {"ok": False, "reason": refused.reason, "code": refused.code, **seen}
    if isinstance(frame, FrameRefused):
        return {"ok": False, "reason": frame.reason, "code": frame.code, **_seen(raw)}
    return {"ok": True, "reason": None, "code": None, **frame.fields()}


def _describe_bad(message: bytes, refused: list[FrameRefused]) -> Fields:
    if refused:
        first = refused[0]
        return {"ok": False, "reason": first.reason, "code": first.code, **_seen(first.raw)}
    reason = "Between two marks 7E there is nothing long enough to be a message."
    return {"ok": False, "reason": reason, "code": "jt808.no_frame"}


def _seen(raw: bytes) -> Fields:
    """What a refused frame says about itself, for the person who looks for the terminal; nothing of it is verified."""
    message = message_of(raw)
    if not message:
        return {}
    header = read_header(message[:-1])
    if header is None:
        return {}
    body = message[header.size : -1]
    fields = Jt808Frame(raw, header, body, read_content(header, body)).fields()
    actual = len(message) - header.size - 1
    return fields | {
        "xor_ok": xor_of(message[:-1]) == message[-1],
        "body_len_actual": actual,
        "length_ok": actual == header.body_length,
    }
