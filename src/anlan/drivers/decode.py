"""`anlan decode`: captured messages of a protocol to plain fields, one result for each message, in input order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Fields
from anlan.kernel.refusals import Refusal


class Message(NamedTuple):
    """One captured message. `hex` may hold spaces."""

    id: str
    hex: str


class UnknownProtocol(Refusal):
    code = "decode.unknown_protocol"
    text = "There is no driver for the protocol %(protocol)s."
    next_step = "Choose one of: %(known)s."


class UnreadableMessages(Refusal):
    code = "decode.unreadable"
    text = "%(name)s cannot be read: %(why)s."
    next_step = "Give a vector file (a JSON list with id and raw_hex) or one hexadecimal message a line."


def decode(protocol: str, items: Iterable[Message]) -> list[Fields]:
    """`{id, ok, reason, …}` for each message; a bad one is a result like any other."""
    if protocol not in DRIVERS:
        raise UnknownProtocol(protocol=protocol, known=", ".join(DRIVERS))
    decode_message = DRIVERS.get(protocol).decode_message
    results: list[Fields] = []
    for item in items:
        raw = _bytes_of(item.hex)
        fields = decode_message(raw) if raw is not None else _not_hex()
        results.append({"id": item.id, **fields})
    return results


def decode_file(protocol: str, path: Path) -> list[Fields]:
    """The same for the messages of a file."""
    return decode(protocol, read_messages(path))


def read_messages(path: Path) -> list[Message]:
    """A vector file, or one hexadecimal message a line (its number is its id)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableMessages(name=path.name, why=str(error)) from error
    if text.lstrip().startswith("["):
        return _messages_of_json(text, path.name)
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [Message(str(number), line) for number, line in lines if line and not line.startswith("#")]


def _messages_of_json(text: str, name: str) -> list[Message]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableMessages(name=name, why=str(error)) from error
    messages = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("raw_hex"), str):
            raise UnreadableMessages(name=name, why=f"entry {number} has no raw_hex")
        messages.append(Message(str(entry.get("id", number)), entry["raw_hex"]))
    return messages


def _bytes_of(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _not_hex() -> Fields:
    return {"ok": False, "reason": "This is not hexadecimal.", "code": "decode.not_hex"}
