"""`anlan doctor`: what is missing or unhealthy, one line each with the next step."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
from dataclasses import asdict, dataclass

from anlan.project.cli import use_django
from anlan.project.runtime import Ports, data_folder, read_state


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    says: str


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan doctor", description="Say what is missing or unhealthy.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    use_django()
    checks = [_disk(), _processes(), *_ports(), _database(), _county(), _failures()]
    if options.json:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.says}")
    return 0 if all(check.ok for check in checks) else 1


def _disk() -> Check:
    free = shutil.disk_usage(data_folder()).free
    return Check("disk", free > 2 * 2**30, f"{free / 2**30:.1f} GB free in the data folder (keep 2 GB)")


def _processes() -> Check:
    state = read_state(data_folder(), "parent")
    children = state.get("children")
    alive = isinstance(children, dict) and all(_is_alive(pid) for pid in children.values())
    return Check(
        "processes", alive and bool(children), f"{children}" if alive else "not running; start `anlan serve`"
    )


def _is_alive(pid: object) -> bool:
    from pathlib import Path

    return isinstance(pid, int) and Path(f"/proc/{pid}").exists()


def _ports() -> list[Check]:
    ports = Ports.from_environment()
    wanted = {"web": ports.web, "stations TCP": ports.gateway_tcp, "stations HTTP": ports.gateway_http}
    checks = []
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.settimeout(1)
            answers = probe.connect_ex((ports.bind, port)) == 0
        checks.append(
            Check(f"port {port}", answers, f"{name} answers" if answers else f"{name} does not answer")
        )
    return checks


def _database() -> Check:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check("database", not waiting, f"{connection.vendor}, {len(waiting)} migrations waiting")


def _county() -> Check:
    from anlan.places.models import Division

    count = Division.objects.count()
    return Check("county", count > 0, f"{count} divisions" if count else "none; run `anlan init CODE`")


def _failures() -> Check:
    from anlan.journal.models import WorkFailure

    count = WorkFailure.objects.count()
    return Check("work", count == 0, f"{count} pieces of work failed and wait for a person")
