"""Channels: one folder each. A channel hands one message over and says what it can prove; it never retries by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from anlan.kernel.registry import Registry

if TYPE_CHECKING:  # only the worker hands messages over, so only it pays for an HTTP client
    import httpx


class ChannelError(Exception):
    """Base; the text is a short code for the attempt's row, never a number or a message body."""


class ChannelRefused(ChannelError):
    """The provider will never take this message: stop."""


class ChannelDown(ChannelError):
    """Nothing left the house: try again, then the next rung."""


class ChannelBusy(ChannelDown):
    """All lines are in use: nothing is wrong, nothing left the house, and this was no attempt. Try again in a moment."""


class ChannelUncertain(ChannelError):
    """It may have been taken: ask if the channel can be asked, else repeat and show "possibly twice".

    `route` names the gateway that may have it, where the channel has several.
    """

    def __init__(self, why: str = "", *, route: str = "") -> None:
        super().__init__(why)
        self.route = route


class Proof(StrEnum):
    """What a channel can prove about a message, from weak to strong."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ANSWERED = "answered"


class Nature(StrEnum):
    """To whom or what a channel speaks. Only `PERSONAL` is used in an exercise inside a live county."""

    PERSONAL = "personal"
    #: A device that stands in a place: loudspeaker, display, siren under remote control.
    PLACE = "place"
    #: A chat group.
    GROUP = "group"
    #: Another organisation that passes the text on and tells when it was on air.
    PARTNER = "partner"
    #: A person does it with his hands and voice, and somebody says when and who.
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a channel is. `contact_kinds` are the kinds of address it reaches, best first; `rate_per_s` is a parameter.

    Channels that are not personal reach outlets and have no contact kinds. `digest_over_min`: beyond so many messages a
    minute to one address, the rest is said together in one.
    """

    code: str
    zh: str
    en: str
    contact_kinds: tuple[str, ...]
    proofs: frozenset[Proof]
    can_be_asked: bool
    carries_links: bool
    rate_per_s: float
    nature: Nature = Nature.PERSONAL
    digest_over_min: int | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a message is about, for channels that say it in fields: loudspeakers, displays, partners. Times are aware, UTC."""

    issuer: str = ""
    title: str = ""
    level: int | None = None
    hazard_type: str = ""
    division_code: str = ""
    place: str = ""
    started_at: datetime | None = None
    expires_at: datetime | None = None
    is_all_clear: bool = False
    is_exercise: bool = False
    #: Our own number for it where the channel has such numbers, and the number of what it takes back or replaces.
    number: str = ""
    cancels: str = ""
    #: What is spoken, where it differs from the text; and a recorded announcement (an attachment's digest).
    voice_text: str = ""
    audio_digest: str = ""
    #: 1 red … 5 what only informs: what pre-empts what.
    priority: int = 5


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `keys` are the key presses (or reply words) that mean something.

    `link` opens the answer page; it is inside `text` where the channel carries links. `parts` are the single texts of a
    combined message, one a call-out.
    """

    send_key: str
    address: str
    text: str
    title: str = ""
    keys: Mapping[str, str] | None = None
    occasion: Occasion = Occasion()
    link: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handed:
    """The provider took it; `provider_ref` may be empty. `wall` is the Unix time at which it did."""

    provider_ref: str
    wall: float
    route: str = ""


class Trace(StrEnum):
    """What a provider says about a send key: it has it, it never saw it, or it cannot tell."""

    KNOWN = "known"
    NEVER_SEEN = "never_seen"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Asked:
    trace: Trace
    provider_ref: str = ""


class Channel(Protocol):
    """`send` raises one of the three errors; `ask` raises only `ChannelDown`. Both are safe in several threads."""

    @property
    def manifest(self) -> Manifest: ...

    def send(self, message: Message) -> Handed: ...

    def ask(self, send_key: str, *, route: str = "") -> Asked: ...


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A member of the registry: its manifest, and how it is opened from the settings."""

    manifest: Manifest
    open: Callable[[httpx.Client], Channel]


_registry: Registry[ChannelKind] = Registry("channel", needs=("manifest", "open"))
_twins: dict[str, Channel] | None = None


def register(kind: ChannelKind) -> ChannelKind:
    """Add a channel; a duplicate or incomplete one stops the start."""
    manifest = kind.manifest
    has_address = bool(manifest.contact_kinds) or manifest.nature is not Nature.PERSONAL
    if not manifest.proofs or not has_address or manifest.rate_per_s <= 0:
        raise ValueError(f"the manifest of channel {kind.manifest.code!r} is incomplete")
    return _registry.add(kind.manifest.code, kind)


def manifests() -> dict[str, Manifest]:
    return {kind.manifest.code: kind.manifest for kind in _registry.values()}


def open_channels(http: httpx.Client) -> dict[str, Channel]:
    """Every channel by code; in tests the twins that were put in their place."""
    if _twins is not None:
        return _twins
    return {kind.manifest.code: kind.open(http) for kind in _registry.values()}


def use_twins(twins: dict[str, Channel] | None) -> None:
    """Replace every channel by in-memory twins (tests); None puts the real ones back."""
    global _twins
    _twins = twins


def has_twins() -> bool:
    """Tests put twins in the place of the channels."""
    return _twins is not None
