"""Keep a file that somebody sent, and open it again."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from anlan.attachments.looking import media_type
from anlan.attachments.models import Attachment
from anlan.attachments.refusals import EmptyFile, TooLarge
from anlan.kernel.actor import Actor
from anlan.places.models import Division

#: Engineering choice: a phone's photo is 2 to 6 MB.
MOST_BYTES = 12 * 1024 * 1024

#: A film of about half a minute from a phone; the web process takes no more than 32 MB at a time. Engineering choice.
MOST_FILM_BYTES = 30 * 1024 * 1024
#: Read at a time.
_PIECE = 256 * 1024


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
    found = media_type(body)
    if not found.startswith("video/") and len(body) > MOST_BYTES:
        raise TooLarge(limit_mb=MOST_BYTES // 1024 // 1024)
    digest = hashlib.sha256(body).hexdigest()
    _store(digest, body)
    row = Attachment(
        subject=subject,
        division=division,
        media_type=found,
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
    """All of it, as far as its kind may go: reading stops at the limit, however long the file says it is."""
    found = bytearray()
    most = MOST_BYTES
    for chunk in chunks:
        if not found and bytes(chunk[4:8]) == b"ftyp":
            most = MOST_FILM_BYTES
        found += chunk
        if len(found) > most:
            raise TooLarge(limit_mb=most // 1024 // 1024)
    if not found:
        raise EmptyFile
    return bytes(found)


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


def is_there(digest: str) -> bool:
    """Whether the bytes under a digest are still in the data folder."""
    return _path(digest).is_file()


def chunks_of(digest: str) -> Iterator[bytes]:
    """The bytes under a digest a piece at a time, for copies that must not be in memory; raises OSError where the file is gone."""
    with _path(digest).open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
