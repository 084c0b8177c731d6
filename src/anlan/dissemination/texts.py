"""The sentences that go out to people. They are Chinese content, kept as data; screens are translated elsewhere."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _templates() -> dict[str, str]:
    templates: dict[str, str] = json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8"))
    return templates


def compose(name: str, **data: object) -> str:
    """The template with its named places filled; braces inside the data stay as they are."""
    return _templates()[name].format_map(data)


def template(name: str) -> str:
    """The template as it stands in the file, for what must know its frame."""
    return _templates()[name]
