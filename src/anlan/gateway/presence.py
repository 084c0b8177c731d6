"""Who speaks for which station now, and whether two speak at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from anlan.drivers.types import StationSettings


class Speaker(Protocol):
    """A live conversation with one station or several."""

    @property
    def is_open(self) -> bool: ...
    @property
    def protocol(self) -> str: ...
    def learned(self, address: str) -> StationSettings:
        """What the conversation taught about how to speak to a station."""

    def send(self, data: bytes) -> bool:
        """Bytes that confirm nothing; False when the line is gone."""


@dataclass(slots=True)
class _Voice:
    now: Speaker
    before: Speaker | None = None


class Presence:
    """Lives in the event loop. Stations are named by their code.

    A station that connects anew while its old connection is still thought open is no conflict: the old one stays dumb. Two that take
    turns are: the one that was replaced speaks again while the other is still there.
    """

    def __init__(self) -> None:
        self._voices: dict[str, _Voice] = {}

    def heard(self, code: str, line: Speaker) -> bool:
        """Note who spoke; True when two live lines claim the station."""
        voice = self._voices.get(code)
        if voice is None:
            self._voices[code] = _Voice(line)
            return False
        if voice.now is line:
            return False
        is_conflict = voice.before is line and voice.now.is_open
        self._voices[code] = _Voice(line, voice.now if voice.now.is_open else None)
        return is_conflict

    def line_of(self, code: str) -> Speaker | None:
        """The line that last spoke for the station, if it still stands."""
        voice = self._voices.get(code)
        return voice.now if voice is not None and voice.now.is_open else None

    def gone(self, line: Speaker, codes: set[str]) -> None:
        """The line ended."""
        for code in codes:
            voice = self._voices.get(code)
            if voice is None:
                continue
            if voice.before is line:
                voice.before = None
            if voice.now is line:
                if voice.before is not None and voice.before.is_open:
                    self._voices[code] = _Voice(voice.before)
                else:
                    del self._voices[code]
