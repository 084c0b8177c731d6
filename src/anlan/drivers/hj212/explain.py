"""A message byte by byte, for `anlan decode --explain`."""

from __future__ import annotations

import re

from anlan.drivers.explaining import Explainer
from anlan.drivers.hj212.codec import declared_size, stated_sum
from anlan.drivers.hj212.crc import dialect_of
from anlan.drivers.hj212.layout import (
    COMMAND_NAMES,
    CRC_DIGITS,
    FLAG_ACK,
    FLAG_PACKETS,
    HEADER,
    HEADER_NAMES,
    LENGTH_DIGITS,
    START,
    SYSTEM_NAMES,
    TAIL,
    VALUE_FLAGS,
    VERSION_SHIFT,
)
from anlan.drivers.hj212.segment import text_of
from anlan.drivers.hj212.times import BEIJING, utc_of
from anlan.drivers.types import Span
from anlan.vocab.factors import FACTORS, FACTORS_OF_2005

_PIECES = re.compile(rb"CP=&&|&&|[;,]|[^;,&]+|&")
_SUFFIXES = {
    "Rtd": ("实时值", "real-time value"),
    "Avg": ("平均值", "mean"),
    "Min": ("最小值", "minimum"),
    "Max": ("最大值", "maximum"),
    "Cou": ("累计值", "sum"),
    "ZsRtd": ("折算实时值", "converted value"),
    "ZsAvg": ("折算平均值", "converted mean"),
    "ZsMin": ("折算最小值", "converted minimum"),
    "ZsMax": ("折算最大值", "converted maximum"),
    "Flag": ("数据标记", "mark of the value"),
    "SampleTime": ("采样时间", "time of the sample"),
}
_TIMES = {
    "DataTime": ("数据时间", "time of the data"),
    "SystemTime": ("系统时间", "time of the clock"),
    "BeginTime": ("开始时间", "from"),
    "EndTime": ("截止时间", "until"),
    "QN": ("请求编号（发送时刻）", "request number: time of sending"),
}


def explain(raw: bytes) -> list[Span]:
    """The spans of one message; see `Manifest.explain_message`."""
    cut = Explainer(raw)
    start = raw.find(START)
    cut.add(start if start > 0 else 0, "garbage", "belongs to no message", "不属于任何报文")
    if start < 0 or (size := declared_size(raw, start)) is None:
        return cut.rest()
    cut.add(len(START), "start", "start of a message", "包头")
    length = int(
        cut.add(LENGTH_DIGITS, "length", f"{size - HEADER - CRC_DIGITS - 2} bytes of data", "数据段长度")
    )
    segment = cut.peek(length)
    is_data = False
    for piece in _PIECES.findall(segment):
        is_data = _explain_piece(cut, piece, is_data=is_data)
    stated = cut.peek(CRC_DIGITS)
    if len(segment) == length:
        cut.add(CRC_DIGITS, "crc", *_of_crc(segment, stated))
        if cut.peek(len(TAIL)) == TAIL:
            cut.add(len(TAIL), "end", "end of the message", "包尾")
    return cut.rest()


def _explain_piece(cut: Explainer, piece: bytes, *, is_data: bool) -> bool:
    """Name one piece; True once the data field has begun."""
    if piece == b"CP=&&":
        cut.add(len(piece), "CP", "the data begin", "数据区开始")
        return True
    if piece in (b";", b",", b"&&", b"&"):
        words = {
            b";": ("separates groups", "分组"),
            b",": ("separates items", "分项"),
            b"&&": ("the data end", "数据区结束"),
        }
        cut.add(len(piece), "separator", *words.get(piece, ("", "")))
        return is_data
    name, _, value = text_of(piece).partition("=")
    field = f"{'data' if is_data else 'header'}.{name or 'unnamed'}"
    cut.add(len(piece), field[:60], *_of_item(name, value))
    return is_data


def _of_item(name: str, value: str) -> tuple[str, str]:
    """What an item says, English and Chinese."""
    if name in _TIMES:
        return _of_time(_TIMES[name], value)
    if name == "CN":
        zh, en = COMMAND_NAMES.get(value, ("未知命令", "unknown command"))
        return f"command {value}: {en}", f"命令 {value}：{zh}"
    if name == "ST":
        zh, en = SYSTEM_NAMES.get(value, ("未列入的系统", "a system not listed here"))
        return f"system {value}: {en}", f"系统 {value}：{zh}"
    if name == "Flag":
        return _of_flag(value)
    if name in HEADER_NAMES:
        zh, en = HEADER_NAMES[name]
        return f"{en}: {value}", f"{zh}：{value}"
    code, dash, suffix = name.partition("-")
    return _of_factor(code, suffix, value) if dash else (f"{name}: {value}", f"{name}：{value}")


def _of_time(words: tuple[str, str], value: str) -> tuple[str, str]:
    at = utc_of(value)
    shown = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at else value
    return f"{words[1]}: {shown} Beijing time", f"{words[0]}：{shown}（北京时间）"


def _of_flag(value: str) -> tuple[str, str]:
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        return f"flags: {value}", f"标志：{value}"
    flag = int(value)
    version = {0: "2005", 1: "2017"}.get(flag >> VERSION_SHIFT, str(flag >> VERSION_SHIFT))
    ack, packets = bool(flag & FLAG_ACK), bool(flag & FLAG_PACKETS)
    en = f"version {version}, {'an' if ack else 'no'} answer is wanted, {'with' if packets else 'no'} packet numbers"
    zh = f"版本 {version}，{'需要' if ack else '不需要'}应答，{'有' if packets else '无'}包号"
    return en, zh


def _of_factor(code: str, suffix: str, value: str) -> tuple[str, str]:
    factor = FACTORS.get(code) or FACTORS_OF_2005.get(code)
    zh, en = (factor.zh, factor.en) if factor else (f"因子 {code}", f"factor {code}")
    kind_zh, kind_en = _SUFFIXES.get(suffix, (suffix, suffix))
    unit = ""
    if factor and suffix not in ("Flag", "SampleTime"):
        unit = factor.sum_unit if suffix == "Cou" else factor.unit
    shown_zh = shown_en = f"{value} {unit}".rstrip()
    if suffix == "Flag":
        flag_zh, flag_en, _ = VALUE_FLAGS.get(value.upper(), ("含义未知", "meaning unknown", True))
        shown_zh, shown_en = f"{value}（{flag_zh}）", f"{value} ({flag_en})"
    return f"{en}, {kind_en}: {shown_en}", f"{zh}{kind_zh}：{shown_zh}"


def _of_crc(segment: bytes, stated: bytes) -> tuple[str, str]:
    said = stated_sum(stated)
    dialect = None if said is None else dialect_of(segment, said)
    if dialect is None:
        return "check sum, wrong", "校验码，错误"
    return f"check sum, right ({dialect.value})", f"校验码，正确（{dialect.value}）"
