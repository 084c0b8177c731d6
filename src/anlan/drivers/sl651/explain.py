"""A frame byte by byte, for `anlan decode --explain`. It walks the bytes by itself and never raises: what it cannot read is said so."""

from __future__ import annotations

from anlan.drivers.framing import RawFrame
from anlan.drivers.sl651.body import number
from anlan.drivers.sl651.crc import crc16
from anlan.drivers.sl651.elements import BIT_FIELDS, ELEMENT_RULES, LEVEL_GROUPS, RAIN_GROUP, TIME_STEP
from anlan.drivers.sl651.framing import Sl651Framer
from anlan.drivers.sl651.happenings import status_words
from anlan.drivers.sl651.layout import (
    DATA_FUNCTIONS,
    DOWN,
    FUNCTION_NAMES,
    FUNCTION_TITLES,
    HEADER,
    PERIOD_FUNCTIONS,
    START,
    TRAILER,
    BodyStart,
    End,
)
from anlan.drivers.sl651.params import HIDDEN, KEPT_BACK, PARAMETER_NAMES
from anlan.drivers.sl651.times import utc_of
from anlan.drivers.types import Span

_SLOTS = 12


class _Walk:
    """A position in the message; each step makes a span, shorter where the bytes end, and none where nothing is left."""

    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self.raw, self.at, self.end = raw, start, end
        self.spans: list[Span] = []

    @property
    def rest(self) -> bytes:
        return self.raw[self.at : self.end]

    def step(self, count: int, name: str, meaning: str = "") -> bytes:
        taken = self.raw[self.at : min(self.at + count, self.end)]
        if taken:
            short = "" if len(taken) == count else f"cut off: {len(taken)} of {count} bytes. "
            self.spans.append(Span(self.at, len(taken), name, short + meaning))
            self.at += len(taken)
        return taken


def explain(raw: bytes) -> list[Span]:
    """The spans of the first good frame in the bytes, with what lies around it; see `Manifest.explain_message`."""
    framer = Sl651Framer()
    good = [each.raw for each in framer.feed(raw) + framer.flush() if isinstance(each, RawFrame)]
    if good:
        start = raw.index(good[0])
        size = len(good[0])
    elif raw.startswith(START) and len(raw) >= HEADER + TRAILER:
        start, size = 0, len(raw)
    else:
        return [Span(0, len(raw), "unread", "no frame begins here")] if raw else []
    before = [Span(0, start, "unread", "bytes before the frame")] if start else []
    left = len(raw) - start - size
    after = [Span(start + size, left, "unread", "bytes behind the frame")] if left else []
    return [*before, *_frame(raw, start, start + size), *after]


def _frame(raw: bytes, start: int, end: int) -> list[Span]:
    walk = _Walk(raw, start, end)
    function, is_down, body_start = _header(walk)
    walk.end = end - TRAILER
    _body(walk, function, is_down=is_down, is_packet=body_start == BodyStart.SYN)
    walk.end = end
    mark = raw[end - TRAILER]
    known = mark in frozenset(End)
    walk.step(1, "trailer.end", End(mark).name if known else "no end byte that the standard knows")
    stated, computed = int.from_bytes(raw[end - 2 : end], "big"), crc16(raw[start : end - 2])
    verdict = "agrees" if stated == computed else f"the bytes give {computed:04X}"
    walk.step(2, "trailer.crc", f"check sum {stated:04X}: {verdict}")
    return walk.spans


def _header(walk: _Walk) -> tuple[str, bool, int]:
    is_down = walk.raw[walk.at + 11] >> 4 == DOWN
    walk.step(2, "header.start", "7E7E begins a frame")
    for name in ("station", "center") if is_down else ("center", "station"):
        _address(walk, name)
    walk.step(2, "header.password", HIDDEN)
    code = f"{walk.rest[0]:02X}"
    title = FUNCTION_NAMES.get(code) or FUNCTION_TITLES.get(code) or "a function without a name here"
    walk.step(1, "header.function", f"{code}: {title}")
    words = int.from_bytes(walk.rest[:2], "big")
    way = "down, from the centre" if is_down else "up, from the station"
    walk.step(2, "header.length", f"{way}; {words & 0xFFF} bytes up to the end byte")
    kind = walk.rest[0]
    walk.step(1, "header.body_start", "one packet of several" if kind == BodyStart.SYN else "a whole body")
    return code, is_down, kind


def _address(walk: _Walk, name: str) -> None:
    if name == "center":
        walk.step(1, "header.center", f"centre {walk.rest[0]}")
    else:
        walk.step(5, "header.station", f"station {walk.rest[:5].hex().upper()}")


