"""Ladders as data: who is called in which order, by what, and how long each step waits (R30).

A call-out keeps a copy of its ladder, so editing a preset never changes a running one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from anlan.dissemination.refusals import BadLadder, UnknownLadder

Target = Literal["A", "B", "secretary", "township_duty", "county_duty"]
ChannelCode = Literal["sms", "voice", "email"]

#: The preset that is used where nobody chose one; its numbers are an assumption and shown as such.
DEFAULT = "anlan_default"

FOLDER = Path(__file__).parent


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: these channels to this role, then `wait_s` seconds for an answer."""

    to: Target
    channels: tuple[ChannelCode, ...]
    wait_s: int
    note: str = ""


class Ladder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`is_assumption` marks a preset whose numbers nobody confirmed; screens show the mark."""

    name: str
    zh: str
    en: str
    source: str
    verified: bool
    is_assumption: bool
    rungs: tuple[Rung, ...]
    escalate_to: Literal["township_duty", "county_duty"]

    def as_copy(self) -> dict[str, Any]:
        """The plain form that a call-out stores."""
        copy: dict[str, Any] = msgspec.to_builtins(self)
        return copy


def parse(raw: bytes) -> Ladder:
    """A ladder from JSON; refuses unknown roles, channels and fields, empty rungs and waits below one second."""
    try:
        ladder = msgspec.json.decode(raw, type=Ladder)
    except msgspec.MsgspecError as error:
        raise BadLadder(why=str(error)) from error
    return _checked(ladder)


def from_copy(copy: dict[str, Any]) -> Ladder:
    """The ladder that a call-out kept."""
    return msgspec.convert(copy, Ladder)


@cache
def presets() -> dict[str, Ladder]:
    """Every ladder that ships with the package, by name."""
    found = [parse(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
    return {ladder.name: ladder for ladder in found}


def ladder_named(name: str) -> Ladder:
    """A preset; no name means the default one."""
    try:
        return presets()[name or DEFAULT]
    except KeyError:
        raise UnknownLadder(name=name, known=", ".join(presets())) from None


def _checked(ladder: Ladder) -> Ladder:
    if not ladder.rungs:
        raise BadLadder(why="it has no rung")
    for rung in ladder.rungs:
        if rung.wait_s < 1 or not rung.channels:
            raise BadLadder(why=f"the rung to {rung.to} needs a channel and a wait of at least one second")
    return ladder
