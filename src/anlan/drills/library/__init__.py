"""Scripts that a county begins with, as data beside this file: one a plan, to be cast with the county's own places and stations.

Each is a template to be confirmed. A limit carries the row of the rules that it comes from; every other one says 未确认.
Strings hold `{village}`, `{village2}`, `{township}`, `{township2}`, `{county}`, `{enterprise}`; a station line names a quantity,
and the station is chosen with the places (`drills.casting`).
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import Any, Literal

import msgspec

from anlan.drills.script import Expect, InjectKindName

NOTICE = "模板，待本县确认：情景、步骤和时限均为建议；注明来源的时限除外。"
#: In this order the page shows them.
CODES = (
    "flood",
    "flash_flood_night",
    "geological",
    "forest_fire",
    "chemicals",
    "production",
    "earthquake",
    "snow",
    "relief",
    "no_contact",
)
#: A decision counts as wrong for so long after the inject where a pack says nothing else, minutes; to be confirmed.
WRONG_FOR_MIN = 60
PROPOSED = "导调建议值，未确认"
PLACES = ("county", "township", "township2", "village", "village2", "enterprise", "station")
_HOLE = re.compile(r"\{(\w+)\}")


class PackLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One inject before it is cast. `from_` is who sends a message; `relative` are metres above the station's warning stage."""

    at: float
    kind: InjectKindName
    title: str
    words: str = ""
    text: str = ""
    source: str = ""
    caller_name: str = ""
    from_: str = msgspec.field(name="from", default="")
    event_type: str = ""
    what: str = ""
    quantity: str = ""
    values: str = ""
    relative: str = ""
    steps: tuple[
        tuple[Any, ...], ...
    ] = ()  # Any: (entry, words, minutes, source), the last two may be left out


class DrillPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One script. `plan` is the code of the starter plan that it practises."""

    code: str
    title: str
    drill_kind: Literal["tabletop", "functional", "comprehensive"]
    event_types: tuple[str, ...]
    plan: str
    begins: str
    background: str
    lines: tuple[PackLine, ...]

    @property
    def minutes(self) -> float:
        return max(line.at for line in self.lines)


def packs() -> list[DrillPack]:
    return [pack(code) for code in CODES]


@functools.cache
def pack(code: str) -> DrillPack:
    """Raises KeyError for a code that is none."""
    if code not in CODES:
        raise KeyError(code)
    raw = (resources.files(__name__) / f"{code}.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(raw), DrillPack)
    if found.code != code:
        raise ValueError(f"the pack in {code}.toml calls itself {found.code}")
    if unknown := set(_HOLE.findall(raw)) - set(PLACES):
        raise ValueError(f"the pack {code} names unknown places: {sorted(unknown)}")
    return found


def expects_of(line: PackLine, key: str) -> tuple[Expect, ...]:
    return tuple(_expect(step, f"{key}-{n}") for n, step in enumerate(line.steps, start=1))


def _expect(step: tuple[Any, ...], key: str) -> Expect:
    entry, words, minutes, source = (*step, None, None)[:4]
    is_wrong = entry.startswith("!")
    if is_wrong and minutes is None:
        minutes, source = WRONG_FOR_MIN, PROPOSED
    return Expect(
        key=key,
        words=words,
        entry=entry.removeprefix("!"),
        within_min=float(minutes or 0),
        source=source or "",
        must_not=is_wrong,
    )


def filled(text: str, names: dict[str, str]) -> str:
    """The text with the county's own names in it."""
    return _HOLE.sub(lambda hole: names[hole.group(1)], text)
