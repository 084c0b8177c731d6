"""Read tokens for other programs. A token is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.sensing.connect.settings import NAME
from anlan.sensing.models import ReadToken
from anlan.sensing.refusals import BadConnectorName, ConnectorNameTaken


def create_read_token(name: str, *, division: Division, by: Actor, at: datetime) -> tuple[ReadToken, str]:
    """Let a program read what lies in `division`. Returns the token, which nobody can read again."""
    name = name.strip()
    if not NAME.fullmatch(name):
        raise BadConnectorName(name=name[:40])
    if ReadToken.objects.filter(name=name).exists():
        raise ConnectorNameTaken(name=name)
    token = secrets.token_urlsafe(32)
    with transaction.atomic(savepoint=False):
        row = ReadToken(name=name, token_sha256=digest(token), division=division)
        row.record(by=by, at=at, kind="created")
    return row, token


def revoke_read_token(row: ReadToken, *, by: Actor, at: datetime) -> ReadToken:
    """It opens nothing any more, from the next request on."""
    if not row.is_active:
        return row
    with transaction.atomic(savepoint=False):
        row.change(by=by, at=at, kind="revoked", is_active=False)
    return row


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
