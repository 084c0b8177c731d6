"""The gateways on a port: in an event loop of their own for tests and drills, or alone from the command line."""

import asyncio
import json
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from simulator.smsc.centre import Centre, Moods, Parcel, Talk
from simulator.smsc.cmpp import CmppTalk
from simulator.smsc.smpp import SmppTalk

Opener = Callable[[Centre, asyncio.StreamReader, asyncio.StreamWriter], Talk]


def opener(protocol: str, *, user: str, secret: str, version: str) -> Opener:
    """How a connection of this protocol is answered; `version` counts for CMPP only."""
    if protocol == "cmpp":
        return lambda centre, reader, writer: CmppTalk(
            centre, reader, writer, user=user, secret=secret, version=version
        )
    return lambda centre, reader, writer: SmppTalk(centre, reader, writer, user=user, secret=secret)


class Gateway:
    """A gateway in a thread of its own; `centre` may be read and its moods changed from outside."""

    def __init__(self, open_talk: Opener, moods: Moods | None = None) -> None:
        self.centre = Centre(moods or Moods())
        self.port = 0
        self._open = open_talk
        self._talks: set[Talk] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self, port: int = 0) -> None:
        self.port = port
        self._thread.start()
        if not self._ready.wait(5):
            raise OSError("the gateway did not start")

    def stop(self) -> None:
        if self._loop is not None and self._stopped is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(5)

    def cut(self) -> None:
        """Close every connection, as a carrier's gateway does when it restarts."""
        if self._loop is not None:
            for talk in list(self._talks):
                self._loop.call_soon_threadsafe(talk.writer.close)

    def say(self, parcel: Parcel) -> None:
        """Send a receipt or a reply on every open session."""

        async def go() -> None:
            for talk in list(self._talks):
                if talk.is_in:
                    await talk.deliver(parcel)

        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(go(), self._loop).result(5)

    async def _run(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for talk in list(self._talks):
            talk.writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = self._open(self.centre, reader, writer)
        self._talks.add(talk)
        try:
            await talk.run()
        finally:
            self._talks.discard(talk)


def run_alone(open_talk: Opener, moods: Moods, port: int, report: Path | None) -> None:
    """Serve until SIGTERM or SIGINT, then write what was taken; texts and numbers are in it, for they are nobody's."""
    gateway = Gateway(open_talk, moods)
    gateway.start(port)
    print(json.dumps({"event": "smsc_listening", "port": gateway.port}), flush=True)
    stopped = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopped.set())
    while not stopped.wait(0.2):
        pass
    centre = gateway.centre
    gateway.stop()
    if report is not None:
        document = {
            "taken": [asdict(one) for one in centre.taken],
            "faults": centre.faults,
            "confirmed": len(centre.confirmed),
            "unconfirmed": sorted(centre.waiting),
            "logins": centre.logins,
        }
        report.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
