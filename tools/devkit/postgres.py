"""Finding a PostgreSQL server that the tests may use."""

from __future__ import annotations

import os
import subprocess

from devkit.base import venv_program

VARIABLE = "ANLAN_TEST_POSTGRES"
#: Where a developer's own server usually answers the current user: the local socket, then the loopback address.
USUAL_PLACES = ("postgresql:///postgres", "postgresql://127.0.0.1:5432/postgres")
PROBE = """
import sys, psycopg
try:
    with psycopg.connect(sys.argv[1], connect_timeout=3) as connection:
        row = connection.execute(
            "select current_setting('server_version_num')::int, rolcreatedb or rolsuper"
            " from pg_roles where rolname = current_user"
        ).fetchone()
except psycopg.Error as error:
    sys.exit(str(error).strip().splitlines()[0])
if row[0] < 150000:
    sys.exit("the server is older than PostgreSQL 15")
if not row[1]:
    sys.exit("the user may not create databases")
"""


def find_server() -> tuple[str | None, str]:
    """The address of a usable server, or None with the reason in a few words."""
    named = os.environ.get(VARIABLE)
    reason = "no server was asked"
    for address in (named,) if named else USUAL_PLACES:
        command = [str(venv_program("python")), "-c", PROBE, address]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return address, ""
        reason = (asked.stderr.strip().splitlines() or ["no message"])[-1]
    return None, reason
