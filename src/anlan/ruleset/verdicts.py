"""What an evaluator of the worker says: a level, the numbers that decided it, and one sentence in two languages."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from anlan.vocab.levels import Level


class Verdict(NamedTuple):
    """`is_incomplete`: something that the rule needs is missing; then the level may be too mild and is never called safe."""

    level: Level | None
    value: Decimal
    threshold: Decimal | None
    zh: str
    en: str
    is_incomplete: bool = False
    #: Stations that decided it, the worst first.
    stations: tuple[str, ...] = ()
    #: A granted maintenance window holds back what would be an alarm.
    is_held_back: bool = False


def plain(value: Decimal | float) -> str:
    """A number without needless zeros; at most three decimals."""
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def level_words(level: Level | None) -> tuple[str, str]:
    return ("未达阈值", "below every threshold") if level is None else (level.face.zh, level.face.en)


def joined(parts: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Pairs of phrases as two lists, Chinese and English."""
    pairs = list(parts)
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def worst(levels: Iterable[Level | None]) -> Level | None:
    return min((level for level in levels if level is not None), default=None)
