"""What a file is, decided by its content: never by its name or by what the sender says."""

from __future__ import annotations

import io
import zipfile

from anlan.attachments.refusals import HasMacros, UnknownContent

#: First bytes → what it is. An image with a script inside is still served as an image, and never inline as a page.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OFFICE_PARTS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
)
#: Word, Excel and PowerPoint of before 2007: what they hold cannot be told from their first bytes, so none is kept.
_OLD_OFFICE = bytes.fromhex("D0CF11E0A1B11AE1")
_MEMBERS_MOST = 2_000
_TYPES_MOST = 512 * 1024
#: How far into a film its kinds of tracks are looked for at either end.
_LOOKED_AT = 4 * 1024 * 1024


def media_type(body: bytes) -> str:
    """Raises `UnknownContent` or `HasMacros`."""
    for signature, found in _SIGNATURES:
        if body.startswith(signature):
            return found
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return "audio/wav"
    if body[4:8] == b"ftyp":
        return _of_brand(body)
    if body.startswith(b"PK\x03\x04"):
        return _office(body)
    if body.startswith(_OLD_OFFICE):
        raise HasMacros
    raise UnknownContent


def _of_brand(body: bytes) -> str:
    brand = body[8:12]
    if brand in (b"heic", b"heix", b"mif1"):
        return "image/heic"
    if brand[:3] in (b"M4A", b"mp4", b"iso", b"3gp", b"avc") or brand == b"qt  ":
        return "video/mp4" if is_film(body) else "audio/mp4"
    raise UnknownContent


def is_film(body: bytes) -> bool:
    """Whether one of its tracks is of pictures: a track names its handler "vide"."""
    for part in (body[:_LOOKED_AT], body[-_LOOKED_AT:]):
        at = part.find(b"hdlr")
        while at >= 0:
            if part[at + 12 : at + 16] == b"vide":
                return True
            at = part.find(b"hdlr", at + 4)
    return False


def _office(body: bytes) -> str:
    """A document without programs in it; the list of its parts is read, nothing is unpacked but that list's own part."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            names = [one.filename for one in parts.infolist()[: _MEMBERS_MOST + 1]]
            kinds = _kinds(parts)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        raise UnknownContent from None
    if len(names) > _MEMBERS_MOST:
        raise UnknownContent
    lower = [name.lower() for name in names]
    if "macroenabled" in kinds or any("vbaproject" in name or "activex" in name for name in lower):
        raise HasMacros
    found = next((kind for part, kind in _OFFICE_PARTS if part in names), "")
    if not found:
        raise UnknownContent
    return found


def _kinds(parts: zipfile.ZipFile) -> str:
    try:
        with parts.open("[Content_Types].xml") as file:
            return file.read(_TYPES_MOST).decode("utf-8", "replace").lower()
    except (KeyError, zipfile.BadZipFile, OSError):
        return ""
