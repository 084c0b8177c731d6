"""Measures questions over 100 million settled readings while intake runs beside it."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anlan.sensing.history.client import ReaderClient
from anlan.sensing.history.paths import edition_folder
from anlan.sensing.history.queries import History
from anlan.sensing.history.types import SettledDay
from anlan.sensing.hot.types import DAY_S

QUANTITY = "stage"
#: 5,000 stations every five minutes for 70 days are 100.8 million readings.
STATIONS, DAYS, SLOTS = 5_000, 70, 288
START = datetime(2026, 4, 1, tzinfo=UTC)
_FIRST_DAY = int(START.timestamp()) // DAY_S


def run(
    stations: int = STATIONS, days: int = DAYS, folder: Path | None = None, *, rounds: int = 40, seed: int = 1
) -> dict[str, Any]:
    """Build the history in a folder of its own, then ask. Times in milliseconds; `first` starts the reader."""
    root = Path(tempfile.mkdtemp(prefix="anlan-bench-", dir=folder))
    try:
        began = time.perf_counter()
        build(root, stations, days)
        built_s = time.perf_counter() - began
        size_mb = sum(path.stat().st_size for path in root.rglob("*.parquet")) >> 20
        found: dict[str, Any] = {
            "readings": stations * days * SLOTS,
            "stations": stations,
            "days": days,
            "size_mb": size_mb,
            "built_s": round(built_s, 1),
        }
        found["quiet"] = _measure(root, stations, days, rounds, random.Random(seed))
        time.sleep(1)
        intake = _start_intake(root)
        try:
            time.sleep(6)  # it preloads; then it commits without pause
            found["with_intake"] = _measure(root, stations, days, rounds, random.Random(seed + 1))
            found["intake_was_running"] = intake.poll() is None
        finally:
            intake.kill()
            intake.wait()
        return found
    finally:
        shutil.rmtree(root, ignore_errors=True)


def build(root: Path, stations: int, days: int) -> None:
    """Settled days as `settle` leaves them; the readings come from DuckDB's generator instead of hot files."""
    import duckdb

    from anlan.sensing.history import segment
    from anlan.sensing.history.sources import streams_of
    from anlan.sensing.hot.streams import StreamKey, StreamRegistry

    (root / "hot").mkdir(parents=True)
    with closing(StreamRegistry(root / "hot" / "streams.db", "")) as registry:
        registry.register(StreamKey(_code(number), QUANTITY) for number in range(1, stations + 1))
    for day in range(_FIRST_DAY, _FIRST_DAY + days):
        folder = edition_folder(root, day, 1)
        folder.mkdir(parents=True)
        with closing(duckdb.connect()) as link:
            link.execute("SET memory_limit='600MB'; SET threads=2")
            segment.prepare(link, streams_of(root / "hot" / "streams.db"))
            link.execute(
                f"INSERT INTO obs SELECT {day * DAY_S} + i * 300, s, 100000 + s + (random() * 2000)::BIGINT, 0,"
                f" ({day * DAY_S} + i * 300) * 1000 + (random() * 60000)::BIGINT"
                f" FROM range({SLOTS}) a(i), range(1, {stations + 1}) b(s)"
            )
            segment.write_files(link, folder)


def _segments(root: Path, days: int) -> Callable[[int, int], list[SettledDay]]:
    known = [
        SettledDay(day, edition_folder(root, day, 1), frozenset())
        for day in range(_FIRST_DAY, _FIRST_DAY + days)
    ]
    return lambda first, last: [one for one in known if first <= one.day <= last]


def _measure(root: Path, stations: int, days: int, rounds: int, dice: random.Random) -> dict[str, Any]:
    client = ReaderClient(root)
    history = History(root, segments=_segments(root, days), client=client)

    def station_day() -> int:
        start = START + timedelta(days=dice.randrange(days))
        return len(history.series(_any(dice, stations), QUANTITY, start, start + timedelta(days=1)))

    def fortnight() -> int:
        start = START + timedelta(days=dice.randrange(days - 14))
        return len(history.hourly(_any(dice, stations), QUANTITY, start, start + timedelta(days=14)))

    def maxima(length: int) -> int:
        start = START + timedelta(days=dice.randrange(days - length + 1))
        table = history.daily_table(QUANTITY, start, start + timedelta(days=length), day_starts_h=8)
        return len(table)

    found: dict[str, Any] = {
        "station_day": _timed(station_day, rounds, SLOTS),
        "fortnight_hourly": _timed(fortnight, rounds, 14 * 24),
        "maxima_1_day": _timed(lambda: maxima(1), max(5, rounds // 4), stations),
        "maxima_14_days": _timed(lambda: maxima(14), max(5, rounds // 4), stations * 14),
        "maxima_all_days": _timed(lambda: maxima(days), max(5, rounds // 8), stations * days),
        "reader_mb": _memory_mb(root),
    }
    return found


def _timed(ask: Callable[[], int], rounds: int, expected: int) -> dict[str, float]:
    took = []
    for _ in range(rounds + 1):
        before = time.perf_counter()
        rows = ask()
        took.append(1000 * (time.perf_counter() - before))
        if rows != expected:
            raise RuntimeError(f"{rows} rows instead of {expected}")
    warm = sorted(took[1:])
    return {
        "first_ms": round(took[0], 1),
        "p50_ms": round(statistics.median(warm), 1),
        "p95_ms": round(warm[min(len(warm) - 1, int(len(warm) * 0.95))], 1),
    }


def _code(number: int) -> str:
    return f"{number:010d}"


def _any(dice: random.Random, stations: int) -> str:
    return _code(dice.randint(1, stations))


def _memory_mb(root: Path) -> float | None:
    """Resident memory of the reader of this folder at its highest, MB."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            if b"history.reader" in command and str(root).encode() in command:
                lines = (entry / "status").read_text().splitlines()
                return round(
                    next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024, 1
                )
        except OSError:
            continue
    return None


def _start_intake(root: Path) -> subprocess.Popen[bytes]:
    """The commit loop of `sensing.benches.ingest` in a process of its own, until it is killed."""
    code = "from anlan.sensing.benches import ingest; import pathlib, sys; ingest.run(preload=100_000, readings=10**9, folder=pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(root)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=dict(os.environ)
    )
