"""Forms of the drill pages."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import QueryDict

from anlan.console.drillwords import BLINDNESS, KINDS, STEPS
from anlan.console.roomforms import key_of
from anlan.drills.script import Expect, Script, ScriptLine
from anlan.drills.services import DrillDetails
from anlan.kernel.actor import Actor
from anlan.places.access import access_division
from anlan.plans.access import visible_plans
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

#: Expected steps that one line of a script may have on its form. Engineering choice.
MOST_STEPS = 6


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def seed(text: str) -> int:
    """Names one casting of a script; 1 where nobody chose another."""
    return int(text) if text.isdecimal() and len(text) < 5 else 1


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 8 else None


def details(actor: Actor, given: QueryDict) -> DrillDetails:
    """What the form says; codes that do not exist fall back to the first choice."""
    kind, blindness = given.get("kind", ""), given.get("blindness", "")
    event_type = given.get("event_type", "")
    plan_id = key_of(given.get("plan", ""))
    return DrillDetails(
        title=given.get("title", ""),
        kind=kind if kind in KINDS else "tabletop",
        division=access_division(actor, given.get("division", ""), need=Right.RUN_DRILLS),
        blindness=blindness if blindness in BLINDNESS else "none",
        event_type=event_type if event_type in TYPES else "",
        topic=given.get("topic", ""),
        plan=None if plan_id is None else visible_plans(actor).filter(pk=plan_id).first(),
        planned_on=day(given.get("planned_on", "")),
        place_words=given.get("place_words", ""),
        people=number(given.get("people", "")),
        parties=[
            name.strip()[:60] for name in re.split(r"[,，、;；\n]", given.get("parties", "")) if name.strip()
        ][:100],
    )


#: What the form has no field for; kept as it stands while the kind of the line stays the same.
_UNSEEN = ("caller_number", "event_type", "what")


def line(given: QueryDict, key: str, former: ScriptLine | None = None) -> ScriptLine:
    """One line of the script as the form has it. Raises `ValueError` for a time that is no number."""
    kind = given.get("kind", "note")
    kept = former.payload if former is not None and former.kind == kind else {}
    payload = {name: kept[name] for name in _UNSEEN if name in kept} | {
        name: given.get(name, "").strip()
        for name in (
            "source",
            "text",
            "division",
            "caller_name",
            "place",
            "station",
            "quantity",
            "values",
            "words",
        )
        if given.get(name, "").strip()
    }
    return ScriptLine(
        key=key,
        at_min=float(given.get("at_min", "") or 0),
        kind=kind if kind in ("caller", "message", "station", "failure", "note") else "note",  # type: ignore[arg-type]  # narrowed in the same line
        title=given.get("title", "").strip()[:120] or key,
        payload=payload,
        expects=tuple(_expects(given, key, former)),
    )


def _expects(given: QueryDict, key: str, former: ScriptLine | None) -> list[Expect]:
    """Steps as the form has them; what a step asks of the fields of its entry came with a file and stays with the entry."""
    asked = {} if former is None else {one.entry: one.fields for one in former.expects}
    found = []
    for n in range(1, MOST_STEPS + 1):
        entry = given.get(f"entry-{n}", "")
        if entry not in STEPS:
            continue
        minutes = given.get(f"within-{n}", "").strip()
        found.append(
            Expect(
                key=f"{key}-{n}",
                words=given.get(f"words-{n}", "").strip()[:120] or STEPS[entry][0],
                entry=entry,
                fields=asked.get(entry, {}),
                within_min=float(minutes) if minutes else 0,
                source=given.get(f"source-{n}", "").strip()[:120],
                must_not=given.get(f"not-{n}") == "1",
            )
        )
    return found


def with_line(script: Script, line_now: ScriptLine) -> Script:
    """The script with this line in the place of the one with its key, or added; ordered by time."""
    others = [one for one in script.lines if one.key != line_now.key]
    ordered = sorted([*others, line_now], key=lambda one: (one.at_min, one.key))
    return Script(lines=tuple(ordered), begins=script.begins, background=script.background)


def without_line(script: Script, key: str) -> Script:
    kept = tuple(one for one in script.lines if one.key != key)
    return Script(lines=kept, begins=script.begins, background=script.background)


def next_key(script: Script) -> str:
    taken = {one.key for one in script.lines}
    return next(f"L{n}" for n in range(1, len(taken) + 2) if f"L{n}" not in taken)


def typed_line(line_now: ScriptLine) -> dict[str, Any]:
    """The values of the form for a line that exists."""
    found: dict[str, Any] = {
        **line_now.payload, "key": line_now.key, "at_min": f"{line_now.at_min:g}", "kind": line_now.kind,
        "title": line_now.title,
    }  # fmt: skip
    rows: list[dict[str, Any]] = [{"n": n} for n in range(1, MOST_STEPS + 1)]
    for row, expect in zip(rows, line_now.expects, strict=False):
        row |= {
            "entry": expect.entry, "words": expect.words, "within": f"{expect.within_min:g}" if expect.within_min else "",
            "source": expect.source, "must_not": expect.must_not,
        }  # fmt: skip
    return found | {"steps": rows}
