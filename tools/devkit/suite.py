"""`./dev test`: the suite on SQLite, the slow outside-in tests alone, then the database tests on PostgreSQL."""

from __future__ import annotations

import hashlib
import subprocess
from urllib.parse import urlsplit

from devkit import postgres
from devkit.base import ROOT, say, venv_environment, venv_program

QUICK = "not browser and not drill"
SLOW = "browser or drill"
#: Browser tests keep an event loop in their process and have run already; the database does not matter to them.
ON_POSTGRES = f"database and {QUICK}"
WORKERS = ("-n", "2", "--dist", "worksteal")
#: Browser and drill tests wait more than they work; those of one file that share a running county stay together.
SLOW_WORKERS = ("-n", "2", "--dist", "loadscope")
NOTHING_COLLECTED = 5
DATABASE_VARIABLE = "ANLAN_DATABASE_URL"
#: One name per checkout: two checkouts test side by side, and a killed run leaves nothing that the next does not reuse.
DATABASE_NAME = f"anlan_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"


def run_suite(arguments: list[str]) -> int:
    """All of it without arguments; `--quick` leaves browser and drills out, `--postgres` asks for that database only;
    any other arguments go to one pytest run."""
    quick, on_postgres = "--quick" in arguments, "--postgres" in arguments
    rest = [argument for argument in arguments if argument not in ("--quick", "--postgres")]
    server, reason = postgres.find_server()
    if on_postgres:
        if server is None:
            say(f"PostgreSQL is not usable here: {reason}. Start a server or set {postgres.VARIABLE}.")
            return 2
        return pytest(*WORKERS, "-m", ON_POSTGRES, *rest, database=server)
    if quick:
        return pytest(*WORKERS, "-m", QUICK, *rest)
    if rest:
        return pytest(*rest)
    if server is None:
        say(f"tests run on SQLite only: {reason} (name a PostgreSQL server in {postgres.VARIABLE})")
    failed = pytest(*SLOW_WORKERS, "-m", SLOW) not in (0, NOTHING_COLLECTED)
    failed |= pytest(*WORKERS, "-m", QUICK) != 0
    if server is not None:
        say("the database tests once more, on PostgreSQL")
        failed |= pytest(*WORKERS, "-m", ON_POSTGRES, database=server) not in (0, NOTHING_COLLECTED)
    return int(failed)


def pytest(*arguments: str, database: str | None = None) -> int:
    env = venv_environment()
    env.pop(DATABASE_VARIABLE, None)
    if database is not None:
        parts = urlsplit(database)
        query = f"?{parts.query}" if parts.query else ""
        # Written out: geturl() drops the slashes of an address without a host.
        env[DATABASE_VARIABLE] = f"{parts.scheme}://{parts.netloc}/{DATABASE_NAME}{query}"
        env[postgres.VARIABLE] = database
    command = [str(venv_program("python")), "-m", "pytest", *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode
