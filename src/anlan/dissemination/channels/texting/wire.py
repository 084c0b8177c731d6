"""Length-prefixed binary messages: fields read in order, and a stream cut into frames. Pure; no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field


class WireError(Exception):
    """Bytes that are not what the standard says; the text is the reason, in a few words."""


class Reader:
    """Reads fields one after the other; every read past the end is a `WireError` that names the field."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int, name: str) -> bytes:
        if count > self.left:
            raise WireError(f"{name}: {self.left} bytes left, {count} needed")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int, name: str) -> int:
        return int.from_bytes(self.take(width, name), "big")

    def padded(self, width: int, name: str) -> str:
        """A field of fixed width, filled up with NUL. Latin-1, so that no byte is lost."""
        return self.take(width, name).rstrip(b"\0").decode("latin-1")

    def c_string(self, name: str) -> str:
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise WireError(f"{name}: no NUL at its end")
        text = self.data[self.at : end].decode("latin-1")
        self.at = end + 1
        return text

    def rest(self) -> bytes:
        return self.take(self.left, "rest")

    def end(self) -> None:
        if self.left:
            raise WireError(f"{self.left} bytes behind the last field")


def number(value: int, width: int, name: str) -> bytes:
    """`value` big-endian; one that does not fit is refused, not cut."""
    try:
        return value.to_bytes(width, "big")
    except OverflowError as error:
        raise WireError(f"{name}: {value} does not fit {width} bytes") from error


def padded(text: str, width: int, name: str) -> bytes:
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise WireError(f"{name}: holds a character that is no byte") from error
    if len(data) > width:
        raise WireError(f"{name}: {len(data)} bytes, at most {width}")
    return data.ljust(width, b"\0")


def c_string(text: str, name: str) -> bytes:
    if "\0" in text:
        raise WireError(f"{name}: holds a NUL")
    return padded(text, len(text), name) + b"\0"


@dataclass(slots=True)
class Framer:
    """Cuts a stream into frames by the length in their first four bytes, header and length itself included.

    A length below the header or above `most` raises `WireError` at once: such a link is dropped and never buffered.
    """

    header: int
    most: int
    _waiting: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[bytes]:
        self._waiting += data
        frames: list[bytes] = []
        while len(self._waiting) >= 4:
            length = int.from_bytes(self._waiting[:4], "big")
            if not self.header <= length <= self.most:
                raise WireError(f"length {length} outside {self.header} to {self.most}")
            if len(self._waiting) < length:
                break
            frames.append(bytes(self._waiting[:length]))
            del self._waiting[:length]
        return frames

    @property
    def waiting(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._waiting)


def check_length(frame: bytes, header: int, most: int) -> None:
    """`frame` is exactly one frame."""
    if len(frame) < header:
        raise WireError(f"header: {len(frame)} bytes, {header} needed")
    length = int.from_bytes(frame[:4], "big")
    if length > most:
        raise WireError(f"length {length} above {most}")
    if length != len(frame):
        raise WireError(f"length says {length}, {len(frame)} bytes came")
