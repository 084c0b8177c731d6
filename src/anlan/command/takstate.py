"""Who is connected to the TAK line now, as its process last told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import NamedTuple

#: A state older than this was left by a process that is gone, seconds; it tells every five.
FRESH_S = 20.0


class TakState(NamedTuple):
    """`port` is None where the line is off or its process is gone."""

    port: int | None
    online: frozenset[str]


def tak_state(data: Path) -> TakState:
    path = data / "run" / "cot.json"
    try:
        if time.time() - path.stat().st_mtime > FRESH_S:
            return TakState(None, frozenset())
        told = json.loads(path.read_bytes())
        return TakState(int(told["port"]), frozenset(str(one["name"]) for one in told["lines"]))
    except (OSError, ValueError, KeyError, TypeError):
        return TakState(None, frozenset())
