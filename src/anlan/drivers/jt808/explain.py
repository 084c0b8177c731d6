"""A frame byte by byte, for `anlan decode --explain`. Spans cover the bytes as they were captured, escapes included."""

from __future__ import annotations

from collections.abc import Callable

from anlan.drivers.jt808 import layout
from anlan.drivers.jt808.alarms import ALARM_BITS, bits_of
from anlan.drivers.jt808.framing import already_unescaped, check, read_header, unescape, xor_of
from anlan.drivers.jt808.location import FIXED, ITEMS, read_location
from anlan.drivers.jt808.model import station_of
from anlan.drivers.types import Span

#: (length, name, meaning) of unescaped bytes.
_Part = tuple[int, str, str]


def explain(raw: bytes) -> list[Span]:
    """The spans of the first frame, which may lack the mark that it shared with the one before; bytes before and behind it, and bytes that cannot be read, are spans too."""
    if not _has_good_stretch(raw) and already_unescaped(raw) is not None:
        last = len(raw) - 1
        inside = _of_message(raw[1:-1], lambda _at: 1, 1)
        return [Span(0, 1, "start", "7E"), *inside, Span(last, 1, "end", "7E")]
    if raw.count(b"\x7e") == 1 and raw.endswith(b"\x7e") and len(raw) > 1:
        return [*_inside(raw[:-1], 0), Span(len(raw) - 1, 1, "end", "7E")]
    start = raw.find(b"\x7e")
    end = raw.find(b"\x7e", start + 1)
    while end == start + 1:
        start, end = end, raw.find(b"\x7e", end + 1)
    if start < 0 or end < 0:
        return (
            [Span(0, len(raw), "unread", "There are no two marks 7E with a message between them.")]
            if raw
            else []
        )
    spans = [Span(0, start, "garbage", "before the frame")] if start else []
    spans.append(Span(start, 1, "start", "7E"))
    spans += _inside(raw[start + 1 : end], start + 1)
    spans.append(Span(end, 1, "end", "7E"))
    if end + 1 < len(raw):
        spans.append(Span(end + 1, len(raw) - end - 1, "garbage", "behind the frame"))
    return spans


def _has_good_stretch(raw: bytes) -> bool:
    return any(check(unescape(part), part) is None for part in raw.split(b"\x7e"))


def _inside(content: bytes, offset: int) -> list[Span]:
    message = unescape(content)
    if message is None or read_header(message[:-1]) is None:
        refused = check(message, content)
        return [Span(offset, len(content), "unread", refused.reason if refused else "")]
    return _of_message(message, lambda at: 2 if content[at] == layout.ESCAPE else 1, offset)


def _of_message(message: bytes, width: Callable[[int], int], offset: int) -> list[Span]:
    """`width` tells how many captured bytes stand for the one that begins at a place of the capture."""
    header = read_header(message[:-1])
    if header is None:
        return [Span(offset, len(message), "unread", "")]
    parts = _header_parts(message)
    body = message[header.size : -1]
    parts += _body_parts(header.message_id, body) if header.total in (None, 1) else _rest(body, "packet")
    stated, computed = message[-1], xor_of(message[:-1])
    verdict = "correct" if stated == computed else f"the bytes give {computed:02X}"
    parts.append((1, "check", f"{stated:02X}, {verdict}"))
    return _placed(parts, width, offset)


def _placed(parts: list[_Part], width: Callable[[int], int], offset: int) -> list[Span]:
    """Unescaped lengths to captured ones."""
    spans = []
    at = 0
    for length, name, meaning in parts:
        begin = at
        for _ in range(length):
            at += width(at)
        if at > begin:
            spans.append(Span(offset + begin, at - begin, name, meaning))
    return spans


def _header_parts(message: bytes) -> list[_Part]:
    header = read_header(message[:-1])
    if header is None:
        return []
    name = layout.MESSAGE_NAMES.get(header.message_id, "unknown")
    edition = "2019" if header.is_2019 else "2011/2013"
    parts: list[_Part] = [
        (2, "header.id", f"{header.message_id} {name}"),
        (
            2,
            "header.attributes",
            f"body {header.body_length} bytes, {edition}, encryption {header.encryption}",
        ),
    ]
    if header.is_2019:
        parts.append((1, "header.protocol_version", str(header.protocol_version)))
    parts.append((10 if header.is_2019 else 6, "header.phone", f"station {station_of(header.phone)}"))
    parts.append((2, "header.serial", str(header.serial)))
    if header.total is not None:
        parts += [(2, "header.packet_total", str(header.total)), (2, "header.packet_no", str(header.number))]
    return parts


def _body_parts(message_id: str, body: bytes) -> list[_Part]:
    if message_id == layout.LOCATION:
        return _location_parts(body, "body")
    if message_id == layout.QUERIED_LOCATION and len(body) >= 2:
        return [
            (2, "body.answered_serial", str(int.from_bytes(body[:2], "big"))),
            *_location_parts(body[2:], "body"),
        ]
    if message_id == layout.BATCH and len(body) >= 3:
        return _batch_parts(body)
    if message_id in ("0001", "8001") and len(body) == 5:
        return [
            (2, "body.answered_serial", str(int.from_bytes(body[:2], "big"))),
            (2, "body.answered_id", body[2:4].hex().upper()),
            (1, "body.result", layout.RESULT_NAMES.get(body[4], str(body[4]))),
        ]
    return _rest(body, "body")


def _rest(body: bytes, name: str) -> list[_Part]:
    return [(len(body), name, body.hex())] if body else []


def _batch_parts(body: bytes) -> list[_Part]:
    kind = "blind area" if body[2] else "usual"
    parts: list[_Part] = [
        (2, "body.count", str(int.from_bytes(body[:2], "big"))),
        (1, "body.kind", kind),
    ]
    at, number = 3, 1
    while at + 2 <= len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        part = body[at + 2 : at + 2 + size]
        parts.append((2, f"body.{number}.length", str(size)))
        parts += _location_parts(part, f"body.{number}")
        at += 2 + len(part)
        number += 1
    return parts + _rest(body[at:], "body.unread")


def _location_parts(body: bytes, name: str) -> list[_Part]:
    place = read_location(body)
    if place is None:
        return _rest(body, f"{name}.unread")
    alarms = "、".join(ALARM_BITS[bit].zh for bit in bits_of(place.alarm)) or "none"
    status = f"ACC {'on' if place.status & 1 else 'off'}, {'located' if place.is_located else 'not located'}"
    parts: list[_Part] = [
        (4, f"{name}.alarm", alarms),
        (4, f"{name}.status", status),
        (4, f"{name}.lat", f"{place.lat}°"),
        (4, f"{name}.lon", f"{place.lon}°"),
        (2, f"{name}.altitude", f"{place.altitude_m} m"),
        (2, f"{name}.speed", f"{place.speed_kmh} km/h"),
        (2, f"{name}.direction", f"{place.direction}°"),
        (6, f"{name}.time", f"{place.time_raw} Beijing time"),
    ]
    used = FIXED
    for item in place.items:
        rule = ITEMS.get(item.id)
        meaning = rule.quantity if rule is not None else ""
        label = f"{name}.item_{item.id:02X}"
        parts.append((2, f"{label}.head", f"item {item.id:02X}, {item.length} bytes {meaning}".rstrip()))
        if item.value:
            parts.append((len(item.value), label, item.value.hex()))
        used += 2 + len(item.value)
    return parts + _rest(body[used:], f"{name}.unread")
