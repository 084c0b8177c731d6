"""Joins the packets of messages that are too long for one frame, with bounded memory and time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from anlan.drivers.sl651.codec import join
from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.types import FrameRefused

#: (station, function, total). Later packets carry no serial (sl651-076 to -087), so it cannot be part of the key; a first packet
#: with another serial, or other bytes under a number already held, begins a new message.
_Key: TypeAlias = tuple[str, str, int]
_Whole: TypeAlias = Sl651Frame | FrameRefused | None


@dataclass(frozen=True, slots=True)
class PartLimits:
    """Bounds for one connection. Not from the standard: a picture of 4 MiB is far beyond what stations send."""

    messages: int = 4
    held_bytes: int = 4 * 1024 * 1024
    wait: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class _Open:
    last_at: datetime
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0

    def hold(self, number: int, content: bytes, at: datetime) -> None:
        self.size += len(content) - len(self.parts.get(number, b""))
        self.parts[number] = content
        self.last_at = max(self.last_at, at)


class PartCollector:
    def __init__(self, limits: PartLimits | None = None) -> None:
        self._limits = limits or PartLimits()
        self._open: dict[_Key, _Open] = {}

    @property
    def held_bytes(self) -> int:
        return sum(each.size for each in self._open.values())

    def add(self, part: Sl651Frame, at: datetime) -> tuple[_Whole, list[FrameRefused]]:
        """The whole message if this packet completes it; and the messages given up meanwhile."""
        given_up = self.expire(at)
        key = (part.station, part.function, part.packet_total or 1)
        number, content = part.packet_no or 1, part.body.content
        held = self._open.get(key)
        if held is not None and held.parts.get(number, content) != content:
            given_up.append(self._give_up(key, "another message with as many packets began"))
        held = self._open.setdefault(key, _Open(at))
        held.hold(number, content, at)
        if len(held.parts) == key[2]:
            del self._open[key]
            return join(part, b"".join(held.parts[each] for each in range(1, key[2] + 1))), given_up
        return None, given_up + self._make_room(key)

    def expire(self, at: datetime) -> list[FrameRefused]:
        """Give up what has had no packet for longer than the limit."""
        late = [key for key, each in self._open.items() if at - each.last_at > self._limits.wait]
        return [self._give_up(key, f"none came for {self._limits.wait}") for key in late]

    def close(self) -> list[FrameRefused]:
        return [self._give_up(key, "the connection ended") for key in list(self._open)]

    def _make_room(self, newest: _Key) -> list[FrameRefused]:
        """Give up the longest waiting until the bounds hold; the newest goes last."""
        given_up = []
        limits = self._limits
        while self._open and (len(self._open) > limits.messages or self.held_bytes > limits.held_bytes):
            oldest = min(self._open, key=lambda key: (key == newest, self._open[key].last_at))
            given_up.append(self._give_up(oldest, "too much is waiting to be joined"))
        return given_up

    def _give_up(self, key: _Key, why: str) -> FrameRefused:
        station, function, total = key
        held = self._open.pop(key).parts
        missing = [str(number) for number in range(1, total + 1) if number not in held]
        named = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        reason = f"Station {station}, function {function}: of {total} packets {named} did not come; {why}."
        return FrameRefused("sl651.parts_missing", reason, b"".join(held[number] for number in sorted(held)))
