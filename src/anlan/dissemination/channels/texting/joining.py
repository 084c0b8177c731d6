"""Long texts that come in: parts are kept until the text is whole, for a bounded time and in a bounded number. Pure; no clock.

A part that came is never dropped: when its text stays incomplete, what is there is given out with a mark for what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Parameters, engineering choices. A phone sends its parts within seconds; centres repeat what is not confirmed in a minute.
KEEP_S = 45.0
MOST_OPEN = 500
#: Stands for a part that did not come.
MISSING = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a user data header says: which text, of how many parts, which of them."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A text and the tickets of the messages that it came in."""

    sender: str
    text: str
    tickets: tuple[str, ...]
    is_whole: bool = True


@dataclass(slots=True)
class _Open:
    total: int
    until: float
    parts: dict[int, str] = field(default_factory=dict)
    tickets: list[str] = field(default_factory=list)


def piece_of(header: bytes) -> Piece | None:
    """The concatenation element of a user data header (its length byte first); None when there is none or it makes no sense."""
    at = 1
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        body = header[at + 2 : at + 2 + length]
        if (element, length, len(body)) == (0, 3, 3):
            return _sensible(body[0], body[1], body[2])
        if (element, length, len(body)) == (8, 4, 4):
            return _sensible(int.from_bytes(body[:2], "big"), body[2], body[3])
        at += 2 + length
    return None


def _sensible(reference: int, total: int, number: int) -> Piece | None:
    return Piece(reference, total, number) if total > 1 and 1 <= number <= total else None


class Joiner:
    """One per session; not safe in several threads. Times are seconds of a steady clock."""

    def __init__(self, *, keep_s: float = KEEP_S, most_open: int = MOST_OPEN) -> None:
        self.keep_s = keep_s
        self.most_open = most_open
        self._open: dict[tuple[str, str, int, int], _Open] = {}

    def add(self, sender: str, to: str, piece: Piece, text: str, ticket: str, *, now: float) -> list[Joined]:
        """The text when this was its last part; also the oldest unfinished one when there are too many."""
        key = (sender, to, piece.reference, piece.total)
        kept = self._open.setdefault(key, _Open(piece.total, now + self.keep_s))
        kept.parts[piece.number] = text  # a part that comes twice is the same part
        kept.tickets.append(ticket)
        if len(kept.parts) == kept.total:
            del self._open[key]
            return [_joined(key[0], kept)]
        return [self._give_up(next(iter(self._open)))] if len(self._open) > self.most_open else []

    def overdue(self, *, now: float) -> list[Joined]:
        """What stayed incomplete for too long."""
        late = [key for key, kept in self._open.items() if kept.until <= now]
        return [self._give_up(key) for key in late]

    @property
    def open_texts(self) -> int:
        return len(self._open)

    def _give_up(self, key: tuple[str, str, int, int]) -> Joined:
        return _joined(key[0], self._open.pop(key))


def _joined(sender: str, kept: _Open) -> Joined:
    parts = [kept.parts.get(number, MISSING) for number in range(1, kept.total + 1)]
    is_whole = len(kept.parts) == kept.total
    return Joined(sender, "".join(parts), tuple(kept.tickets), is_whole)
