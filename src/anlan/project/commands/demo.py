"""`anlan demo`: the fictional county 云岭县 with a storm over it, until Ctrl+C. Nothing in it is real."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from anlan.project.drill import cast
from anlan.project.drill.stage import CAST, DEMO_PASSWORD
from anlan.project.runtime import data_folder

#: Wall seconds between the platform answering and the storm's first minute.
LEAD_S = 6.0


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan demo", description="The demo county with a storm over it.")
    parser.add_argument("--port", type=int, default=8651, help="port of the pages (8651)")
    parser.add_argument("--speed", type=float, default=4.0, help="exercise seconds a wall second (4)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--duration-min", type=int, default=120, help="exercise minutes of storm (120)")
    options = parser.parse_args(arguments)
    folder = _fresh(data_folder() if "ANLAN_DATA" in os.environ else data_folder().with_name("anlan-demo"))
    now = datetime.now(UTC).replace(microsecond=0)
    stage = cast.Set(
        data=folder,
        seed=options.seed,
        speed=options.speed,
        clock_start=now - timedelta(seconds=now.second, minutes=now.minute % 5),
        wall_start=time.time() + 24 * 3600,
        web=options.port,
    )
    print("Building 云岭县 (fictional) …", flush=True)
    made = cast.build_stage(stage, scenario="storm", pre_authorise=False, plans=True)
    platform = cast.start_platform(stage)
    cast.let_clock_go(stage, lead_s=LEAD_S)
    storm = cast.start_storm(
        stage, ingest_token=made["ingest_token"], duration_min=options.duration_min, stay=True, extra=[]
    )
    print(_welcome(stage), flush=True)
    return _until_stopped(platform, storm)


def _fresh(folder: Path) -> Path:
    """The demo starts anew each time; only a folder that a demo made is ever emptied."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "exercise").exists():
        raise cast.NotADemoFolder(folder=folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _welcome(stage: cast.Set) -> str:
    names = " · ".join(username for username, _kind in CAST)
    return (
        f"\n安澜 Anlan: http://127.0.0.1:{stage.web}\n"
        f"Sign in as {names}, password {DEMO_PASSWORD}\n"
        "chen is the county's duty officer, wang the commander who signs, li a township's duty room, "
        "gao its leader, zhao an information officer of one of its villages, yu a department's duty room, "
        "tang the safety manager of an enterprise.\n"
        "The storm begins now. Ctrl+C ends the demo."
    )


def _until_stopped(platform: subprocess.Popen[bytes], storm: subprocess.Popen[bytes]) -> int:
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code = 0
    while not stopping:
        if platform.poll() is not None:
            code = 1
            break
        time.sleep(0.3)
    for process in (storm, platform):
        cast.stop(process)
    return code
