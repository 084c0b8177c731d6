"""From the bytes that came to a JSON document with its sealed field opened. Numbers stay exact decimals."""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal
from typing import Any

import msgspec

from anlan.drivers.jsonmap.ciphers import MAX_SEALED_BYTES, Cipher
from anlan.drivers.jsonmap.mapping import Mapping, Sealed
from anlan.drivers.jsonmap.paths import descend, segments

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


class BadDocument(ValueError):
    """The document as a whole cannot be used; `code` and a sentence for a person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def open_document(mapping: Mapping, body: bytes, cipher: Cipher | None = None) -> object:
    """Raises BadDocument."""
    document = _decode(body)
    if mapping.sealed is None:
        return document
    if cipher is None:
        raise BadDocument("document.no_key", "The key of this connector is not set on this machine.")
    return _opened(document, mapping.sealed, cipher)


def _decode(body: bytes) -> Any:  # Any: JSON, narrowed by whoever walks it
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
        raise BadDocument("document.malformed", f"This is no JSON document: {error}.") from None


def _opened(document: Any, sealed: Sealed, cipher: Cipher) -> Any:  # Any: JSON
    steps = segments(sealed.field)
    holder: Any = descend(document, steps[:-1])  # Any: JSON
    text = holder.get(steps[-1]) if isinstance(holder, dict) else None
    if not isinstance(text, str):
        raise BadDocument("document.not_sealed", f"There is no encrypted text in {sealed.field!r}.")
    try:
        plain = cipher.decrypt(_bytes(text.strip(), sealed.encoding))
    except ValueError as error:
        raise BadDocument("document.cannot_open", f"The encrypted text cannot be opened: {error}.") from None
    try:
        holder[steps[-1]] = _decoder.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError):
        reason = "What the encrypted text holds is no JSON: the key does not fit."
        raise BadDocument("document.cannot_open", reason) from None
    return document


def _bytes(text: str, encoding: str) -> bytes:
    if len(text) > 2 * MAX_SEALED_BYTES:
        raise ValueError("it is too long")
    if encoding == "hex":
        if not _HEX.fullmatch(text):
            raise ValueError("it is not hexadecimal")
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None
