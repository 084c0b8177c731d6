"""Words that are data come in both languages; the request's language chooses."""

from __future__ import annotations

from django.utils.translation import get_language

from anlan.vocab.quality import LABELS, QualityFlag
from anlan.vocab.quantities import point_of, quantity_of


def say(chinese: str, english: str) -> str:
    return english if (get_language() or "").startswith("en") else chinese


def quantity_word(code: str) -> str:
    """The quantity with its measuring point where it has one."""
    known, point = quantity_of(code), point_of(code)
    word = say(known.zh, known.en)
    return f"{word} {point}" if point else word


def flag_text(flag: QualityFlag) -> str:
    """Every mark on a reading in words, "" for a good one."""
    return say("；", "; ").join(say(*LABELS[one]) for one in QualityFlag if one and one in flag)
