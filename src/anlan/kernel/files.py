"""What the operating system grants a process."""

from __future__ import annotations

import resource


def raise_file_limit() -> None:
    """Every connection is an open file; take all that the system grants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
