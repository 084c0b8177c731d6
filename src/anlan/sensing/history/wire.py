"""Messages between a process that asks and the reader: a length, then msgpack. Columns travel as raw 64-bit integers."""

from __future__ import annotations

import socket
import struct
from array import array
from typing import Any

import msgspec

_LENGTH = struct.Struct("<I")
#: A question lists streams and files; an answer holds at most some million rows.
MAX_BYTES = 256 << 20


def send(link: socket.socket, message: dict[str, Any]) -> None:
    body = msgspec.msgpack.encode(message)
    link.sendall(_LENGTH.pack(len(body)) + body)


def receive(link: socket.socket) -> dict[str, Any]:
    """The next message. Raises ConnectionError when the other side went away."""
    (length,) = _LENGTH.unpack(_exactly(link, _LENGTH.size))
    if length > MAX_BYTES:
        raise ConnectionError("message too long")
    found: dict[str, Any] = msgspec.msgpack.decode(_exactly(link, length))
    return found


def column(data: bytes) -> array[int]:
    """Integers as they were sent."""
    values = array("q")
    values.frombytes(data)
    return values


def _exactly(link: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = link.recv(min(length, 1 << 20))
        if not part:
            raise ConnectionError("the other side closed")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
