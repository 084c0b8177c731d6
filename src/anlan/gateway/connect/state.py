"""How each connector and receiver stands; written to run/connect.json once a second for the pages."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.drivers.jsonmap import RefusedRow

_KEPT = 20


@dataclass(slots=True)
class LinkState:
    """`since` is when `is_up` last changed. The counts are of the present day of Shanghai."""

    kind: str
    is_up: bool = False
    since: str = ""
    problem: str = ""
    last_message: str = ""
    day: str = ""
    messages: int = 0
    rows: int = 0
    duplicates: int = 0
    not_stored: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    newest_refused: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    #: Receivers: what waits and how old the oldest of it is.
    backlog: int = 0
    backlog_since: str = ""
    position: str = ""

    def up(self, now: datetime) -> None:
        self._turn(True, now)
        self.problem = ""

    def down(self, now: datetime, problem: str) -> None:
        self._turn(False, now)
        self.problem = problem[:300]

    def _turn(self, is_up: bool, now: datetime) -> None:
        if self.is_up != is_up or not self.since:
            self.is_up, self.since = is_up, now.isoformat()

    def new_day(self, day: str) -> None:
        if day != self.day:
            self.day, self.messages, self.rows, self.duplicates, self.not_stored = day, 0, 0, 0, 0
            self.refused.clear()

    def refuse(self, rows: Iterable[RefusedRow], now: datetime) -> None:
        for row in rows:
            self.refused[row.code] += 1
            self.newest_refused.appendleft({**row._asdict(), "at": now.isoformat()})

    def as_data(self) -> dict[str, Any]:
        names = [name for name in self.__slots__ if name not in ("refused", "newest_refused")]
        data = {name: getattr(self, name) for name in names}
        return {**data, "refused": dict(self.refused), "newest_refused": list(self.newest_refused)}


class StateBook:
    """The states by name, kept over a restart of the same day."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.connectors: dict[str, LinkState] = {}
        self.receivers: dict[str, LinkState] = {}
        self._before = _read(path)

    def connector(self, name: str, kind: str) -> LinkState:
        return self._one(self.connectors, "connectors", name, kind)

    def receiver(self, name: str, kind: str) -> LinkState:
        return self._one(self.receivers, "receivers", name, kind)

    def _one(self, book: dict[str, LinkState], group: str, name: str, kind: str) -> LinkState:
        if name not in book:
            book[name] = _remembered(self._before.get(group, {}).get(name), kind)
        return book[name]

    def write(self, now: datetime) -> None:
        """Raises OSError. Nothing is written where there is nothing to tell."""
        if not self.connectors and not self.receivers and not self._path.exists():
            return
        data = {
            "at": now.isoformat(),
            "connectors": {name: one.as_data() for name, one in self.connectors.items()},
            "receivers": {name: one.as_data() for name, one in self.receivers.items()},
        }
        beside = self._path.with_suffix(".tmp")
        beside.write_text(json.dumps(data, ensure_ascii=False))
        beside.replace(self._path)


def _remembered(before: Any, kind: str) -> LinkState:  # Any: a file of an earlier release, trusted in nothing
    state = LinkState(kind)
    if isinstance(before, dict) and before.get("kind") == kind:
        for name in ("day", "last_message"):
            setattr(state, name, str(before.get(name, "")))
        for name in ("messages", "rows", "duplicates", "not_stored"):
            setattr(state, name, int(before.get(name, 0)))
        state.refused.update({str(code): int(n) for code, n in dict(before.get("refused", {})).items()})
    return state


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
