"""The body of an SL 651 frame: serial, send time, station, and then elements, text, a picture or parameters.

Elements: id, definition byte (high five bits = data bytes, low three = decimals), BCD digits. FF before an id makes it two bytes.
F0F0 and a time may come several times and govern what follows. All F = no reading, leading FF = negative. Source: protocols.md.
"""

from __future__ import annotations

from decimal import Decimal

from anlan.drivers.sl651.elements import BIT_FIELDS, LEVEL_GROUPS, RAIN_GROUP, TIME_STEP
from anlan.drivers.sl651.layout import DATA_FUNCTIONS, PERIOD_FUNCTIONS
from anlan.drivers.sl651.model import Body, Element, ElementKind

_OBSERVED = b"\xf0\xf0"
_STATION = b"\xf1\xf1"
_TEXT = b"\xf2\xf2"
_PICTURE = b"\xf3\xf3"
#: Serial and send time.
PREFIX = 8
_SLOTS = 12
#: Bytes a slot, decimals, standard definition byte; the data have this size whatever the definition byte says (sl651-032).
_RAIN_SHAPE = (1, 1, 0x60)
_LEVEL_SHAPE = (2, 2, 0xC0)
#: Seen for "no reading" inside level groups of a provincial sample (protocols.md).
_NO_LEVEL = "AAAA"


def number(raw: str, decimals: int) -> Decimal | None:
    """The value of BCD digits; None for all F, and for what is no number."""
    digits, sign = (raw[2:], -1) if raw.startswith("FF") else (raw, 1)
    if not (digits.isascii() and digits.isdigit()):
        return None
    return Decimal(sign * int(digits)).scaleb(-decimals)


class _Reader:
    """One pass over a body; what it meets ends up in the attributes."""

    def __init__(self, content: bytes, function: str) -> None:
        self.content = content
        self.function = function
        self.at = PREFIX
        self.station: str | None = None
        self.station_type: str | None = None
        self.observed: list[str] = []
        self.elements: list[Element] = []
        self.is_complete = True
        self.text: str | None = None
        self.picture: bytes | None = None
        self.nonstandard: str | None = None
        self.problems: list[str] = []
        self._has_step = False

    def take(self, count: int) -> bytes:
        """The next bytes; fewer than asked for where the body ends."""
        taken = self.content[self.at : self.at + count]
        self.at += count
        return taken

    def read_station(self, *, with_type: bool) -> None:
        if not self.content.startswith(_STATION, self.at):
            return
        self.at += 2
        self.station = self.take(5).hex().upper()
        if with_type:
            self.station_type = self.take(1).hex().upper()

    def read_data(self) -> None:
        while self.at < len(self.content) and self.is_complete:
            mark = self.content[self.at : self.at + 2]
            if mark == _OBSERVED:
                self.at += 2
                self.observed.append(self.take(5).hex().upper())
                self.is_complete = self.at <= len(self.content)
            elif mark == _TEXT:
                self.text = self.content[self.at + 2 :].decode("gb18030", "replace")
                return
            elif mark == _PICTURE:
                self.picture = self.content[self.at + 2 :]
                return
            else:
                self._read_element()

    def _read_element(self) -> None:
        start = self.at
        id_ = self.take(2 if self.content[self.at] == 0xFF else 1).hex().upper()
        definition = self.take(1)
        if not definition or id_ == "F1":
            self._stop(start)
            return
        if id_ == RAIN_GROUP:
            self._read_group(start, id_, definition[0], _RAIN_SHAPE, ElementKind.RAIN_GROUP)
        elif id_ in LEVEL_GROUPS:
            self._read_group(start, id_, definition[0], _LEVEL_SHAPE, ElementKind.LEVEL_GROUP)
        elif self._has_step and self.function in PERIOD_FUNCTIONS:
            self._read_series(start, id_, definition[0])
        else:
            self._read_scalar(start, id_, definition[0])

    def _read_scalar(self, start: int, id_: str, definition: int) -> None:
        size, decimals = definition >> 3, definition & 0x07
        data = self.take(size)
        if not size or len(data) < size:
            self._stop(start)
            return
        raw = data.hex().upper()
        if id_ == TIME_STEP:
            self._has_step = True
            self._add(id_, definition, raw, ElementKind.STEP, ())
            return
        if id_ in BIT_FIELDS:
            self._add(id_, definition, raw, ElementKind.SCALAR, (Decimal(int(raw, 16)),))
            return
        self._add(id_, definition, raw, ElementKind.SCALAR, (number(raw, decimals),))

    def _read_series(self, start: int, id_: str, definition: int) -> None:
        """One definition, then its value again and again to the end of the body."""
        size, decimals = definition >> 3, definition & 0x07
        rest = self.content[self.at :]
        if not size or len(rest) < size:
            self._stop(start)
            return
        raws = [rest[at : at + size].hex().upper() for at in range(0, len(rest) - size + 1, size)]
        self._add(id_, definition, raws[0], ElementKind.SERIES, tuple(number(raw, decimals) for raw in raws))
        self.at += len(raws) * size
        if self.at < len(self.content):
            self._stop(self.at)

    def _read_group(
        self, start: int, id_: str, definition: int, shape: tuple[int, int, int], kind: ElementKind
    ) -> None:
        """Twelve slots of plain binary numbers, all F for none."""
        size, decimals, standard = shape
        data = self.take(size * _SLOTS)
        if len(data) < size * _SLOTS:
            self._stop(start)
            return
        if definition != standard:
            self.nonstandard = f"{id_} {definition:02X} (regional dialect; {size * _SLOTS} data bytes follow)"
        slots = [data[at : at + size] for at in range(0, len(data), size)]
        self._add(id_, definition, data.hex().upper(), kind, tuple(_slot(slot, decimals) for slot in slots))

    def _add(
        self, id_: str, definition: int, raw: str, kind: ElementKind, values: tuple[Decimal | None, ...]
    ) -> None:
        observed = self.observed[-1] if self.observed else None
        self.elements.append(Element(id_, f"{definition:02X}", raw, kind, values, observed))

    def _stop(self, at: int) -> None:
        """The rest cannot be read as elements; what was read before stands."""
        self.is_complete = False
        left = self.content[at:].hex().upper()
        self.problems.append(f"The elements cannot be read beyond byte {at} of the body: {left[:60]}")


def _slot(slot: bytes, decimals: int) -> Decimal | None:
    if slot == b"\xff" * len(slot) or slot.hex().upper() == _NO_LEVEL:
        return None
    return Decimal(int.from_bytes(slot, "big")).scaleb(-decimals)


def read_body(content: bytes, function: str, *, is_down: bool) -> Body:
    """Take a body apart. `content` is at least PREFIX bytes long."""
    reader = _Reader(content, function)
    serial = int.from_bytes(content[:2], "big")
    send_time = content[2:PREFIX].hex().upper()
    has_data = function in DATA_FUNCTIONS and not is_down
    reader.read_station(with_type=has_data)
    if not has_data:
        has_params = reader.station is not None or reader.at < len(content)
        params = content[reader.at :]
        shown = params.hex().upper() if has_params else None
        return Body(content, serial, send_time, reader.station, param_hex=shown, params=params)
    reader.read_data()
    has_elements = reader.station is not None or bool(reader.elements)
    return Body(
        content,
        serial,
        send_time,
        reader.station,
        reader.station_type,
        tuple(reader.observed),
        tuple(reader.elements) if has_elements else None,
        reader.is_complete,
        reader.text,
        reader.picture,
        nonstandard_def=reader.nonstandard,
        problems=tuple(reader.problems),
    )
