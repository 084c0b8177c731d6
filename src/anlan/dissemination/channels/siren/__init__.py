"""Sirens of civil defence: the signals of R22 as data, sounded by whoever may, confirmed by hand (Q-03)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from anlan.dissemination.channels.hand import register_hand


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on_s` seconds of sound and `off_s` of silence, `times` over; `total_s` as published, the last silence included."""

    code: str
    zh: str
    en: str
    on_s: int
    off_s: int
    times: int
    total_s: int

    @property
    def words(self) -> str:
        """As it is told to whoever presses the button."""
        if not self.off_s:
            return f"{self.zh}：连续鸣响{self.on_s // 60}分钟"
        return f"{self.zh}：鸣{self.on_s}秒，停{self.off_s}秒，反复{self.times}遍，共{self.total_s // 60}分钟"


class Signals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    verified: bool
    is_assumption: bool
    signals: tuple[Signal, ...]


@cache
def signals() -> Signals:
    return msgspec.json.decode((Path(__file__).parent / "signals.json").read_bytes(), type=Signals)


def signal_for(*, is_all_clear: bool) -> Signal:
    """The signal of a disaster; those of an air raid are never chosen by the program."""
    wanted = "disaster_all_clear" if is_all_clear else "disaster_alarm"
    return next(signal for signal in signals().signals if signal.code == wanted)


SIREN = register_hand("siren", "人防警报器", "siren", "按下列信号鸣响警报")
