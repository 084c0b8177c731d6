"""A sentence byte by byte, for `anlan decode --explain`."""

from __future__ import annotations

from anlan.drivers.beidou.framing import stated_sum, xor_of
from anlan.drivers.beidou.layout import PAYLOAD_SENTENCES, SENTENCES, START, SUM, TAIL
from anlan.drivers.beidou.model import read_sentence
from anlan.drivers.explaining import Explainer
from anlan.drivers.types import Span
from anlan.vocab.quantities import quantity_of


def explain(raw: bytes) -> list[Span]:
    """The spans of one sentence; see `Manifest.explain_message`."""
    cut = Explainer(raw)
    start = raw.find(START)
    cut.add(len(raw) if start < 0 else start, "garbage", "belongs to no sentence", "不属于任何语句")
    end = raw.find(TAIL, max(start, 0))
    line = raw[max(start, 0) : end + len(TAIL)] if start >= 0 <= end else b""
    stated = stated_sum(line) if line else None
    if stated is None or len(line) <= 1 + SUM + len(TAIL):
        return cut.rest()
    cut.add(1, "start", "start of a sentence", "语句开始")
    name, *values = line[1 : -SUM - len(TAIL)].split(b",")
    zh, en, fields = SENTENCES.get(
        name.decode("ascii", "replace"), ("未列入的语句", "a sentence not listed here", ())
    )
    cut.add(len(name), "sentence", en, zh)
    for number, value in enumerate(values):
        cut.add(1, "separator", "next field", "下一字段")
        last = number == len(values) - 1
        if last and name.decode("ascii", "replace") in PAYLOAD_SENTENCES:
            cut.add(len(value), "content", *_of_content(line))
            continue
        field_zh, field_en = (
            fields[number] if number < len(fields) else (f"字段{number + 1}", f"field {number + 1}")
        )
        shown = value.decode("gb18030", "replace")
        cut.add(len(value), f"field_{number + 1}", f"{field_en}: {shown}", f"{field_zh}：{shown}")
    cut.add(1, "star", "the check sum follows", "其后为校验")
    is_right = xor_of(line[1 : -SUM - len(TAIL)]) == stated
    cut.add(
        SUM - 1, "xor", *(("XOR, right", "异或校验，正确") if is_right else ("XOR, wrong", "异或校验，错误"))
    )
    cut.add(len(TAIL), "end", "end of the sentence", "语句结束")
    return cut.rest()


def _of_content(line: bytes) -> tuple[str, str]:
    frame = read_sentence(line)
    report = frame.report
    if report:
        values = [(quantity_of(item.quantity), item) for item in report.items]
        en = ", ".join(f"{each.en} {item.value} {each.unit}".rstrip() for each, item in values)
        zh = "，".join(f"{each.zh} {item.value} {each.unit}".rstrip() for each, item in values)
        return (
            f"short report, part {report.part} of {report.parts}: {en}",
            f"短报，第 {report.part}/{report.parts} 包：{zh}",
        )
    text = frame.text
    if text is not None:
        return f"text: {text}", f"文本：{text}"
    return "bytes of a maker's own format", "厂家自定义数据"
