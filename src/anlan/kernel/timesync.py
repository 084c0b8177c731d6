"""Whether the clock of this machine follows a time source, as the kernel says it. Unknown is said, never guessed."""

from __future__ import annotations

import ctypes
import sys

#: From <linux/timex.h>: the return value when the clock is not synchronised, and the status bit for the same.
_TIME_ERROR, _STA_UNSYNC = 5, 0x0040


class _Timeval(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long))


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2), read only (modes = 0), which needs no privilege."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", _Timeval),
        ("rest", ctypes.c_long * 32),
    )


def clock_sync() -> str:
    """ "synced", "unsynced" or "unknown"."""
    if not sys.platform.startswith("linux"):
        return "unknown"
    try:
        timex = _Timex()
        said = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return "unknown"
    if said < 0:
        return "unknown"
    return "unsynced" if said == _TIME_ERROR or timex.status & _STA_UNSYNC else "synced"
