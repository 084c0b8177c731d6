"""The line of a JSON text on which a place such as `$.parts[0].time` begins."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # the decoder's own, not in the stubs

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^,\]\}\s]+")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def line_of(text: str, place: str) -> int:
    """Counts from 1; the deepest step that exists counts, and 1 stands for the whole."""
    steps = [name or int(number) if number != "..." else name for name, number in _STEP.findall(place)]
    try:
        at = _find(text, _skip(text, 0), steps)
    except (ValueError, IndexError):
        return 1
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _find(text: str, at: int, steps: list[str | int]) -> int:
    if not steps:
        return at
    for key, start, value_at in _children(text, at):
        if key == steps[0] or steps[0] == "":
            return _find(text, value_at, steps[1:]) if len(steps) > 1 else start
    return at


def _children(text: str, at: int) -> list[tuple[str | int, int, int]]:
    """(key or index, where the member begins, where its value begins) of the object or list at `at`."""
    found: list[tuple[str | int, int, int]] = []
    if text[at] not in "{[":
        return found
    is_object, at = text[at] == "{", _skip(text, at + 1)
    while text[at] not in "}]":
        start, key = at, len(found)
        name: str | int = key
        if is_object:
            name, at = scanstring(text, at + 1)
            at = _skip(text, _skip(text, at) + 1)
        found.append((name, start, at))
        at = _skip(text, _end(text, at))
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def _end(text: str, at: int) -> int:
    """Just behind the value at `at`."""
    if text[at] == '"':
        return int(scanstring(text, at + 1)[1])
    if text[at] not in "{[":
        scalar = _SCALAR.match(text, at)
        return scalar.end() if scalar else at + 1
    depth = 0
    while True:
        if text[at] == '"':
            at = int(scanstring(text, at + 1)[1])
            continue
        depth += (text[at] in "{[") - (text[at] in "}]")
        at += 1
        if depth == 0:
            return at
