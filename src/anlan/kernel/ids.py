"""Identifiers made where the fact is made (RFC 9562, version 7). Never used as a cursor."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0
_TAIL_BITS = 74


def uuid7() -> uuid.UUID:
    """A time-ordered id: 48 bits of Unix milliseconds, then 74 bits that only grow within one process.

    Python 3.11 has no own version; RFC 9562 sections 5.7 and 6.2 (method 2, monotonic random) give the layout.
    Growing ids keep the entries of one transaction in the order in which they were made.
    """
    global _last
    millis = time.time_ns() // 1_000_000
    fresh = (millis << _TAIL_BITS) | (int.from_bytes(os.urandom(10), "big") >> 7)
    with _lock:
        if fresh <= _last:
            fresh = _last + 1 + int.from_bytes(os.urandom(3), "big")
        _last = fresh
    millis, tail = fresh >> _TAIL_BITS, fresh & ((1 << _TAIL_BITS) - 1)
    value = (millis & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= (tail >> 62) << 64
    value |= 0b10 << 62
    value |= tail & 0x3FFFFFFFFFFFFFFF
    return uuid.UUID(int=value)
