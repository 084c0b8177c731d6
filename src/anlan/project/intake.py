"""The step by which signals of the gateway become facts of the main database."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from anlan.journal import clocks
from anlan.sensing import services
from anlan.sensing.hot.reading import AnyReader, open_reader


@cache
def _reader() -> AnyReader:
    return open_reader(settings.ANLAN_DATA)


def take_signals() -> int:
    """Read what the gateway stored since the last time. Returns how many signals became facts."""
    return services.take_signals(_reader(), at=clocks.now(clocks.default_exercise_id()))
