"""An in-memory twin of any channel: remembers every attempt and misbehaves on request. For tests and dry runs."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque

from anlan.dissemination.channels import (
    Asked,
    ChannelDown,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Trace,
)


class TwinChannel:
    """`failures` are raised by the next attempts, in order. An uncertain attempt was taken unless `loses_uncertain`."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.taken: list[Message] = []
        self.failures: deque[Exception] = deque()
        self.refused_addresses: dict[str, Exception] = {}
        self.loses_uncertain = False
        self.can_be_asked = manifest.can_be_asked
        self.is_down = False
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def send(self, message: Message) -> Handed:
        with self._lock:
            if self.is_down:
                raise ChannelDown("twin_down")
            failure = self.refused_addresses.get(message.address)
            if failure is None and self.failures:
                failure = self.failures.popleft()
            was_taken = isinstance(failure, ChannelUncertain) and not self.loses_uncertain
            if failure is None or was_taken:
                self.taken.append(message)
            if failure is not None:
                raise failure
            return Handed(f"twin-{self.manifest.code}-{len(self.taken)}", time.time())

    def ask(self, send_key: str, *, route: str = "") -> Asked:
        with self._lock:
            self.asked.append(send_key)
            if self.is_down:
                raise ChannelDown("twin_down")
            if not self.can_be_asked:
                return Asked(Trace.CANNOT_TELL)
            if any(message.send_key == send_key for message in self.taken):
                return Asked(Trace.KNOWN, f"twin-{send_key[:8]}")
            return Asked(Trace.NEVER_SEEN)

    def times_by_key(self) -> Counter[str]:
        """How often each send key was really taken."""
        return Counter(message.send_key for message in self.taken)

    def messages_to(self, address: str) -> list[Message]:
        return [message for message in self.taken if message.address == address]
