"""What a driver gives back, whatever the protocol: readings, frames and the outcomes of feeding bytes to a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

#: (station, function, serial, send time, observation time) as the device wrote them; equal keys are the same report.
DuplicateKey: TypeAlias = tuple[str, str, str, str, str]

#: A message as plain JSON-ready fields, under the names that the vector files use.
Fields: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value. `phenomenon_time` is aware UTC; `value` None means the station said "no reading"."""

    station: str
    quantity: str
    phenomenon_time: datetime
    value: Decimal | None
    #: Element id of the protocol that carried it, e.g. "39".
    element: str


class Frame(Protocol):
    """One message of a station, checked and taken apart."""

    @property
    def station(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def raw(self) -> bytes:
        """The bytes as they came over the wire."""

    @property
    def sent_at(self) -> datetime | None:
        """Send time by the device's clock, aware UTC; None where it is absent or not a date."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read in a frame that is otherwise good, one sentence each."""

    def fields(self) -> Fields: ...


@dataclass(frozen=True, slots=True)
class FrameAccepted:
    """A good frame. The caller stores frame and readings durably and only then sends `ack`."""

    frame: Frame
    readings: tuple[Reading, ...]
    ack: bytes | None
    duplicate_key: DuplicateKey
    is_keepalive: bool


@dataclass(frozen=True, slots=True)
class FrameRefused:
    """Bytes that began like a frame and are not one. `reason` is a sentence for a person."""

    code: str
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Garbage:
    """`count` bytes that belong to no accepted frame; those of refused frames are among them."""

    count: int


Outcome: TypeAlias = FrameAccepted | FrameRefused | Garbage


class DriverSession(Protocol):
    """State of one connection. Pure: the caller owns the socket, the clock and the store."""

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        """Take bytes as they arrived; never raises whatever they are."""

    def expire(self, at: datetime) -> list[Outcome]:
        """Give up what has waited too long for its other parts."""

    def close(self) -> list[Outcome]:
        """The connection ended: report what was left half done."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a driver declares about itself; the registry refuses one that lacks anything."""

    protocol: str
    title_zh: str
    title_en: str
    #: The text that the driver follows, and how much of it was seen.
    standard: str
    #: Longest message in bytes; a listener need not buffer more.
    max_frame: int
    new_session: Callable[[], DriverSession]
    #: One captured message to `{ok, reason, code, …fields}`; never raises.
    decode_message: Callable[[bytes], Fields]
