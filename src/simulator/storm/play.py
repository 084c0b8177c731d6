"""Plays a script against a platform: history, stations and phones in one process, a report at the end."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator.phones.callback import Callback
from simulator.phones.http import serve
from simulator.phones.provider import Provider
from simulator.sl651.frames import TYPE_RAIN, TYPE_RIVER, Address
from simulator.storm.clock import LOOK_S, AnyClock, FollowedClock
from simulator.storm.faults import Fault, assign_faults
from simulator.storm.preload import preload
from simulator.storm.reports import plan_reports
from simulator.storm.rtu import Rtu
from simulator.storm.script import Course, Script
from simulator.storm.tally import Tally

#: After the script, and after SIGTERM: how long acknowledgements and people's answers may still come, wall seconds.
DRAIN_S = 10.0
DRAIN_ON_SIGNAL_S = 3.0
PROGRESS_EVERY_S = 300


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Phones:
    """Where the provider listens, its tokens, where it reports to and how it behaves."""

    listen: Endpoint
    token: str
    callback_url: str
    callback_token: str
    queryable: frozenset[str] = frozenset({"sms"})
    drop_rate: float = 0.0
    #: Each message is written down here at once, with its words.
    ledger: Path | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the play takes place."""

    gateway: Endpoint
    ingest: Endpoint | None
    ingest_token: str
    phones: Phones | None
    report: Path | None
    stays: bool = False
    #: Where the number of the last step is written once all of it has been played (followed clocks only).
    played: Path | None = None


def tell(event: str, **data: object) -> None:
    """One JSON line of progress on standard error."""
    print(json.dumps({"event": event, **data}, ensure_ascii=False), file=sys.stderr, flush=True)


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(number, stopped.set)
    return stopped


