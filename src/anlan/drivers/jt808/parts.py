"""Joins sub-packets, with bounded memory and time, and asks again for those that do not come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from anlan.drivers.jt808.codec import join
from anlan.drivers.jt808.encode import missing_packets
from anlan.drivers.jt808.model import Jt808Frame
from anlan.drivers.types import FrameRefused, Reply

#: (station, message id, total). Serials of sub-packets should be consecutive and are not with every vendor, so they are no part of it;
#: other bytes under a number already held begin a new message.
_Key: TypeAlias = tuple[str, str, int]
_Event: TypeAlias = FrameRefused | Reply


@dataclass(frozen=True, slots=True)
class PartLimits:
    """Bounds for one connection; engineering choices. A picture of 2 MiB is far beyond what terminals send."""

    messages: int = 4
    held_bytes: int = 2 * 1024 * 1024
    #: After so long without a packet the missing ones are asked for, at most `asks` times.
    ask_after: timedelta = timedelta(seconds=30)
    asks: int = 3
    wait: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class _Open:
    last: Jt808Frame
    last_at: datetime
    first_serial: int
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    asked: int = 0
    asked_at: datetime | None = None

    def hold(self, part: Jt808Frame, at: datetime) -> None:
        number = part.header.number or 1
        self.size += len(part.body) - len(self.parts.get(number, b""))
        self.parts[number] = part.body
        self.last, self.last_at = part, max(self.last_at, at)
        self.first_serial = (part.header.serial - number + 1) & 0xFFFF if number != 1 else part.header.serial


class PartCollector:
    def __init__(self, limits: PartLimits | None = None) -> None:
        self._limits = limits or PartLimits()
        self._open: dict[_Key, _Open] = {}

    @property
    def held_bytes(self) -> int:
        return sum(each.size for each in self._open.values())

    def add(self, part: Jt808Frame, at: datetime) -> tuple[Jt808Frame | None, list[_Event]]:
        """The whole message if this packet completes it; and what was given up or asked for meanwhile."""
        events = self.expire(at)
        total, number = part.header.total or 1, part.header.number or 1
        key = (part.station, part.function, total)
        held = self._open.get(key)
        if held is not None and held.parts.get(number, part.body) != part.body:
            events.append(self._give_up(key, "another message with as many packets began"))
        held = self._open.setdefault(key, _Open(part, at, part.header.serial))
        held.hold(part, at)
        if len(held.parts) == total:
            del self._open[key]
            body = b"".join(held.parts[each] for each in range(1, total + 1))
            return join(part, body, first_serial=held.first_serial), events
        return None, events + self._make_room(key)

    def expire(self, at: datetime) -> list[_Event]:
        """Ask for what is missing, and give up what has had no packet for longer than the limit."""
        events: list[_Event] = []
        for key, held in list(self._open.items()):
            if at - held.last_at > self._limits.wait:
                events.append(self._give_up(key, f"none came for {self._limits.wait}"))
            elif held.asked < self._limits.asks and at - self._last_moment(held) > self._limits.ask_after:
                held.asked += 1
                held.asked_at = at
                missing = [number for number in range(1, key[2] + 1) if number not in held.parts]
                events.append(
                    Reply(missing_packets(held.last, first_serial=held.first_serial, numbers=missing))
                )
        return events

    def close(self) -> list[FrameRefused]:
        return [self._give_up(key, "the connection ended") for key in list(self._open)]

    @staticmethod
    def _last_moment(held: _Open) -> datetime:
        return max(held.last_at, held.asked_at or held.last_at)

    def _make_room(self, newest: _Key) -> list[_Event]:
        """Give up the longest waiting until the bounds hold; the newest goes last."""
        given_up: list[_Event] = []
        limits = self._limits
        while self._open and (len(self._open) > limits.messages or self.held_bytes > limits.held_bytes):
            oldest = min(self._open, key=lambda key: (key == newest, self._open[key].last_at))
            given_up.append(self._give_up(oldest, "too much is waiting to be joined"))
        return given_up

    def _give_up(self, key: _Key, why: str) -> FrameRefused:
        station, function, total = key
        held = self._open.pop(key).parts
        missing = [number for number in range(1, total + 1) if number not in held]
        named = ", ".join(map(str, missing[:10])) + (" …" if len(missing) > 10 else "")
        reason = f"Station {station}, message {function}: of {total} packets {named} did not come; {why}."
        return FrameRefused("jt808.parts_missing", reason, b"".join(held[number] for number in sorted(held)))
