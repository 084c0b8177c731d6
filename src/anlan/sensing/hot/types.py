"""What goes into and comes out of the hot store, without NumPy (columns are in `rows`). Times: `t` epoch seconds UTC, `received`/`at` epoch milliseconds UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from anlan.kernel.refusals import Refusal
from anlan.vocab.quality import QualityFlag

#: "No reading" inside an integer array; NULL in the file.
NO_VALUE = -(1 << 63)

#: The file for readings whose date cannot be believed (dated ahead, or older than `ANCIENT_S`), so that a station with a
#: lost clock cannot make thousands of files.
ODD_DAY = -1
ANCIENT_S = 400 * 86_400
DAY_S = 86_400


class StoreUnavailable(Refusal):
    """The batch was not stored and must not be acknowledged."""

    code = "store.unavailable"
    text = "Readings cannot be stored now: %(why)s."
    next_step = "Free space on the data disk; stations send again by themselves."
    status = 503


class RawFrame(NamedTuple):
    """Bytes as they came. `source` names the peer or the token's owner; `station` may be one that nobody registered."""

    received: int
    source: str
    station: str
    data: bytes


#: The largest file that is kept with a message.
MAX_ATTACHMENT = 2 << 20


@dataclass(frozen=True, slots=True)
class RawAttachment:
    """A file that came inside a message, such as a picture. `t` is its own time, None where the message had none."""

    received: int
    t: int | None
    station: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """What a list says about a stored attachment; `id` opens it."""

    id: str
    received_at: datetime
    phenomenon_time: datetime | None
    station: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Something the county side must know: a crossing, a silent station … `id` becomes the id of the fact."""

    id: str
    kind: str
    at: datetime
    body: dict[str, Any]  # JSON by contract; each kind has its own keys
    day: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    phenomenon_time: datetime
    value: Decimal | None
    flag: QualityFlag


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest value of a stream that is not dated ahead."""

    value: Decimal | None
    phenomenon_time: datetime
    received_at: datetime
    flag: QualityFlag


@dataclass(frozen=True, slots=True)
class FlaggedPoint:
    """A reading with a flag and the numbers behind it, by flag name. `stored` is the stored integer."""

    station: str
    quantity: str
    phenomenon_time: datetime
    stored: int | None
    flag: QualityFlag
    numbers: dict[str, Any]  # JSON by contract
