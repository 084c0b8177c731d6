"""Uploaded workbooks between the dry run and the decision: kept for an hour under a random name, read by their owner only."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from anlan.kernel.refusals import NotFound

#: An upload that nobody decided about is deleted after this time, seconds.
KEPT_S = 3600


@dataclass(slots=True)
class Upload:
    """What is known about one file. `report` is the dry run's result as plain JSON."""

    token: str
    kind: str
    name: str
    size: int
    sha256: str
    owner: str
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return folder() / f"{self.token}.xlsx"


def folder() -> Path:
    path: Path = settings.ANLAN_DATA / "media" / "uploads"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(file: UploadedFile[Any], *, kind: str, owner: str) -> Upload:
    """Store an upload under a name that cannot be guessed, readable by this program only."""
    forget_old()
    token = secrets.token_urlsafe(24)
    digest = hashlib.sha256()
    with os.fdopen(os.open(folder() / f"{token}.xlsx", _NEW, 0o600), "wb") as target:
        for chunk in file.chunks():
            digest.update(chunk)
            target.write(chunk)
    upload = Upload(token, kind, Path(file.name or "").name[:120], file.size or 0, digest.hexdigest(), owner)
    remember(upload)
    return upload


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def remember(upload: Upload) -> None:
    """Write what is known beside the file."""
    with os.fdopen(os.open(_note(upload.token), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as note:
        json.dump(asdict(upload), note, ensure_ascii=False)


def find(token: str, *, owner: str) -> Upload:
    """The upload of this owner; another's, an old or an unknown one does not exist."""
    forget_old()
    try:
        upload = Upload(**json.loads(_note(token).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        raise NotFound from None
    if upload.owner != owner or not upload.path.exists():
        raise NotFound
    return upload


def forget(upload: Upload) -> None:
    upload.path.unlink(missing_ok=True)
    _note(upload.token).unlink(missing_ok=True)


def forget_old() -> None:
    """Delete what is older than an hour, by the file's own time."""
    limit = time.time() - KEPT_S
    for path in folder().iterdir():
        try:
            if path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


def _note(token: str) -> Path:
    return folder() / f"{token}.json"
