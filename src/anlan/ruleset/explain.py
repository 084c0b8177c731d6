"""One sentence that says why a level changed, in Chinese and in English, with the numbers that decided it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.bindings import Binding
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of
from anlan.vocab.stages import LABELS, stage_of

_UNITS_ZH = {"mm": "毫米", "m": "米"}
_NAMES = {"rolling_rain": ("雨量", "rain"), "level": ("水位", "stage")}


class Change(NamedTuple):
    """What happened to one binding. `value` and `threshold` in the unit of its quantity; `window_s` 0 = the reading itself."""

    binding: Binding
    level: Level | None
    previous: Level | None
    window_s: int
    value: Decimal
    threshold: Decimal | None
    missing_slots: int

    @property
    def is_up(self) -> bool:
        return self.level is not None and self.level.is_worse_than(self.previous)


class Sentence(NamedTuple):
    zh: str
    en: str


def explain(change: Change) -> Sentence:
    """The sentence that goes with a crossing."""
    return _explain_up(change) if change.is_up else _explain_down(change)


def _explain_up(change: Change) -> Sentence:
    level = change.level
    assert level is not None  # is_up
    zh, en = _subject(change)
    stage = stage_of(level) if change.binding.evaluator == "rolling_rain" else None
    stage_zh = f"，相当于{LABELS[stage][0]}（对应关系待县里确认）" if stage else ""
    stage_en = (
        f', shown as "{LABELS[stage][1].lower()}" (relation to be confirmed by the county)' if stage else ""
    )
    limit_zh, limit_en = _number(change, change.threshold)
    return Sentence(
        zh=f"{zh}，达到{level.face.zh}阈值{limit_zh}{stage_zh}；依据{_rule_zh(change)}{_gap_zh(change)}。",
        en=f"{en} has reached the {level.face.en} threshold of {limit_en}{stage_en}; "
        f"{_rule_en(change)}{_gap_en(change)}.",
    )


def _explain_down(change: Change) -> Sentence:
    zh, en = _subject(change)
    previous_zh = change.previous.face.zh if change.previous else "无"
    previous_en = change.previous.face.en if change.previous else "none"
    to_zh = f"降为{change.level.face.zh}" if change.level else "回到各级阈值以下"
    to_en = f"down to {change.level.face.en}" if change.level else "below every threshold"
    limit_zh, limit_en = _number(change, change.threshold)
    minutes = change.binding.hold_s // 60
    edge_zh = f"低于{previous_zh}回落线{limit_zh}" if change.threshold is not None else f"离开{previous_zh}"
    edge_en = (
        f"is under the {previous_en} fall edge of {limit_en}" if change.threshold is not None else "has left"
    )
    return Sentence(
        zh=f"{zh}，{edge_zh}（须保持{minutes}分钟），由{previous_zh}{to_zh}；依据{_rule_zh(change)}{_gap_zh(change)}。",
        en=f"{en} {edge_en} (held for {minutes} min): from {previous_en} {to_en}; {_rule_en(change)}{_gap_en(change)}.",
    )


def _subject(change: Change) -> Sentence:
    name_zh, name_en = _NAMES[change.binding.evaluator]
    value_zh, value_en = _number(change, change.value)
    span_zh, span_en = _span(change.window_s)
    return Sentence(f"{span_zh}{name_zh}{value_zh}", f"{span_en}{name_en} of {value_en}".capitalize())


def _span(window_s: int) -> Sentence:
    if not window_s:
        return Sentence("", "")
    if window_s % 3600:
        return Sentence(f"{window_s // 60}分钟", f"{window_s // 60}-minute ")
    return Sentence(f"{window_s // 3600}小时", f"{window_s // 3600}-hour ")


def _number(change: Change, value: Decimal | None) -> Sentence:
    if value is None:
        return Sentence("—", "—")
    unit = quantity_of(change.binding.quantity).unit
    plain = format(value.normalize(), "f")
    return Sentence(f"{plain}{_UNITS_ZH.get(unit, unit)}", f"{plain} {unit}".strip())


def _rule_zh(change: Change) -> str:
    return f"{change.binding.rule_id}第{change.binding.rule_version}版"


def _rule_en(change: Change) -> str:
    return f"rule {change.binding.rule_id} version {change.binding.rule_version}"


def _gap_zh(change: Change) -> str:
    return f"；窗口内缺{change.missing_slots}个5分钟时段，实际雨量只会更大" if change.missing_slots else ""


def _gap_en(change: Change) -> str:
    n = change.missing_slots
    return (
        f"; {n} five-minute slots of the window are missing, so the true sum can only be larger" if n else ""
    )
