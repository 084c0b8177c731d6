"""The wording of a report as plain text, for a phone message, a fax and the paper (Chinese: it is an official text)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.reporting.elements import ELEMENTS, local
from anlan.reporting.words import kind_words

UNKNOWN = "正在核实，核实后续报"
_ORDER = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text is made of."""

    kind: str
    serial: int
    title: str
    place: str
    at: datetime
    number: str
    codes: Sequence[str]
    elements: Mapping[str, str]
    unknown: Sequence[str]
    former_title: str = ""
    is_direct: bool = False
    is_exercise: bool = False


def body(wording: Wording) -> str:
    """The whole text: heading, opening, numbered elements."""
    zh = kind_words(wording.kind, wording.serial)[0]
    mark = ("【演练】" if wording.is_exercise else "") + ("【直报】" if wording.is_direct else "")
    head = f"{mark}{wording.title}（{zh}）"
    lines = [head, _opening(wording, zh)]
    said = [
        f"{ELEMENTS[code].zh}：{_words(code, wording)}" for code in wording.codes if _words(code, wording)
    ]
    if wording.kind == "flash":
        return "\n".join([head, f"{wording.place}{local(wording.at)}电话报告。" + "；".join(said) + "。"])
    lines += [f"{_mark(n)}、{line}。".replace("。。", "。") for n, line in enumerate(said)]
    if wording.kind not in ("final", "nil"):
        lines.append("后续情况将及时续报。")
    return "\n".join(lines)


def _words(code: str, wording: Wording) -> str:
    return UNKNOWN if code in wording.unknown else wording.elements.get(code, "").strip().rstrip("。")


def _opening(wording: Wording, zh: str) -> str:
    when = local(wording.at)
    if wording.kind == "nil":
        return f"{wording.place}{when}报告：本时段无新增突发事件和险情灾情，零报告。"
    if wording.kind == "follow_up" and wording.former_title:
        return f"{wording.place}{when}续报。接前报，现将最新情况报告如下："
    if wording.kind == "final":
        return f"{wording.place}{when}终报。事件处置已结束，现将有关情况报告如下："
    return f"{wording.place}{when}报告，现将有关情况报告如下："


def _mark(n: int) -> str:
    return _ORDER[n] if n < len(_ORDER) else f"十{_ORDER[n - 10]}"
