"""How a route stands, as the worker sees it and the page of channels shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

UP, CONNECTING, DOWN, IDLE = "up", "connecting", "down", "idle"


@dataclass(slots=True)
class RouteState:
    """`since` and `last_…_at` are Unix times; `last_error` is a short code. Counts run since the start of the worker."""

    state: str = IDLE
    since: float = 0.0
    last_error: str = ""
    sent: int = 0
    refused: int = 0
    throttled: int = 0
    uncertain: int = 0
    receipts: int = 0
    #: Receipts about numbers that this route never got: often a setting of how numbers are written.
    unknown_receipts: int = 0
    replies: int = 0
    #: Frames that could not be read, and messages that were not kept because too many waited.
    unreadable: int = 0
    not_kept: int = 0
    in_flight: int = 0
    waiting: int = 0
    last_sent_at: float = 0.0
    last_receipt_at: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@runtime_checkable
class Telling(Protocol):
    """A route that can say how it stands."""

    def state(self) -> RouteState: ...
