"""Turns at writing inside one process. On SQLite writers wait for each other anyway, by sleeping longer and longer; threads that
take turns in memory instead pass the pen on at once. On PostgreSQL nobody waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_pen = threading.RLock()


@contextmanager
def write_turn() -> Iterator[None]:
    """One transaction, begun when this thread has the pen. Nothing that waits for others belongs inside."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    with _pen, transaction.atomic():
        yield
