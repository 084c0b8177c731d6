"""What is still to be passed on to a receiver keeps its hot file from being removed after settling, within bounds."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from anlan.sensing.history.holds import register_hold

#: A receiver that is away for longer loses the rest: a dead address must not fill the disk (engineering choice).
LONGEST_S = 60 * 86_400


@register_hold
def held_for_receivers(data: Path, path: Path) -> str:
    """Why the file must stay, "" when every receiver in use has all of it."""
    from anlan.sensing.models import Receiver

    places = data / "hot" / "forward.db"
    if not places.exists() or time.time() - path.stat().st_mtime > LONGEST_S:
        return ""
    for row in Receiver.objects.filter(is_active=True, for_exercises=False):
        place = _place(places, row.name, path.stem)
        if place is not None and _has_more(path, row.kind, place):
            return f"the receiver {row.name} does not have all of it yet"
    return ""


def _place(places: Path, receiver: str, file: str) -> str | None:
    """How far it has come in this file, "" for not at all; None for one that was never started."""
    with closing(sqlite3.connect(f"{places.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        found = dict(link.execute("SELECT file, place FROM place WHERE receiver=?", (receiver,)).fetchall())
    return found.get(file, "") if found else None


def _has_more(path: Path, kind: str, place: str) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as link:
        if kind == "tcp_raw":
            sql, after = "SELECT EXISTS (SELECT 1 FROM raw WHERE id>?)", int(place or 0)
        else:
            sql, after = (
                "SELECT EXISTS (SELECT 1 FROM obs WHERE received>?)",
                int((place or "0").split(",")[0]),
            )
        return bool(link.execute(sql, (after,)).fetchone()[0])
