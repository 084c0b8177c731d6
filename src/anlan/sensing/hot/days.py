"""Names of day files, how they are opened, and their signals: what the reading end shares with the writing end."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from anlan.sensing.hot.types import ODD_DAY, Signal

#: Pages of 4 KiB in the write-ahead log before it is folded into the file.
_CHECKPOINT_PAGES = 4000
_JOURNAL_LIMIT = 64 << 20
#: `PRAGMA user_version` of a day file that settling has closed: nothing is written to it any more.
SEALED = 1
#: Ends the day in the name of a later file of the same day (see `next_file`).
_AGAIN = "~"


def day_name(day: int) -> str:
    """`obs-2026-07-01` for a day number since 1970; the odd file has its own name."""
    if day == ODD_DAY:
        return "obs-odd"
    return "obs-" + (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def day_number(name: str) -> int | None:
    """The inverse of `day_name`, also for later files of a day; None for a file that is no day file."""
    if name == "obs-odd":
        return ODD_DAY
    try:
        return (date.fromisoformat(name.partition(_AGAIN)[0].removeprefix("obs-")) - date(1970, 1, 1)).days
    except ValueError:
        return None


def files_of(root: Path, day: int) -> list[Path]:
    """The files of a day, oldest first: one, and after it was settled one for what came later."""
    name = day_name(day)
    first = root / f"{name}.db"
    later = sorted(root.glob(f"{name}{_AGAIN}*.db"), key=_turn)
    return [first, *later] if first.exists() else later


def next_file(root: Path, day: int) -> Path:
    """A name for the next file of a settled day. No name ever comes again, since cursors remember files by name."""
    present = files_of(root, day)
    turn = max(time.time_ns(), *(_turn(path) + 1 for path in present)) if present else time.time_ns()
    return root / f"{day_name(day)}{_AGAIN}{turn:020d}.db"


def settled_mark(root: Path, day: int) -> Path:
    """Exists once the first file of a day was removed after settling."""
    return root / f"{day_name(day)}.settled"


def _turn(path: Path) -> int:
    return int(path.stem.partition(_AGAIN)[2] or 0)


def is_sealed(link: sqlite3.Connection) -> bool:
    return int(link.execute("PRAGMA user_version").fetchone()[0]) == SEALED


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
