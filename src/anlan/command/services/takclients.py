"""TAK clients that may keep a line: by the fingerprint of their certificate, or by a key that is shown once."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from datetime import datetime

from anlan.command.models import TakClient
from anlan.command.takrefusals import ClientNameTaken, NoClientName, NoFingerprint
from anlan.kernel.actor import Actor
from anlan.places.models import Division

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


def add_tak_client(
    name: str,
    *,
    division: Division,
    fingerprint: str = "",
    may_send: bool = False,
    exercise_id: uuid.UUID | None = None,
    by: Actor,
    by_name: str,
    at: datetime,
) -> tuple[TakClient, str]:
    """Returns the client and its key, "" for one that is known by its certificate. Nobody can read the key again."""
    name = name.strip()
    if not _NAME.match(name):
        raise NoClientName(name=name[:40])
    if TakClient.objects.filter(name=name).exists():
        raise ClientNameTaken(name=name)
    seal = re.sub(r"[\s:]", "", fingerprint).lower()
    if fingerprint.strip() and not _FINGERPRINT.match(seal):
        raise NoFingerprint
    if seal and TakClient.objects.filter(certificate_sha256=seal, revoked_at=None).exists():
        raise ClientNameTaken(name=name)
    key = "" if seal else secrets.token_urlsafe(32)
    row = TakClient(
        name=name,
        division=division,
        certificate_sha256=seal,
        key_sha256=digest(key) if key else "",
        may_send=may_send,
        added_at=at,
        added_by_name=by_name[:60],
        exercise_id=exercise_id,
    )
    return row.record(by=by, at=at, kind="added"), key


def revoke_tak_client(row: TakClient, *, by: Actor, at: datetime) -> TakClient:
    """Its line is closed at the next look, and it opens none any more."""
    if row.revoked_at is not None:
        return row
    return row.change(by=by, at=at, kind="revoked", revoked_at=at)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
