"""`anlan serve`: the parent of web, gateway and worker. It starts them, watches them and starts them again.

It imports neither Django nor NumPy. A child that died is restarted at once, later with a growing pause; the next worker
is told which instances died, so that it frees their leases before it does anything else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from anlan.kernel.refusals import Refusal
from anlan.project.runtime import read_state, run_folder, write_state

log = logging.getLogger("anlan.parent")

#: Pause before a child that dies again and again is started once more, seconds.
PAUSES_S = (0.0, 0.2, 1.0, 3.0, 10.0)
#: A child that lived this long is taken as healthy and its count of deaths starts anew, seconds.
HEALTHY_AFTER_S = 30.0
#: How long children may take to finish what they hold when asked to stop, seconds.
GRACE_S = 10.0
#: How long a new parent waits for the children of a killed one before it kills them, seconds; they look every half second.
ORPHANS_S = GRACE_S + 5.0


@dataclass(slots=True)
class Child:
    """One supervised process. `owner` names the running instance in leases."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    owner: str = ""
    started_at: float = 0.0
    deaths: int = 0
    restart_at: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)
    dead_owners: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.owner = f"{self.name}-{os.getpid()}-{secrets.token_hex(4)}"
        environment = {
            **os.environ,
            **self.environment,
            "ANLAN_OWNER": self.owner,
            "ANLAN_DEAD_OWNERS": ",".join(self.dead_owners[-50:]),
        }
        environment["ANLAN_PARENT"] = str(os.getpid())
        self.process = subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL)
        self.started_at = time.monotonic()
        log.info("child_started name=%s pid=%s", self.name, self.process.pid)

    def look_after(self, now: float) -> bool:
        """Start the child if it is due; note its death. True when something changed."""
        if self.process is None:
            if now < self.restart_at:
                return False
            self.start()
            return True
        if self.process.poll() is None:
            return False
        log.warning("child_died name=%s code=%s", self.name, self.process.returncode)
        self.deaths = 0 if now - self.started_at > HEALTHY_AFTER_S else self.deaths + 1
        self.restart_at = now + PAUSES_S[min(self.deaths, len(PAUSES_S) - 1)] if self.deaths > 1 else now
        self.dead_owners.append(self.owner)
        self.process = None
        return True


def _gateways(command: list[str]) -> list[Child]:
    """One, or as many as ANLAN_GATEWAYS says; each is told its number. Settings have checked the variable."""
    count = int(os.environ.get("ANLAN_GATEWAYS") or 1)
    if count == 1:
        return [Child("gateway", command)]
    return [Child(f"gateway-{n}", command, environment={"ANLAN_GATEWAY_SHARD": str(n)}) for n in range(count)]


def _workers(command: list[str]) -> list[Child]:
    """One, or as many as ANLAN_WORKERS says. Only the first has the bell; the others look by themselves."""
    more = range(1, int(os.environ.get("ANLAN_WORKERS") or 1))
    numbered = [Child(f"worker-{n}", command, environment={"ANLAN_WORKER": str(n)}) for n in more]
    return [Child("worker", command), *numbered]


def _tak_line(command: list[str]) -> list[Child]:
    """For TAK clients, where a port is named (docs/tak.md)."""
    return [Child("tak", command)] if os.environ.get("ANLAN_COT_PORT", "").strip() else []


class AlreadyRunning(Refusal):
    code = "serve.already_running"
    text = "Anlan runs already on %(folder)s (process %(pid)s)."
    next_step = "Stop that one first, or name another folder with ANLAN_DATA."


#: How the children are started.
_CHILD = b"anlan."


def wait_for_orphans(data: Path, *, seconds: float = ORPHANS_S) -> list[int]:
    """After a kill of the parent its children leave by themselves, holding their ports until then; who stays is killed.

    Returns the process ids that were still there. Only processes that run a program of Anlan count: after a restart of the
    machine a number belongs to somebody else.
    """
    state = read_state(data, "parent")
    if _runs(state.get("pid"), b"anlan"):
        raise AlreadyRunning(folder=str(data), pid=state["pid"])
    known = state.get("children", {})
    pids = [pid for pid in known.values() if isinstance(pid, int)] if isinstance(known, dict) else []
    found = [pid for pid in pids if _runs(pid, _CHILD)]
    limit = time.monotonic() + seconds
    while any(_runs(pid, _CHILD) for pid in found) and time.monotonic() < limit:
        time.sleep(0.05)
    for pid in (pid for pid in found if _runs(pid, _CHILD)):
        log.warning("orphan_killed pid=%s", pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return found


def _runs(pid: object, program: bytes) -> bool:
    """Whether that process lives and runs `program`; where the system does not tell, it is taken for somebody else's."""
    if pid == os.getpid():
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return program in command and state != "Z"


class Parent:
    """Keeps the children of one data folder alive until it is asked to stop."""

    def __init__(self, data: Path) -> None:
        self.data = data
        python = sys.executable
        self.children = [
            Child("web", [python, "-m", "anlan.project.web"]),
            *_gateways([python, "-m", "anlan.gateway", "--data", str(data)]),
            *_workers([python, "-m", "anlan.project.worker"]),
            *_tak_line([python, "-m", "anlan.project.tak"]),
        ]
        self._stopping = False

    def run(self) -> int:
        """Block until SIGTERM or SIGINT. Returns the exit code."""
        run_folder(self.data)
        wait_for_orphans(self.data)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self._stopping:
            now = time.monotonic()
            changed = [child.look_after(now) for child in self.children]
            if any(changed):
                self._tell()
            time.sleep(0.05)
        self._finish()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _tell(self) -> None:
        pids = {child.name: child.process.pid for child in self.children if child.process is not None}
        write_state(self.data, "parent", {"pid": os.getpid(), "children": pids})

    def _finish(self) -> None:
        living = [child.process for child in self.children if child.process is not None]
        for process in living:
            process.terminate()
        limit = time.monotonic() + GRACE_S
        for process in living:
            try:
                process.wait(timeout=max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
