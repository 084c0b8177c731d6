"""What a driver gives back, whatever the protocol: readings, frames and the outcomes of feeding bytes to a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

#: (station, function, serial, send time, observation time) as the device wrote them; equal keys are the same report.
DuplicateKey: TypeAlias = tuple[str, str, str, str, str]

#: A message as plain JSON-ready fields, under the names that the vector files use.
Fields: TypeAlias = dict[str, object]


#: What the county set for one station, by name, such as {"crc": "modbus"}; each driver documents the names it reads.
StationSettings: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value. `phenomenon_time` is aware UTC; `value` None means the station said "no reading".

    `station` is the address on the wire. `quantity` is a code of `vocab.quantities`, with "@point" behind it where one device has
    several measuring points ("displacement_x@G03").
    """

    station: str
    quantity: str
    phenomenon_time: datetime
    value: Decimal | None
    #: Element id of the protocol that carried it, e.g. "39".
    element: str
    #: The mark the device itself put on the value, as it wrote it (HJ 212 "D" fault, "C" calibrating); "" for none or for normal.
    device_flag: str = ""
    #: The mark says that the value does not describe the world. The value is kept; the gateway stores it flagged, so that it never triggers.
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a device reports that is no number: a fire alarm, a door opened, a registration. `kind` is of `vocab.happenings`."""

    station: str
    kind: str
    #: Aware UTC by the device's clock; None where the message has no time.
    phenomenon_time: datetime | None
    #: JSON-ready; no personal data beyond what the device sent.
    fields: Fields


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a message, such as a picture; stored beside the frame."""

    station: str
    media_type: str
    phenomenon_time: datetime | None
    content: bytes


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
    happenings: tuple[Happening, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    #: The name of the command (of `Manifest.commands`) that this frame answers; None for a report of its own accord.
    answers: str | None = None


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


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send at once that confirm nothing: a denial of a bad frame, a request for missing packets."""

    data: bytes


Outcome: TypeAlias = FrameAccepted | FrameRefused | Garbage | Reply


class DriverSession(Protocol):
    """State of one connection. Pure: the caller owns the socket, the clock and the store."""

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        """Take bytes as they arrived; never raises whatever they are."""

    def expire(self, at: datetime) -> list[Outcome]:
        """Give up what has waited too long for its other parts."""

    def close(self) -> list[Outcome]:
        """The connection ended: report what was left half done."""


class PlainReport(NamedTuple):
    """A good report that holds readings of one moment and nothing else, in the integers that are stored; for speed.

    It says the same as a `FrameAccepted` whose readings all are of `frame.station`, have values and no mark, that is neither a
    keepalive nor an answer and brings no happening and no file. `values[i]` is `quantity.to_stored` of the reading of
    `quantities[i]`; equal tuples of quantities may be one object. Times are epoch seconds UTC.
    """

    station: str
    raw: bytes
    ack: bytes
    sent: int
    time: int
    quantities: tuple[str, ...]
    values: list[int]


@runtime_checkable
class ReportsPlainly(Protocol):
    """A session may give its common reports in this form. Feed it by one of the two methods, whichever the moment asks for."""

    def feed_plainly(self, data: bytes, received_at: datetime) -> Sequence[Outcome | PlainReport]:
        """The same as `feed`, outcome by outcome."""

    def in_full(self, report: PlainReport) -> FrameAccepted:
        """What `feed` would have given in its place."""


@runtime_checkable
class Learns(Protocol):
    """A session may remember what a station's own messages say about how to speak to it (a password, a version of the protocol).

    The gateway puts it into `CommandRequest.settings`, where what the county set for the station comes first.
    """

    def learned(self, station: str) -> StationSettings: ...


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a message for `anlan decode --explain`; the spans of a message cover every byte once, in order."""

    start: int
    length: int
    #: Dotted field name, such as "header.station".
    name: str
    #: What the bytes say, for a person; "" where nothing can be said. English, or one text for both languages.
    meaning: str
    #: The same in Chinese; "" where `meaning` does for both.
    meaning_zh: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A message from the centre to a station. `encode` raises ValueError with a sentence for arguments that make no message."""

    name: str
    title_zh: str
    title_en: str
    #: Name of each argument and what it is, for the form.
    arguments: Mapping[str, str]
    encode: Callable[[CommandRequest], bytes]
    #: Changes the station for good (format, reset, password): a second person must release it.
    needs_release: bool = False


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """`at` is aware UTC; `serial` is given by the gateway, unique for the station while a command waits for its answer."""

    station: str
    at: datetime
    serial: int
    arguments: Mapping[str, str]
    settings: StationSettings


#: The settings of a station by its address on the wire; {} for one that nobody registered.
SettingsOf: TypeAlias = Callable[[str], StationSettings]


def no_settings(_station: str) -> StationSettings:
    return {}


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
    #: A session of one connection; the function tells it how each station is set up, at the moment it needs to know.
    new_session: Callable[[SettingsOf], DriverSession]
    #: One captured message to `{ok, reason, code, …fields}`; never raises.
    decode_message: Callable[[bytes], Fields]
    #: The same message byte by byte; never raises, and covers bytes it cannot read with a span that says so.
    explain_message: Callable[[bytes], list[Span]]
    #: The port of its TCP listener where the county sets no other; 0 for a protocol that has none (a serial line, a pull).
    tcp_port: int
    #: Messages are text lines: `decode` takes them as text, not as hexadecimal.
    is_text: bool = False
    #: A vector or log entry that is no whole frame (an application data unit, a stream), by its "kind"; same result.
    decode_kinds: Mapping[str, Callable[[bytes], Fields]] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)
    #: May also be spoken in datagrams; the county still chooses whether a UDP port is opened.
    allows_udp: bool = False
