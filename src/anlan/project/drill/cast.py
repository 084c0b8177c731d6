"""Starting and stopping the platform and the outside world as processes of their own, on ports of their own."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anlan.kernel.refusals import Refusal
from anlan.project.drill.bound import ends_with_parent

#: How long the platform may take to answer after its start, seconds.
START_S = 120.0


class DidNotStart(Refusal):
    code = "drill.did_not_start"
    text = "%(what)s did not start within %(seconds)s seconds."
    next_step = "Look at the lines above, or run `anlan doctor`."


class NotADemoFolder(Refusal):
    code = "demo.not_a_demo_folder"
    text = "%(folder)s holds something that no demo made."
    next_step = "Name an empty folder with ANLAN_DATA."


def free_port() -> int:
    """A port that nobody has at this moment, and that the system gives to no outgoing connection before it is used.

    Below the range of temporary ports (32768 and up on Linux): two drills that start at once would otherwise lose one now and then.
    """
    for _ in range(200):
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotStart(what="a port", seconds=0)


@dataclass(slots=True)
class Set:
    """Where everything of one run lives. Tokens are made anew for each run."""

    data: Path
    seed: int
    speed: float
    clock_start: datetime
    wall_start: float
    web: int = field(default_factory=free_port)
    tcp: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    phones: int = field(default_factory=free_port)
    phone_token: str = field(default_factory=lambda: secrets.token_hex(12))
    callback_token: str = field(default_factory=lambda: secrets.token_hex(12))
    sabotage: str = ""

    def environment(self) -> dict[str, str]:
        own = {
            "ANLAN_DATA": str(self.data),
            "ANLAN_WEB_PORT": str(self.web),
            "ANLAN_GATEWAY_TCP_PORT": str(self.tcp),
            "ANLAN_GATEWAY_HTTP_PORT": str(self.http),
            "ANLAN_BASE_URL": f"http://127.0.0.1:{self.web}",
            "ANLAN_PHONE_URL": f"http://127.0.0.1:{self.phones}",
            "ANLAN_PHONE_TOKEN": self.phone_token,
            "ANLAN_PHONE_CALLBACK_TOKEN": self.callback_token,
            "ANLAN_SABOTAGE": self.sabotage,
            "ANLAN_LOG": os.environ.get("ANLAN_LOG", "WARNING"),
        }
        kept = {
            key: value for key, value in os.environ.items() if key not in {"ANLAN_DATABASE_URL", "ANLAN_NODE"}
        }
        return {**kept, **own}


def build_stage(
    stage: Set,
    *,
    scenario: str,
    pre_authorise: bool,
    cast: tuple[str, ...] = (),
    faults_min: int = 0,
    plans: bool = False,
) -> dict[str, Any]:
    """Build the county in the data folder, with accounts for `cast` or for everybody. Returns what `stage.json` holds: exercise id and ingest token.

    `faults_min`: sensors will be faulty in a run of so many minutes, and the county watches those stations; 0 for none.
    """
    command = [
        sys.executable,
        "-m",
        "anlan.project.drill.stage",
        "--data",
        str(stage.data),
        "--seed",
        str(stage.seed),
    ]
    command += ["--scenario", scenario, "--clock-start", _iso(stage.clock_start)]
    command += ["--plans"] if plans else []
    command += ["--wall-start", str(stage.wall_start), "--speed", str(stage.speed)]
    command += ["--pre-authorise"] if pre_authorise else []
    command += ["--faults-min", str(faults_min)] if faults_min else []
    command += [part for username in cast for part in ("--account", username)]
    done = subprocess.run(command, env=stage.environment(), check=False)
    if done.returncode != 0:
        raise DidNotStart(what="the demo county", seconds=0)
    made: dict[str, Any] = json.loads((stage.data / "stage.json").read_text())
    return made


def let_clock_go(stage: Set, *, lead_s: float) -> None:
    """From `lead_s` seconds after now the exercise's clock runs; before, it stands at its start.

    The folder belongs to this drill, so the row and the gateway's file are moved directly: a process that loads the whole
    platform for it would cost the time that it gives.
    """
    stage.wall_start = time.time() + lead_s
    start = datetime.fromtimestamp(stage.wall_start, UTC)
    with contextlib.closing(sqlite3.connect(stage.data / "anlan.db", timeout=20)) as database, database:
        text = start.strftime("%Y-%m-%d %H:%M:%S.%f")
        database.execute("UPDATE journal_exerciserun SET wall_start = ?", (text,))
    path = stage.data / "catalogue.json"
    catalogue = json.loads(path.read_text())
    catalogue["exercise"]["wall_start"] = start.isoformat(timespec="microseconds").replace("+00:00", "Z")
    catalogue["version"] += 1
    temporary = path.with_suffix(".clock")
    temporary.write_text(json.dumps(catalogue, ensure_ascii=False, separators=(",", ":")))
    temporary.replace(path)


def start_platform(stage: Set) -> subprocess.Popen[bytes]:
    """`anlan serve` as a process of its own; returns once web and gateway answer."""
    command = [sys.executable, "-m", "anlan.project.cli", "serve", "--prepared"]
    process = subprocess.Popen(
        command, env=stage.environment(), stdout=subprocess.DEVNULL, preexec_fn=ends_with_parent
    )
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        if _answers(f"http://127.0.0.1:{stage.web}/rt/health") and listens(stage.tcp) and listens(stage.http):
            return process
        time.sleep(0.1)
    process.terminate()
    raise DidNotStart(what="the platform", seconds=START_S)


def start_storm(
    stage: Set, *, ingest_token: str, duration_min: int, stay: bool, extra: list[str]
) -> subprocess.Popen[bytes]:
    """The simulator as a process of its own: stations, phones, people."""
    command = [
        sys.executable,
        "-m",
        "simulator",
        "storm",
        "--world",
        str(stage.data / "world" / "world.json"),
    ]
    command += [
        "--seed",
        str(stage.seed),
        "--clock-start",
        _iso(stage.clock_start),
        "--wall-start",
        str(stage.wall_start),
    ]
    command += ["--speed", str(stage.speed), "--duration-min", str(duration_min)]
    command += [
        "--gateway",
        f"127.0.0.1:{stage.tcp}",
        "--http",
        f"127.0.0.1:{stage.http}",
        # In one word: a token may begin with a dash.
        f"--http-token={ingest_token}",
    ]
    command += ["--phones", f"127.0.0.1:{stage.phones}", f"--phone-token={stage.phone_token}"]
    command += [
        "--callback",
        f"http://127.0.0.1:{stage.web}/api/phone/v1/events",
        f"--callback-token={stage.callback_token}",
    ]
    command += ["--report", str(stage.data / "sim.json"), *(["--stay"] if stay else []), *extra]
    with (stage.data / "simulator.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=ends_with_parent)


def stop(process: subprocess.Popen[bytes] | None, *, grace_s: float = 15.0) -> None:
    """SIGTERM, then SIGKILL after the grace time."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
