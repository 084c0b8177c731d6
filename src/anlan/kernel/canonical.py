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


#: What is written once and read as the same for ever.
_SCALARS = frozenset({str, int, bool, float, type(None), uuid.UUID, datetime, date, Decimal})
#: Made once: the journal writes hundreds of thousands of short documents when a province is called.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
)


def text(value: object) -> str:
    """Canonical JSON before it becomes bytes, for a document that is put together from its parts."""
    return _ENCODER.encode(value)


def dumps(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, times in UTC with microseconds. NaN raises ValueError."""
    return _ENCODER.encode(value).encode()


def settled(value: object) -> object:
    """The value as reading its canonical form gives it back: keys are strings, times are text, tuples are lists."""
    if type(value) in (uuid.UUID, datetime):
        return _plain(value)
    return json.loads(_ENCODER.encode(value))


def is_settled(value: object) -> bool:
    """Whether reading the canonical form and writing it again surely gives the same bytes (keys that are no strings may not)."""
    if isinstance(value, dict):
        return all(type(key) is str and is_settled(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return all(is_settled(one) for one in value)
    return type(value) in _SCALARS


def digest(value: object) -> str:
    """SHA-256 of the canonical form, as 64 hex digits."""
    return digest_of(dumps(value))


def digest_of(body: bytes) -> str:
    """SHA-256 of what is canonical already."""
    return hashlib.sha256(body).hexdigest()


def chain(previous: str, entry_digest: str) -> str:
    """The next hash of a chain: SHA-256 over the previous hash and the entry's digest (both hex)."""
    return hashlib.sha256(f"{previous}:{entry_digest}".encode()).hexdigest()
