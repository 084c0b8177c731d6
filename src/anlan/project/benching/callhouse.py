"""The platform as real processes over a made-up province, with gateways that count, a clock that can be stepped, and people."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from anlan.project.benching import stepped
from anlan.project.drill.cast import DidNotStart, free_port, stop
from anlan.project.runtime import read_state

START_S = 60.0
_PROVINCE = [sys.executable, "-m", "anlan.project.benching.province"]


class Gateway:
    """A counting gateway as a process; what it took stands in its log, whoever is killed."""

    def __init__(self, name: str, folder: Path, *, delay_ms: float = 0.0, lose_every: int = 0) -> None:
        self.name, self.port, self.token = name, free_port(), secrets.token_hex(8)
        self.log = folder / f"{name}.log"
        self.log.touch()
        self._more = ["--delay-ms", str(delay_ms), "--lose-every", str(lose_every)]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "simulator.phones.counting", "--port", str(self.port)]
        command += [f"--token={self.token}", "--log", str(self.log), *self._more]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None  # asked for
        self._process.stdout.readline()

    def kill(self) -> None:
        """SIGKILL: what it took stays taken, what it had not answered is uncertain."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class House:
    """`anlan serve` on a folder of its own, with one or two gateways behind SMS and voice."""

    def __init__(
        self,
        folder: Path,
        *,
        villages: int,
        gateways: Sequence[Gateway],
        database: str = "",
        workers: int = 1,
    ) -> None:
        self.folder, self.data, self.gateways = folder, folder / "data", list(gateways)
        self.data.mkdir(parents=True, exist_ok=True)
        self.web, self.callback_token = free_port(), secrets.token_hex(8)
        own = {
            "ANLAN_DATA": str(self.data),
            "ANLAN_NODE": "999900",
            "ANLAN_WEB_PORT": str(self.web),
            "ANLAN_GATEWAY_TCP_PORT": str(free_port()),
            "ANLAN_GATEWAY_HTTP_PORT": str(free_port()),
            "ANLAN_BASE_URL": f"http://127.0.0.1:{self.web}",
            "ANLAN_PHONE_CALLBACK_TOKEN": self.callback_token,
            "ANLAN_LOG": os.environ.get("ANLAN_LOG", "ERROR"),
            "ANLAN_DATABASE_URL": database,
            "ANLAN_WORKERS": str(workers),
        }
        self.environment = {**os.environ, **own, **stepped.environment(folder)}
        self._serve: subprocess.Popen[bytes] | None = None
        self._groups: list[int] = []
        self.run("build", "--villages", str(villages))
        self._routes()

    def _routes(self) -> None:
        """Behind both channels the gateways in their order; no quota, for the platform is measured and not a contract."""
        rows = [
            {
                "name": one.name,
                "kind": "phone_gateway",
                "url": f"http://127.0.0.1:{one.port}",
                "token": one.token,
                "rate_per_s": 100_000,
                "receipt_s": 0,
            }
            for one in self.gateways
        ]
        (self.data / "routes.json").write_text(json.dumps({"sms": rows, "voice": rows}))

    def run(self, *words: str) -> dict[str, Any]:
        """One verb of the province in a process of its own."""
        done = subprocess.run([*_PROVINCE, *words], env=self.environment, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode()[-2_000:])
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def start(self) -> None:
        command = [sys.executable, "-m", "anlan.project.cli", "serve", "--prepared"]
        with (self.folder / "serve.log").open("ab") as log:
            self._serve = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self._groups.append(self._serve.pid)
        limit = time.monotonic() + START_S
        while time.monotonic() < limit:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self.web}/rt/health", timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        raise DidNotStart(what="the platform", seconds=START_S)

    def _end_group(self) -> None:
        """A killed parent leaves children behind that notice it only after a while; nothing may stay on the machine."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def kill(self, name: str) -> None:
        """SIGKILL a child of `anlan serve`; the parent starts it again. "serve": the parent itself, started again here."""
        if name == "serve":
            assert self._serve is not None  # it was started
            self._serve.kill()
            self._serve.wait()
            # Its children notice that it is gone and leave; a start before that would find their ports held.
            self._end_group()
            self.start()
            return
        pid = self._pid(name)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _pid(self, name: str) -> int | None:
        children = read_state(self.data, "parent").get("children")
        found = children.get(name) if isinstance(children, dict) else None
        return found if isinstance(found, int) else None

    def step_clock(self, seconds: float) -> None:
        stepped.step(self.folder, seconds)

    def close(self) -> None:
        stop(self._serve)
        self._end_group()
        for one in self.gateways:
            one.kill()

    def handed(self) -> int:
        """Messages that the gateways took so far."""
        return sum(one.log.read_bytes().count(b"\n") for one in self.gateways)


class People:
    """Everybody behind the telephones: a thread that reads the gateways' logs and posts what they do to the platform.

    Of the numbers, one in twenty never answers at all, a further fifth not by SMS; the others answer each message once.
    """

    def __init__(self, house: House, *, answers: bool = True) -> None:
        self._house, self._answers = house, answers
        self._read: dict[str, int] = {}
        self._waiting: list[dict[str, Any]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self.sent = 0

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=30)

    def _live(self) -> None:
        url = f"http://127.0.0.1:{self._house.web}/api/phone/v1/events"
        headers = {"Authorization": f"Bearer {self._house.callback_token}"}
        with httpx.Client(headers=headers, timeout=5, trust_env=False) as client:
            while not self._stopping.is_set() or self._waiting:
                self._look()
                if not self._waiting:
                    self._stopping.wait(0.05)
                    continue
                some = self._waiting[:50]
                with contextlib.suppress(httpx.HTTPError):
                    if client.post(url, json={"events": some}).status_code == 200:
                        del self._waiting[: len(some)]
                        self.sent += len(some)
                        continue
                if self._stopping.wait(0.2):
                    break

    def _look(self) -> None:
        for gateway in self._house.gateways:
            start = self._read.get(gateway.name, 0)
            with gateway.log.open("rb") as log:
                log.seek(start)
                fresh = log.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            for number, line in enumerate(whole.splitlines()):
                self._waiting += self._acts(json.loads(line), f"{gateway.name}-{start}-{number}")
            self._read[gateway.name] = start + len(whole)

    def _acts(self, message: dict[str, Any], key: str) -> list[dict[str, Any]]:
        at = datetime.now(UTC).isoformat()
        base = {"at": at, "client_ref": message["ref"]}
        is_voice, luck = message["kind"] == "voice", habit(message["to"])
        is_silent = luck < 5 or (luck < 25 and not is_voice)
        status = ("no_answer" if luck < 5 else "answered") if is_voice else "delivered"
        acts = [{**base, "event_id": f"{key}-r", "type": "receipt", "status": status}]
        if self._answers and not is_silent:
            said = {"key": "1"} if is_voice else {"text": "1"}
            kind = "keypress" if is_voice else "reply"
            acts.append({**base, "event_id": f"{key}-a", "type": kind, "from": message["to"], **said})
        return acts


def habit(number: str) -> int:
    """0 to 99, the same for the officer's mobile telephone and landline."""
    return int(hashlib.sha256(number[4:].encode()).hexdigest(), 16) % 100


def wait_until(true: Callable[[], object], limit_s: float) -> bool:
    """False when it did not become true in time."""
    limit = time.monotonic() + limit_s
    while time.monotonic() < limit:
        if true():
            return True
        time.sleep(0.05)
    return False
