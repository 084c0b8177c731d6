"""Paths, ports and names that the processes of one data folder share. No Django here: the parent stays small."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from anlan.kernel.refusals import BadSetting


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the processes listen. `bind` is one address for all of them; loopback unless told otherwise."""

    web: int
    gateway_tcp: int
    gateway_http: int
    bind: str

    @classmethod
    def from_environment(cls) -> Ports:
        return cls(
            web=_port("ANLAN_WEB_PORT", 8651),
            gateway_tcp=_port("ANLAN_GATEWAY_TCP_PORT", 6510),
            gateway_http=_port("ANLAN_GATEWAY_HTTP_PORT", 6580),
            bind=os.environ.get("ANLAN_BIND", "127.0.0.1"),
        )


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(name=name, why=f"{text!r} is not a port", example=str(default))
    return int(text)


def data_folder() -> Path:
    """The data folder as the settings see it."""
    return Path(os.environ.get("ANLAN_DATA") or Path.home() / ".local" / "share" / "anlan").resolve()


def run_folder(data: Path) -> Path:
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def worker_bell(data: Path) -> Path:
    """Where this worker is rung. Gateways and pages ring the first worker; further ones look by themselves."""
    number = os.environ.get("ANLAN_WORKER")
    return data / "run" / (f"worker-{number}.sock" if number else "worker.sock")


def write_state(data: Path, name: str, state: dict[str, object]) -> None:
    """Put a small JSON file into run/ so that others (doctor, tests, the drill) can look; replaced in one step."""
    target = run_folder(data) / f"{name}.json"
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(state))
    temporary.replace(target)


def read_state(data: Path, name: str) -> dict[str, object]:
    """What `write_state` wrote, or {} when the process never ran."""
    try:
        state: dict[str, object] = json.loads((data / "run" / f"{name}.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state


def mark_start(data: Path, owner: str) -> None:
    """Note that a worker is ready, with the Unix time; drills measure from here how late a deadline was after a kill."""
    with (run_folder(data) / "worker-starts.jsonl").open("a") as file:
        file.write(json.dumps({"owner": owner, "wall": time.time()}) + "\n")


def starts(data: Path) -> list[float]:
    """Unix times at which a worker became ready, oldest first."""
    path = data / "run" / "worker-starts.jsonl"
    if not path.exists():
        return []
    return sorted(json.loads(line)["wall"] for line in path.read_text().splitlines())
