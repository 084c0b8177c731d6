"""A protocol that nobody speaks, for what every driver can do: one line a message, words between blanks.

"A1 7 rain_5min=2.5 stage@P2=1.25~" are readings, the second marked as invalid, "! fire" a happening, "# hex" a picture, "? word" asks to be answered at once,
"= say" answers the command "say". A line that begins with "bad" is refused.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from anlan.drivers.registry import build_registry
from anlan.drivers.sl651.manifest import MANIFEST as SL651
from anlan.drivers.types import (
    Attachment,
    Command,
    CommandRequest,
    Fields,
    FrameAccepted,
    FrameRefused,
    Happening,
    Manifest,
    Outcome,
    Reading,
    Reply,
    SettingsOf,
    Span,
)

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GossipFrame:
    raw: bytes
    station: str
    words: tuple[str, ...]
    function: str = "say"
    sent_at: datetime | None = None
    problems: tuple[str, ...] = ()

    def fields(self) -> Fields:
        return {"words": list(self.words), "password": "1234"}


class GossipSession:
    def __init__(self, settings_of: SettingsOf) -> None:
        self._settings_of = settings_of
        self._held = b""

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        *lines, self._held = (self._held + data).split(b"\n")
        return [outcome for line in lines for outcome in self._take(line)]

    def expire(self, at: datetime) -> list[Outcome]:
        return []

    def close(self) -> list[Outcome]:
        return []

    def _take(self, line: bytes) -> list[Outcome]:
        words = line.decode("latin-1").split()
        if len(words) < 2 or words[0] == "bad":
            return [FrameRefused("gossip.bad", "This is no gossip.", line)]
        station, serial, *rest = words
        frame = GossipFrame(line, station, tuple(rest))
        tone = self._settings_of(station).get("tone", "plain")
        found: list[Outcome] = [Reply(b"WAIT\n")] if "?" in rest else []
        key = (station, "say", serial, "", "")
        return [
            *found,
            FrameAccepted(
                frame,
                tuple(reading for word in rest if (reading := _reading(station, word)) is not None),
                f"OK {serial} {tone}\n".encode(),
                key,
                is_keepalive="." in rest,
                happenings=tuple(_after(rest, "!", station)),
                attachments=tuple(
                    Attachment(station, "image/jpeg", NOON, bytes.fromhex(word))
                    for mark, word in itertools.pairwise(rest)
                    if mark == "#"
                ),
                answers=rest[1] if rest[:1] == ["="] else None,
            ),
        ]


def _reading(station: str, word: str) -> Reading | None:
    name, _, number = word.partition("=")
    whose, _, quantity = name.rpartition(":")
    mark = "~" if number.endswith("~") else ""
    try:
        value = Decimal(number.removesuffix("~")) if number else None
        return (
            None
            if value is None
            else Reading(whose or station, quantity, NOON, value, name, mark, bool(mark))
        )
    except InvalidOperation:
        return None


def _after(rest: list[str], mark: str, station: str) -> list[Happening]:
    pairs = itertools.pairwise(rest)
    return [Happening(station, word, NOON, {"said": word}) for before, word in pairs if before == mark]


def _say(request: CommandRequest) -> bytes:
    if request.arguments.get("what") == "nonsense":
        raise ValueError("Nonsense is not said.")
    return f"SAY {request.station} {request.arguments.get('what', '')}\n".encode()


GOSSIP = Manifest(
    protocol="gossip",
    title_zh="闲话",
    title_en="gossip",
    standard="none",
    max_frame=400,
    new_session=GossipSession,
    decode_message=lambda raw: {"ok": False, "reason": "gossip is not decoded", "code": "gossip"},
    explain_message=lambda raw: [Span(0, len(raw), "line", "")],
    tcp_port=0,
    commands={
        "say": Command("say", "说", "say", {"what": "words"}, _say),
        "wipe": Command(
            "wipe",
            "清除",
            "wipe",
            {},
            lambda request: f"WIPE {request.station}\n".encode(),
            needs_release=True,
        ),
    },
    allows_udp=True,
)
BOTH = build_registry(SL651, GOSSIP)
