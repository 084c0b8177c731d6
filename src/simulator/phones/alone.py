"""The provider by itself, on the real clock, until it is asked to stop."""

import asyncio
import json
from pathlib import Path

from simulator.phones.callback import Callback
from simulator.phones.http import serve
from simulator.phones.provider import Provider
from simulator.storm.clock import SimClock, real_clock
from simulator.storm.play import Phones, stop_signal, tell
from simulator.world import World


async def run_alone(
    world: World,
    phones: Phones,
    seed: int,
    report: Path | None,
    *,
    clock: SimClock | None = None,
    ledger: Path | None = None,
) -> None:
    """Serve until SIGTERM, then write the report. Without a clock it is the real one."""
    clock = clock or real_clock()
    callback = Callback(phones.callback_url, phones.callback_token, clock, seed=seed)
    provider = Provider(
        world,
        callback,
        clock,
        token=phones.token,
        queryable=phones.queryable,
        seed=seed,
        drop_rate=phones.drop_rate,
        ledger=ledger,
    )
    stopped = stop_signal()
    server = await serve(provider.handle, phones.listen.host, phones.listen.port)
    posting = asyncio.create_task(callback.run())
    tell("phones_listening", port=server.sockets[0].getsockname()[1])
    await stopped.wait()
    server.close()
    posting.cancel()
    if report is not None:
        document = {"phones": provider.document()}
        report.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
