"""A bell between processes of one machine: "look now", with no content. Losing a ring only costs one poll interval."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from pathlib import Path


def _address(path: Path) -> str:
    """A name for the socket; Linux limits paths to 107 bytes, so deep folders use the abstract namespace."""
    text = str(path)
    if len(text.encode()) < 100:
        return text
    import hashlib

    return "\0anlan-" + hashlib.sha256(text.encode()).hexdigest()[:40]


def ring(path: Path) -> None:
    """Wake whoever listens at `path`; nobody listening is fine, since listeners also poll."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(OSError):
        sender.setblocking(False)
        sender.sendto(b"!", _address(path))


class Bell:
    """The listening end. One listener a path; a newer listener takes the path over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        address = _address(path)
        if not address.startswith("\0"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        self._socket.bind(address)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)

    def wait(self, timeout_s: float) -> bool:
        """True when somebody rang within `timeout_s` seconds; all pending rings count as one."""
        if not self._selector.select(timeout_s):
            return False
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(16):
                pass
        return True

    def close(self) -> None:
        self._selector.close()
        self._socket.close()
