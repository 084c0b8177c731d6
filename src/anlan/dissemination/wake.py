"""Ring the worker once the transaction that queued something has committed."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from anlan.kernel import bell


def wake_worker() -> None:
    """After commit; a worker that does not listen polls anyway."""
    transaction.on_commit(_ring)


def _ring() -> None:
    bell.ring(settings.ANLAN_DATA / "run" / "worker.sock")
