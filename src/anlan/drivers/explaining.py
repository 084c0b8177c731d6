"""Cuts a message into spans for `anlan decode --explain`."""

from __future__ import annotations

from anlan.drivers.types import Span


class Explainer:
    """Names stretches of a message from its first byte on; what is left unnamed at the end gets a span that says so."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0
        self.spans: list[Span] = []

    @property
    def left(self) -> int:
        return len(self.raw) - self.at

    def peek(self, count: int) -> bytes:
        return self.raw[self.at : self.at + count]

    def add(self, count: int, name: str, en: str = "", zh: str = "") -> bytes:
        """Name the next bytes, fewer where the message ends, none where `count` is 0 or less; returns them."""
        taken = self.peek(max(count, 0))
        if taken:
            self.spans.append(Span(self.at, len(taken), name, en, zh))
            self.at += len(taken)
        return taken

    def rest(self, name: str = "unread", en: str = "not understood", zh: str = "未能识别") -> list[Span]:
        """Name what is left, and return all spans."""
        self.add(self.left, name, en, zh)
        return self.spans
