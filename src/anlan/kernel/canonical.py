"""One byte form for one meaning, so that a digest made today can be recomputed in ten years."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def dumps(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, times in UTC with microseconds. NaN raises ValueError."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )
    return text.encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical form, as 64 hex digits."""
    return hashlib.sha256(dumps(value)).hexdigest()


def chain(previous: str, entry_digest: str) -> str:
    """The next hash of a chain: SHA-256 over the previous hash and the entry's digest (both hex)."""
    return hashlib.sha256(f"{previous}:{entry_digest}".encode()).hexdigest()
