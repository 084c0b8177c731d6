"""Bytes into an XML tree, without ever loading a DTD, an entity or anything from outside, and within fixed bounds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from anlan.cap.reasons import CapRefused, Reason, reason

#: A national warning has a few kilobytes, a signed one with a county's boundary around 100; feeds with embedded alerts more.
MOST_BYTES = 4 * 1024 * 1024
#: An alert is six deep; a feed or an envelope around it adds five.
DEEPEST = 40
MOST_ELEMENTS = 100_000
#: A boundary of 20,000 points; the longest one in the field samples has 103,000 characters.
LONGEST_POLYGON = 512 * 1024
LONGEST_TEXT = 2 * 1024 * 1024

_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_REFERENCE = re.compile(rb"&([A-Za-z_:][\w.:-]{0,60});")
_PREDEFINED = {b"lt", b"gt", b"amp", b"quot", b"apos"}
#: Encodings that a sender may declare. Others could hide an entity from the look at the bytes below.
_ENCODINGS = {
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "gb2312", "gbk", "gb18030", "big5", "cp1252",
    *(f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))),
}  # fmt: skip


def read_tree(data: bytes) -> tuple[etree._Element, list[Reason]]:
    """The root and what is to be said about the file. Raises `CapRefused`."""
    said: list[Reason] = []
    if not data.strip():
        raise CapRefused(reason("cap.empty"))
    if len(data) > MOST_BYTES:
        raise CapRefused(reason("cap.too_large", bytes=len(data), limit=MOST_BYTES))
    _check_encoding(data)
    plain = data.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain:
        _check_entities(plain)
        said.append(reason("cap.dtd_ignored"))
    root = _parse(data.lstrip(b" \t\r\n") if data[:1] in b" \t\r\n" else data)
    _check_bounds(root)
    return root, said


def _check_encoding(data: bytes) -> None:
    found = _DECLARED.match(data.lstrip(b"\xef\xbb\xbf \t\r\n")[:300])
    name = found[1].decode("ascii") if found else "utf-8"
    if not found and data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        name = "utf-16"
    try:
        known = codecs.lookup(name)
    except LookupError:
        raise CapRefused(reason("cap.encoding", why=f"{name}")) from None
    if known.name not in _ENCODINGS:
        raise CapRefused(reason("cap.encoding", why=f"{name}"))
    try:
        data.decode(known.name)
    except UnicodeDecodeError as error:
        at = f"{known.name}, byte {error.start}"
        raise CapRefused(reason("cap.encoding", why=at)) from None


def _check_entities(plain: bytes) -> None:
    """A file may declare what it likes; the moment it uses an entity it is refused."""
    for found in _REFERENCE.finditer(plain):
        if found[1] not in _PREDEFINED:
            raise CapRefused(reason("cap.entities", name=found[1].decode("ascii", "replace")))


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=False, remove_pis=True, recover=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise CapRefused(reason("cap.not_well_formed", line=line, why=error.msg or "?")) from None
    except ValueError as error:
        raise CapRefused(reason("cap.not_well_formed", line=0, why=str(error))) from None
    for entity in root.iter(etree.Entity):
        raise CapRefused(reason("cap.entities", name=str(entity.text).strip("&;")))
    return root


def _check_bounds(root: etree._Element) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth, count = depth + 1, count + 1
        if depth > DEEPEST:
            raise CapRefused(reason("cap.too_deep", depth=depth, limit=DEEPEST))
        if count > MOST_ELEMENTS:
            raise CapRefused(reason("cap.too_many_elements", limit=MOST_ELEMENTS))
        _check_length(element)


def _check_length(element: etree._Element) -> None:
    length = len(element.text or "")
    name = local(element)
    if name == "polygon" and length > LONGEST_POLYGON:
        raise CapRefused(reason("cap.polygon_too_large", length=length, limit=LONGEST_POLYGON))
    if length > LONGEST_TEXT:
        raise CapRefused(reason("cap.text_too_long", element=name, length=length, limit=LONGEST_TEXT))


def local(element: etree._Element) -> str:
    """Name without namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of that name in the parent's own namespace."""
    wanted = f"{{{space}}}{name}" if (space := namespace(element)) else name
    return iter(element.findall(wanted))


def text_of(element: etree._Element | None) -> str:
    """All text below without comments, trimmed; "" for None."""
    return "" if element is None else str(element.xpath("string()")).strip()


def child_text(element: etree._Element, name: str) -> str:
    return text_of(next(children(element, name), None))
