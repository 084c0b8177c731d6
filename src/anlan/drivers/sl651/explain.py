"""A frame byte by byte, for `anlan decode --explain`."""

from __future__ import annotations

from anlan.drivers.types import Span


def explain(raw: bytes) -> list[Span]:
    """The spans of one frame; see `Manifest.explain_message`."""
    return [Span(0, len(raw), "frame", "")]
