"""A PostgreSQL cluster and an MQTT broker of a test's own, which it may kill and start again."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from stagehand import wait_for

from anlan.project.drill.cast import free_port


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postgres:
    """`url` names its one database. PostgreSQL refuses to run as root, so it gets the user that its package made."""

    def __init__(self) -> None:
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb") or ""]
        if not folders[-1]:
            pytest.skip("PostgreSQL is not installed (initdb)")
        self._programs = Path(folders[-1]).parent
        self._owner = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        )
        self.folder = Path(tempfile.mkdtemp(prefix="anlan-postgres-"))
        if self._owner:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self.url = f"postgresql://anlan@127.0.0.1:{self.port}/anlan"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "anlan", "-E", "UTF8", "--locale=C", "-N")  # fmt: skip
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "anlan", "anlan")

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self._owner
        )  # type: ignore[call-overload]  # user, group
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Try until the children of a killed server are gone, and until it has recovered."""
        wait_for(self._is_up, "PostgreSQL")

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            command = [
                str(self._programs / "postgres"),
                "-D",
                str(self.folder / "data"),
                "-p",
                str(self.port),
            ]
            command += ["-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    command, cwd=self.folder, stdout=log, stderr=log, **self._owner
                )  # type: ignore[call-overload]  # user, group
        ask = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0

    def kill(self) -> None:
        """SIGKILL; the server's children notice and go."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Broker:
    """Mosquitto that keeps its queues on disk."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("mosquitto") is None:
            pytest.skip("mosquitto is not installed")
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        store = folder / "mosquitto"
        store.mkdir()
        as_root = "user root\n" if os.getuid() == 0 else ""
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {store}/\nautosave_interval 1\nautosave_on_changes true\n{as_root}"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(["mosquitto", "-c", str(self._config)], stdout=quiet, stderr=quiet)
        wait_for(lambda: is_listening(self.port), "mosquitto")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
