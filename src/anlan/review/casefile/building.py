"""Writes the archive as a stream: names in order, no times of today, so that the same state gives the same bytes."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from anlan.review.casefile import index as front
from anlan.review.casefile.index import Written
from anlan.review.casefile.parts import CHUNK, Part, makers
from anlan.review.casefile.proof import CHECK
from anlan.review.casefile.state import CaseState
from anlan.review.caserefusals import NoRoomForCaseFile

#: The oldest time that an archive can carry; when a file was made is told inside.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: Content that is compressed already; trying again costs time and saves nothing.
_PACKED = (".jpg", ".png", ".webp", ".heic", ".mp3", ".m4a", ".mp4", ".amr", ".docx", ".xlsx", ".pdf")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Beyond this an entry needs the extension for large files.
_LARGE = 1 << 30


@dataclass(frozen=True, slots=True)
class Built:
    """An archive in the data folder, under its digest."""

    path: Path
    sha256: str
    bytes: int
    files: int


def folder() -> Path:
    return Path(settings.ANLAN_DATA) / "casefiles"


def stored(digest: str) -> Path:
    return folder() / digest[:2] / f"{digest}.zip"


def build(state: CaseState) -> Built:
    """Write it under a name that nobody else has, then move it to its digest; a failure leaves nothing behind."""
    folder().mkdir(parents=True, exist_ok=True)
    part = folder() / f"{uuid.uuid4().hex}.{os.getpid()}.part"
    try:
        files = _write(state, part)
        digest, size = _digest(part)
        target = stored(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in _NO_ROOM:
            raise NoRoomForCaseFile from error
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Built(target, digest, size, files)


def _write(state: CaseState, path: Path) -> int:
    parts = sorted((one for maker in makers() for one in maker.parts(state)), key=lambda one: one.path)
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            written = [_put(archive, one) for one in parts]
            for name, title, body in (
                ("README.txt", "怎样阅读和核对", front.READ_ME.encode()),
                ("check.py", "核对程序", CHECK.read_bytes()),
                ("index.html", "案卷目录", front.index(state, parts, written).encode()),
            ):
                written.append(_put(archive, _small(name, title, body)))
            written.append(_put(archive, _small("manifest.json", "清单", front.manifest(state, written))))
            _put(archive, _small("SHA256SUMS", "摘要值", front.sums(written)))
        file.flush()
        os.fsync(file.fileno())
    return len(written) + 1


def _small(path: str, title: str, body: bytes) -> Part:
    return Part(path, title, "journal", lambda: (body,))


def _put(archive: zipfile.ZipFile, part: Part) -> Written:
    """One entry, a piece at a time; its digest is taken on the way."""
    info = zipfile.ZipInfo(part.path, _NO_TIME)
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_STORED if part.path.endswith(_PACKED) else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=part.large > _LARGE) as target:
        for piece in _pieces(part.chunks()):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return Written(part.path, part.title, part.section, digest.hexdigest(), size)


def _pieces(chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Many small pieces as fewer larger ones, so that compressing them gives the same bytes however they came."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= CHUNK:
            yield bytes(kept[:CHUNK])
            del kept[:CHUNK]
    if kept:
        yield bytes(kept)


def _digest(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest(), path.stat().st_size
