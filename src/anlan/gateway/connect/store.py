"""What connectors must remember over a restart: how far a pull has come, units and zones seen, stations of the other side."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path

from anlan.drivers.jsonmap import Memory
from anlan.sensing.hot.days import connect

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS mark (connector TEXT NOT NULL, part TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (connector, part))",
    "CREATE TABLE IF NOT EXISTS unit (connector TEXT NOT NULL, version INTEGER NOT NULL, station TEXT NOT NULL,"
    " quantity TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (connector, version, station, quantity))",
    "CREATE TABLE IF NOT EXISTS zone (connector TEXT NOT NULL, version INTEGER NOT NULL, station TEXT NOT NULL,"
    " means TEXT NOT NULL, PRIMARY KEY (connector, version, station))",
    "CREATE TABLE IF NOT EXISTS proposal (connector TEXT NOT NULL, code TEXT NOT NULL, fields TEXT NOT NULL,"
    " PRIMARY KEY (connector, code))",
)


class ConnectStore:
    """May be used from several threads. The file is made with its first use, durably written (synchronous=FULL)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._link = connect(path)
        self._lock = threading.Lock()
        for statement in _SCHEMA:
            self._link.execute(statement)

    def mark(self, connector: str, part: str) -> str:
        """How far the pull has come, "" before the first."""
        with self._lock:
            row = self._link.execute(
                "SELECT mark FROM mark WHERE connector=? AND part=?", (connector, part)
            ).fetchone()
        return str(row[0]) if row else ""

    def set_mark(self, connector: str, part: str, mark: str) -> None:
        """Only after what lies before the mark is stored."""
        with self._lock:
            self._link.execute("INSERT OR REPLACE INTO mark VALUES (?,?,?)", (connector, part, mark))

    def memory(self, connector: str, version: int) -> Memory:
        """Units and zones learnt since the connector was last saved; saving it anew forgets them."""
        with self._lock:
            units = self._link.execute(
                "SELECT station, quantity, unit FROM unit WHERE connector=? AND version=?",
                (connector, version),
            ).fetchall()
            zones = self._link.execute(
                "SELECT station, means FROM zone WHERE connector=? AND version=?", (connector, version)
            ).fetchall()
        return Memory({(station, quantity): unit for station, quantity, unit in units}, dict(zones))

    def keep_memory(self, connector: str, version: int, memory: Memory) -> None:
        with self._lock:
            self._link.execute("BEGIN IMMEDIATE")
            older = (connector, version)
            self._link.execute("DELETE FROM unit WHERE connector=? AND version<>?", older)
            self._link.execute("DELETE FROM zone WHERE connector=? AND version<>?", older)
            self._link.executemany(
                "INSERT OR REPLACE INTO unit VALUES (?,?,?,?,?)",
                [(connector, version, *key, unit) for key, unit in memory.units.items()],
            )
            self._link.executemany(
                "INSERT OR REPLACE INTO zone VALUES (?,?,?,?)",
                [(connector, version, station, means) for station, means in memory.zones.items()],
            )
            self._link.execute("COMMIT")

    def propose(self, connector: str, stations: Iterable[dict[str, str]]) -> None:
        """Stations that the other side has, by `code`; the newest description wins."""
        rows = [(connector, one["code"], json.dumps(one, ensure_ascii=False)) for one in stations]
        with self._lock:
            self._link.execute("BEGIN IMMEDIATE")
            self._link.executemany("INSERT OR REPLACE INTO proposal VALUES (?,?,?)", rows)
            self._link.execute("COMMIT")

    def close(self) -> None:
        self._link.close()
