"""Cursor on Target (CoT) 2.0 events as TAK clients exchange them: bytes in, `CotEvent` out, and back. Pure: no clock, no network.

The form follows the public event schema (`event`, `point`, `detail`) and what open TAK clients are known to send: `a-*` for
somebody's position, `b-m-p-*` for a point, `u-d-*` for a drawing whose corners are `link point="lat,lon"` elements, `t-x-d-d`
for a removal. Positions are degrees in WGS84, times are UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

#: Bounds on what is read; a TAK event is below 4 KiB. Engineering choices.
MOST_BYTES = 256 * 1024
MOST_CORNERS = 2_000
MOST_ELEMENTS = 5_000
LONGEST_UID = 80
LONGEST_WORDS = 1_000
#: What the schema writes where height and errors are not known, metres.
NOT_KNOWN_M = 9_999_999.0

_TYPE = re.compile(r"[a-z](-[A-Za-z0-9.]{1,16}){0,15}\Z")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_START = re.compile(rb"<event\b(?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*>")
_END = b"</event>"


class CotRefused(ValueError):
    """These bytes are no event. The text is a short reason without anything of the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CotEvent:
    """One event. `corners` are (lon, lat) of a drawing, the first repeated at the end where it `is_closed`. `symbol` is ours (`vocab.symbols`), "" of others.

    `hae_m`, `ce_m`, `le_m`: height above the ellipsoid, horizontal and vertical error in metres; None where not known.
    `removes` names the uid that a removal is about.
    """

    uid: str
    type: str
    time: datetime
    start: datetime
    stale: datetime
    lon: float
    lat: float
    how: str = "m-g"
    hae_m: float | None = None
    ce_m: float | None = None
    le_m: float | None = None
    callsign: str = ""
    remarks: str = ""
    corners: tuple[tuple[float, float], ...] = ()
    is_closed: bool = False
    symbol: str = ""
    removes: str = ""

    @property
    def is_position(self) -> bool:
        """Somebody or something that is there itself."""
        return self.type.startswith("a-")

    @property
    def is_drawing(self) -> bool:
        return self.type.startswith(("b-m-p", "u-d"))

    @property
    def is_removal(self) -> bool:
        return self.type == "t-x-d-d"


def encode(event: CotEvent) -> bytes:
    """One event as XML without a declaration, as it stands in a stream. Raises ValueError for a naive time."""
    root = etree.Element(
        "event",
        version="2.0",
        uid=_clean(event.uid),
        type=event.type,
        how=event.how,
        time=_stamp(event.time),
        start=_stamp(event.start),
        stale=_stamp(event.stale),
    )
    etree.SubElement(
        root,
        "point",
        lat=_number(event.lat),
        lon=_number(event.lon),
        hae=_number(NOT_KNOWN_M if event.hae_m is None else event.hae_m),
        ce=_number(NOT_KNOWN_M if event.ce_m is None else event.ce_m),
        le=_number(NOT_KNOWN_M if event.le_m is None else event.le_m),
    )
    _write_detail(etree.SubElement(root, "detail"), event)
    return etree.tostring(root, encoding="utf-8")


def _write_detail(detail: etree._Element, event: CotEvent) -> None:
    if event.callsign:
        etree.SubElement(detail, "contact", callsign=_clean(event.callsign))
    for lon, lat in event.corners:
        etree.SubElement(detail, "link", point=f"{_number(lat)},{_number(lon)}")
    if event.corners:
        etree.SubElement(detail, "shapeExtras", cpvis="true", editable="true")
    if event.removes:
        etree.SubElement(detail, "link", uid=_clean(event.removes), relation="p-p", type="none")
        etree.SubElement(detail, "__forcedelete")
    if event.symbol:
        etree.SubElement(detail, "anlan", symbol=event.symbol)
    if event.remarks:
        etree.SubElement(detail, "remarks").text = _clean(event.remarks)


