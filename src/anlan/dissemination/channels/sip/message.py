"""SIP messages as bytes (RFC 3261), as much as calls with key presses need. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

#: A datagram larger than this is not read.
MESSAGE_MAX = 16 * 1024
_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length",
}  # fmt: skip
_URI = re.compile(r"sips?:(?:([^@;>\s]+)@)?([^;>\s?]+)")
_TAG = re.compile(r";\s*tag=([^;\s>]+)")


class BadMessage(ValueError):
    """No SIP message; the text is a short code."""


@dataclass(slots=True)
class SipMessage:
    """A request has a `method` and a `uri`, an answer a `status`. Header names are lower case; order and repetition are kept."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.headers if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.get("cseq").partition(" ")
        return (int(number) if number.isdigit() else -1), method.strip()

    @property
    def branch(self) -> str:
        via = self.get("via")
        found = re.search(r";\s*branch=([^;,\s]+)", via)
        return found.group(1) if found else ""


def parse(data: bytes) -> SipMessage:
    """One datagram; raises `BadMessage`."""
    if len(data) > MESSAGE_MAX:
        raise BadMessage("too_large")
    head, mark, body = data.partition(b"\r\n\r\n")
    if not mark:
        raise BadMessage("no_end_of_headers")
    try:
        lines = head.decode().split("\r\n")
    except UnicodeDecodeError:
        raise BadMessage("not_utf8") from None
    message = _first_line(lines[0])
    message.headers = list(_headers(lines[1:]))
    length = message.get("content-length", str(len(body)))
    if not length.isdigit() or int(length) > len(body):
        raise BadMessage("bad_length")
    message.body = body[: int(length)]
    for needed in ("call-id", "cseq", "from", "to", "via"):
        if not message.get(needed):
            raise BadMessage(f"no_{needed}")
    return message


def _first_line(line: str) -> SipMessage:
    parts = line.split(" ", 2)
    if len(parts) >= 2 and parts[0] == "SIP/2.0":
        if not re.fullmatch(r"[1-6]\d\d", parts[1]):
            raise BadMessage("bad_status")
        return SipMessage(status=int(parts[1]), reason=parts[2] if len(parts) > 2 else "")
    if len(parts) == 3 and parts[2] == "SIP/2.0" and parts[0].isalpha():
        return SipMessage(method=parts[0], uri=parts[1])
    raise BadMessage("no_sip")


def _headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1] += " " + line.strip()
        else:
            unfolded.append(line)
    for line in unfolded:
        name, mark, value = line.partition(":")
        if not mark:
            raise BadMessage("bad_header")
        key = name.strip().lower()
        yield _COMPACT.get(key, key), value.strip()


def build(message: SipMessage) -> bytes:
    """The bytes; the content length is made here."""
    if message.method:
        first = f"{message.method} {message.uri} SIP/2.0"
    else:
        first = f"SIP/2.0 {message.status} {message.reason}"
    lines = [
        first,
        *(f"{_shown(name)}: {value}" for name, value in message.headers if name != "content-length"),
    ]
    lines += [f"Content-Length: {len(message.body)}", "", ""]
    return "\r\n".join(lines).encode() + message.body


def _shown(name: str) -> str:
    special = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}
    return special.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def answer(
    request: SipMessage, status: int, reason: str, *, tag: str = "", body: bytes = b"", kind: str = ""
) -> SipMessage:
    """The answer to a request: what must be copied is copied."""
    to = request.get("to")
    if tag and not tag_of(to) and status > 100:
        to = f"{to};tag={tag}"
    headers = [("via", value) for value in request.all("via")]
    headers += [("record-route", value) for value in request.all("record-route")]
    headers += [
        ("from", request.get("from")),
        ("to", to),
        ("call-id", request.call_id),
        ("cseq", request.get("cseq")),
    ]
    if kind:
        headers.append(("content-type", kind))
    return SipMessage(status=status, reason=reason, headers=headers, body=body)


def tag_of(value: str) -> str:
    """The tag behind the address of a From or To."""
    found = _TAG.search(value.rpartition(">")[2] if ">" in value else value)
    return found.group(1) if found else ""


def uri_of(value: str) -> str:
    """The address of a From, To or Contact without name and parameters of the header."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.partition(";")[0].strip()


def number_of(value: str) -> str:
    """The user part of an address: the digits that were dialled, or that called."""
    found = _URI.search(value)
    return re.sub(r"[^\d+]", "", found.group(1) or "") if found else ""
