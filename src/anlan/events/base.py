"""Published events: what a floor tells those above it. Versioned, plain data, past tense."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from anlan.kernel import canonical


@dataclass(frozen=True, slots=True)
class Event:
    """Base. Fields are strings, numbers, booleans, lists or None, so that they travel as JSON unchanged."""

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def to_payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(canonical.dumps(asdict(self)))
        return payload

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        return cls(**payload)
