"""Fetching at intervals: the loop that all pulls share. A round that fails is told and tried again; nothing runs twice at once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Protocol

from anlan.gateway.connect.secrets import NoSecret
from anlan.gateway.connect.taking import Taken, Taker

_log = logging.getLogger(__name__)
_LONGEST_S = 3600.0


class PullFailed(Exception):
    """The other side did not answer as it should; the text is a sentence without secrets."""


class NotStored(Exception):
    """Nothing may be marked as read; the round ends here."""


class Puller(Protocol):
    every_s: float

    async def round(self) -> None:
        """Fetch what is new. Raises PullFailed, NotStored, NoSecret, OSError."""

    def close(self) -> None: ...


class PullLine:
    """One connector that fetches."""

    def __init__(self, taker: Taker, puller: Puller) -> None:
        self._taker, self._puller = taker, puller
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._puller.close()

    async def _run(self) -> None:
        wait_s = self._puller.every_s
        while True:
            problem = await run_round(self._puller.round)
            now = self._taker.now()
            if problem:
                self._taker.state.down(now, problem)
                wait_s = min(wait_s * 2, _LONGEST_S)
            else:
                self._taker.state.up(now)
                wait_s = self._puller.every_s
            await asyncio.sleep(wait_s)


async def run_round(work: Callable[[], Awaitable[None]]) -> str:
    """The problem of this round as a sentence, "" where there was none."""
    try:
        await work()
    except NotStored:
        return "Not stored here; it is fetched again."
    except (PullFailed, NoSecret) as failed:
        return str(failed)
    except (OSError, sqlite3.Error) as error:
        return str(error) or type(error).__name__
    except Exception:  # a line must live: the reason goes to the log, the next round tries again
        _log.exception("connect.round_failed")
        return "The round failed for a reason that the log names."
    return ""


def need_stored(taken: Taken) -> Taken:
    """Raises NotStored unless the document may be marked as read."""
    if not taken.stored:
        raise NotStored
    return taken
