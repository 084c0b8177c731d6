"""Keep a file that somebody sent, and open it again."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from anlan.attachments.models import Attachment
from anlan.attachments.refusals import EmptyFile, TooLarge, UnknownContent
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: Engineering choice: a phone's photo is 2 to 6 MB.
MOST_BYTES = 12 * 1024 * 1024

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


def keep(
    chunks: Iterable[bytes],
    *,
    subject: str,
    division: Division | None,
    name: str = "",
    sender: str = "",
    taken_at: datetime | None = None,
    by: Actor,
    at: datetime,
    exercise_id: uuid.UUID | None = None,
) -> Attachment:
    """Store the bytes under their digest, then the row; a crash in between leaves a file that nobody names, never a row without."""
    body = _bounded(chunks)
    media_type = _media_type(body)
    digest = hashlib.sha256(body).hexdigest()
    _store(digest, body)
    row = Attachment(
        subject=subject,
        division=division,
        media_type=media_type,
        sha256=digest,
        bytes=len(body),
        name=name[:120],
        taken_at=taken_at,
        received_at=at,
        sender=sender[:120],
        exercise_id=exercise_id,
    )
    return row.record(by=by, at=at, kind="kept", cause=subject)


def content(row: Attachment) -> bytes:
    """The bytes; raises OSError where the file is gone."""
    return _path(row.sha256).read_bytes()


def bytes_of(digest: str) -> bytes:
    """The bytes under a digest, for those who hold no row; raises OSError where the file is gone."""
    return _path(digest).read_bytes()


def attachments_of(subject: str) -> list[Attachment]:
    return list(Attachment.objects.filter(subject=subject).order_by("received_at", "id"))


def _bounded(chunks: Iterable[bytes]) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MOST_BYTES:
            raise TooLarge(limit_mb=MOST_BYTES // 1024 // 1024)
    if not found:
        raise EmptyFile
    return bytes(found)


def _media_type(body: bytes) -> str:
    for signature, media_type in _SIGNATURES:
        if body.startswith(signature):
            return media_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return "audio/wav"
    if body[4:8] == b"ftyp" and body[8:11] in (b"M4A", b"mp4", b"iso"):
        return "audio/mp4"
    if body[4:8] == b"ftyp" and body[8:12] in (b"heic", b"heix", b"mif1"):
        return "image/heic"
    raise UnknownContent


def _path(digest: str) -> Path:
    return Path(settings.ANLAN_DATA) / "attachments" / digest[:2] / digest


def _store(digest: str, body: bytes) -> None:
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{digest}.{os.getpid()}.{uuid.uuid4().hex}.part")
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
