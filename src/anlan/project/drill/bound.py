"""Processes of a drill end with it, even when it is killed: a platform that stays behind holds its ports and half a processor."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

#: `prctl(PR_SET_PDEATHSIG, …)` of Linux: the signal that comes when the parent is gone.
_PR_SET_PDEATHSIG = 1


def _bind() -> Callable[[], None] | None:
    """For `preexec_fn`. Elsewhere than on Linux nothing is bound; the library is loaded before any fork."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        # The signal comes when the thread that forked ends: drills start their processes from the main thread.
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask


ends_with_parent = _bind()
