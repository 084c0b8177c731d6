"""Asking the reader of settled days: it is started when needed, and asked once more when it died over a question."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from array import array
from pathlib import Path
from typing import Any

from anlan.sensing.history import wire
from anlan.sensing.history.limits import TIMEOUT_S
from anlan.sensing.history.paths import reader_address
from anlan.sensing.history.types import HistoryTooSlow, HistoryUnavailable

#: How long a reader may take to answer its first question, seconds: importing DuckDB is most of it.
START_S = 15.0
#: A little longer than the reader's own limit, seconds.
ANSWER_S = 25.0
_TRIES = 2

Columns = dict[str, "array[int]"]
_children: list[subprocess.Popen[bytes]] = []
_starting = threading.Lock()


class ReaderClient:
    """One for a data folder; may be used by several threads."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._address = reader_address(data)

    def ask(self, verb: str, **given: Any) -> Columns:
        """The columns of the answer. Raises HistoryTooSlow or HistoryUnavailable."""
        why = "its reader does not start"
        for _ in range(_TRIES):
            try:
                with self._connected() as link:
                    wire.send(link, {"verb": verb, "with": given})
                    reply = wire.receive(link)
            except OSError as error:
                why = (
                    "its reader stopped"
                    if isinstance(error, ConnectionError)
                    else "its reader does not answer"
                )
                continue
            return _columns(reply)
        raise HistoryUnavailable(why=why)

    def is_running(self) -> bool:
        try:
            self._connect().close()
        except OSError:
            return False
        return True

    def _connected(self) -> socket.socket:
        with contextlib.suppress(OSError):
            return self._connect()
        with _starting:
            with contextlib.suppress(OSError):
                return self._connect()
            return self._start()

    def _start(self) -> socket.socket:
        """Start a reader and wait until it listens; when two processes do so at once, one reader steps back by itself."""
        _children[:] = [child for child in _children if child.poll() is None]
        command = [sys.executable, "-m", "anlan.sensing.history.reader", "--data", str(self._data)]
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, start_new_session=True, env=_environment()
        )
        _children.append(child)
        limit = time.monotonic() + START_S
        while time.monotonic() < limit:
            with contextlib.suppress(OSError):
                return self._connect()
            if child.poll() not in (None, 0):
                break
            time.sleep(0.02)
        raise OSError("no reader")

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.settimeout(ANSWER_S)
            link.connect(self._address)
        except OSError:
            link.close()
            raise
        return link


def _environment() -> dict[str, str]:
    """The reader needs no secret of the county."""
    kept = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "HOME", "TZ", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _columns(reply: dict[str, Any]) -> Columns:
    if reply.get("error") == "slow":
        raise HistoryTooSlow(seconds=round(TIMEOUT_S))
    if "error" in reply:
        raise HistoryUnavailable(why=reply.get("why", ""))
    return {name: wire.column(data) for name, data in reply["columns"].items()}
