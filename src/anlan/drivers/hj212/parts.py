"""Messages of several packets: gives each packet the data time of the first, and names those that never came.

A packet with a data time of its own stands for itself and need not wait, so that nothing is lost with a packet that never comes. One
without is held until a packet of the same message brings the time, with bounded memory and time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from anlan.drivers.hj212.model import Hj212Frame
from anlan.drivers.types import FrameRefused

#: (station, command, total): packets of one message need not share a QN.
_Key: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class PartLimits:
    """Bounds for one connection. Not from the standard."""

    messages: int = 16
    held_bytes: int = 1024 * 1024
    wait: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class _Open:
    last_at: datetime
    data_time: str | None = None
    #: Number of a packet that came → what it held, as a hash.
    seen: dict[int, int] = field(default_factory=dict)
    held: list[Hj212Frame] = field(default_factory=list)


class PartCollector:
    def __init__(self, limits: PartLimits | None = None) -> None:
        self._limits = limits or PartLimits()
        self._open: dict[_Key, _Open] = {}

    @property
    def held_bytes(self) -> int:
        return sum(len(frame.raw) for each in self._open.values() for frame in each.held)

    def add(
        self, frame: Hj212Frame, packet: tuple[int, int], at: datetime
    ) -> tuple[list[tuple[Hj212Frame, str]], list[FrameRefused]]:
        """The packets that can be read now, each with its data time; and what was given up meanwhile."""
        given_up = self.expire(at)
        total, number = packet
        key = (frame.station, frame.function, total)
        opened = self._open.get(key)
        content = hash(repr(frame.groups))
        # A packet repeated is the same message; another under a number already seen begins the next one.
        if opened is not None and opened.seen.get(number, content) != content:
            given_up += self._give_up(key, "another message with as many packets began")
        opened = self._open.setdefault(key, _Open(at))
        opened.last_at = max(opened.last_at, at)
        opened.seen[number] = content
        opened.data_time = frame.data_time or opened.data_time
        opened.held.append(frame)
        ready: list[tuple[Hj212Frame, str]] = []
        if opened.data_time is not None:
            ready = [(each, each.data_time or opened.data_time) for each in opened.held]
            opened.held = []
        return ready, given_up + self._make_room(key)

    def expire(self, at: datetime) -> list[FrameRefused]:
        """Give up what has had no packet for longer than the limit."""
        late = [key for key, each in self._open.items() if at - each.last_at > self._limits.wait]
        return [
            refused for key in late for refused in self._give_up(key, f"none came for {self._limits.wait}")
        ]

    def close(self) -> list[FrameRefused]:
        return [refused for key in list(self._open) for refused in self._give_up(key, "the connection ended")]

    def _make_room(self, newest: _Key) -> list[FrameRefused]:
        given_up: list[FrameRefused] = []
        limits = self._limits
        while self._open and (len(self._open) > limits.messages or self.held_bytes > limits.held_bytes):
            oldest = min(self._open, key=lambda key: (key == newest, self._open[key].last_at))
            given_up += self._give_up(oldest, "too much is waiting")
        return given_up

    def _give_up(self, key: _Key, why: str) -> list[FrameRefused]:
        station, function, total = key
        opened = self._open.pop(key)
        if len(opened.seen) == total and not opened.held:
            return []  # it was complete, and waited only for repeats
        missing = [str(number) for number in range(1, total + 1) if number not in opened.seen]
        named = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        raw = b"".join(frame.raw for frame in opened.held)
        what = f"packets {named} of {total} did not come" if missing else "no packet brought the data time"
        return [
            FrameRefused("hj212.parts_missing", f"Station {station}, command {function}: {what}; {why}.", raw)
        ]
