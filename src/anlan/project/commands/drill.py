"""`anlan drill SCENARIO`: play a scenario on a clock of its own and check what came of it. Exit 1 when it failed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anlan.project.drill import cast, chase, flood, night
from anlan.project.drill.desk import Desk
from anlan.project.drill.killer import Killer
from anlan.project.drill.phases import Phases

SCENARIOS = ("storm", "callout", "night", "flood-day")
#: Start of the storm on the exercise's clock: a July night in Yunnan, 02:00 local.
CLOCK_START = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
#: Wall time between the platform answering and the storm's first minute: the history is uploaded in it, seconds.
LEAD_S = 5.0
#: After the storm the ladders run out; this much wall time at most, seconds.
SETTLE_S = 40.0
#: Faults of sensors play within these minutes; hourly summaries would later tell what a fault lost.
FAULTY_MIN = range(30, 56)
#: Budget of design section 9: reading → crossing → first message handed over, wall milliseconds.
LATENCY_BUDGET_MS = 1_000.0
#: Budget of design section 9: lateness of an escalation, also after kill -9, wall seconds.
ESCALATION_BUDGET_S = 1.0


def run(arguments: list[str]) -> int:
    options = _options(arguments)
    scene = SCENES[options.scenario]
    started = time.monotonic()
    with _folder(options.data) as data:
        report = scene.play(data, options)
        report["wall_s"] = round(time.monotonic() - started, 1)
    report["failed"] = scene.reasons(report)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if options.json:
        Path(options.json).write_text(text + "\n") if options.json != "-" else print(text)
    if options.json != "-":
        print(scene.summary(report))
    return 1 if report["failed"] else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="anlan drill", description="Play a scenario and check what came of it."
    )
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument(
        "--headless", action="store_true", help="end by itself; without it the pages stay up until Ctrl+C"
    )
    parser.add_argument(
        "--speed", type=float, help="exercise seconds a wall second (60; night 15; flood-day is stepped)"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--duration-min", type=int, default=30, help="exercise minutes of storm (30)")
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        help="write the report here; - or nothing for standard output",
    )
    parser.add_argument(
        "--data", type=Path, help="keep the drill's data folder here (default: a temporary one)"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=["dedup", "hysteresis", "escalation", "quality", *flood.SABOTAGE],
        help="leave something out, so that the judge must notice",
    )
    parser.add_argument(
        "--faults", action="store_true", help="some sensors, clocks and memories of stations are faulty"
    )
    parser.add_argument(
        "--phone-drop-rate", type=float, default=0.0, help="share of messages whose answer is lost"
    )
    parser.add_argument(
        "--kill", type=int, default=0, metavar="N", help="kill -9 worker, gateway and web N times"
    )
    parser.add_argument(
        "--deaf-share",
        type=float,
        default=0.2,
        help="callout: share of people who answer no call, the first channel at night (0.2)",
    )
    parser.add_argument(
        "--mute-share", type=float, default=0.05, help="callout: share who answer on no channel (0.05)"
    )
    parser.add_argument(
        "--spare-gateway",
        action="store_true",
        help="callout: do not kill one of the two phone gateways half-way",
    )
    parser.add_argument(
        "--until-min",
        type=int,
        help="flood-day: stop in this minute; the judge names what did not come any more",
    )
    parser.add_argument("--look-min", type=int, help="flood-day: judge in this minute as well, and go on")
    parser.add_argument(
        "--settle-s", type=float, default=SETTLE_S, help="wall seconds for ladders to run out (40)"
    )
    options = parser.parse_args(arguments)
    if options.speed is None and options.scenario != "night":
        options.speed = 60.0
    if options.faults and options.duration_min not in FAULTY_MIN:
        parser.error("--faults needs --duration-min 30 to 55")
    return options


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="anlan-drill-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Build, start, play, let the ladders run out, judge."""
    stage = cast.Set(
        data=data,
        seed=options.seed,
        speed=options.speed,
        clock_start=CLOCK_START,
        wall_start=time.time() + 24 * 3600,
        sabotage=",".join(options.without),
    )
    phases = Phases()
    made = cast.build_stage(stage, scenario=options.scenario, pre_authorise=True, cast=("wang",),
        faults_min=options.duration_min if options.faults else 0,
    )  # fmt: skip
    phases.end("build")
    platform = cast.start_platform(stage)
    cast.let_clock_go(stage, lead_s=LEAD_S)
    phases.end("start")
    desks = [Desk(f"http://127.0.0.1:{stage.web}", "wang", signs=True)]
    storm = oracle = None
    try:
        extra = ["--phone-drop-rate", str(options.phone_drop_rate), *_sensor_faults(options)]
        storm = cast.start_storm(
            stage,
            ingest_token=made["ingest_token"],
            duration_min=options.duration_min,
            stay=True,
            extra=extra,
        )
        oracle = _start_oracle(stage, options)
        for desk in desks:
            desk.start()
        killer = _killer(stage, options)
        _watch(stage, options, storm)
        phases.end("storm")
        _ask(stage, "--settle", str(options.settle_s))
        phases.end("settle")
        if not options.headless:
            _stay(stage)
    finally:
        for desk in desks:
            desk.stop()
        cast.stop(storm)
        cast.stop(platform)
    if oracle is not None and oracle.wait(60) != 0:
        raise cast.DidNotStart(what="the oracle", seconds=60)
    phases.end("stop")
    judged = _judge(stage)
    phases.end("judge")
    kills = [name for name, _wall in killer.killed]
    head = {"exercise": made["exercise"], "seed": options.seed, "without": options.without, "kills": kills}
    return {**head, "phases_s": phases.lengths, **judged}


