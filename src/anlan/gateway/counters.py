"""What the gateway counts; written to run/gateway.json once a second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class Counters:
    """Totals since the start of the process. Each field is written by one thread only."""

    connections_opened: int = 0
    connections_refused: int = 0
    connections_cut_idle: int = 0
    connections_cut_no_frame: int = 0
    connections_cut_not_reading: int = 0
    garbage_bytes: int = 0
    frames: int = 0
    keepalives: int = 0
    frames_unknown_station: int = 0
    happenings: int = 0
    attachments: int = 0
    address_conflicts: int = 0
    commands_sent: int = 0
    commands_answered: int = 0
    datagrams: int = 0
    refused_by_code: Counter[str] = field(default_factory=Counter)
    http_requests: int = 0
    http_refused_by_code: Counter[str] = field(default_factory=Counter)
    rows_refused_by_code: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    duplicates: int = 0
    corrections: int = 0
    not_stored: int = 0
    signals: int = 0
    commits: int = 0
    last_commit_ms: float = 0.0
    store_problem: str = ""

    def as_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in values.items()}
