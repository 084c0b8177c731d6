"""The send queue of one card: one message at a time, no faster than the card allows, and again when the terminal says no.

Pure: the caller has the clock and the line. It asks `due` now and then, sends what it gets, and passes on what the terminal says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.drivers.beidou.encode import message_sentence
from anlan.drivers.beidou.layout import CLASS_BYTES
from anlan.drivers.beidou.model import BeidouFrame

#: Until BDICI tells otherwise: what civil regional cards allow.
DEFAULT_EVERY = timedelta(seconds=60)
#: A terminal that says nothing about a message within this time did not take it.
ANSWER_WAIT = timedelta(seconds=20)
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. `key` is the caller's."""

    key: str
    address: str
    payload: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message: taken by the terminal (which proves no more than that), or given up with the last reason."""

    message: Outgoing
    is_sent: bool
    reason: str = ""


class SendQueue:
    """`limit` bounds what waits; `put` refuses beyond it."""

    def __init__(self, *, every: timedelta = DEFAULT_EVERY, limit: int = 200) -> None:
        self.every = every
        self.room = CLASS_BYTES["3"]
        self._limit = limit
        self._waiting: deque[Outgoing] = deque()
        self._open: Outgoing | None = None
        self._sent_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._waiting) + (self._open is not None)

    def put(self, key: str, address: str, payload: bytes, *, urgent: bool = False) -> None:
        """ValueError for what makes no message, or when the queue is full."""
        message_sentence(address, payload, room=self.room)
        if len(self) >= self._limit:
            raise ValueError(f"{self._limit} messages wait already")
        message = Outgoing(key, address, payload)
        if urgent:
            self._waiting.appendleft(message)
        else:
            self._waiting.append(message)

    def due(self, at: datetime) -> tuple[bytes | None, list[Settled]]:
        """The sentence to send now, or None; and what was given up because the terminal kept silent."""
        settled = self._on_silence(at)
        is_too_soon = self._sent_at is not None and at - self._sent_at < self.every
        if self._open is not None or is_too_soon or not self._waiting:
            return None, settled
        message = self._waiting.popleft()
        self._open = Outgoing(message.key, message.address, message.payload, message.tries + 1)
        self._sent_at = at
        return message_sentence(message.address, message.payload, room=self.room), settled

    def hear(self, frame: BeidouFrame) -> list[Settled]:
        """Take what the terminal says: its card (BDICI), or what became of the message (BDFKI)."""
        if frame.name == "BDICI":
            self._learn(frame)
        if frame.name != "BDFKI" or self._open is None or frame.values[:1] not in (("TXA",), ("CCTXA",)):
            return []
        if frame.values[1:2] == ("Y",):
            message, self._open = self._open, None
            return [Settled(message, is_sent=True)]
        return self._again(f"terminal: {','.join(frame.values[1:])}")

    def _learn(self, frame: BeidouFrame) -> None:
        """A card that is not there says 0, which changes nothing."""
        every, length_class = (*frame.values, "", "", "", "", "", "")[4:6]
        if every.isascii() and every.isdigit() and 0 < int(every[:6]) <= 3600:
            self.every = timedelta(seconds=int(every[:6]))
        self.room = CLASS_BYTES.get(length_class, self.room)

    def _on_silence(self, at: datetime) -> list[Settled]:
        is_late = self._open is not None and self._sent_at is not None and at - self._sent_at > ANSWER_WAIT
        return self._again("the terminal did not answer") if is_late else []

    def _again(self, reason: str) -> list[Settled]:
        """Back to the front of the queue; after the last try it is given up, so that it does not hold up the others for ever."""
        message, self._open = self._open, None
        if message is None:
            return []
        if message.tries >= MAX_TRIES:
            return [Settled(message, is_sent=False, reason=reason)]
        self._waiting.appendleft(message)
        return []
