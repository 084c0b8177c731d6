"""One captured sentence as plain fields, good or bad, for `anlan decode`."""

from __future__ import annotations

from anlan.drivers.beidou.framing import BeidouFramer, stated_sum, xor_of
from anlan.drivers.beidou.layout import START, SUM, TAIL
from anlan.drivers.beidou.model import read_sentence
from anlan.drivers.framing import RawFrame
from anlan.drivers.types import Fields, FrameRefused


def describe(message: bytes) -> Fields:
    """`{ok, reason, code, …}` of the first good sentence, with what lay around it; never raises."""
    framer = BeidouFramer()
    framed = framer.feed(message) + framer.flush()
    good = [each.raw for each in framed if isinstance(each, RawFrame)]
    if not good:
        return _describe_bad([each for each in framed if isinstance(each, FrameRefused)])
    before, _, after = message.partition(good[0])
    around: Fields = {}
    if before:
        around["leading_garbage_hex"] = before.hex().upper()
    if len(good) > 1:
        around["further_frames"] = [describe(raw) for raw in good[1:]]
    elif after:
        around["trailing_garbage_hex"] = after.hex().upper()
    return {"ok": True, "reason": None, "code": None, **read_sentence(good[0]).fields(), **around}


def _describe_bad(refused: list[FrameRefused]) -> Fields:
    if not refused:
        return {"ok": False, "reason": "There is no sentence: no $ starts one.", "code": "beidou.no_sentence"}
    first = refused[0]
    return {"ok": False, "reason": first.reason, "code": first.code, **_seen(first.raw)}


def _seen(raw: bytes) -> Fields:
    """What a refused sentence says about itself; nothing of it is verified."""
    if not raw.startswith(START) or not raw.endswith(TAIL) or stated_sum(raw) is None:
        return {}
    computed = xor_of(raw[1 : -SUM - len(TAIL)])
    said = read_sentence(raw).fields()
    return said | {"xor": f"{computed:02X}", "xor_ok": computed == stated_sum(raw)}
