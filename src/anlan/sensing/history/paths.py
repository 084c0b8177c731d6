"""Where settled days lie, and how their reader is called. No heavy import here."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from anlan.kernel.refusals import BadSetting
from anlan.sensing.hot.days import day_name

#: Days that stay hot: the engine looks back two days at a restart, readings arrive up to a day late, people correct
#: within a week (engineering choice). At least three.
DEFAULT_DAYS, LEAST_DAYS = 8, 3


def settle_after_days() -> int:
    """ANLAN_SETTLE_AFTER_DAYS: days after its end at which a day is settled."""
    text = os.environ.get("ANLAN_SETTLE_AFTER_DAYS") or str(DEFAULT_DAYS)
    if not text.isascii() or not text.isdigit() or not LEAST_DAYS <= int(text) <= 3650:
        why = f"{text!r} is not a whole number from {LEAST_DAYS} to 3650"
        raise BadSetting(name="ANLAN_SETTLE_AFTER_DAYS", why=why, example=DEFAULT_DAYS)
    return int(text)


def history_root(data: Path) -> Path:
    return data / "history"


def edition_folder(data: Path, day: int, edition: int) -> Path:
    """The folder of one edition of a day; a later edition holds what came late as well."""
    return history_root(data) / day_name(day).removeprefix("obs-") / str(edition)


def reader_address(data: Path) -> str:
    """The Unix socket of the reader; Linux limits paths to 107 bytes, so deep folders use the abstract namespace."""
    text = str(data / "run" / "history.sock")
    if len(text.encode()) < 100:
        return text
    return "\0anlan-history-" + hashlib.sha256(text.encode()).hexdigest()[:40]
