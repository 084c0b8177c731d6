"""What a session asks of a protocol: bytes to send, and what a frame means. A dialect does no I/O and keeps no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from anlan.dissemination.channels.segments import Alphabet
from anlan.dissemination.channels.texting.joining import Piece


class Verdict(Enum):
    """What a gateway says to one part: it has it; too fast; never this message; not now or not this way."""

    TAKEN = "taken"
    THROTTLED = "throttled"
    REFUSED = "refused"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Part:
    """One short message to submit. `reference` joins the parts of a longer text."""

    to: str
    text: str
    alphabet: Alphabet
    reference: int = 0
    number: int = 1
    total: int = 1


@dataclass(frozen=True, slots=True)
class LoggedIn:
    pass


@dataclass(frozen=True, slots=True)
class LoginRefused:
    code: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The response to a submit with this sequence."""

    sequence: int
    verdict: Verdict
    message_id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`status` is "delivered", "failed" or "" (nothing is settled yet). `confirm` goes back once it is stored."""

    confirm: bytes
    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text from a phone. `mark` tells it from other texts of this gateway; "" where the protocol has no such number."""

    confirm: bytes
    mark: str
    sender: str
    to: str
    text: str
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """To be sent at once: the answer to a test, or a complaint."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StillThere:
    pass


@dataclass(frozen=True, slots=True)
class Farewell:
    """The other side ends the session; `data` answers."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A whole frame that makes no sense; `data` says so where the protocol can. The session goes on."""

    data: bytes = b""


Happening = LoggedIn | LoginRefused | Answered | Receipt | Words | Say | StillThere | Farewell | Unreadable


class Dialect(Protocol):
    """`read` raises nothing: one bad frame never ends a session."""

    header: int
    most: int
    #: Whether the short alphabet may be used.
    has_gsm7: bool

    def login(self, sequence: int) -> bytes: ...

    def submit(self, sequence: int, part: Part) -> bytes: ...

    def test(self, sequence: int) -> bytes: ...

    def goodbye(self, sequence: int) -> bytes: ...

    def read(self, frame: bytes) -> Happening: ...
