"""A frame byte by byte, for `anlan decode --explain`."""

from __future__ import annotations

from anlan.drivers.explaining import Explainer
from anlan.drivers.sl427.address import AddressCodec, RegionAddress
from anlan.drivers.sl427.codec import declared_size, read_frame
from anlan.drivers.sl427.crc import crc8
from anlan.drivers.sl427.layout import (
    ADDRESS,
    AFN_NAMES,
    ALARM_BITS,
    END,
    HEADER,
    LINK_NAMES,
    LINK_TEST,
    SPLIT,
    START,
    TRAILER,
    UP,
)
from anlan.drivers.sl427.model import Sl427Frame
from anlan.drivers.sl427.values import BEIJING, ITEMS, Value
from anlan.drivers.types import FrameRefused, Span
from anlan.vocab.quantities import quantity_of


def explain(raw: bytes, addresses: AddressCodec | None = None) -> list[Span]:
    """The spans of one frame; see `Manifest.explain_message`."""
    cut = Explainer(raw)
    start = _start(raw)
    cut.add(len(raw) if start is None else start, "garbage", "belongs to no frame", "不属于任何报文")
    if start is None:
        return cut.spans
    size = declared_size(raw, start) or 0
    whole = raw[start : start + size]
    cut.add(1, "start", "start of a frame", "帧起始符")
    cut.add(
        1,
        "length",
        f"{size - HEADER - TRAILER} bytes of user data",
        f"用户数据 {size - HEADER - TRAILER} 字节",
    )
    cut.add(1, "start_again", "start of a frame, again", "帧起始符")
    if len(whole) < size or isinstance(frame := read_frame(whole), FrameRefused):
        return cut.rest()
    _explain_user(cut, frame, addresses or RegionAddress())
    is_right = crc8(whole[HEADER:-TRAILER]) == whole[-TRAILER]
    cut.add(
        1,
        "crc",
        "check sum, right" if is_right else "check sum, wrong",
        "校验码，正确" if is_right else "校验码，错误",
    )
    if cut.peek(1) == bytes([END]):
        cut.add(1, "end", "end of the frame", "帧结束符")
    return cut.rest()


def _start(raw: bytes) -> int | None:
    """The first 68 L 68."""
    places = (at for at in range(len(raw) - HEADER + 1) if raw[at] == START and declared_size(raw, at))
    return next(places, None)


def _explain_user(cut: Explainer, frame: Sl427Frame, addresses: AddressCodec) -> None:
    item = ITEMS.get(frame.type_code)
    zh, en = (item.zh, item.en) if item else ("确认", "confirmation")
    is_up = bool(frame.control & UP)
    cut.add(1, "control", f"{'up' if is_up else 'down'}, {en}", f"{'上行' if is_up else '下行'}，{zh}")
    if frame.control & SPLIT:
        cut.add(1, "split", "frames still to come", "拆分帧计数")
    cut.add(ADDRESS, "address", *addresses.shown(bytes.fromhex(frame.station)))
    zh, en = AFN_NAMES.get(frame.afn, ("未知功能", "unknown function"))
    cut.add(1, "afn", f"function {frame.function}: {en}", f"功能码 {frame.function}：{zh}")
    if frame.afn == LINK_TEST and frame.data:
        zh, en = LINK_NAMES.get(frame.data[0], ("未知", "unknown"))
        cut.add(1, "link", en, zh)
        cut.add(len(frame.data) - 1, "data", "not understood", "未能识别")
        return
    for value in frame.values:
        cut.add(value.size, f"value.{value.quantity}", *_of_value(value))
    cut.add(len(frame.data) - sum(value.size for value in frame.values), "data", "not understood", "未能识别")
    if frame.status:
        alarms = [ALARM_BITS[bit] for bit in frame.alarms]
        cut.add(
            2,
            "alarms",
            ", ".join(en for _, en in alarms) or "no alarm",
            "、".join(zh for zh, _ in alarms) or "无报警",
        )
        cut.add(2, "state", f"mode {frame.mode}", f"工作模式 {frame.mode}")
    if frame.label:
        at = frame.sent_at
        shown = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at else "?"
        cut.add(6, "time", f"time of the values: {shown} Beijing time", f"采集时间：{shown}（北京时间）")
        cut.add(1, "delay", f"allowed delay {frame.label[6]} min", f"允许传输延时 {frame.label[6]} 分钟")


def _of_value(value: Value) -> tuple[str, str]:
    known = quantity_of(value.quantity)
    if value.number is None:
        return f"{known.en}: no reading", f"{known.zh}：无读数"
    return (
        f"{known.en}: {value.number} {known.unit}".rstrip(),
        f"{known.zh}：{value.number} {known.unit}".rstrip(),
    )
