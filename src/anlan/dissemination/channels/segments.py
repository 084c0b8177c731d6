"""How a text is cut into short messages. Pure; used before sending (how many?) and while sending (which bytes?).

Sources: 3GPP TS 23.038 (alphabets) and TS 23.040, 9.2.3.24 (concatenation: header 05 00 03, or 06 08 04 with a reference of two
bytes). A message holds 140 bytes; the header of a joined one takes six of them. The carrier's signature 【…】 counts like text.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from anlan.dissemination.channels.texting.alphabets import encode_gsm7, gsm7_septets, is_gsm7

#: UCS-2 units of a message that stands alone, and of one part of a longer one.
SINGLE, JOINED = 70, 67
#: Septets of the GSM 7-bit default alphabet, likewise.
SINGLE_GSM7, JOINED_GSM7 = 160, 153
#: The part number is one byte.
MOST_PARTS = 255


class Alphabet(StrEnum):
    UCS2 = "ucs2"
    GSM7 = "gsm7"


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts as they would leave. `units` are UTF-16 units, or septets in the GSM alphabet."""

    alphabet: Alphabet
    parts: tuple[str, ...]
    units: int

    @property
    def segments(self) -> int:
        return len(self.parts)


class TooLong(ValueError):
    """More parts than a part number can count."""


def signed(text: str, signature: str) -> str:
    """The text with the carrier's signature before it, unless it carries that one already."""
    name = signature.strip("【】 ")
    mark = f"【{name}】"
    if not name or text.startswith(mark) or text.endswith(mark):
        return text
    return mark + text


def plan(text: str, signature: str = "", *, gsm7: bool = False) -> Plan:
    """The parts of a text. Raises `TooLong` above 255 parts.

    With `gsm7` the default alphabet of the centre is used where every character is in it (SMPP); CMPP always says UCS-2.
    """
    whole = signed(text, signature)
    if gsm7 and is_gsm7(whole):
        return _cut(whole, Alphabet.GSM7, gsm7_septets, SINGLE_GSM7, JOINED_GSM7)
    return _cut(whole, Alphabet.UCS2, units_of, SINGLE, JOINED)


def segments(text: str, signature: str = "") -> Plan:
    """What a Chinese SMS route makes of a text: always UCS-2."""
    return plan(text, signature)


def units_of(text: str) -> int:
    """UTF-16 units, which is what is paid for; an emoji takes two. Half a surrogate pair counts as one."""
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def count_of(units: int) -> int:
    """How many messages so many units take at least, when nothing more is known of the text."""
    return 1 if units <= SINGLE else math.ceil(units / JOINED)


def encode_part(text: str, alphabet: Alphabet) -> bytes:
    """UCS-2 always comes out even. A lone half of a pair is replaced, because no phone can show it."""
    if alphabet is Alphabet.GSM7:
        return encode_gsm7(text)
    return text.encode("utf-16-be", "replace")


def header(reference: int, total: int, number: int, *, wide: bool = False) -> bytes:
    """The user data header of one part, its own length first."""
    if wide:
        return bytes((6, 8, 4, reference >> 8 & 0xFF, reference & 0xFF, total, number))
    return bytes((5, 0, 3, reference & 0xFF, total, number))


def _cut(text: str, alphabet: Alphabet, size: Callable[[str], int], single: int, joined: int) -> Plan:
    units = size(text)
    if units <= single:
        return Plan(alphabet, (text,), units)
    parts: list[str] = []
    start = used = 0
    for at, character in enumerate(text):
        needed = size(character)
        if used + needed > joined:
            parts.append(text[start:at])
            start, used = at, 0
        used += needed
    parts.append(text[start:])
    if len(parts) > MOST_PARTS:
        raise TooLong(f"{len(parts)} parts, at most {MOST_PARTS}")
    return Plan(alphabet, tuple(parts), units)
