"""Alphabets of short messages. Pure.

Source of the GSM 7-bit default alphabet and its extension table: 3GPP TS 23.038, 6.2.1. Message formats of CMPP: 0 ASCII, 3 SMS
write card, 4 binary, 8 UCS-2, 15 GB18030; the data codings of SMPP 3.4 (5.2.19) share 0 (the centre's default) and 8.
"""

from __future__ import annotations

ASCII, BINARY, UCS2, GB18030 = 0, 4, 8, 15
LATIN1 = 3

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESCAPE = 0x1B
_CODE = {character: code for code, character in enumerate(_BASIC) if code != _ESCAPE}
_EXTENDED = {code: character for character, code in _EXTENSION.items()}


def is_gsm7(text: str) -> bool:
    return all(character in _CODE or character in _EXTENSION for character in text)


def gsm7_septets(text: str) -> int:
    """How many septets a text takes; characters of the extension take two."""
    return sum(2 if character in _EXTENSION else 1 for character in text)


def encode_gsm7(text: str) -> bytes:
    """One septet an octet, as SMPP carries the default alphabet. `text` was asked with `is_gsm7`."""
    out = bytearray()
    for character in text:
        if character in _EXTENSION:
            out += bytes((_ESCAPE, _EXTENSION[character]))
        else:
            out.append(_CODE[character])
    return bytes(out)


def decode_gsm7(data: bytes) -> str:
    out = []
    is_extended = False
    for code in data:
        if code == _ESCAPE and not is_extended:
            is_extended = True
            continue
        if is_extended:
            out.append(_EXTENDED.get(code, " "))
        else:
            out.append(_BASIC[code] if code < len(_BASIC) else "\ufffd")
        is_extended = False
    return "".join(out)


def decode_text(data: bytes, form: int) -> str:
    """The text of an inbound message. What cannot be read is marked, never lost with the rest; binary comes as hexadecimal."""
    if form == UCS2:
        return (data if len(data) % 2 == 0 else data[:-1]).decode("utf-16-be", "replace")
    if form in (GB18030, ASCII):
        # Format 0 is ASCII by the standard; gateways put GBK into it, and GB18030 reads both.
        return data.decode("gb18030", "replace")
    if form == LATIN1:
        return data.decode("latin-1")
    return data.hex()
