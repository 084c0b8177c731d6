"""The arrays against the slow reference on random readings: `python -m anlan.sensing.exactness --readings 10000000`.

Many short lives of streams, with late, repeated, corrected, missing, implausible, spiky and stuck readings, restarts and
amendments. Levels, uncertain windows, window values and flags must be equal. Memory is bounded by one chunk a process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from anlan.ruleset.bindings import Binding, bindings_for_rain
from anlan.ruleset.quality import QualityBook, QualityRule
from anlan.ruleset.reference import BindingState, SlowStream
from anlan.sensing.engine.engine import Engine
from anlan.sensing.engine.types import Amendment, EngineSettings, Incoming, Verdict
from anlan.sensing.hot.streams import StreamKey
from anlan.sensing.hot.types import NO_VALUE
from anlan.vocab.levels import Level
from anlan.vocab.quality import IMPLAUSIBLE, QualityFlag

START = datetime(2026, 7, 1, tzinfo=UTC)
NOW = START + timedelta(days=30)
_T0 = int(START.timestamp())
#: Readings of one stream, and streams of one chunk.
LIFE = 120
STREAMS = 1000

_BY_QUANTITY = {
    "rain_5min": QualityRule(stuck_after_s=2400, dry_at_or_below=2.0),
    "stage": QualityRule(
        max_rate_per_h=3.0,
        floor=0.2,
        spike_mads=5.0,
        spike_window=7,
        stuck_after_s=7200,
        stuck_tolerance=0.001,
    ),
    "displacement_x": QualityRule(floor=0.5, spike_mads=6.0, spike_window=11),
}


class Told(NamedTuple):
    """One reading as it arrives: stream, seconds after the start, stored integer."""

    stream: int
    after_s: int
    value: int | None


class Lives:
    """Random readings of one stream: a time that mostly moves on, values around a wandering level."""

    def __init__(self, dice: random.Random, stream: int, quantity: str) -> None:
        self._dice, self._stream, self._quantity = dice, stream, quantity
        self._at = dice.randrange(0, 7200)
        self._level = 9_300
        self._pace = dice.choice([300, 300, 300, 60, 360, 600])
        self._told: list[Told] = []

    def next(self) -> Told:
        told = self._one()
        self._told.append(told)
        del self._told[:-80]
        return told

    def _one(self) -> Told:
        dice, kind = self._dice, self._dice.random()
        if self._told and kind < 0.02:
            return dice.choice(self._told)
        if self._told and kind < 0.035:
            return dice.choice(self._told)._replace(value=self._value())
        if kind < 0.05:
            back = self._pace * dice.choice([1, 1, 2, 3, 7, 20, 60, 300])
            return Told(self._stream, max(0, self._at - back + dice.choice([0, 0, 60])), self._value())
        self._at += self._pace if kind < 0.99 else dice.choice([600, 900, 3600, 7200, 20_000, 90_000])
        return Told(self._stream, self._at + dice.choice([0, 0, 0, 2, -3]), self._value())

    def _value(self) -> int | None:
        dice, kind = self._dice, self._dice.random()
        if kind < 0.02:
            return None
        if kind < 0.03:
            return dice.choice([-999_999_999, 99_999_999])
        if self._quantity == "rain_5min":
            return dice.choice([0, 0, 0, 0, 1, 4, 20, 25, 25, 45, 60, 120]) if kind < 0.6 else 25
        if kind < 0.10:
            return self._level + dice.choice([-4000, -700, 400, 900, 1600, 5000])
        if kind < 0.16:
            self._level += dice.choice([-900, -300, 300, 700, 1500])
        elif kind < 0.7:
            self._level += dice.choice([-30, -5, -1, 0, 0, 1, 5, 30])
        return self._level


def _bindings(station: str, quantity: str) -> list[Binding]:
    common: dict[str, Any] = {"station": station, "quantity": quantity, "rule_id": "T", "rule_version": "1"}
    if quantity == "rain_5min":
        own = Binding(
            id=f"own:{station}", evaluator="rolling_rain", windows_min=[15, 60, 2880], fall_ratio=0.9, hold_s=900,
            rise={"1": [12, None, 90], "2": [6, 9, None]}, rise_hold_s=600, memory_s=7200, **common,
        )  # fmt: skip
        return [*bindings_for_rain(station), own]
    return [
        Binding(id=f"level:{station}", evaluator="level", rise={"4": [9.5], "3": [10.0], "1": [12.0]}, fall_drop=0.1,
                hold_s=1800, **common),
        Binding(id=f"hold:{station}", evaluator="level", rise={"2": [9.4]}, fall_drop=0.05, hold_s=0,
                rise_hold_s=1500, **common),
        Binding(id=f"below:{station}", evaluator="below", rise={"2": [8.0], "3": [9.1]}, fall_drop=0.2, hold_s=600,
                **common),
        Binding(id=f"rise:{station}", evaluator="rise", windows_min=[30, 60, 360], hold_s=900, fall_ratio=0.5,
                rise={"1": [2.0, None, None], "3": [0.3, 0.5, 0.9]}, is_absolute=station.endswith("7"), **common),
    ]  # fmt: skip


class Chunk:
    """Streams of one process at one time: the engine, and the reference beside it."""

    def __init__(self, root: Path, seed: int, streams: int) -> None:
        self.root, self.dice = root, random.Random(seed)
        quantities = list(_BY_QUANTITY)
        self.keys = [StreamKey(f"{n:04d}", quantities[n % 3]) for n in range(streams)]
        bindings = [b for key in self.keys for b in _bindings(*key)]
        self.settings = EngineSettings(bindings=bindings, quality=QualityBook(by_quantity=_BY_QUANTITY))
        self.engine = Engine(root, self.settings, now=NOW)
        self.slow = [SlowStream(_BY_QUANTITY[key.quantity], key.quantity) for key in self.keys]
        self.lives = [Lives(self.dice, n, key.quantity) for n, key in enumerate(self.keys)]
        self.counts: Counter[str] = Counter()

    def tell(self, each: int) -> None:
        """`each` more readings of every stream, some streams ahead of others, in one batch or several."""
        told = [life.next() for life in self.lives for _ in range(each)]
        if self.dice.random() < 0.5:
            told.sort(key=lambda one: (one.after_s // 1800, one.stream))
        cut = self.dice.randrange(len(told) + 1)
        for part in (told[:cut], told[cut:]):
            if part:
                self._commit(part)

    def _commit(self, told: list[Told]) -> None:
        s = self.engine.numbers([self.keys[one.stream] for one in told])
        t = np.array([_T0 + one.after_s for one in told], np.int64)
        v = np.array([NO_VALUE if one.value is None else one.value for one in told], np.int64)
        received = np.full(len(told), int(NOW.timestamp() * 1000), np.int64)
        verdicts, _ = self.engine.commit(Incoming(t, s, v, received, np.zeros(len(told))), [], now=NOW)
        low_high = [(self.engine._qualifier._low[n], self.engine._qualifier._high[n]) for n in s.tolist()]
        for one, (low, high) in zip(told, low_high, strict=True):
            flag = QualityFlag.MISSING if one.value is None else QualityFlag.GOOD
            if one.value is not None and not low <= one.value <= high:
                flag = QualityFlag.RANGE
            self.slow[one.stream].receive(_T0 + one.after_s, one.value, flag)
            self.counts["missing"] += flag == QualityFlag.MISSING
            self.counts["out_of_range"] += flag == QualityFlag.RANGE
        self.counts["readings"] += len(told)
        self.counts["repeated"] += int((verdicts == Verdict.REPEATED).sum())
        self.counts["corrected"] += int((verdicts == Verdict.CORRECTED).sum())

    def amend(self, count: int) -> None:
        """A person accepts or withdraws a few readings of the last hours."""
        for _ in range(count):
            stream = self.dice.randrange(len(self.keys))
            slow = self.slow[stream]
            times = [t for t, kept in sorted(slow._timely.items())[-40:] if kept.value is not None]
            if not times:
                continue
            t, is_accepted = self.dice.choice(times), self.dice.random() < 0.7
            v = slow._timely[t].value
            if slow.stored[t] != v:
                continue  # a correction that came too late hides it
            assert v is not None
            one = Amendment(f"a{self.counts['amended']}", *self.keys[stream], t, v, is_accepted)
            self.engine.amend([one], now=NOW)
            slow.amend(t, is_accepted=is_accepted)
            self.counts["amended"] += 1

    def restart(self) -> None:
        self.engine.close()
        self.engine = Engine(self.root, self.settings, now=NOW)
        self.counts["restarts"] += 1

    def mismatches(self) -> Iterator[str]:
        """What differs now."""
        rules = self.engine.shard.rules
        by_station = {key.station: slow for key, slow in zip(self.keys, self.slow, strict=True)}
        for number, binding in enumerate(rules.bindings):
            level = rules.level_of(number)
            fast = None
            if self.engine._heard_of([number]):
                uncertain = frozenset(rules.uncertain_windows(number))
                windows = self.engine.shard.window_state(number)
                fast = BindingState(Level(level) if level else None, uncertain, windows)
            slow = by_station[binding.station].state(binding)
            self.counts["states_compared"] += 1
            if fast != slow:
                yield f"{binding.id}: {fast} instead of {slow}"

    def flag_mismatches(self) -> Iterator[str]:
        """Flags in the store that differ from those of the reference."""
        number_of = self.engine.streams.number_by_key
        slow_of = {number_of[key]: slow for key, slow in zip(self.keys, self.slow, strict=True)}
        compared = int(~(QualityFlag.CORRECTED | QualityFlag.STALE))
        for day in self.engine.store.days():
            for rows in self.engine.store.file(day).scan(0, 1 << 40):
                for t, s, flag in zip(rows.t.tolist(), rows.s.tolist(), rows.flag.tolist(), strict=True):
                    if flag & int(QualityFlag.STALE):
                        self.counts["stale"] += 1
                        continue
                    wanted = int(slow_of[s].flags()[t]) & compared
                    self.counts["flags_compared"] += 1
                    self.counts["doubted"] += bool(flag & compared & ~int(IMPLAUSIBLE))
                    if flag & compared != wanted:
                        yield f"flag {s}@{t}: {QualityFlag(flag)!r} instead of {QualityFlag(wanted)!r}"


def run_chunk(
    seed: int, streams: int = STREAMS, life: int = LIFE, folder: Path | None = None
) -> dict[str, Any]:
    """One chunk of `streams` × `life` readings: counts, and what differed (the first few in words)."""
    root = Path(tempfile.mkdtemp(prefix="anlan-exact-", dir=folder))
    try:
        chunk = Chunk(root / "hot", seed, streams)
        told, found = 0, []
        checks = (life // 2, life)
        while told < life:
            each = min(life - told, chunk.dice.choice([1, 20, 40, 60]))
            before, told = told, told + each
            chunk.tell(each)
            if chunk.dice.random() < 0.2:
                chunk.amend(min(20, streams))
            if chunk.dice.random() < 0.1:
                chunk.restart()
            if any(before < mark <= told for mark in checks):
                found += list(chunk.mismatches())
        found += list(chunk.flag_mismatches())
        chunk.engine.close()
        return {"seed": seed, "counts": dict(chunk.counts), "mismatches": len(found), "first": found[:5]}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def run(readings: int, *, processes: int = 2, seed: int = 1, folder: Path | None = None) -> dict[str, Any]:
    """At least so many readings; `mismatches` must be 0."""
    began = time.perf_counter()
    chunks = -(-readings // (STREAMS * LIFE))
    total: Counter[str] = Counter()
    mismatches, first = 0, []
    jobs = [(seed + n, STREAMS, LIFE, folder) for n in range(chunks)]
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=8) as pool:
        for answer in pool.imap_unordered(_run_job, jobs):
            total.update(answer["counts"])
            mismatches += answer["mismatches"]
            first += [f"seed {answer['seed']}: {text}" for text in answer["first"]]
            print(f"{total['readings']} readings, {mismatches} mismatches", file=sys.stderr, flush=True)
    return {
        **dict(sorted(total.items())),
        "chunks": chunks,
        "mismatches": mismatches,
        "first_mismatches": first[:20],
        "wall_s": round(time.perf_counter() - began, 1),
    }


def _run_job(job: tuple[int, int, int, Path | None]) -> dict[str, Any]:
    return run_chunk(*job)


def main() -> int:
    """Print the counts as JSON; exit code 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the stores go while it runs, such as /dev/shm")
    asked = parser.parse_args()
    report = run(asked.readings, processes=asked.processes, seed=asked.seed, folder=asked.folder)
    print(json.dumps(report, indent=2))
    return 1 if report["mismatches"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
