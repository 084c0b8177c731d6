"""What a frame says that is no number: texts entered by hand, version, status and alarms, settings, event counters.

The order of the status bits (bit 0 = lowest of four bytes, big-endian) is our reading: one public implementation counts them from the
other end. The bits are therefore kept as they came, beside their words.
"""

from __future__ import annotations

from collections.abc import Callable

from anlan.drivers.sl651.model import Sl651Frame
from anlan.drivers.sl651.params import read_parameters
from anlan.drivers.types import Attachment, Fields, Happening

#: Bit of the status word: name when it is set. Names from public implementations; the position is assumed.
STATUS_BITS: dict[int, tuple[str, str]] = {
    0: ("交流电停电", "no mains power"),
    1: ("蓄电池电压低", "battery low"),
    2: ("水位超限", "stage out of limits"),
    3: ("流量超限", "discharge out of limits"),
    4: ("水质超限", "water quality out of limits"),
    5: ("流量仪表故障", "flow meter out of order"),
    6: ("水位仪表故障", "stage gauge out of order"),
    8: ("存储器异常", "memory out of order"),
    11: ("剩余水量超限", "remaining water out of limits"),
}
#: Definition of element 45 in front of the four status bytes, where a terminal sends it.
_STATUS_ELEMENT = bytes.fromhex("4520")
_STATUS_SIZE = 4


def attachments(frame: Sl651Frame) -> tuple[Attachment, ...]:
    """The picture of a whole message; a packet still to be joined has none."""
    content = frame.body.picture
    if frame.is_part or frame.is_down or not content:
        return ()
    return (Attachment(frame.station, media_type_of(content), frame.observed_at or frame.sent_at, content),)


def media_type_of(content: bytes) -> str:
    """What the first bytes say; the standard names JPEG."""
    if content.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "application/octet-stream"


def happenings(frame: Sl651Frame) -> tuple[Happening, ...]:
    """At most one a frame."""
    if frame.is_part or frame.is_down:
        return ()
    read = _READERS.get(frame.function)
    found = None if read is None else read(frame)
    if found is None:
        return ()
    kind, fields = found
    return (Happening(frame.station, kind, frame.observed_at or frame.sent_at, fields),)


def status_words(bits: int) -> list[str]:
    """The Chinese words of the bits that are set."""
    return [words[0] for bit, words in STATUS_BITS.items() if bits >> bit & 1]


_Found = tuple[str, Fields] | None


def _text(frame: Sl651Frame) -> _Found:
    text = frame.body.manual_text
    return None if text is None else ("manual_text", {"text": text.rstrip("\x00")})


def _version(frame: Sl651Frame) -> _Found:
    """A length byte and as many characters."""
    params = frame.body.params
    if not params or len(params) < 1 + params[0]:
        return None
    return "terminal_version", {"version": params[1 : 1 + params[0]].decode("ascii", "replace")}


def _status(frame: Sl651Frame) -> _Found:
    params = frame.body.params.removeprefix(_STATUS_ELEMENT)
    if len(params) != _STATUS_SIZE:
        return None
    words = status_words(int.from_bytes(params, "big"))
    return "terminal_alarm" if words else "terminal_status", {"bits": params.hex().upper(), "alarms": words}


def _settings(frame: Sl651Frame) -> _Found:
    found = read_parameters(frame.body.params)
    return None if not found else ("terminal_settings", {"settings": [each.fields() for each in found]})


def _events(frame: Sl651Frame) -> _Found:
    """Two-byte counters; what each counts is not known to us (sl651-073 has 32 of them)."""
    params = frame.body.params
    if not params or len(params) % 2:
        return None
    return "terminal_events", {"counters": [params[at : at + 2].hex() for at in range(0, len(params), 2)]}


def _plain(kind: str) -> Callable[[Sl651Frame], _Found]:
    return lambda frame: (kind, {"function": frame.function})


_READERS: dict[str, Callable[[Sl651Frame], _Found]] = {
    "35": _text,
    "39": _text,
    "40": _settings,
    "41": _settings,
    "42": _settings,
    "43": _settings,
    "45": _version,
    "46": _status,
    "47": _plain("terminal_reset"),
    "48": _plain("terminal_reset"),
    "49": _plain("terminal_password"),
    "50": _events,
    "51": _plain("terminal_clock"),
    "4A": _plain("terminal_clock"),
}
