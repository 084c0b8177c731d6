"""What changed between two texts, in runs of words: kept, struck out, new. Chinese is compared by character. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: Beyond this, texts are shown whole, one struck out and one new.
LONGEST = 2_000
_PIECE = re.compile(r"\d+(?:[.:]\d+)*|[A-Za-z]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(old: str, new: str) -> list[Run]:
    """Runs that, without the gone ones, give the new text, and without the new ones, the old text."""
    if old == new:
        return [Run("same", new)] if new else []
    if len(old) > LONGEST or len(new) > LONGEST:
        return [Run("gone", old), Run("new", new)]
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    runs: list[Run] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(after[from_new:to_new])))
            continue
        if to_old > from_old:
            runs.append(Run("gone", "".join(before[from_old:to_old])))
        if to_new > from_new:
            runs.append(Run("new", "".join(after[from_new:to_new])))
    return runs
