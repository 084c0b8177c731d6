"""Which levels of a plan the facts open, and why. Pure; whoever knows the facts decides what to do with the answer.

A trigger that names a warning, a grade or a relief level also holds for a graver one. Triggers of words are for people and
never hold here; neither does one that is not complete (a figure without a value), which the plan check does not guess about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from anlan.plans.content import Content, Level, Trigger, TriggerKind
from anlan.vocab.figures import FIGURES
from anlan.vocab.hazards import FACES as HAZARDS
from anlan.vocab.hazards import HazardType
from anlan.vocab.incidents import GRADE_LABELS, TYPES
from anlan.vocab.levels import FACES as COLOURS
from anlan.vocab.levels import Level as Colour

ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}

Said = tuple[str, str]


class Warned(NamedTuple):
    """A warning in force: hazard, level 1 (red) to 4 (blue), and the townships it covers, as their codes or their number.

    Codes of several warnings are counted once; numbers are not added, the largest counts.
    """

    hazard: str
    level: int
    townships: Collection[str] | int = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident and of the county at a moment. `grade` 1 (gravest) to 4, None where it has none.

    `figures` are the present values by code of `vocab.figures`. `relief_level` is what the relief table in force (R07) gives,
    None for no level; the caller asks the ruleset.
    """

    event_type: str = ""
    grade: int | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[tuple[str, int, Collection[str] | int]] = ()
    relief_level: int | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """One trigger that holds, with the sentence that says why."""

    level: int
    trigger: Trigger
    zh: str
    en: str


def fits(content: Content, facts: Facts) -> list[Fit]:
    """Every trigger that holds, those of the gravest level first, within a level in the order of the plan."""
    found = []
    for level in sorted(content.levels, key=lambda one: one.level):
        for trigger in level.triggers:
            said = _HOLDS[trigger.kind](trigger, level, facts)
            if said is not None:
                found.append(Fit(level.level, trigger, *said))
    return found


def _warning(trigger: Trigger, level: Level, facts: Facts) -> Said | None:
    given = [Warned(*one) for one in facts.warnings]
    same = [one for one in given if one.hazard == trigger.hazard and 1 <= one.level <= trigger.level]
    if not same:
        return None
    townships = _townships(same)
    if townships < trigger.townships:
        return None
    colour = COLOURS[Colour(min(one.level for one in same))]
    hazard_zh, hazard_en = _hazard(trigger.hazard)
    many_zh = f"，涉及 {townships} 个乡镇" if trigger.townships else ""
    many_en = f" for {townships} townships" if trigger.townships else ""
    return (
        f"{hazard_zh}{colour.zh}预警生效中{many_zh}（{_wanted_warning(trigger)[0]}）。",
        f"A {colour.en} warning of {hazard_en} is in force{many_en} ({_wanted_warning(trigger)[1]}).",
    )


def _wanted_warning(trigger: Trigger) -> Said:
    colour = COLOURS[Colour(trigger.level)]
    if not trigger.townships:
        return f"预案条件：{colour.zh}及以上", f"the plan asks for {colour.en} or graver"
    return (
        f"预案条件：{colour.zh}及以上、不少于 {trigger.townships} 个乡镇",
        f"the plan asks for {colour.en} or graver in at least {trigger.townships} townships",
    )


def _townships(warnings: list[Warned]) -> int:
    """How many townships the warnings cover together."""
    codes: set[str] = set()
    most = 0
    for one in warnings:
        if isinstance(one.townships, int):
            most = max(most, one.townships)
        else:
            codes.update(one.townships)
    return max(most, len(codes))


def _is_of_type(trigger: Trigger, facts: Facts) -> bool:
    return not trigger.event_types or facts.event_type in trigger.event_types


