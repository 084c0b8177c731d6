"""A wall clock that a bench or drill can step in real processes without being root.

Only processes that the bench starts see it: it puts a folder with a `sitecustomize` before their path, which calls `install`.
Nothing in the platform knows of it, so what is measured is the platform as it is.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

VARIABLE = "ANLAN_BENCH_CLOCK"
_LOOK_S = 0.02


def install() -> None:
    """Move `time.time` and the platform's wall clock by the seconds that the file of the variable holds."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    from anlan.kernel import clock

    path, honest, honest_ns, steady = Path(name), time.time, time.time_ns, time.monotonic
    seen = [0.0, 0.0]

    def offset_s() -> float:
        now_s = steady()
        if now_s - seen[0] > _LOOK_S:
            try:
                seen[:] = [now_s, float(path.read_text() or 0)]
            except (OSError, ValueError):
                seen[0] = now_s
        return seen[1]

    def stepped(_: clock.SystemClock) -> datetime:
        return datetime.fromtimestamp(honest() + offset_s(), UTC)

    time.time = lambda: honest() + offset_s()
    time.time_ns = lambda: honest_ns() + int(offset_s() * 1e9)
    setattr(clock.SystemClock, "now", stepped)  # noqa: B010 - a method is replaced on purpose


def environment(folder: Path) -> dict[str, str]:
    """What processes need that shall see the stepped clock; `step` moves it."""
    hooks = folder / "stepped"
    hooks.mkdir(parents=True, exist_ok=True)
    (hooks / "sitecustomize.py").write_text(
        "from anlan.project.benching.stepped import install\n\ninstall()\n"
    )
    former = os.environ.get("PYTHONPATH", "")
    path = f"{hooks}{os.pathsep}{former}" if former else str(hooks)
    step(folder, 0.0)
    return {"PYTHONPATH": path, VARIABLE: str(folder / "clock")}


def step(folder: Path, seconds: float) -> None:
    """The wall clock shows the true time plus so many seconds from now on."""
    temporary = folder / "clock.new"
    temporary.write_text(str(seconds))
    temporary.replace(folder / "clock")
