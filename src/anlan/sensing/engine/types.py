"""What the engine is told and what it answers. Times: `t` epoch seconds UTC, `received` epoch milliseconds UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from anlan.ruleset.bindings import Binding
from anlan.ruleset.quality import QualityBook
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.types import RawFrame

#: Values of a station and quantity outside (low, high) are flagged; in the unit of the quantity, None = open.
Ranges = Mapping[tuple[str, str], tuple[float | None, float | None]]


class MaintenanceSpan(msgspec.Struct, frozen=True):
    """Readings of these quantities (all when empty) with start <= t < end count for nothing; epoch seconds."""

    id: str
    station: str
    start: int
    end: int
    quantities: tuple[str, ...] = ()


class Amendment(msgspec.Struct, frozen=True):
    """What a person decided about one stored reading: `t` epoch seconds, `v` the stored integer that they looked at."""

    id: str
    station: str
    quantity: str
    t: int
    v: int
    is_accepted: bool


class Verdict(IntEnum):
    """What became of one reading."""

    STORED = 0
    REPEATED = 1
    CORRECTED = 2


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the catalogue says about a shard. The two switches exist for drills that must fail."""

    bindings: Sequence[Binding] = ()
    ranges: Ranges = field(default_factory=dict)
    quality: QualityBook = field(default_factory=QualityBook)
    maintenance: Sequence[MaintenanceSpan] = ()
    exercise: str = ""
    #: A reading dated further ahead than this is kept and never evaluated.
    future_after_s: int = 600
    #: A crossing older than this when it is noticed is marked late; people decide what it still means.
    late_after_s: int = 7200
    #: Drills only: store every repeat as if it were a new reading.
    deduplication_switched_off_for_a_failing_drill: bool = False
    #: Drills only: fall edge equal to rise edge, no hold.
    hysteresis_switched_off_for_a_failing_drill: bool = False


class Incoming(NamedTuple):
    """Readings in the order of arrival. `wall` is the real Unix time at which the bytes arrived."""

    t: Ints
    s: Ints
    v: Ints
    received: Ints
    wall: npt.NDArray[np.float64]
    #: What the door already knows, such as CLOCK; None for nothing.
    flag: Ints | None = None
    #: How far the send time was off, seconds, 0 for not; behind without CLOCK it may just have waited for its line.
    clock_offset_s: Ints | None = None


class RawOf(NamedTuple):
    """A frame and the range of incoming rows that it carried; kept when one of them is new, or when it carried none."""

    frame: RawFrame
    first: int
    rows: int


class Judged(NamedTuple):
    """Incoming readings split by how they must be stored."""

    rows: Rows
    day: Ints
    #: Keys that cannot be present yet: newer than anything stored of their stream.
    fresh: npt.NDArray[np.bool_]
    #: The send time was off, so the reading may belong to another time.
    misdated: npt.NDArray[np.bool_]
