"""Bounds of the reader that both its ends know."""

from __future__ import annotations

#: Longest time one question may take, seconds.
TIMEOUT_S = 20.0
