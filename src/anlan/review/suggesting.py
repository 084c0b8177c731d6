"""Findings that the lines suggest: late, missed, wrong, and what went well. Pure. A person accepts, words anew or drops each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.review.lines import Line, Mark, Words, minutes_words
from anlan.review.stepwords import CODES

#: Steps that one suggestion names.
NAMED = 6
#: So many steps with a limit must all have kept it before that is worth saying. Engineering choice.
WORTH_SAYING = 2
_KINDS = {Mark.WRONG: "wrong", Mark.MISSED: "missed", Mark.LATE: "late"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`code` is the same each time it is computed, so that what was dropped does not come back."""

    code: str
    kind: str
    words: Words
    happened_at: datetime | None
    count: int


def suggestions(lines: Iterable[Line]) -> list[Suggestion]:
    """One for each kind of step and mark: wrong and missed first, then late, at the end what was kept throughout."""
    by_code: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_code[line.code].append(line)
    found = [
        _broken(code, mark, chosen)
        for mark in _KINDS
        for code, all_of in by_code.items()
        if (chosen := [line for line in all_of if line.mark == mark])
    ]
    return [*found, *(one for code, all_of in by_code.items() if (one := _good(code, all_of)) is not None)]


def _broken(code: str, mark: Mark, lines: Sequence[Line]) -> Suggestion:
    zh, en = CODES.get(code, (code, code))
    zh_list = "；".join(_said(line, 0) for line in lines[:NAMED])
    en_list = "; ".join(_said(line, 1) for line in lines[:NAMED])
    more = len(lines) - NAMED
    words = {
        Mark.WRONG: (f"{zh}：{len(lines)}处处置错误", f"{en}: {len(lines)} wrong"),
        Mark.MISSED: (f"{zh}：{len(lines)}件逾期未办", f"{en}: {len(lines)} missed"),
        Mark.LATE: (f"{zh}：{len(lines)}件超时", f"{en}: {len(lines)} late"),
    }[mark]
    tail = (f"；另有{more}件", f"; {more} more") if more > 0 else ("", "")
    return Suggestion(
        f"{_KINDS[mark]}:{code}",
        _KINDS[mark],
        (f"{words[0]}。{zh_list}{tail[0]}。", f"{words[1]}. {en_list}{tail[1]}."),
        min((at for line in lines if (at := line.happened_at) is not None), default=None),
        len(lines),
    )


def _said(line: Line, language: int) -> str:
    name = " ".join(part for part in (line.who, line.title) if part)
    took, limit = minutes_words(line.took_min), minutes_words(line.limit_min)
    if not limit:
        return name
    if not took:
        return f"{name}（时限{limit}分钟）" if language == 0 else f"{name} (limit {limit} min)"
    return (
        f"{name}（用时{took}分钟，时限{limit}分钟）"
        if language == 0
        else f"{name} (took {took} min, limit {limit} min)"
    )


def _good(code: str, lines: Sequence[Line]) -> Suggestion | None:
    limited = [line for line in lines if line.mark in (Mark.KEPT, Mark.LATE, Mark.MISSED, Mark.WRONG)]
    if len(limited) < WORTH_SAYING or any(line.mark != Mark.KEPT for line in limited):
        return None
    zh, en = CODES.get(code, (code, code))
    words = (f"{zh}：{len(limited)}件全部在时限内。", f"{en}: all {len(limited)} within their limits.")
    first = min((at for line in limited if (at := line.happened_at) is not None), default=None)
    return Suggestion(f"good:{code}", "good", words, first, len(limited))
