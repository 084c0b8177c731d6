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
    """Readings of one frame or one request; stored as a whole, then `done` is called in the event loop.

    `done` gets the verdict of each reading (`engine.types.Verdict`), or None when nothing may be acknowledged.
    """

    received: datetime
    wall: float
    done: Callable[[Sequence[int] | None], None]
    keys: list[StreamKey] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    frame: RawFrame | None = None
    heard: frozenset[str] = frozenset()
    signals: list[Signal] = field(default_factory=list)
    attachments: list[RawAttachment] = field(default_factory=list)
    #: How far the station's clock was ahead (negative: behind) when it sent this, if that is more than the limit; else 0.
    clock_offset_s: int = 0

    def add(self, key: StreamKey, time: datetime, value: int) -> None:
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