def _grade(trigger: Trigger, level: Level, facts: Facts) -> Said | None:
    """A trigger with types and no grade holds for any incident of these types, graded or not."""
    if not _is_of_type(trigger, facts) or not (trigger.grade or trigger.event_types):
        return None
    type_zh, type_en = _type(facts.event_type)
    if not trigger.grade:
        return f"发生{type_zh}事件。", f"An incident of the type {type_en} has happened."
    if facts.grade is None or facts.grade > trigger.grade:
        return None
    has, asks = GRADE_LABELS[facts.grade], GRADE_LABELS[trigger.grade]
    return (
        f"{type_zh}事件等级为{has[1]}（{has[0]}级），预案条件：{asks[1]}及以上。",
        f"The incident ({type_en}) has grade {has[0]}, {has[2]}; the plan asks for {asks[0]} or graver.",
    )


def _figure(trigger: Trigger, level: Level, facts: Facts) -> Said | None:
    if not _is_of_type(trigger, facts) or trigger.at_least <= 0 or trigger.figure not in facts.figures:
        return None
    value = facts.figures[trigger.figure]
    if value < trigger.at_least:
        return None
    face = FIGURES.get(trigger.figure)
    if face is None:
        return None
    return (
        f"{face.zh} {value} {face.unit_zh}，预案条件：{trigger.at_least} {face.unit_zh}及以上。",
        f"{face.en}: {value} {face.unit_en}; the plan asks for at least {trigger.at_least}.",
    )


def _relief(trigger: Trigger, level: Level, facts: Facts) -> Said | None:
    """Without a level of its own the trigger stands for the level that it opens."""
    asked = trigger.level or level.level
    if facts.relief_level is None or facts.relief_level > asked:
        return None
    has, asks = ROMAN[facts.relief_level], ROMAN[asked]
    return (
        f"按现行救助应急响应标准达到{has}级，预案条件：{asks}级及以上。",
        f"The relief table in force gives level {has}; the plan asks for {asks} or graver.",
    )


def _words(trigger: Trigger, level: Level, facts: Facts) -> Said | None:
    return None


_HOLDS: dict[TriggerKind, Callable[[Trigger, Level, Facts], Said | None]] = {
    TriggerKind.WARNING: _warning,
    TriggerKind.GRADE: _grade,
    TriggerKind.FIGURE: _figure,
    TriggerKind.RELIEF: _relief,
    TriggerKind.WORDS: _words,
}


def _hazard(code: str) -> Said:
    if code not in set(HazardType):
        return code, code
    face = HAZARDS[HazardType(code)]
    return face.zh, face.en


def _type(code: str) -> Said:
    face = TYPES.get(code)
    return ("", "unknown") if face is None else (face.zh, face.en)


def described(trigger: Trigger) -> Said:
    """What the trigger asks for, in Chinese and English, for pages and papers."""
    if trigger.kind is TriggerKind.WARNING:
        zh, en = _hazard(trigger.hazard)
        colour = COLOURS.get(Colour(trigger.level)) if trigger.level in ROMAN else None
        wanted = ("", "") if colour is None else (f"{colour.zh}及以上", f", {colour.en} or graver")
        many = (f"（不少于 {trigger.townships} 个乡镇）", f" in at least {trigger.townships} townships")
        more = many if trigger.townships else ("", "")
        return f"{zh}预警{wanted[0]}{more[0]}", f"warning of {en}{wanted[1]}{more[1]}"
    if trigger.kind is TriggerKind.GRADE:
        types = [_type(code) for code in trigger.event_types]
        zh, en = (
            "、".join(one[0] for one in types) or "事件",
            ", ".join(one[1] for one in types) or "incident",
        )
        if trigger.grade not in GRADE_LABELS:
            return f"发生{zh}", en
        grade = GRADE_LABELS[trigger.grade]
        return f"{zh}{grade[1]}及以上", f"{en} of grade {grade[0]} or graver"
    if trigger.kind is TriggerKind.FIGURE:
        face = FIGURES.get(trigger.figure)
        if face is None:
            return trigger.figure, trigger.figure
        return (
            f"{face.zh} {trigger.at_least} {face.unit_zh}及以上",
            f"{face.en}: at least {trigger.at_least} {face.unit_en}",
        )
    if trigger.kind is TriggerKind.RELIEF:
        roman = ROMAN.get(trigger.level, "")
        return f"达到救助应急响应{roman}级标准", f"relief table gives level {roman}".strip()
    return trigger.words, trigger.words
