"""`anlan decode`: captured messages of a protocol to plain fields, one result for each message, in input order.

Whatever a file holds, each entry gives one result; only a file that cannot be read at all is refused as a whole.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from anlan.drivers.registry import DRIVERS
from anlan.drivers.types import Fields, Manifest, Span
from anlan.kernel.refusals import Refusal

#: How text that is not ASCII may have come over the wire; the first that decodes is taken.
_CHARSETS = ("gb18030", "utf-8")


class Message(NamedTuple):
    """One captured message. `hex` may hold spaces; `kind` names an entry that is no whole frame (`Manifest.decode_kinds`)."""

    id: str
    hex: str
    kind: str = ""
    #: Why the entry holds no message; "" for one that does.
    problem: str = ""
    #: The text of a message that was captured as text, whose bytes depend on the character set.
    text: str | None = None


class UnknownProtocol(Refusal):
    code = "decode.unknown_protocol"
    text = "There is no driver for the protocol %(protocol)s."
    next_step = "Choose one of: %(known)s."


class UnreadableMessages(Refusal):
    code = "decode.unreadable"
    text = "%(name)s cannot be read: %(why)s."
    next_step = "Give a vector file (a JSON list with id and raw_hex, text or base64) or one message a line."


def decode(protocol: str, items: Iterable[Message]) -> list[Fields]:
    """`{id, ok, reason, …}` for each message; a bad one is a result like any other."""
    manifest = _manifest(protocol)
    return [{"id": item.id, **_decoded(manifest, item)} for item in items]


def decode_file(protocol: str, path: Path) -> list[Fields]:
    """The same for the messages of a file."""
    return decode(protocol, read_messages(path, is_text=_manifest(protocol).is_text))


def explain(protocol: str, items: Iterable[Message], *, language: str = "zh") -> list[Fields]:
    """The same results with `spans`: `{start, length, hex, name, meaning}` for every byte, in order. `language` is zh or en."""
    manifest = _manifest(protocol)
    results: list[Fields] = []
    for item in items:
        raw = _bytes_of(manifest, item)
        spans = manifest.explain_message(raw) if raw else []
        shown = [_span(each, raw or b"", language) for each in spans]
        results.append({"id": item.id, **_decoded(manifest, item), "spans": shown})
    return results


def explain_file(protocol: str, path: Path, *, language: str = "zh") -> list[Fields]:
    messages = read_messages(path, is_text=_manifest(protocol).is_text)
    return explain(protocol, messages, language=language)


def _manifest(protocol: str) -> Manifest:
    if protocol not in DRIVERS:
        raise UnknownProtocol(protocol=protocol, known=", ".join(DRIVERS))
    return DRIVERS.get(protocol)


def _decoded(manifest: Manifest, item: Message) -> Fields:
    if item.problem:
        return _bad("decode.no_message", item.problem)
    raw = _bytes_of(manifest, item)
    if raw is None:
        return _bad("decode.not_hex", "This is not hexadecimal.")
    return manifest.decode_kinds.get(item.kind, manifest.decode_message)(raw)


def _span(span: Span, raw: bytes, language: str) -> Fields:
    meaning = span.meaning_zh if language == "zh" and span.meaning_zh else span.meaning
    return {
        "start": span.start,
        "length": span.length,
        "hex": raw[span.start : span.start + span.length].hex().upper(),
        "name": span.name,
        "meaning": meaning,
    }


def _bytes_of(manifest: Manifest, item: Message) -> bytes | None:
    if item.problem:
        return None
    if item.text is None:
        return _from_hex(item.hex)
    if item.text.isascii():
        return item.text.encode("ascii")
    tried = [_encoded(item.text, charset) for charset in _CHARSETS]
    decode_one = manifest.decode_kinds.get(item.kind, manifest.decode_message)
    return next((raw for raw in tried if decode_one(raw)["ok"]), tried[0])


def _encoded(text: str, charset: str) -> bytes:
    """Half a surrogate pair, which JSON can hold, is no character; it becomes a question mark."""
    return text.encode(charset, "replace")


def _from_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _bad(code: str, reason: str) -> Fields:
    return {"ok": False, "reason": reason, "code": code}


# --- reading files


def read_messages(path: Path, *, is_text: bool = False) -> list[Message]:
    """A vector file, or one message a line (its number is its id): hexadecimal, or where `is_text` also plain text."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableMessages(name=path.name, why=str(error)) from error
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
        return _messages_of_json(content, path.name)
    lines = enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1)
    return [
        _line(number, line.strip(), is_text=is_text)
        for number, line in lines
        if line.strip() and not _is_remark(line.strip())
    ]


def _is_remark(line: bytes) -> bool:
    """A line with one # in front; two are the start of an HJ 212 message."""
    return line.startswith(b"#") and not line.startswith(b"##")


def _line(number: int, line: bytes, *, is_text: bool) -> Message:
    """The line end that a text message lost by being a line is given back."""
    shown = line.decode("utf-8", "replace")
    if is_text and _from_hex(shown) is None:
        return Message(str(number), line.hex() + "0d0a")
    return Message(str(number), shown)


def _messages_of_json(content: bytes, name: str) -> list[Message]:
    try:
        entries = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableMessages(name=name, why=str(error)) from error
    listed = entries if isinstance(entries, list) else [entries]
    return [_entry(number, entry) for number, entry in enumerate(listed, start=1)]


def _entry(number: int, entry: object) -> Message:
    if not isinstance(entry, dict):
        return Message(str(number), "", problem="This entry is no object with raw_hex, text or base64.")
    id_ = entry.get("id")
    name = str(id_) if isinstance(id_, (str, int)) else str(number)
    given = entry.get("kind")
    kind = given if isinstance(given, str) else ""
    if isinstance(entry.get("raw_hex"), str):
        return Message(name, entry["raw_hex"], kind)
    if isinstance(entry.get("text"), str):
        return Message(name, "", kind, text=entry["text"])
    if isinstance(entry.get("base64"), str):
        try:
            return Message(name, base64.b64decode(entry["base64"], validate=True).hex(), kind)
        except (binascii.Error, ValueError):
            return Message(name, "", kind, problem="The base64 of this entry cannot be read.")
    return Message(name, "", kind, problem="This entry has no raw_hex, text or base64.")