def _body(walk: _Walk, function: str, *, is_down: bool, is_packet: bool) -> None:
    if is_packet:
        numbers = int.from_bytes(walk.rest[:3], "big")
        walk.step(3, "body.packet", f"packet {numbers & 0xFFF} of {numbers >> 12}")
        if numbers & 0xFFF != 1:
            walk.step(len(walk.rest), "body.part", "the message goes on")
            return
    walk.step(2, "body.serial", str(int.from_bytes(walk.rest[:2], "big")))
    walk.step(6, "body.send_time", _moment(walk.rest[:6]))
    if walk.rest.startswith(b"\xf1\xf1"):
        walk.step(2, "body.station_mark", "F1F1: the station follows")
        walk.step(5, "body.station", f"station {walk.rest[:5].hex().upper()}")
        if function in DATA_FUNCTIONS and not is_down:
            walk.step(1, "body.station_type", f"type {walk.rest[:1].hex().upper()}")
    if is_down:
        walk.step(len(walk.rest), "body.arguments", walk.rest.hex().upper())
    elif function in DATA_FUNCTIONS:
        _elements(walk, function)
    else:
        _parameters(walk, function)
    walk.step(len(walk.rest), "unread", "cannot be read")


def _elements(walk: _Walk, function: str) -> None:
    has_step = False
    while walk.rest:
        mark = walk.rest[:2]
        if mark == b"\xf0\xf0":
            walk.step(2, "body.observed_mark", "F0F0: an observation time follows")
            walk.step(5, "body.observed", _moment(walk.rest[:5]))
        elif mark in (b"\xf2\xf2", b"\xf3\xf3"):
            is_text = mark == b"\xf2\xf2"
            walk.step(2, "body.mark", "F2F2: text follows" if is_text else "F3F3: a picture follows")
            words = walk.rest.decode("gb18030", "replace") if is_text else f"{len(walk.rest)} bytes"
            walk.step(len(walk.rest), "body.text" if is_text else "body.picture", words)
        elif not _element(walk, is_series=has_step and function in PERIOD_FUNCTIONS):
            return
        else:
            has_step = has_step or walk.spans[-1].name == f"element.{TIME_STEP}.value"


def _element(walk: _Walk, *, is_series: bool) -> bool:
    """One element; False where what follows is none, with nothing taken."""
    width = 2 if walk.rest[0] == 0xFF else 1
    id_ = walk.rest[:width].hex().upper()
    definition = walk.rest[width : width + 1]
    if not definition or id_ == "F1":
        return False
    group = 1 if id_ == RAIN_GROUP else 2 if id_ in LEVEL_GROUPS else 0
    size, decimals = (group, 0) if group else (definition[0] >> 3, definition[0] & 7)
    if not size or len(walk.rest) < width + 1 + size * (_SLOTS if group else 1):
        return False
    rule = ELEMENT_RULES.get(id_)
    walk.step(width, f"element.{id_}.id", f"{rule.zh} {rule.quantity}" if rule else "no name in our table")
    shape = f"12 slots of {size} bytes" if group else f"{size} bytes, {decimals} decimals"
    walk.step(1, f"element.{id_}.definition", shape)
    count = _SLOTS if group else len(walk.rest) // size if is_series else 1
    for slot in range(count):
        name = f"element.{id_}.value" + (f".{slot + 1}" if count > 1 else "")
        walk.step(size, name, _value(id_, walk.rest[:size], decimals, group, rule.unit if rule else ""))
    return True


def _value(id_: str, data: bytes, decimals: int, group: int, unit: str) -> str:
    raw = data.hex().upper()
    if id_ == TIME_STEP:
        return f"{raw[:2]} days {raw[2:4]} hours {raw[4:]} minutes"
    if id_ in BIT_FIELDS:
        return "、".join(status_words(int(raw, 16))) or "no alarm bit is set"
    if group:
        is_none = raw in ("FF" * group, "AAAA")
        return "no reading" if is_none else f"{int(raw, 16) / (10 if group == 1 else 100):g} {unit or 'm'}"
    value = number(raw, decimals)
    return "no reading" if value is None else f"{value} {unit}".strip()


def _parameters(walk: _Walk, function: str) -> None:
    """Settings of 40–43 one by one; other functions as one stretch."""
    if function not in ("40", "41", "42", "43"):
        walk.step(len(walk.rest), "body.parameters", walk.rest.hex().upper())
        return
    while len(walk.rest) > 2:
        id_, size = f"{walk.rest[0]:02X}", walk.rest[1] >> 3
        if not size or len(walk.rest) < 2 + size:
            return
        walk.step(1, f"setting.{id_}.id", " ".join(PARAMETER_NAMES.get(id_, ("no name in our table",))))
        walk.step(1, f"setting.{id_}.definition", f"{size} bytes")
        walk.step(
            size, f"setting.{id_}.value", HIDDEN if id_ == KEPT_BACK else walk.rest[:size].hex().upper()
        )


def _moment(data: bytes) -> str:
    """A BCD time in words."""
    moment = utc_of(data.hex())
    return f"{data.hex()}: no date" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
