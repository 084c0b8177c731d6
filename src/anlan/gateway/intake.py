"""What listeners hand to the writer, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE, RawAttachment, RawFrame, Signal
from anlan.vocab.quantities import quantity_of

_LARGEST = 1 << 60
#: Stands, with the id of the run, behind the source of a frame that came in during an exercise.
EXERCISE_MARK = " exercise:"


@dataclass(slots=True)
class Submission:
    """Readings of one frame, of several of one station or of one request; stored as a whole, then `done` is called in the event loop.

    `done` gets the verdict of each reading (`engine.types.Verdict`), or None when nothing may be acknowledged.
    """

    received: datetime
    wall: float
    done: Callable[[Sequence[int] | None], None]
    keys: list[StreamKey] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    #: Carried all the readings; None where nothing came over a wire, or where `frames` are given.
    frame: RawFrame | None = None
    #: Frames of one station that brought the readings, and how many each: the first brought the first ones.
    frames: list[RawFrame] = field(default_factory=list)
    frame_rows: list[int] = field(default_factory=list)
    #: The same as `clock_offset_s` and `is_clock_wrong` below for each of `frames`; empty where all are right.
    frame_clocks: list[tuple[int, bool]] = field(default_factory=list)
    heard: frozenset[str] = frozenset()
    signals: list[Signal] = field(default_factory=list)
    attachments: list[RawAttachment] = field(default_factory=list)
    #: How far the station's clock was ahead (negative: behind) when it sent this, if that is more than the limit; else 0.
    clock_offset_s: int = 0
    #: The offset is the clock's fault, not that of a line that was down.
    is_clock_wrong: bool = False
    #: Positions of readings that the device itself marked as not describing the world.
    doubtful: list[int] = field(default_factory=list)

    def add(self, key: StreamKey, time: datetime, value: int, *, is_doubtful: bool = False) -> None:
        if is_doubtful:
            self.doubtful.append(len(self.keys))
        self.keys.append(key)
        self.times.append(int(time.timestamp()))
        self.values.append(value)


def stored_value(quantity: str, value: Decimal | None) -> int | None:
    """The integer that is stored, NO_VALUE for "no reading", None where the number cannot be kept."""
    if value is None:
        return NO_VALUE
    try:
        scaled = quantity_of(quantity).to_stored(value)
    except (InvalidOperation, OverflowError, ValueError):
        return None
    return scaled if -_LARGEST < scaled < _LARGEST else None
