"""The process of the TAK line, a child of `anlan serve` where ANLAN_COT_PORT names a port."""

from __future__ import annotations

import asyncio
import logging
import os
import signal

import django

from anlan.kernel.refusals import Refusal

log = logging.getLogger("anlan.tak")
#: How often `run/cot.json` says who is connected, seconds.
TELL_S = 5.0


async def _run() -> None:
    from django.conf import settings

    from anlan.project.runtime import write_state
    from anlan.project.tak.desk import RowDesk
    from anlan.project.tak.listener import Listener
    from anlan.project.tak.options import options

    chosen = options()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    listener = Listener(RowDesk())
    port = await listener.open(chosen.bind, chosen.port, chosen.tls)
    log.info("tak_listens bind=%s port=%s tls=%s", chosen.bind, port, chosen.tls is not None)
    try:
        while not stopping.is_set():
            write_state(settings.ANLAN_DATA, "cot", {"port": port, **listener.standing()})
            try:
                await asyncio.wait_for(stopping.wait(), TELL_S)
            except TimeoutError:
                continue
    finally:
        await listener.close()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    django.setup()
    from anlan.kernel.orphan import leave_with_parent

    leave_with_parent()
    try:
        asyncio.run(_run())
    except Refusal as refusal:
        log.error("%s", refusal)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
