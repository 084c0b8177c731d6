"""A message byte by byte, for `anlan decode --explain`: a frame, a data unit alone, or a vendor's gauge."""

from __future__ import annotations

from datetime import datetime

from anlan.drivers.candidates import CandidateFramer
from anlan.drivers.explaining import Explainer
from anlan.drivers.framing import RawFrame
from anlan.drivers.gb26875 import tables, times
from anlan.drivers.gb26875.gauge import explain_gauge
from anlan.drivers.gb26875.layout import HEADER, LAYOUT, START, TRAILER, data_length, judge, sum_of
from anlan.drivers.gb26875.model import address_of
from anlan.drivers.gb26875.units import Piece, Record, read_unit, state_bits
from anlan.drivers.types import Span


def explain(raw: bytes) -> list[Span]:
    """Spans that cover every byte once; see `Manifest.explain_message`."""
    framer = CandidateFramer(LAYOUT, judge)
    good = [each.raw for each in framer.feed(raw) + framer.flush() if isinstance(each, RawFrame)]
    walk = Explainer(raw)
    if good:
        walk.add(raw.index(good[0]), "garbage", "before the frame", "帧前杂字节")
        _frame(walk, good[0])
        return walk.rest("garbage", "behind the frame", "帧后杂字节")
    if raw.startswith(START):
        _frame(walk, raw)
        return walk.rest()
    if raw.startswith(b"\xa5\x5a"):
        return explain_gauge(raw)
    if raw:
        _unit(walk, raw, None)
    return walk.rest()


def _frame(walk: Explainer, frame: bytes) -> None:
    sent = times.binary(frame[6:12])
    walk.add(2, "start", "40 40", "启动符")
    walk.add(2, "header.serial", str(int.from_bytes(frame[2:4], "little")), "业务流水号")
    walk.add(2, "header.version", ".".join(map(str, frame[4:6])), "协议版本")
    walk.add(
        6, "header.time", f"{times.shown(sent) or 'no date'} Beijing time", times.shown(sent) or "不是日期"
    )
    walk.add(6, "header.source", address_of(frame[12:18]), f"源地址 {address_of(frame[12:18])}")
    walk.add(6, "header.destination", address_of(frame[18:24]), f"目的地址 {address_of(frame[18:24])}")
    if len(frame) < HEADER:
        return
    length = data_length(frame)
    walk.add(2, "header.length", f"{length} bytes of data", f"数据 {length} 字节")
    walk.add(1, "header.command", tables.COMMAND_NAMES.get(frame[26], f"command {frame[26]}"), "控制单元命令")
    data = frame[HEADER : min(HEADER + length, max(HEADER, len(frame) - TRAILER))]
    if data:
        _unit(walk, data, sent)
    if len(frame) >= HEADER + TRAILER:
        verdict = "correct" if judge_sum(frame) else f"the bytes give {sum_of(frame):02X}"
        walk.add(1, "sum", f"{frame[-TRAILER]:02X}, {verdict}", "校验和")
        walk.add(2, "end", "23 23" if frame[-2:] == b"\x23\x23" else "not 23 23", "结束符")


def judge_sum(frame: bytes) -> bool:
    return frame[-TRAILER] == sum_of(frame)


def _unit(walk: Explainer, data: bytes, known: datetime | None) -> None:
    """Ends where the data end, whatever its records say."""
    end = walk.at + len(data)
    unit = read_unit(data, known=known)
    zh = tables.TYPE_NAMES.get(data[0], f"类型 {data[0]}")
    walk.add(1, "data.type", f"type {data[0]}", zh)
    walk.add(
        min(1, len(data) - 1), "data.count", f"{data[1] if len(data) > 1 else 0} records", "信息对象数目"
    )
    for number, record in enumerate(unit.records if unit is not None else (), start=1):
        for piece in record.pieces:
            english, chinese = _meaning(data[0], record, piece)
            walk.add(piece.size, f"data.{number}.{piece.name}", english, chinese)
    left = end - walk.at
    name = "data.vendor" if data[0] >= tables.VENDOR else "data.unread"
    walk.add(left, name, "not described by the standard", "标准未规定的内容")


def _meaning(type_flag: int, record: Record, piece: Piece) -> tuple[str, str]:
    value = piece.value
    if isinstance(value, times.RecordTime):
        text = f"{value.text or 'no date'} ({value.encoding})"
        return text, text
    if isinstance(value, str):
        return value, value
    if piece.name == "system_type":
        return str(value), tables.SYSTEM_TYPES.get(value, f"类型 {value}")
    if piece.name == "component_type":
        return str(value), tables.COMPONENT_TYPES.get(value, f"类型 {value}")
    if piece.name == "state":
        bits = tables.states_of(value, state_bits(type_flag))
        return ", ".join(bit.code for bit in bits), "、".join(bit.zh for bit in bits)
    if piece.name == "operation":
        named = tables.operations_of(value)
        return ", ".join(code for code, _ in named), "、".join(zh for _, zh in named)
    if piece.name == "analogue_value":
        rule = tables.ANALOGUES.get(record.number("analogue_type"))
        if rule is not None:
            scaled = f"{value * 10**-rule.decimals:.{rule.decimals}f}"
            return f"{scaled} {rule.quantity}", f"{rule.zh} {scaled}"
    return str(value), ""
