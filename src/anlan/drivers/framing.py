"""What every framer gives back. The rules of resynchronising are shared; the byte layout is the protocol's.

- Bytes come in any cut; the same bytes give the same frames however they are cut.
- A framer never raises, and holds no more than one longest frame and the chunk it was given.
- A start mark is only a candidate. Its own length field says where it would end; the check sum decides. On failure the search goes
  on one byte further, not one frame further.
- A candidate that still waits for bytes does not hold back a complete good frame that begins inside it: false starts in noise would
  otherwise delay a quiet station's report by as much as the longest frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from anlan.drivers.types import FrameRefused, Garbage


@dataclass(frozen=True, slots=True)
class RawFrame:
    """The bytes of one frame whose length and check sum agree."""

    raw: bytes


Framed: TypeAlias = RawFrame | FrameRefused | Garbage


class Framer(Protocol):
    def feed(self, data: bytes) -> list[Framed]: ...

    def flush(self) -> list[Framed]:
        """No more bytes will come: report what was begun, and forget it."""
