"""Who else needs a hot file after it was settled: whatever reads hot files by its own cursor registers here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: Called with the data folder and a hot file; the reason why it must stay, "" when it may go.
Hold = Callable[[Path, Path], str]
HOLDS: list[Hold] = []


def register_hold(hold: Hold) -> Hold:
    HOLDS.append(hold)
    return hold
