"""Looks at a Word file before anything is read from it: by content, bounded, without programs or definitions of entities."""

from __future__ import annotations

import io
import zipfile

from anlan.attachments.looking import media_type
from anlan.attachments.refusals import UnknownContent
from anlan.plans.documentproblems import DocumentTooBig, HostileDocument, NotADocument

#: Engineering choices: the largest county plan with pictures that we saw described is a few MB.
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 120 * 1024 * 1024
MOST_TEXT = 40 * 1024 * 1024
MOST_RATIO = 400
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def check_document(body: bytes) -> None:
    """Raises a refusal: not Word, too big, with macros (`HasMacros` of attachments), or with entities."""
    if len(body) > MOST_BYTES:
        raise DocumentTooBig(limit_mb=MOST_BYTES // 2**20)
    try:
        kind = media_type(body)
    except UnknownContent:
        raise NotADocument from None
    if kind != _WORD:
        raise NotADocument
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            _check_parts(parts)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise NotADocument from None


def _check_parts(parts: zipfile.ZipFile) -> None:
    members = parts.infolist()
    texts = [one for one in members if one.filename.lower().endswith((".xml", ".rels"))]
    unpacked = sum(one.file_size for one in members)
    if unpacked > MOST_UNPACKED or sum(one.file_size for one in texts) > MOST_TEXT:
        raise DocumentTooBig(limit_mb=MOST_BYTES // 2**20)
    for one in members:
        if one.file_size > MOST_RATIO * max(one.compress_size, 1024):
            raise DocumentTooBig(limit_mb=MOST_BYTES // 2**20)
    for one in texts:
        _check_text(parts.read(one))


def _check_text(text: bytes) -> None:
    """A document type may define entities that grow without end, or name files; Word writes none. Other encodings neither."""
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in text[:64]:
        raise HostileDocument
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise HostileDocument
