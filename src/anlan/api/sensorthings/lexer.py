"""Filter text into tokens. Bounded: a filter is at most `LONGEST` characters and `MOST_TOKENS` tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.api.sensorthings.errors import bad

LONGEST = 4_000
MOST_TOKENS = 300

#: A blank stands for a plus that a client did not encode.
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+\- ]\d\d:?\d\d)"
_RULES = (
    ("blank", r"\s+"),
    ("interval", rf"{_MOMENT}/{_MOMENT}"),
    ("moment", _MOMENT),
    ("date", r"\d{4}-\d\d-\d\d"),
    ("number", r"\d+(?:\.\d+)?(?:[eE][+\-]?\d+)?"),
    ("geography", r"geography'[^']*'"),
    ("duration", r"duration'[^']*'"),
    ("text", r"'(?:[^']|'')*'"),
    ("name", r"[@A-Za-z_][\w.@]*(?:/[@A-Za-z_][\w.@]*)*"),
    ("mark", r"[(),\-]"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in _RULES), re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """`at` counts characters from 0."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Raises StaError for what is no token, for too many and for too much."""
    if len(text) > LONGEST:
        raise bad(f"A filter has at most {LONGEST} characters.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise bad(f"The filter cannot be read at character {at + 1}: {text[at : at + 12]!r}.")
        if match.lastgroup != "blank":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
        if len(found) > MOST_TOKENS:
            raise bad(f"A filter has at most {MOST_TOKENS} words and marks.")
    return found