class Play:
    """One run and everything it counts."""

    def __init__(self, script: Script, clock: AnyClock, stage: Stage) -> None:
        self.script, self.clock, self.stage = script, clock, stage
        self.tally = Tally()
        self.provider: Provider | None = None
        self.callback: Callback | None = None
        self.stopped = stop_signal()
        self.preloaded = False
        faults, plan = assign_faults(script), plan_reports(script)
        self.rtus = [self._rtu(course, plan[course.station], faults) for course in script.courses]
        self.tally.faults["clock_skewed_stations"] = sum(c.role == "skewed" for c in script.courses)
        self.tally.faults["dead_stations"] = sum(c.role == "dead" for c in script.courses)

    def _rtu(self, course: Course, reports: list[Any], faults: dict[str, frozenset[Fault]]) -> Rtu:
        return Rtu(
            Address(course.station, TYPE_RIVER if course.quantity == "stage" else TYPE_RAIN),
            reports,
            self.stage.gateway.host,
            self.stage.gateway.port,
            self.clock,
            self.tally,
            faults.get(course.station, frozenset()),
            timedelta(seconds=self.script.skew_s(course)),
            self.script.seed,
            dies=course.role == "dead",
        )

    async def run(self) -> dict[str, Any]:
        """Play to the end or to SIGTERM; returns the report, which is also written where asked."""
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(self.clock, FollowedClock):
                for work in (self.clock.follow(), self._tell_steps(self.clock)):
                    stack.push_async_callback(_cancelled, asyncio.create_task(work))
            await self._open_phones(stack)
            task = asyncio.create_task(self._script())
            stop = asyncio.create_task(self.stopped.wait())
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._settled(), DRAIN_ON_SIGNAL_S)
                task.cancel()
            stop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return self._finish()

    async def _open_phones(self, stack: contextlib.AsyncExitStack) -> None:
        phones = self.stage.phones
        if phones is None:
            return
        self.callback = Callback(
            phones.callback_url, phones.callback_token, self.clock, seed=self.script.seed
        )
        self.provider = Provider(
            self.script.world,
            self.callback,
            self.clock,
            token=phones.token,
            queryable=phones.queryable,
            seed=self.script.seed,
            drop_rate=phones.drop_rate,
            ledger=phones.ledger,
        )
        server = await serve(self.provider.handle, phones.listen.host, phones.listen.port)
        stack.callback(server.close)
        stack.push_async_callback(_cancelled, asyncio.create_task(self.callback.run()))
        tell("phones_listening", port=server.sockets[0].getsockname()[1])

    async def _script(self) -> None:
        await self.clock.wait_until(self.clock.clock_start_s)
        if self.stage.ingest is not None and self.script.preload_s:
            url = f"http://{self.stage.ingest.host}:{self.stage.ingest.port}"
            await preload(self.script, url, self.stage.ingest_token, self.tally, tell)
        self.preloaded = True
        progress = asyncio.create_task(self._progress())
        await _all([rtu.run() for rtu in self.rtus])
        progress.cancel()
        tell("script_done", **self._brief())
        self._write_report(final=False)
        if self.stage.stays:
            await _all([rtu.keep_alive() for rtu in self.rtus])
            await self.stopped.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered(), DRAIN_S)

    async def _tell_steps(self, clock: FollowedClock) -> None:
        """Say which step of the clock is played to its end: nothing is due, no frame and no event waits for its answer."""
        told = -1
        while True:
            await asyncio.sleep(LOOK_S)
            if clock.step > told and self.preloaded and clock.is_quiet and not self._is_busy():
                told = clock.step
                self._write_step(told)

    def _write_step(self, step: int) -> None:
        if self.stage.played is not None:
            partial = self.stage.played.with_name(self.stage.played.name + ".part")
            partial.write_text(str(step))
            partial.replace(self.stage.played)

    def _is_busy(self) -> bool:
        overdue = self.callback is not None and self.callback.overdue
        return bool(overdue) or any(rtu.waiting for rtu in self.rtus)

    async def _settled(self) -> None:
        """Return when no frame waits for its answer and no event of the phones is overdue."""
        while self._is_busy():
            await asyncio.sleep(0.05)

    async def _answered(self) -> None:
        """Return when, in addition, nobody is left who will still answer."""
        while self.callback is not None and self.callback.pending:
            await asyncio.sleep(0.05)

    async def _progress(self) -> None:
        while True:
            await self.clock.wait_until(self.clock.now_s() + PROGRESS_EVERY_S)
            tell("progress", sim=self.clock.now().isoformat(timespec="seconds"), **self._brief())

    def _brief(self) -> dict[str, int]:
        return {
            "sent_distinct": len(self.tally.sent),
            "acked": len(self.tally.acked),
            "waiting": sum(rtu.waiting for rtu in self.rtus),
            "handed": len(self.provider.hand_overs) if self.provider else 0,
        }

    def document(self) -> dict[str, Any]:
        """The run's report as it stands."""
        faults = dict(sorted(self.tally.faults.items()))
        if self.callback is not None:
            faults |= {"callback_retries": self.callback.retries, "callback_repeats": self.callback.repeats}
        phones = self.provider.document() if self.provider else {"handed": 0, "by_client_ref": {}}
        return {
            "seed": self.script.seed,
            "sim_now": self.clock.now().isoformat(timespec="seconds"),
            "readings": self.tally.document() | {"waiting_frames": sum(rtu.waiting for rtu in self.rtus)},
            "phones": phones,
            "faults": faults,
        }

    def _write_report(self, *, final: bool) -> dict[str, Any]:
        document = self.document() | {"final": final}
        if self.stage.report is not None:
            partial = self.stage.report.with_name(self.stage.report.name + ".part")
            partial.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            partial.replace(self.stage.report)
        return document

    def _finish(self) -> dict[str, Any]:
        tell("finished", **self._brief())
        return self._write_report(final=True)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _all(runs: list[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run)


async def play(script: Script, clock: AnyClock, stage: Stage) -> dict[str, Any]:
    """Play a script and return the run's report."""
    return await Play(script, clock, stage).run()
