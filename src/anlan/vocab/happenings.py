"""Kinds of happenings: what a device reports that is no number. A driver uses the codes; pages and the duty room read the words.

`severity` and `rings` are engineering choices (no standard ranks these reports); a kind that `rings` sounds in the duty room.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a person must care: nothing to do, look at it, act now."""

    INFO = "info"
    ATTENTION = "attention"
    SEVERE = "severe"


SEVERITY_LABELS: dict[Severity, tuple[str, str]] = {
    Severity.INFO: ("一般", "information"),
    Severity.ATTENTION: ("注意", "attention"),
    Severity.SEVERE: ("严重", "severe"),
}


class HappeningKind(NamedTuple):
    code: str
    zh: str
    en: str
    severity: Severity
    #: Sounds in the duty room until somebody confirms.
    rings: bool = False


_INFO, _ATTENTION, _SEVERE = Severity.INFO, Severity.ATTENTION, Severity.SEVERE

#: One row a kind, by the driver or family that reports it; drivers add theirs here.
KINDS: tuple[HappeningKind, ...] = (
    # hydrological terminals (SL 651 functions 35, 39, 45, 46, 49, 50)
    HappeningKind("manual_text", "人工置数文本", "text entered at the station", _INFO),
    HappeningKind("terminal_version", "终端软件版本", "version of the terminal", _INFO),
    HappeningKind("terminal_status", "终端状态正常", "terminal status, nothing wrong", _INFO),
    HappeningKind("terminal_alarm", "终端状态报警", "terminal status with alarms", _ATTENTION),
    HappeningKind("terminal_settings", "终端参数", "settings of the terminal", _INFO),
    HappeningKind("terminal_events", "终端事件记录", "event counters of the terminal", _INFO),
    HappeningKind("terminal_clock", "终端时钟", "clock of the terminal", _INFO),
    HappeningKind("terminal_reset", "终端初始化或恢复出厂", "terminal storage or settings reset", _ATTENTION),
    HappeningKind("terminal_password", "终端密码已改", "password of the terminal changed", _ATTENTION),
)

HAPPENINGS: dict[str, HappeningKind] = {kind.code: kind for kind in KINDS}


def happening_kind(code: str) -> HappeningKind:
    """The known kind; one nobody described keeps its code as its words, for attention and silent."""
    return HAPPENINGS.get(code) or HappeningKind(code, code, code, _ATTENTION)
