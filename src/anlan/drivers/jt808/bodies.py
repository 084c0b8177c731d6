"""What the bodies of single messages say, as plain fields. A body that does not fit gives a problem, never a refusal: the frame is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from anlan.drivers.jt808 import layout
from anlan.drivers.jt808.framing import Header
from anlan.drivers.jt808.location import FIXED, Location, read_location
from anlan.drivers.types import Fields


@dataclass(frozen=True, slots=True)
class Content:
    """`fields` are JSON-ready; `file` is the media of an 0801."""

    fields: Fields
    locations: tuple[Location, ...] = ()
    file: bytes | None = None
    problems: tuple[str, ...] = ()


class _Register(NamedTuple):
    """Bytes of manufacturer, model and terminal id of one edition."""

    manufacturer: int
    model: int
    terminal: int

    @property
    def size(self) -> int:
        return 4 + sum(self) + 1


_REGISTER_2011 = _Register(5, 8, 7)
_REGISTER_2013 = _Register(5, 20, 7)
_REGISTER_2019 = _Register(11, 30, 30)

#: By format code of 0800 and 0801.
MEDIA_TYPES = {0: "image/jpeg", 1: "image/tiff", 2: "audio/mpeg", 3: "audio/wav", 4: "video/x-ms-wmv"}


def text_of(data: bytes) -> str:
    """GB18030, which holds the GBK of the standard; what is no character is marked and not lost."""
    return data.replace(b"\0", b"").decode("gb18030", "replace").strip()


def read_content(header: Header, body: bytes) -> Content:
    """The content of a whole message."""
    if header.encryption:
        return Content({}, problems=("The body is encrypted and was not read.",))
    reader = _READERS.get(header.message_id)
    return reader(header, body) if reader is not None else Content({})


def _short(name: str, body: bytes) -> Content:
    return Content({}, problems=(f"The body of {len(body)} bytes is too short for the {name} message.",))


def _location(_header: Header, body: bytes) -> Content:
    place = read_location(body)
    if place is None:
        return _short("location", body)
    return Content({"location": place.fields()}, (place,), problems=_misfits(place))


def _misfits(place: Location) -> tuple[str, ...]:
    return () if place.items_fit else ("The items behind the location do not fill the body.",)


def _queried(_header: Header, body: bytes) -> Content:
    place = read_location(body[2:])
    if place is None:
        return _short("location answer", body)
    fields: Fields = {"answered_serial": int.from_bytes(body[:2], "big"), "location": place.fields()}
    return Content(fields, (place,), problems=_misfits(place))


def _batch(_header: Header, body: bytes) -> Content:
    """0704: count 2, kind 1 (0 usual, 1 blind area), and then length 2 and a location each."""
    if len(body) < 3:
        return _short("batch", body)
    count = int.from_bytes(body[:2], "big")
    places: list[Location] = []
    problems: list[str] = []
    at = 3
    while at + 2 <= len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        part = body[at + 2 : at + 2 + size]
        place = read_location(part) if len(part) == size else None
        if place is None:
            problems.append(f"Item {len(places) + 1} of the batch breaks off.")
            break
        places.append(place)
        problems += _misfits(place)
        at += 2 + size
    if len(places) != count:
        problems.append(f"The batch declares {count} locations, {len(places)} could be read.")
    fields: Fields = {
        "batch_count": count,
        "batch_kind": body[2],
        "locations": [place.fields() for place in places],
    }
    return Content(fields, tuple(places), problems=tuple(problems))


def _register(header: Header, body: bytes) -> Content:
    """The edition of 2011 has a shorter model; the length tells, since the plate behind it is short."""
    if header.is_2019:
        shape = _REGISTER_2019
    else:
        shape = _REGISTER_2013 if len(body) >= _REGISTER_2013.size else _REGISTER_2011
    if len(body) < shape.size:
        return _short("register", body)
    at = 4
    texts = []
    for size in shape:
        texts.append(text_of(body[at : at + size]))
        at += size
    edition = "2019" if header.is_2019 else ("2013" if shape is _REGISTER_2013 else "2011")
    return Content(
        {
            "edition": edition,
            "province": int.from_bytes(body[:2], "big"),
            "city": int.from_bytes(body[2:4], "big"),
            "manufacturer": texts[0],
            "model": texts[1],
            "terminal_id": texts[2],
            "plate_color": body[at],
            "plate": text_of(body[at + 1 :]),
        }
    )


def _authenticate(header: Header, body: bytes) -> Content:
    """2019: length 1, code, IMEI 15, software version 20. Earlier the body is the code."""
    if not header.is_2019:
        return Content({"auth_code": text_of(body)})
    if not body or len(body) < 1 + body[0]:
        return _short("authenticate", body)
    end = 1 + body[0]
    fields: Fields = {"auth_code": text_of(body[1:end]), "imei": text_of(body[end : end + 15])}
    return Content(fields | {"software": text_of(body[end + 15 : end + 35])})


def _ack(_header: Header, body: bytes) -> Content:
    if len(body) < 5:
        return _short("acknowledgement", body)
    return Content(
        {
            "answered_serial": int.from_bytes(body[:2], "big"),
            "answered_id": body[2:4].hex().upper(),
            "result": body[4],
            "result_name": layout.RESULT_NAMES.get(body[4]),
        }
    )


def _parameters(_header: Header, body: bytes) -> Content:
    """0104: answered serial 2, count 1, then id 4, length 1, value each."""
    if len(body) < 3:
        return _short("parameters", body)
    parameters, fit = _read_parameters(body[3:])
    fields: Fields = {"answered_serial": int.from_bytes(body[:2], "big"), "parameters": parameters}
    return Content(fields, problems=() if fit else ("The parameters do not fill the body.",))


def _set_parameters(_header: Header, body: bytes) -> Content:
    parameters, fit = _read_parameters(body[1:])
    return Content(
        {"parameters": parameters}, problems=() if fit else ("The parameters do not fill the body.",)
    )


def _read_parameters(data: bytes) -> tuple[list[Fields], bool]:
    found: list[Fields] = []
    at = 0
    while at + 5 <= len(data):
        size = data[at + 4]
        value = data[at + 5 : at + 5 + size]
        found.append({"id": data[at : at + 4].hex().upper(), "len": size, "hex": value.hex()})
        at += 5 + size
    return found, at == len(data)


def _register_answer(_header: Header, body: bytes) -> Content:
    if len(body) < 3:
        return _short("register answer", body)
    fields: Fields = {"answered_serial": int.from_bytes(body[:2], "big"), "result": body[2]}
    return Content(fields | ({"auth_code": text_of(body[3:])} if body[2] == 0 else {}))


def _text(_header: Header, body: bytes) -> Content:
    if not body:
        return _short("text", body)
    return Content({"text_flags": f"{body[0]:02X}", "text": text_of(body[1:])})


def _multimedia(_header: Header, body: bytes) -> Content:
    """0801: media id 4, type, format, event, channel, location 28 (absent in 2011), data."""
    if len(body) < 8:
        return _short("multimedia", body)
    place = read_location(body[8 : 8 + FIXED])
    data = body[8 + FIXED :]
    fields: Fields = {
        "media_id": int.from_bytes(body[:4], "big"),
        "media_kind": body[4],
        "media_type": MEDIA_TYPES.get(body[5], "application/octet-stream"),
        "media_event": body[6],
        "media_channel": body[7],
        "media_bytes": len(data),
    }
    if place is None:
        return Content(fields, problems=("The multimedia message has no location.",))
    return Content(fields | {"location": place.fields()}, (place,), data)


def _transparent(_header: Header, body: bytes) -> Content:
    if not body:
        return _short("transparent", body)
    return Content({"transparent_type": f"{body[0]:02X}", "transparent_hex": body[1:].hex()})


def _level_and_time(_header: Header, body: bytes) -> Content:
    """0210 of one vendor (jt808-072): percent of battery and a BCD time; nothing else is known of it."""
    if len(body) < 7:
        return Content({"vendor_hex": body.hex()})
    return Content({"battery_percent": body[0], "time_bcd": body[1:7].hex(), "vendor_hex": body.hex()})


def read_short_serial(body: bytes) -> Content:
    """5501/5502: time ddMMyyHHmmss, latitude ddmm.mmmm, longitude dddmm.mmmm and a nibble of flags, as traccar reads them.

    The zone of the time is not stated and the vehicles of the vectors are abroad, so the position is shown and no reading is made.
    """
    if len(body) < 17:
        return Content({"vendor_hex": body.hex()})
    digits = body.hex()
    if not digits[:29].isdigit():
        return Content({"vendor_hex": digits}, problems=("The vendor's position is not decimal.",))
    flags = int(digits[29], 16)
    lat = int(digits[12:14]) + int(digits[14:20]) / 600_000
    lon = int(digits[20:23]) + int(digits[23:29]) / 600_000
    return Content(
        {
            "vendor_time_ddMMyyHHmmss": digits[:12],
            "vendor_lat": round(lat if flags & 2 else -lat, 6),
            "vendor_lon": round(lon if flags & 4 else -lon, 6),
            "vendor_located": bool(flags & 1),
            "vendor_hex": digits,
        }
    )


_READERS = {
    "0001": _ack,
    "8001": _ack,
    "0100": _register,
    "8100": _register_answer,
    "0102": _authenticate,
    "0104": _parameters,
    "8103": _set_parameters,
    "0200": _location,
    "0201": _queried,
    "0210": _level_and_time,
    "0704": _batch,
    "0801": _multimedia,
    "0900": _transparent,
    "8300": _text,
}
