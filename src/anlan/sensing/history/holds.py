"""Who else needs a hot file after it was settled: whatever reads hot files by its own cursor registers here."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anlan.sensing.hot.pg.parts import Part
    from anlan.sensing.hot.place import Place

#: Called with the data folder and a hot file; the reason why it must stay, "" when it may go.
Hold = Callable[[Path, Path], str]
HOLDS: list[Hold] = []
#: A receiver that is away for longer loses the rest: a dead address must not fill the disk (engineering choice).
LONGEST_S = 60 * 86_400


def register_hold(hold: Hold) -> Hold:
    HOLDS.append(hold)
    return hold


@register_hold
def receivers(data: Path, path: Path) -> str:
    """Whoever the stream is passed on to reads day files by a place of its own, kept in hot/forward.db by the gateway."""
    from anlan.sensing.models import Receiver

    known = _places(data / "hot" / "forward.db", path.stem)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        ends = {
            "raw": link.execute("SELECT coalesce(max(id), 0) FROM raw").fetchone()[0],
            "rows": link.execute("SELECT coalesce(max(received), 0) FROM obs").fetchone()[0],
        }
    for receiver in Receiver.objects.filter(is_active=True):
        if receiver.name in known:
            place = int((known[receiver.name] or "0").split(",")[0])
            if place < ends["raw" if receiver.kind == "tcp_raw" else "rows"]:
                return f"{receiver.name} has not received all of it"
    return ""


def _places(path: Path, file: str) -> dict[str, str]:
    """The place of each receiver that was ever started; "" for one that has not begun this file."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        if not link.execute("SELECT 1 FROM sqlite_master WHERE name='place'").fetchone():
            return {}
        begun = {receiver: "" for (receiver,) in link.execute("SELECT DISTINCT receiver FROM place")}
        return begun | dict(link.execute("SELECT receiver, place FROM place WHERE file=?", (file,)))


def held_on_database(
    data: Path, place: Place, frames: dict[int, int], rows: dict[int, int], part: Part, *, now: float
) -> str:
    """The same for a part on PostgreSQL, where each gateway passes on what it stored itself.

    `frames` and `rows` are the ends of the part by shard: number of the last frame, and when the last reading came in.
    """
    from anlan.sensing.models import Receiver

    if rows and now - max(rows.values()) / 1000 > LONGEST_S:
        return ""
    receivers = Receiver.objects.filter(is_active=True, for_exercises=False)
    for shard in {*frames, *rows}:
        path = place.root_of(data, shard) / "forward.db"
        raw, readings = _places(path, "raw"), _places(path, f"part-{part.n}")
        for receiver in receivers:
            is_raw = receiver.kind == "tcp_raw"
            known, ends = (raw, frames) if is_raw else (readings, rows)
            if receiver.name in known and shard in ends:
                reached = int((known[receiver.name] or "0").split(",")[0])
                if reached < ends[shard]:
                    return f"{receiver.name} has not received all of it"
    return ""
