"""Catalogues of cameras as GB/T 28181 devices answer them: MANSCDP XML, saved to files. Signalling and video are not our business.

A catalogue comes in many messages, each with some of the devices; `SumNum` says how many there are in all. Documents are GB 2312
although some firmware declares UTF-8, and some declare GB 2312 and send UTF-8, so the declaration is not believed.
Source: message bodies of public implementations (wvp-GB28181-pro); the text of the standard was not seen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Bounds of what is read; a county has some 20,000 cameras (A-18) of about 600 bytes each.
MAX_BYTES = 64 * 1024 * 1024
MAX_DEVICES = 200_000
_TEXT = 120
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_ROOT = re.compile(r"<(Response|Notify)\b.*?</\1\s*>", re.DOTALL)
_DEVICE = re.compile(r"\d{20}")
#: Digits 11 to 13 of a device id that are a camera: 131 camera, 132 network camera (public implementations; not verified).
CAMERA_TYPES = frozenset({"131", "132"})


class CatalogueProblem(StrEnum):
    """Why something in a file was left out."""

    NOT_XML = "not_xml"
    NOT_A_CATALOGUE = "not_a_catalogue"
    TOO_BIG = "too_big"
    BAD_ID = "bad_id"
    NO_SUM = "no_sum"


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One camera. Degrees as the device gave them, None where it gave none; `is_online` None where the status is unknown."""

    code: str
    name: str
    owner: str
    civil_code: str
    lon: float | None
    lat: float | None
    is_online: bool | None


@dataclass(slots=True)
class Catalogue:
    """What all messages together said. `announced` is the sum of SumNum over the devices that answered."""

    cameras: list[CatalogueItem] = field(default_factory=list)
    #: Recorders, alarms, groups, regions: devices of the catalogue that are no camera.
    others: int = 0
    announced: int = 0
    messages: int = 0
    problems: list[tuple[str, CatalogueProblem, str]] = field(default_factory=list)

    @property
    def listed(self) -> int:
        return len(self.cameras) + self.others

    @property
    def missing(self) -> int:
        """Devices that were announced and came in no message."""
        return max(0, self.announced - self.listed)


def read_catalogues(files: Iterable[tuple[str, bytes]]) -> Catalogue:
    """Read saved messages, (name of the file, content), in any order. Never raises for what is in them.

    A message that came twice changes nothing; of two different items with one id the later one counts.
    """
    return _Reading().read(files)


def text_of(data: bytes) -> str:
    """The document as text: UTF-8 where it certainly is, else GB 18030; what is neither keeps replacement characters.

    Chinese in UTF-8 takes three bytes a character; GB text that happens to be valid UTF-8 shows two-byte characters instead.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")
    foreign = [char for char in text if ord(char) > 0x7F]
    is_utf8 = not foreign or 2 * sum(ord(char) >= 0x2E80 for char in foreign) >= len(foreign)
    return text if is_utf8 else body.decode("gb18030", errors="replace")


class _Reading:
    def __init__(self) -> None:
        self.found = Catalogue()
        self.cameras: dict[str, CatalogueItem] = {}
        self.others: set[str] = set()
        self.sums: dict[str, int] = {}

    def read(self, files: Iterable[tuple[str, bytes]]) -> Catalogue:
        left = MAX_BYTES
        for name, data in files:
            left -= len(data)
            if left < 0:
                self._wrong(name, CatalogueProblem.TOO_BIG, f"{MAX_BYTES // 2**20} MB")
                break
            self._file(name, data)
        self.found.cameras = [self.cameras[code] for code in sorted(self.cameras)]
        self.found.others = len(self.others)
        self.found.announced = sum(self.sums.values())
        return self.found

    def _file(self, name: str, data: bytes) -> None:
        """One message, or several that somebody saved one after the other."""
        parts = [found[0] for found in _ROOT.finditer(_DECLARATION.sub("", text_of(data)))]
        if not parts:
            self._wrong(name, CatalogueProblem.NOT_XML, "")
        for part in parts:
            self._message(name, part)

    def _message(self, name: str, text: str) -> None:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring

        try:
            root: Element = fromstring(text, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError):
            self._wrong(name, CatalogueProblem.NOT_XML, "")
            return
        if _word(root, "CmdType").lower() != "catalog":
            self._wrong(name, CatalogueProblem.NOT_A_CATALOGUE, _word(root, "CmdType"))
            return
        self.found.messages += 1
        total = _word(root, "SumNum")
        if total.isdigit():
            sender = _word(root, "DeviceID")
            self.sums[sender] = max(self.sums.get(sender, 0), min(int(total[:9]), MAX_DEVICES))
        else:
            self._wrong(name, CatalogueProblem.NO_SUM, total)
        for item in root.iter("Item"):
            if len(self.cameras) + len(self.others) >= MAX_DEVICES:
                self._wrong(name, CatalogueProblem.TOO_BIG, str(MAX_DEVICES))
                return
            self._item(name, item)

    def _item(self, name: str, item: Element) -> None:
        code = _word(item, "DeviceID")
        if _DEVICE.fullmatch(code) and code[10:13] in CAMERA_TYPES:
            self.cameras[code] = _camera(code, item)
        elif code.isdigit() and len(code) <= 20:
            self.others.add(code)
        else:
            self._wrong(name, CatalogueProblem.BAD_ID, code)

    def _wrong(self, name: str, problem: CatalogueProblem, what: str) -> None:
        self.found.problems.append((name[:_TEXT], problem, what[:_TEXT]))


def _camera(code: str, item: Element) -> CatalogueItem:
    lon, lat = _degrees(item, "Longitude"), _degrees(item, "Latitude")
    # 0, 0 is what devices send that do not know where they stand.
    is_placed = lon is not None and lat is not None and (lon, lat) != (0.0, 0.0)
    status = _word(item, "Status").upper()
    return CatalogueItem(
        code=code,
        name=_word(item, "Name") or code,
        owner=_word(item, "Owner"),
        civil_code=_word(item, "CivilCode"),
        lon=lon if is_placed else None,
        lat=lat if is_placed else None,
        is_online={"ON": True, "ONLINE": True, "OK": True, "OFF": False, "OFFLINE": False}.get(status),
    )


def _word(element: Element, name: str) -> str:
    """The text of a child, tidied; "" where there is none."""
    found = element.find(name)
    return " ".join((found.text or "").split())[:_TEXT] if found is not None else ""


def _degrees(element: Element, name: str) -> float | None:
    try:
        value = float(_word(element, name))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= 180 else None
