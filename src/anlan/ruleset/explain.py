"""One sentence that says why a level changed, in Chinese and in English, with the numbers that decided it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from anlan.ruleset.bindings import Binding
from anlan.vocab.levels import Level
from anlan.vocab.quantities import quantity_of
from anlan.vocab.stages import LABELS, stage_of

_UNITS_ZH = {"mm": "毫米", "m": "米"}


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
    face = level.face
    if change.binding.evaluator == "below":
        reached = Sentence(
            f"降到{face.zh}阈值{limit_zh}", f"has fallen to the {face.en} threshold of {limit_en}"
        )
    else:
        reached = Sentence(
            f"达到{face.zh}阈值{limit_zh}", f"has reached the {face.en} threshold of {limit_en}"
        )
    held_zh, held_en = _held(change)
    return Sentence(
        zh=f"{zh}，{reached.zh}{held_zh}{stage_zh}；依据{_rule_zh(change)}{_gap_zh(change)}。",
        en=f"{en} {reached.en}{held_en}{stage_en}; {_rule_en(change)}{_gap_en(change)}.",
    )


def _explain_down(change: Change) -> Sentence:
    zh, en = _subject(change)
    previous_zh = change.previous.face.zh if change.previous else "无"
    previous_en = change.previous.face.en if change.previous else "none"
    to_zh = f"降为{change.level.face.zh}" if change.level else "回到各级阈值以下"
    to_en = f"down to {change.level.face.en}" if change.level else "below every threshold"
    limit_zh, limit_en = _number(change, change.threshold)
    minutes = change.binding.hold_s // 60
    under_zh, under_en = ("高于", "over") if change.binding.evaluator == "below" else ("低于", "under")
    edge_zh = (
        f"{under_zh}{previous_zh}回落线{limit_zh}" if change.threshold is not None else f"离开{previous_zh}"
    )
    edge_en = (
        f"is {under_en} the {previous_en} fall edge of {limit_en}"
        if change.threshold is not None
        else "has left"
    )
    return Sentence(
        zh=f"{zh}，{edge_zh}（须保持{minutes}分钟），由{previous_zh}{to_zh}；依据{_rule_zh(change)}{_gap_zh(change)}。",
        en=f"{en} {edge_en} (held for {minutes} min): from {previous_en} {to_en}; {_rule_en(change)}{_gap_en(change)}.",
    )


def _subject(change: Change) -> Sentence:
    """What was compared, with its value: a sum, a change or the reading itself."""
    binding = change.binding
    value_zh, value_en = _number(change, change.value)
    span_zh, span_en = _span(change.window_s)
    quantity = quantity_of(binding.quantity)
    if binding.evaluator == "rolling_rain":
        return Sentence(f"{span_zh}雨量{value_zh}", f"{span_en}rain of {value_en}".capitalize())
    point = binding.quantity.partition("@")[2]
    name_zh, name_en = (
        quantity.zh + (f"（{point}）" if point else ""),
        quantity.en + (f" ({point})" if point else ""),
    )
    if binding.evaluator == "rise":
        moved_zh, moved_en = ("变化", "change") if binding.is_absolute else ("上涨", "rise")
        return Sentence(
            f"{name_zh}{span_zh}{moved_zh}{value_zh}",
            f"{name_en}: {span_en}{moved_en} of {value_en}".capitalize(),
        )
    return Sentence(f"{name_zh}{value_zh}", f"{name_en} of {value_en}".capitalize())


def _held(change: Change) -> Sentence:
    minutes = change.binding.rise_hold_s // 60
    if not change.binding.rise_hold_s:
        return Sentence("", "")
    return Sentence(f"并已持续{minutes}分钟", f" and held it for {minutes} min")


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
    name = f"“{change.binding.rule_name_zh}”" if change.binding.rule_name_zh else ""
    return f"{name}{change.binding.rule_id}第{change.binding.rule_version}版"


def _rule_en(change: Change) -> str:
    name = f' "{change.binding.rule_name_en}"' if change.binding.rule_name_en else ""
    return f"rule{name} {change.binding.rule_id} version {change.binding.rule_version}"


def _gap_zh(change: Change) -> str:
    n = change.missing_slots
    if not n:
        return ""
    if change.binding.evaluator == "rise":
        return "；时段起点缺测，按时段内最早读数计算"
    return f"；窗口内缺{n}个5分钟时段，实际雨量只会更大"


def _gap_en(change: Change) -> str:
    n = change.missing_slots
    if not n:
        return ""
    if change.binding.evaluator == "rise":
        return "; the start of the window is missing, so the earliest reading inside stands for it"
    return f"; {n} five-minute slots of the window are missing, so the true sum can only be larger"


def explain_gap(binding: Binding, missing: dict[int, int]) -> Sentence:
    """Why a binding cannot be called safe; `missing` slots of five minutes by window in seconds, empty = no gap any more."""
    if not missing:
        return Sentence("资料已补齐，可以判断。", "The gaps are closed.")
    zh = "、".join(f"{_span(w).zh}窗口缺{n}个5分钟时段" for w, n in sorted(missing.items()))
    en = ", ".join(f"{n} five-minute slots of the {_span(w).en}window" for w, n in sorted(missing.items()))
    share = f"{100 * binding.max_gap:g}"
    return Sentence(
        f"{zh}，超过允许的{share}%，不能判为安全。",
        f"{en} are missing, more than {share} %: not to be called safe.",
    )
