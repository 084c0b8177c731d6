"""The common reports without detours: from bytes to the integers that are stored, and the answer that waits for the commit.

What is not plain is left to `codec`, which knows everything: `read_plainly` gives None for it and never another result. Plain is an
uplink of function 30, 32, 33 or 34 in one packet: station, one observation time, then elements of up to six BCD bytes that all hold a
number and lose no digit when they are stored.
"""

from __future__ import annotations

from typing import NamedTuple

from anlan.drivers.sl651.crc import crc16
from anlan.drivers.sl651.elements import BIT_FIELDS, TIME_STEP, quantity_code
from anlan.drivers.sl651.layout import HEADER, START, TRAILER, BodyStart, End
from anlan.drivers.sl651.times import epoch_of
from anlan.drivers.types import PlainReport
from anlan.vocab.quantities import quantity_of

_FUNCTIONS = bytes.fromhex("30323334")
_STATION, _OBSERVED = b"\xf1\xf1", b"\xf0\xf0"
#: Offsets in the frame: serial and send time 14–22, F1F1, station, its type, F0F0 30–32, observation time 32–37, elements.
_ELEMENTS = HEADER + 23
#: Ids from here on are groups, marks and ids of two bytes.
_FIRST_SPECIAL = 0xF0
_LONGEST_VALUE = 6
#: Digits that surely fit into what is stored.
_LONGEST_NUMBER = 17
#: Senders and combinations of elements remembered; a station that invents them must not fill the memory.
_REMEMBERED = 4096


class _Shape(NamedTuple):
    """What an id with its definition byte means: quantity, data bytes, and by what the digits become the stored integer."""

    quantity: str
    size: int
    factor: int


class _Shapes(dict[bytes, _Shape | None]):
    """Learned as they occur; at most one for every two bytes."""

    def __missing__(self, pair: bytes) -> _Shape | None:
        found = self[pair] = _shape_of(pair)
        return found


def _shape_of(pair: bytes) -> _Shape | None:
    if len(pair) < 2 or pair[0] >= _FIRST_SPECIAL:
        return None
    id_, size, decimals = f"{pair[0]:02X}", pair[1] >> 3, pair[1] & 0x07
    if id_ == TIME_STEP or id_ in BIT_FIELDS or not 1 <= size <= _LONGEST_VALUE:
        return None
    quantity = quantity_code(id_)
    more = quantity_of(quantity).decimals - decimals
    fits = more >= 0 and 2 * size + more <= _LONGEST_NUMBER
    return _Shape(quantity, size, 10**more) if fits else None


_SHAPES = _Shapes()


class _Sender(NamedTuple):
    """What all frames of a station and function share. `start` is the answer up to its serial, `crc` the sum so far."""

    station: str
    start: bytes
    crc: int


class PlainReader:
    """One for a connection; the arguments are those of `session.Session`."""

    def __init__(self, when_finished: End, answered: frozenset[str]) -> None:
        self._functions = frozenset(number for number in _FUNCTIONS if f"{number:02X}" in answered)
        self._ends = {int(End.ETX): bytes([when_finished]), int(End.ETB): bytes([End.ACK])}
        self._senders: dict[bytes, _Sender] = {}
        self._combinations: dict[tuple[str, ...], tuple[str, ...]] = {}

    def read(self, raw: bytes) -> PlainReport | None:
        """`raw` is a frame whose length and check sum agree."""
        stop = len(raw) - TRAILER
        end = self._ends.get(raw[stop])
        if end is None or stop <= _ELEMENTS or raw[10] not in self._functions or raw[11] >> 4:
            return None
        if raw[13] != BodyStart.STX or raw[22:24] != _STATION or raw[30:32] != _OBSERVED:
            return None
        digits = raw.hex()
        sent, time = epoch_of(digits[32:44]), epoch_of(digits[64:74])
        if sent is None or time is None:
            return None
        quantities, values = [], []
        at = _ELEMENTS
        try:
            while at < stop:
                shape = _SHAPES[raw[at : at + 2]]
                if shape is None:
                    return None
                quantity, size, factor = shape
                at += 2 + size
                values.append(int(digits[2 * (at - size) : 2 * at]) * factor)
                quantities.append(quantity)
        except ValueError:  # no reading, a negative number, or no number
            return None
        if at != stop:
            return None
        sender = self._senders.get(raw[2:11]) or self._learn(raw)
        tail = raw[14:22] + end
        ack = sender.start + tail + crc16(tail, sender.crc).to_bytes(2, "big")
        return PlainReport(sender.station, raw, ack, sent, time, self._same(tuple(quantities)), values)

    def _learn(self, raw: bytes) -> _Sender:
        if len(self._senders) >= _REMEMBERED:
            self._senders.clear()
        start = START + raw[3:8] + raw[2:3] + raw[8:11] + b"\x80\x08" + bytes([BodyStart.STX])
        sender = self._senders[raw[2:11]] = _Sender(raw[3:8].hex().upper(), start, crc16(start))
        return sender

    def _same(self, quantities: tuple[str, ...]) -> tuple[str, ...]:
        """One object for equal combinations, so that who gets it may know it again."""
        if len(self._combinations) >= _REMEMBERED:
            self._combinations.clear()
        return self._combinations.setdefault(quantities, quantities)
