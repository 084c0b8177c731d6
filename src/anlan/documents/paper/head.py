"""The head of a county's own template: its fixed lines above the first placeholder, so that the PDF carries them too."""

from __future__ import annotations

import msgspec


class HeadLine(msgspec.Struct, frozen=True):
    """`color` is RRGGBB, `size` in points."""

    text: str
    color: str = "000000"
    size: float = 26


class TemplateHead(msgspec.Struct, frozen=True):
    """`line` is the colour of the rule under the number: red where the head is red."""

    lines: tuple[HeadLine, ...] = ()
    line: str = "000000"
