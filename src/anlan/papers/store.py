"""Files of papers and templates under their own digest, outside the web root."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from django.conf import settings


def keep(body: bytes) -> str:
    """Store once; returns the digest. A crash leaves a part file that nobody names."""
    digest = hashlib.sha256(body).hexdigest()
    path = _path(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.{os.getpid()}.{uuid.uuid4().hex}.part")
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    return digest


def read(digest: str) -> bytes | None:
    """The bytes, None where the file is gone or no longer what its digest says."""
    try:
        body = _path(digest).read_bytes()
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == digest else None


def _path(digest: str) -> Path:
    return Path(settings.ANLAN_DATA) / "papers" / digest[:2] / digest