def _killer(stage: cast.Set, options: argparse.Namespace) -> Killer:
    """Kills in the middle of the storm; the first and last seconds are left alone, so that there is something to lose."""
    length = options.duration_min * 60 / stage.speed
    start, end = stage.wall_start + 0.15 * length, stage.wall_start + 0.95 * length
    killer = Killer(stage.data, seed=options.seed, count=options.kill, start=start, end=end)
    killer.start()
    return killer


def _start_oracle(stage: cast.Set, options: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "simulator",
        "oracle",
        "--world",
        str(stage.data / "world" / "world.json"),
    ]
    command += ["--seed", str(stage.seed), "--clock-start", CLOCK_START.isoformat()]
    command += ["--duration-min", str(options.duration_min), "--json", str(stage.data / "oracle.json")]
    return subprocess.Popen([*command, *_sensor_faults(options)], stdout=subprocess.DEVNULL)


def _sensor_faults(options: argparse.Namespace) -> list[str]:
    return ["--sensor-faults"] if options.faults else []


def _watch(stage: cast.Set, options: argparse.Namespace, storm: subprocess.Popen[bytes]) -> None:
    """Wait until the storm's last minute is over."""
    end = stage.wall_start + options.duration_min * 60 / stage.speed
    while time.time() < end:
        if storm.poll() is not None:
            last = (stage.data / "simulator.log").read_text(errors="replace").strip().splitlines()[-1:]
            what = f"the outside world ({'; '.join(last) or storm.returncode})"
            raise cast.DidNotStart(what=what, seconds=round(time.time() - stage.wall_start))
        time.sleep(0.2)


def _stay(stage: cast.Set) -> None:
    print(f"The drill stays up on http://127.0.0.1:{stage.web}; Ctrl+C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)


def _judge(stage: cast.Set) -> dict[str, Any]:
    return _ask(stage)


def _ask(stage: cast.Set, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "anlan.project.drill.judge", "--data", str(stage.data), *more]
    done = subprocess.run(
        command, env={**os.environ, **stage.environment()}, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reasons(report: dict[str, Any]) -> list[str]:
    """Why the drill failed; empty when it passed. Without kills the budgets of time count too."""
    return [*wrong_results(report), *late_results(report)]


def wrong_results(report: dict[str, Any]) -> list[str]:
    """What is wrong whatever the machine's speed."""
    wrong = {
        "readings were lost": report["readings"]["lost"],
        "readings were stored twice": report["readings"]["duplicated"],
        "expected crossings did not come": report["oracle"]["missed"],
        "crossings came that must not": report["oracle"]["false"],
        "nothing was expected": report["oracle"]["expected"] == 0,
        "seats are silent and nobody has them": report["callouts"]["unanswered"],
        "no seat was called": report["callouts"]["seats"] == 0,
        "messages are missing": report["messages"]["missing"],
        "messages came twice and are not marked": report["messages"]["unmarked"],
        "the journal does not hold": not report["journal"]["ok"],
        "work failed": len(report["failures"]),
        **wrong_faults(report["faults"]),
    }
    return [f"{name} ({value})" for name, value in wrong.items() if value]


def wrong_faults(faults: list[dict[str, Any]]) -> dict[str, int]:
    """How many faults of sensors were not noticed, rang, or hid a true warning (Any: rows of the report's JSON)."""
    return {
        "faults were not treated": sum(not fault["treatment"] for fault in faults),
        "faults raised a false warning": sum(fault["raised_false_warning"] for fault in faults),
        "faults hid a true warning": sum(fault["missed_true_warning"] for fault in faults),
    }


def late_results(report: dict[str, Any]) -> list[str]:
    """What missed a budget of time. A kill stops the path from reading to message for as long as a restart takes."""
    late = []
    p99 = report["latency"]["reading_to_handed_p99_ms"]
    if not report["kills"] and (p99 is None or p99 > LATENCY_BUDGET_MS):
        late.append(f"the first message was later than {LATENCY_BUDGET_MS:g} ms ({p99})")
    worst = report["escalations"]["late_max_s"]
    if worst > ESCALATION_BUDGET_S:
        late.append(f"a step of a ladder was later than {ESCALATION_BUDGET_S:g} s ({worst})")
    return late


def summary(report: dict[str, Any]) -> str:
    parts = [
        f"{name}: {json.dumps(report[name], ensure_ascii=False)}"
        for name in ("readings", "callouts", "messages")
    ]
    parts += [
        f"{name}: {json.dumps(report[name], ensure_ascii=False)}"
        for name in ("latency", "oracle", "escalations", "journal")
    ]
    parts += [
        f"fault {one['kind']} at {one['station']}: {one['treatment'] or 'NOT TREATED'}"
        for one in report["faults"]
    ]
    parts.append(f"phases: {json.dumps(report['phases_s'])} s")
    verdict = "FAILED: " + "; ".join(report["failed"]) if report["failed"] else "passed"
    return "\n".join([*parts, f"{verdict} in {report['wall_s']} s"])


@dataclass(frozen=True, slots=True)
class Scene:
    """How a scenario is played and judged (Any: the report is JSON)."""

    play: Callable[[Path, argparse.Namespace], dict[str, Any]]
    reasons: Callable[[dict[str, Any]], list[str]]
    summary: Callable[[dict[str, Any]], str]


SCENES = {
    "storm": Scene(play, reasons, summary),
    "callout": Scene(chase.play, chase.reasons, chase.summary),
    "night": Scene(night.play, night.reasons, night.summary),
    "flood-day": Scene(flood.play, flood.reasons, flood.summary),
}
