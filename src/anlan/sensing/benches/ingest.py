"""Measures intake: durable, deduplicated, flagged and evaluated readings a second, beside the bare database's rate and the
cost of one flush to disk. Where the readings go is told by the environment (see `hot.place`)."""

from __future__ import annotations

import cProfile
import os
import pstats
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from anlan.ruleset.bindings import Binding, bindings_for_rain
from anlan.ruleset.quality import QualityBook, quality_defaults
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import EngineSettings, Incoming
from anlan.sensing.hot.opening import AnyStore
from anlan.sensing.hot.rows import Ints, Rows
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import DAY_S

_SLOT_S = 300
#: Share of readings that are sent twice, as stations on a bad line do.
_REPEATED = 0.01


def run(
    streams: int = 20_000,
    preload: int = 5_000_000,
    readings: int = 2_000_000,
    batch: int = 20_000,
    folder: Path | None = None,
    seed: int = 1,
    profiled: bool = True,
    first_station: int = 0,
) -> dict[str, Any]:
    """Preload `preload` rows, then time `readings` more. Every stream is five-minute rain under R12 with four windows.

    The timed part starts with columns of integers in memory: decoding frames or JSON is not in it. It ends with the commit
    of the last batch, with synchronous=FULL.
    """
    root = Path(tempfile.mkdtemp(prefix="anlan-bench-", dir=folder))
    try:
        return _run(
            root, streams, preload, readings, batch, np.random.default_rng(seed), profiled, first_station
        )
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(
    root: Path,
    streams: int,
    preload: int,
    readings: int,
    batch: int,
    dice: np.random.Generator,
    profiled: bool,
    first_station: int,
) -> dict[str, Any]:
    keys = [
        StreamKey(f"{number:010d}", "rain_5min") for number in range(first_station, first_station + streams)
    ]
    bindings = [binding for key in keys for binding in bindings_for_rain(key.station)]
    start = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp())
    engine = Engine(root / "hot", _settings(bindings), now=_moment(start))
    numbers = engine.numbers(keys)
    began = time.perf_counter()
    rows = 0
    feed = _feed(numbers, start, batch, dice)
    while rows < preload:
        rows += _commit(engine, next(feed))
    preloaded_s = time.perf_counter() - began
    flush_p50_ms = _fsync_p50_ms(root)
    took: list[float] = []
    measured = 0
    while measured < readings:
        columns = next(feed)
        before = time.perf_counter()
        measured += _commit(engine, columns)
        took.append(time.perf_counter() - before)
    # The same statements on rows made ready before, nothing looked up, judged or evaluated: what the database itself can do.
    ceiling = ceiling_per_s(engine.store, numbers, readings // 2, batch)
    parts = _profiled(engine, feed) if profiled else []
    engine.close()
    restart_s = _restart_s(root, bindings, start)
    return {
        "streams": streams,
        "rows_before": rows,
        "readings": measured,
        "batch": batch,
        "readings_per_s": round(measured / sum(took)),
        "ceiling_per_s": ceiling,
        "profile": parts,
        "preload_readings_per_s": round(rows / preloaded_s) if rows else None,
        "commit_p50_ms": round(1000 * statistics.median(took), 2),
        "commit_max_ms": round(1000 * max(took), 2),
        "fsync_p50_ms": flush_p50_ms,
        "repeated_share": _REPEATED,
        "restart_s": restart_s,
        "synchronous": "FULL",
    }


def _settings(bindings: list[Binding]) -> EngineSettings:
    """As the catalogue sets an engine up: with the quality control that every county starts with."""
    rules = {name: one.rule for name, one in quality_defaults().items()}
    return EngineSettings(bindings=bindings, quality=QualityBook(by_quantity=rules))


def ceiling_per_s(store: AnyStore, numbers: Ints, readings: int, batch: int) -> int:
    """Rows a second of the bare store: one insert of fresh rows and one commit a batch, on a day that nothing else uses."""
    start = 40_000 * DAY_S  # the year 2079
    done, slot = 0, 0
    took = 0.0
    while done < readings:
        chosen = numbers[:batch]
        t = np.full(len(chosen), start + slot * _SLOT_S, np.int64)
        rows = Rows(t, chosen, t % 50, np.zeros_like(t), t * 1000)
        before = time.perf_counter()
        store.file_in_transaction(int(start + slot * _SLOT_S) // DAY_S).insert(rows)
        store.commit()
        took += time.perf_counter() - before
        done, slot = done + len(chosen), slot + 1
    return round(done / took)


def _profiled(engine: Engine, feed: Iterator[Incoming]) -> list[dict[str, Any]]:
    """Share of the engine's time by function, own time, the largest first; measured apart because it slows what it measures."""
    columns = [next(feed) for _ in range(20)]
    profile = cProfile.Profile()
    profile.enable()
    for part in columns:
        _commit(engine, part)
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # typeshed leaves it out
    whole = sum(entry[2] for entry in stats.values())
    ordered = sorted(stats.items(), key=lambda item: -item[1][2])[:12]
    return [
        {"where": f"{Path(file).name}:{name}", "share": round(entry[2] / whole, 3)}
        for (file, _, name), entry in ordered
    ]


def _feed(
    numbers: np.ndarray[Any, np.dtype[np.int64]], start: int, batch: int, dice: np.random.Generator
) -> Iterator[Incoming]:
    """Endless batches: every stream once a slot, in a random order, a few readings of the last batch again among them."""
    previous: Incoming | None = None
    for slot in range(1 << 30):
        order = dice.permutation(numbers)
        for part in np.array_split(order, max(1, len(order) // batch)):
            t = np.full(len(part), start + slot * _SLOT_S, np.int64)
            v = np.where(dice.random(len(part)) < 0.9, 0, dice.integers(0, 20, len(part)))
            fresh = Incoming(t, part, v, t * 1000, t.astype(np.float64))
            yield fresh if previous is None else _with_repeats(fresh, previous, dice)
            previous = fresh


def _with_repeats(fresh: Incoming, previous: Incoming, dice: np.random.Generator) -> Incoming:
    count = int(len(fresh.t) * _REPEATED)
    again = dice.integers(0, len(previous.t), count)
    return Incoming(
        t=np.concatenate([fresh.t, previous.t[again]]),
        s=np.concatenate([fresh.s, previous.s[again]]),
        v=np.concatenate([fresh.v, previous.v[again]]),
        received=np.concatenate([fresh.received, previous.received[again]]),
        wall=np.concatenate([fresh.wall, previous.wall[again]]),
    )


def _commit(engine: Engine, columns: Incoming) -> int:
    engine.commit(columns, [], now=_moment(int(columns.t.max())))
    return len(columns.t)


def _restart_s(root: Path, bindings: list[Binding], start: int) -> float:
    """Time to know everything again after a stop."""
    began = time.perf_counter()
    engine = Engine(root / "hot", _settings(bindings), now=_moment(start + 40 * DAY_S))
    took = time.perf_counter() - began
    engine.close()
    return round(took, 2)


def _fsync_p50_ms(folder: Path) -> float:
    """The median cost of one fsync of 4 KiB here; it bounds how often a commit can happen."""
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(b"\0" * 4096)
            file.flush()
            before = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - before)
    return round(1000 * statistics.median(took), 3)


def _moment(t: int) -> datetime:
    return datetime.fromtimestamp(t, UTC)


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(run(preload=int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000), indent=2))
