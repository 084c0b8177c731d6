"""Reviews as pages show them: words of marks and steps, bars of limits, links to the minute in the replay."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from anlan.console.drillwords import word
from anlan.console.templatetags.anlan import is_chinese
from anlan.review import stepwords as words
from anlan.review.comparing import Pair
from anlan.review.lines import Line, Words, minutes_words, urgency
from anlan.review.models import Review

#: Width of a bar and where the limit stands in it, pixels: what took longer goes past the tick.
BAR, TICK = 120, 80


def said(pair: Words) -> str:
    """In the reader's language; where one of the two is missing, the other."""
    return (pair[0] or pair[1]) if is_chinese() else (pair[1] or pair[0])


def number(value: float | None) -> str:
    return minutes_words(value) or "—"


def step_row(line: Line, review: Review | None = None) -> dict[str, Any]:
    """One line of the table of steps."""
    return {
        "line": line,
        "step": word(words.CODES, line.code),
        "mark": word(words.MARKS, line.mark.value),
        "chip": words.CHIP_OF_MARK[line.mark.value],
        "took": number(line.took_min),
        "limit": minutes_words(line.limit_min) or word({"": words.NO_LIMIT}, ""),
        "source": said(line.source),
        "note": note_of(line),
        "bar": bar_of(line),
        "replay": replay_of(line, review),
    }


def note_of(line: Line) -> str:
    """Some lines have their English title as a note: it stands for the title there and is no note."""
    zh, en = line.note
    return zh if is_chinese() else en


def bar_of(line: Line) -> dict[str, int] | None:
    """How much of the limit was used; None without a time or a limit."""
    took, limit = line.took_min, line.limit_min
    if took is None or not limit:
        return None
    return {"width": max(2, min(BAR, round(TICK * took / limit))), "tick": TICK}


def replay_of(line: Line, review: Review | None) -> str:
    """That minute of the replay; "" where there is none."""
    return _replay(line.incident, line.happened_at, review)


def replay_at(review: Review, moment: datetime | None) -> str:
    """The minute that a finding names; of a drill with several incidents nobody knows which is meant."""
    incidents = review.computed.get("incidents", [])
    return _replay(incidents[0], moment, review) if len(incidents) == 1 else ""


def _replay(incident: str, moment: datetime | None, review: Review | None) -> str:
    if not incident or moment is None:
        return ""
    try:
        url = reverse("console:replay", args=[uuid.UUID(incident)])
    except NoReverseMatch:
        return ""
    asked = {"at": moment.isoformat()}
    if review is not None:
        asked["from"] = str(review.pk)
    return f"{url}?{urlencode(asked)}"


def broken_rows(lines: Iterable[Line], review: Review) -> list[dict[str, Any]]:
    """Broken limits, the worst first."""
    return [step_row(line, review) for line in sorted((one for one in lines if one.is_broken), key=urgency)]


def sections(lines: Iterable[Line], review: Review) -> list[dict[str, Any]]:
    """Every step by its section, in the order of `stepwords.SECTIONS`, in each as it happened."""
    by_section: dict[str, list[Line]] = {code: [] for code in words.SECTIONS}
    for line in lines:
        by_section.setdefault(line.section, []).append(line)
    return [
        {
            "name": word(words.SECTIONS, code),
            "broken": sum(line.is_broken for line in found),
            "rows": [step_row(line, review) for line in found],
        }
        for code, found in by_section.items()
        if found
    ]


def counts(tallied: dict[str, int]) -> list[tuple[str, str, int]]:
    """(word, chip, how many) of each mark that came."""
    return [
        (word(words.MARKS, code), words.CHIP_OF_MARK[code], tallied[code])
        for code in words.MARKS
        if tallied.get(code)
    ]


def verdict_words() -> dict[str, tuple[str, str]]:
    """What the second run made of a step, with its chip."""
    return {
        "faster": (_("faster"), "chip--done"),
        "slower": (_("slower"), "chip--waiting"),
        "same": (_("the same"), ""),
        "missed_now": (_("done in the first only"), "chip--unanswered"),
        "done_now": (_("done in the second only"), "chip--done"),
        "neither": (_("done in neither"), "chip--unanswered"),
        "only_first": (_("asked for in the first only"), ""),
        "only_second": (_("asked for in the second only"), ""),
    }


def pair_row(pair: Pair) -> dict[str, Any]:
    """One line of the comparison."""
    verdict, chip = verdict_words()[pair.verdict.value]
    more = "" if pair.difference_min is None else f"{pair.difference_min:+g}"
    return {
        "step": word(words.CODES, pair.code),
        "title": pair.line.title,
        "who": pair.line.who,
        "first": None if pair.first is None else step_row(pair.first),
        "second": None if pair.second is None else step_row(pair.second),
        "verdict": verdict,
        "chip": chip,
        "difference": more,
    }
