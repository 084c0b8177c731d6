"""Sound and keys of a call: SDP, G.711 in RTP packets of 20 ms, key presses by RFC 4733 and SIP INFO. Pure."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Samples in a packet: 20 ms at 8 kHz.
SAMPLES = 160
PCMU, PCMA, EVENTS = 0, 8, 101
KEYS = "0123456789*#ABCD"


@dataclass(frozen=True, slots=True)
class Media:
    """Where the other side wants its sound, in which code, and under which number it sends key presses (None: it does not)."""

    host: str
    port: int
    payload: int
    events: int | None


class BadMedia(ValueError):
    """Nothing in common with the other side."""


def offer(
    host: str, port: int, session: int, *, payloads: tuple[int, ...] = (PCMA, PCMU), events: int = EVENTS
) -> bytes:
    """What we can do, or with one payload what we agreed to."""
    names = {PCMU: "PCMU", PCMA: "PCMA"}
    lines = [
        "v=0", f"o=anlan {session} {session} IN IP4 {host}", "s=anlan", f"c=IN IP4 {host}", "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(str(one) for one in payloads)} {events}",
        *(f"a=rtpmap:{one} {names[one]}/8000" for one in payloads),
        f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15", "a=ptime:20", "a=sendrecv",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()


def read_sdp(body: bytes) -> Media:
    """The other side's first audio stream; raises `BadMedia` without G.711."""
    host, port, events = "", 0, None
    payloads: list[int] = []
    is_audio = False
    for line in body.decode(errors="replace").splitlines():
        kind, _, value = line.partition("=")
        if kind == "m":
            is_audio = value.startswith("audio ") and not payloads
            if is_audio:
                parts = value.split()
                port = int(parts[1]) if len(parts) > 3 and parts[1].isdigit() else 0
                payloads = [int(one) for one in parts[3:] if one.isdigit()]
        elif kind == "c" and (is_audio or not host):
            host = value.split()[-1].partition("/")[0]
        elif kind == "a" and is_audio:
            found = re.match(r"rtpmap:(\d+)\s+telephone-event/8000", value, re.IGNORECASE)
            if found:
                events = int(found.group(1))
    known = [one for one in payloads if one in (PCMA, PCMU)]
    if not known or not port or not host:
        raise BadMedia("no_g711")
    return Media(host, port, known[0], events)


def packets(sound: NDArray[np.int16], payload: int) -> list[bytes]:
    """The payloads of one announcement, 20 ms each; the last one is filled with silence."""
    import numpy as np

    rest = -len(sound) % SAMPLES
    whole = np.concatenate([sound, np.zeros(rest, dtype=np.int16)])
    coded = (_a_law() if payload == PCMA else _mu_law())[whole.view(np.uint16)]
    return [coded[at : at + SAMPLES].tobytes() for at in range(0, len(coded), SAMPLES)]


def silence(payload: int) -> bytes:
    """20 ms of nothing, as between two repetitions."""
    return (b"\xd5" if payload == PCMA else b"\xff") * SAMPLES


@dataclass(slots=True)
class Outgoing:
    """Sequence, time and source of the packets that we send; the first of a talk is marked."""

    payload: int
    source: int
    sequence: int
    stamp: int
    is_first: bool = True

    def wrap(self, sound: bytes) -> bytes:
        mark = 0x80 if self.is_first else 0
        head = struct.pack(
            "!BBHII", 0x80, self.payload | mark, self.sequence & 0xFFFF, self.stamp & 0xFFFFFFFF, self.source
        )
        self.is_first = False
        self.sequence += 1
        self.stamp += SAMPLES
        return head + sound


class KeyEar:
    """Hears key presses in RTP. One press comes in many packets with one time stamp: it counts once, at its end or beginning."""

    def __init__(self, events: int | None) -> None:
        self._events = events
        self._last_stamp: int | None = None

    def hear(self, packet: bytes) -> str:
        """The key of a new press, else "". What is no such packet is ignored."""
        if self._events is None or len(packet) < 12 or packet[0] >> 6 != 2:
            return ""
        if packet[1] & 0x7F != self._events:
            return ""
        start = 12 + 4 * (packet[0] & 0x0F)
        if packet[0] & 0x10 and len(packet) >= start + 4:
            start += 4 + 4 * struct.unpack_from("!H", packet, start + 2)[0]
        if len(packet) < start + 4:
            return ""
        (stamp,) = struct.unpack_from("!I", packet, 4)
        if stamp == self._last_stamp or packet[start] >= len(KEYS):
            return ""
        self._last_stamp = stamp
        return KEYS[packet[start]]


def key_of_info(kind: str, body: bytes) -> str:
    """The key of a SIP INFO: "Signal=5" of dtmf-relay, or the bare digit of application/dtmf."""
    text = body.decode(errors="replace")
    if "dtmf-relay" in kind.lower():
        found = re.search(r"^\s*Signal\s*=\s*([0-9*#A-Da-d])\s*$", text, re.MULTILINE)
        return found.group(1).upper() if found else ""
    if "dtmf" in kind.lower():
        bare = text.strip().upper()
        return bare if len(bare) == 1 and bare in KEYS else ""
    return ""


@cache
def _a_law() -> NDArray[np.uint8]:
    """G.711 A-law for each 16-bit sample, indexed by its bits as an unsigned number."""
    import numpy as np

    signed = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    short = signed >> 3
    size = np.where(short >= 0, short, -short - 1)
    exponent = np.where(size >= 32, np.floor(np.log2(np.maximum(size, 1))).astype(np.int32) - 4, 0)
    mantissa = (size >> np.maximum(exponent, 1)) & 0x0F
    code = (exponent << 4) | mantissa
    coded: NDArray[np.uint8] = ((code | np.where(signed >= 0, 0x80, 0)) ^ 0x55).astype(np.uint8)
    return coded


@cache
def _mu_law() -> NDArray[np.uint8]:
    """G.711 mu-law likewise."""
    import numpy as np

    signed = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    size = np.minimum(np.abs(signed >> 2), 8158) + 33
    exponent = np.floor(np.log2(size)).astype(np.int32) - 5
    mantissa = (size >> (exponent + 1)) & 0x0F
    code = np.where(signed < 0, 0x80, 0) | (exponent << 4) | mantissa
    coded: NDArray[np.uint8] = (~code & 0xFF).astype(np.uint8)
    return coded
