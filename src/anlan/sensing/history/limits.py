"""Bounds of the reader that both its ends know."""

from __future__ import annotations

#: Longest time one question may take, seconds.
TIMEOUT_S = 20.0
#: Hours in a part of a day: every day that people count by (0, 8 and 20 o'clock in Shanghai) is made of whole parts.
PART_H = 4