def decode(data: bytes) -> CotEvent:
    """One event. Raises `CotRefused` for anything that is none: entities, a document type, numbers that are no place."""
    root = _root(data)
    if root.tag != "event":
        raise CotRefused("no event")
    uid, kind = root.get("uid", ""), root.get("type", "")
    if not 0 < len(uid) <= LONGEST_UID:
        raise CotRefused("no uid")
    if not _TYPE.match(kind):
        raise CotRefused("no type")
    point = root.find("point")
    if point is None:
        raise CotRefused("no point")
    lat, lon = _degrees(point.get("lat"), 90), _degrees(point.get("lon"), 180)
    detail = root.find("detail")
    corners, is_closed = _corners(detail)
    time = _moment(root.get("time"))
    return CotEvent(
        uid=uid,
        type=kind,
        how=root.get("how", "")[:16],
        time=time,
        start=_moment(root.get("start")) if root.get("start") else time,
        stale=_moment(root.get("stale")) if root.get("stale") else time,
        lon=lon,
        lat=lat,
        hae_m=_metres(point.get("hae")),
        ce_m=_metres(point.get("ce")),
        le_m=_metres(point.get("le")),
        callsign=_attribute(detail, "contact", "callsign"),
        remarks=_words(detail),
        corners=corners,
        is_closed=is_closed,
        symbol=_attribute(detail, "anlan", "symbol")[:40],
        removes=_removed(detail) if kind == "t-x-d-d" else "",
    )


def split(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Whole events of a stream, and the rest that waits for more. Raises `CotRefused` where an event never ends.

    A TAK stream has no frame but the end tag; what stands between events (a declaration, spaces) is dropped.
    """
    found: list[bytes] = []
    while (start := _START.search(buffer)) is not None:
        head = start.group()
        if head.endswith(b"/>"):
            found.append(head)
            buffer = buffer[start.end() :]
            continue
        end = buffer.find(_END, start.end())
        if end < 0:
            buffer = buffer[start.start() :]
            break
        found.append(buffer[start.start() : end + len(_END)])
        buffer = buffer[end + len(_END) :]
    if len(buffer) > MOST_BYTES:
        raise CotRefused("an event does not end")
    return found, buffer


def stream(events: Iterable[CotEvent]) -> bytes:
    """Events one after the other, as a TAK stream carries them."""
    return b"\n".join(encode(event) for event in events)


def _root(data: bytes) -> etree._Element:
    if len(data) > MOST_BYTES:
        raise CotRefused("too long")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, remove_pis=True, remove_comments=True, recover=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise CotRefused("not well-formed") from None
    if etree.ElementTree(root).docinfo.internalDTD is not None:
        raise CotRefused("a document type")
    for count, element in enumerate(root.iter(), 1):
        if count > MOST_ELEMENTS:
            raise CotRefused("too many elements")
        if not isinstance(element.tag, str):
            raise CotRefused("entities")
    return root


def _corners(detail: etree._Element | None) -> tuple[tuple[tuple[float, float], ...], bool]:
    if detail is None:
        return (), False
    found = [_corner(link.get("point", "")) for link in detail.iterfind("link") if link.get("point")]
    if len(found) > MOST_CORNERS:
        raise CotRefused("too many corners")
    return tuple(found), len(found) > 3 and found[0] == found[-1]


def _corner(text: str) -> tuple[float, float]:
    parts = text.split(",")
    if len(parts) < 2:
        raise CotRefused("no corner")
    return _degrees(parts[1], 180), _degrees(parts[0], 90)


def _removed(detail: etree._Element | None) -> str:
    found = "" if detail is None else _attribute(detail, "link", "uid")
    if not 0 < len(found) <= LONGEST_UID:
        raise CotRefused("a removal of nothing")
    return found


def _attribute(detail: etree._Element | None, tag: str, name: str) -> str:
    for element in () if detail is None else detail.iterfind(tag):
        if element.get(name):
            return str(element.get(name))[:LONGEST_WORDS].strip()
    return ""


def _words(detail: etree._Element | None) -> str:
    element = None if detail is None else detail.find("remarks")
    return "" if element is None else (element.text or "")[:LONGEST_WORDS].strip()


def _degrees(text: str | None, most: int) -> float:
    number = _float(text)
    if number is None or abs(number) > most:
        raise CotRefused("no place")
    return number


def _metres(text: str | None) -> float | None:
    number = _float(text)
    return None if number is None or abs(number) >= NOT_KNOWN_M else number


def _float(text: str | None) -> float | None:
    try:
        number = float(text) if text and len(text) <= 40 else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise CotRefused("no time") from None


def _stamp(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: float) -> str:
    """Shortest text that reads back as the same number; 7 decimals of a degree are a centimetre."""
    return repr(round(value, 7))


def _clean(text: str) -> str:
    """Without what XML cannot carry."""
    return _CONTROL.sub("", text)
