"""`anlan serve`: bring the database up to date, then run web, gateway and worker until stopped."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from pathlib import Path

from anlan.project.parent import Parent
from anlan.project.prepared import is_prepared
from anlan.project.runtime import Ports, data_folder


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan serve", description="Run web, gateway and worker.")
    parser.add_argument("--port", type=int, help="port of the web pages (ANLAN_WEB_PORT, 8651)")
    parser.add_argument("--bind", help="address to listen on (ANLAN_BIND, 127.0.0.1)")
    parser.add_argument("--prepared", action="store_true", help="the database is known to be up to date")
    options = parser.parse_args(arguments)
    if options.port:
        os.environ["ANLAN_WEB_PORT"] = str(options.port)
    if options.bind:
        os.environ["ANLAN_BIND"] = options.bind
    ports = Ports.from_environment()
    _check_tak_line()
    os.environ.setdefault("ANLAN_BASE_URL", f"http://{ports.bind}:{ports.web}")
    logging.basicConfig(level=os.environ.get("ANLAN_LOG", "INFO"), format="%(asctime)s %(name)s %(message)s")
    data = data_folder()
    if not (options.prepared or is_prepared(data)):
        prepare(data)
    print(
        f"Anlan listens on http://{ports.bind}:{ports.web} (stations: TCP {ports.gateway_tcp}, HTTP {ports.gateway_http})"
    )
    sys.stdout.flush()
    return Parent(data).run()


def _check_tak_line() -> None:
    """A wrong setting of the TAK line stops the start and names the variable, instead of a child that dies again and again."""
    from anlan.project.tak import options

    if options.is_on():
        options.options()


def prepare(data: Path) -> None:
    """Migrate and write the catalogue in a short-lived child, so that the parent never loads Django."""
    environment = {**os.environ, "ANLAN_DATA": str(data)}
    subprocess.run([sys.executable, "-m", "anlan.project.commands.prepare"], check=True, env=environment)
