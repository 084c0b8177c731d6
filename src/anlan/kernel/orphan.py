"""A child must not outlive a parent that was killed: two workers of one data folder would both ring people."""

from __future__ import annotations

import os
import signal
import threading
import time

#: How often a child looks whether its parent still lives, seconds.
LOOK_S = 0.5


def leave_with_parent() -> None:
    """Ask this process to stop (SIGTERM) once the parent named in ANLAN_PARENT is gone. No effect without a parent."""
    expected = os.environ.get("ANLAN_PARENT", "")
    if not expected.isdigit():
        return

    def watch(parent: int) -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, args=(int(expected),), daemon=True, name="parent-watch").start()
