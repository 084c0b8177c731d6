"""As many SL 651 reports as a gateway takes: stations that send their next reports as soon as the last ones are acknowledged.

Frames are made before the clock starts. A connection sends a handful at once and waits for all their acknowledgements, as a
concentrator with a backlog does after an outage.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from simulator.sl651 import frames

START = datetime(2026, 7, 1, tzinfo=UTC)
#: What the clocks of the stations say while they send; the bench lets the gateway's clock stand here.
SENT = datetime(2026, 7, 3, tzinfo=UTC)
_AT_ONCE = 16


def station_code(number: int) -> str:
    """The wire address of the numbered station."""
    return f"99{number:08d}"


def reports(number: int, count: int) -> list[bytes]:
    """Timed reports of one station, five minutes apart: rain of five minutes, stage and supply voltage."""
    address = frames.Address(station_code(number), frames.TYPE_RIVER)
    made = []
    for serial in range(count):
        at = START + timedelta(minutes=5 * serial)
        elements = (
            frames.observed(at)
            + frames.element(0x22, serial % 7, 2, 1)
            + frames.element(0x39, 12_000 + serial % 300, 4, 3)
            + frames.element(0x38, 1230, 2, 2)
        )
        made.append(address.uplink(frames.TIMING, serial=serial % 0xFFFF + 1, sent=SENT, elements=elements))
    return made


@dataclass
class _Line:
    """One connection and what it still has to say."""

    link: socket.socket
    groups: list[bytes]
    sent: int = 0
    owed: int = 0
    heard: bytearray = field(default_factory=bytearray)


def blast(address: tuple[str, int], connections: int, frames_each: int) -> dict[str, float]:
    """Frames acknowledged a second over all connections. RuntimeError when a connection is cut."""
    lines = []
    for number in range(connections):
        made = reports(number, frames_each)
        groups = [b"".join(made[start : start + _AT_ONCE]) for start in range(0, len(made), _AT_ONCE)]
        lines.append(_Line(socket.create_connection(address), groups))
    first = frames.Address(station_code(0), frames.TYPE_RIVER)
    size = _acknowledgement_size(lines[0], first.uplink(frames.TIMING, serial=1, sent=SENT))
    began, busy = time.perf_counter(), time.process_time()
    total = _exchange(lines, size, frames_each)
    took = time.perf_counter() - began
    for line in lines:
        line.link.close()
    return {
        "frames": total,
        "seconds": round(took, 3),
        "frames_per_s": round(total / took),
        "sender_cpu_s": round(time.process_time() - busy, 3),
    }


def _acknowledgement_size(line: _Line, report: bytes) -> int:
    line.link.sendall(report)
    return len(line.link.recv(4096))


def _exchange(lines: Sequence[_Line], size: int, frames_each: int) -> int:
    selector = selectors.DefaultSelector()
    for line in lines:
        line.link.setblocking(True)
        selector.register(line.link, selectors.EVENT_READ, line)
        _say(line, size, frames_each)
    open_lines, total = len(lines), 0
    while open_lines:
        for key, _ in selector.select(timeout=30):
            line = key.data
            data = line.link.recv(65_536)
            if not data:
                raise RuntimeError("the gateway cut a connection")
            line.owed -= len(data)
            if line.owed > 0:
                continue
            total += min(_AT_ONCE, frames_each - (line.sent - 1) * _AT_ONCE)
            if line.sent == len(line.groups):
                selector.unregister(line.link)
                open_lines -= 1
            else:
                _say(line, size, frames_each)
    return total


def _say(line: _Line, size: int, frames_each: int) -> None:
    count = min(_AT_ONCE, frames_each - line.sent * _AT_ONCE)
    line.link.sendall(line.groups[line.sent])
    line.sent += 1
    line.owed = count * size


def main(arguments: Sequence[str]) -> int:
    """HOST PORT CONNECTIONS FRAMES-EACH; prints one JSON object."""
    host, port, connections, each = arguments
    print(json.dumps(blast((host, int(port)), int(connections), int(each))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
