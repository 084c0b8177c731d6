"""Names of day files, how they are opened, and their signals: what the reading end shares with the writing end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from anlan.sensing.hot.types import ODD_DAY, Signal

#: Pages of 4 KiB in the write-ahead log before it is folded into the file.
_CHECKPOINT_PAGES = 4000
_JOURNAL_LIMIT = 64 << 20


def day_name(day: int) -> str:
    """`obs-2026-07-01` for a day number since 1970; the odd file has its own name."""
    if day == ODD_DAY:
        return "obs-odd"
    return "obs-" + (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def day_number(name: str) -> int | None:
    """The inverse of `day_name`; None for a file that is no day file."""
    if name == "obs-odd":
        return ODD_DAY
    try:
        return (date.fromisoformat(name.removeprefix("obs-")) - date(1970, 1, 1)).days
    except ValueError:
        return None


def connect(path: Path) -> sqlite3.Connection:
    """A writing connection with full durability; transactions are begun and ended by hand."""
    link = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        link.execute("PRAGMA journal_mode=WAL")
        link.execute("PRAGMA synchronous=FULL")
        link.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        link.execute(f"PRAGMA journal_size_limit={_JOURNAL_LIMIT}")
        link.execute("PRAGMA busy_timeout=5000")
    except sqlite3.Error:
        link.close()
        raise
    return link


def signals_of(link: sqlite3.Connection, day: str, after: int) -> Iterator[Signal]:
    """The signals of one file with n > after, oldest first."""
    for n, id_, kind, at, body in link.execute(
        "SELECT n, id, kind, at, body FROM signal WHERE n>? ORDER BY n", (after,)
    ):
        yield Signal(id_, kind, datetime.fromtimestamp(at / 1000, UTC), json.loads(body), day, n)
