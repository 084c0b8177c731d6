"""A gateway for measuring: fast, without memory of what it took before, and with a count that survives its own SIGKILL.

It does not de-duplicate and answers no questions: the same reference posted twice rings twice. Each message is written to the
log before it is answered, one JSON line ``{"ref", "kind", "to", "wall"}``, so the log is the truth about what was rung.

``python -m simulator.phones.counting --port 0 --token T --log FILE [--delay-ms 0] [--lose-every N]``
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from pathlib import Path

_OK = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_NOT_OFFERED = b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 2\r\n\r\n{}"
_FORBIDDEN = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"


class Counter(asyncio.Protocol):
    """One connection with keep-alive. `lose_every`: after so many messages it hangs up instead of answering."""

    taken = 0

    def __init__(self, log: int, token: str, delay_s: float, lose_every: int) -> None:
        self._log, self._delay_s, self._lose_every = log, delay_s, lose_every
        self._token = f"authorization: bearer {token}".lower().encode()
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take every whole request out of what came."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = 0
            for line in head.split(b"\r\n")[1:]:
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            if len(self._held) < end + 4 + length:
                return
            body = self._held[end + 4 : end + 4 + length]
            self._held = self._held[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if self._token not in head:
            self._write(_FORBIDDEN)
        elif head.startswith(b"get"):
            self._write(_NOT_OFFERED)
        else:
            self._take(json.loads(body))

    def _take(self, message: dict[str, str]) -> None:
        Counter.taken += 1
        row = {"ref": message["client_ref"], "kind": message["kind"], "to": message["to"]}
        os.write(self._log, json.dumps({**row, "wall": time.time()}).encode() + b"\n")
        if self._lose_every and Counter.taken % self._lose_every == 0:
            self._transport.close()
            return
        answer = b'{"provider_ref":"c-%d-%d"}' % (os.getpid(), Counter.taken)
        whole = _OK % (len(answer), answer)
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, self._write, whole)
        else:
            self._write(whole)

    def _write(self, data: bytes) -> None:
        if isinstance(self._transport, asyncio.WriteTransport) and not self._transport.is_closing():
            self._transport.write(data)


async def serve(port: int, token: str, log: Path, delay_s: float, lose_every: int) -> None:
    """Until it is killed."""
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Counter(handle, token, delay_s, lose_every), "127.0.0.1", port, reuse_address=True
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(prog="counting")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--lose-every", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.token, given.log, given.delay_ms / 1000, given.lose_every))


if __name__ == "__main__":
    main()
