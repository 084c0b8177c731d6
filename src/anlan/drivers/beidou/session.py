"""The line to one BeiDou terminal: bytes in, outcomes out. Nothing is answered: an answer would cost a message of the card."""

from __future__ import annotations

from datetime import datetime

from anlan.drivers.beidou.encode import ANSWERS
from anlan.drivers.beidou.framing import BeidouFramer
from anlan.drivers.beidou.model import BeidouFrame, read_sentence
from anlan.drivers.framing import RawFrame
from anlan.drivers.types import (
    Fields,
    FrameAccepted,
    FrameRefused,
    Happening,
    Outcome,
    Reading,
    SettingsOf,
    no_settings,
)


class Session:
    """Messages received belong to the sender's card; what the terminal says of itself to its own card, once BDICI has told it."""

    def __init__(self, *, settings_of: SettingsOf = no_settings) -> None:
        self._settings_of = settings_of
        self._framer = BeidouFramer()
        self._own_card = ""

    def feed(self, data: bytes, received_at: datetime) -> list[Outcome]:
        return [
            self._take(framed.raw, received_at) if isinstance(framed, RawFrame) else framed
            for framed in self._framer.feed(data)
        ]

    def expire(self, _at: datetime) -> list[Outcome]:
        return []

    def close(self) -> list[Outcome]:
        return [framed for framed in self._framer.flush() if not isinstance(framed, RawFrame)]

    def _take(self, raw: bytes, received_at: datetime) -> FrameAccepted | FrameRefused:
        frame = read_sentence(raw, self._own_card)
        card = frame.values[0] if frame.name == "BDICI" and frame.values else ""
        if card.strip("0"):
            self._own_card = card
            frame = read_sentence(raw, card)
        return FrameAccepted(
            frame,
            readings(frame),
            None,
            frame.duplicate_key(received_at),
            frame.name not in ("BDTXR", "BDTCI"),
            happenings=_happenings(frame),
            answers=ANSWERS.get(frame.name),
        )


def readings(frame: BeidouFrame) -> tuple[Reading, ...]:
    """The values of a report; none from any other message."""
    report = frame.report
    if report is None or frame.name != "BDTXR":
        return ()
    return tuple(
        Reading(frame.station, item.quantity, item.phenomenon_time, item.value, f"AL{report.part}")
        for item in report.items
    )


_KINDS = {
    "BDICI": "link_card",
    "BDBSI": "link_signal",
    "BDFKI": "link_sent",
    "BDPWI": "link_signal",
    "BDICP": "link_card",
}


def _happenings(frame: BeidouFrame) -> tuple[Happening, ...]:
    if frame.name in _KINDS:
        fields: Fields = {"fields": list(frame.values)}
        return (Happening(frame.station, _KINDS[frame.name], None, fields),)
    if frame.name not in ("BDTXR", "BDTCI") or frame.report:
        return ()
    payload = frame.payload
    text = frame.text
    fields = {"text": text} if text is not None else {"payload_hex": (payload or b"").hex().upper()}
    return (Happening(frame.station, "link_text", None, fields),)
