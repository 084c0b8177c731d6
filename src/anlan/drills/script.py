"""A drill as data: what is given to the players when, and what must then stand in the journal, by when.

Times are minutes on the drill's own clock after its start. Pure: no database, no clock.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

InjectKindName = Literal["station", "caller", "message", "failure", "note"]


class Expect(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One step that the players must take after an inject.

    `entry` is a kind of journal entries ("intake.taken", "activation.active"); `fields` are values that the entry must hold
    where it says anything about them. `within_min` is the limit, 0 for none; `source` says where the limit comes from.
    With `must_not`, such an entry is a wrong decision instead, with a limit for so long after the inject only.
    """

    key: str
    words: str
    entry: str
    fields: dict[str, Any] = {}
    within_min: float = 0
    source: str = ""
    must_not: bool = False


class ScriptLine(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One inject. What `payload` holds depends on the kind; `drills.services.injects` names the keys."""

    key: str
    at_min: float
    kind: InjectKindName
    title: str
    payload: dict[str, Any] = {}
    expects: tuple[Expect, ...] = ()


class Script(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A whole script. `begins` is the local time of day at which the drill's clock starts, "" for the time of the start."""

    lines: tuple[ScriptLine, ...] = ()
    begins: str = ""
    background: str = ""


class BadScript(ValueError):
    """What is wrong with a script, in words."""


def read(raw: dict[str, Any]) -> Script:
    """The script of stored JSON. Raises `BadScript` naming the place of what is wrong."""
    try:
        script = msgspec.convert(raw, Script)
    except msgspec.ValidationError as error:
        raise BadScript(str(error)) from None
    check(script)
    return script


def check(script: Script) -> None:
    """Keys that come once, times that are not before the start. Raises `BadScript`."""
    lines = [line.key for line in script.lines]
    expects = [one.key for line in script.lines for one in line.expects]
    for keys in (lines, expects):
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise BadScript(", ".join(sorted(twice)))
    for line in script.lines:
        if not 0 <= line.at_min <= 7 * 24 * 60:
            raise BadScript(f"{line.key}: {line.at_min}")


def stored(script: Script) -> dict[str, Any]:
    """As JSON, without what is empty."""
    found: dict[str, Any] = msgspec.to_builtins(script)
    return found
