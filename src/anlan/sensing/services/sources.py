"""Tokens of those who post readings over HTTP. A token is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.sensing import catalogue, hand
from anlan.sensing.models import IngestSource, Station
from anlan.sensing.refusals import BadSourceName, SourceNameTaken, UnknownSourceStations

EVERY_STATION = ("*",)
MOST_LETTERS = 60


def create_source(name: str, *, stations: Sequence[str] = EVERY_STATION, by: Actor, at: datetime) -> str:
    """Let a source post readings of these stations (codes, or "*"). Returns its token, which nobody can read again."""
    name = name.strip()
    if not 0 < len(name) <= MOST_LETTERS:
        raise BadSourceName
    _check_stations(stations)
    if name == hand.SOURCE or IngestSource.objects.filter(name=name).exists():
        raise SourceNameTaken(name=name)
    token = secrets.token_urlsafe(32)
    with transaction.atomic(savepoint=False):
        IngestSource(name=name, token_sha256=_digest(token), stations=list(stations)).record(
            by=by, at=at, kind="created"
        )
        catalogue.refresh_after_commit()
    return token


def renew_source_token(source: IngestSource, *, by: Actor, at: datetime) -> str:
    """A new token; the old one stops working as soon as the gateway has read the catalogue."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(savepoint=False):
        source.change(by=by, at=at, kind="token_renewed", token_sha256=_digest(token), is_active=True)
        catalogue.refresh_after_commit()
    return token


def revoke_source(source: IngestSource, *, by: Actor, at: datetime) -> IngestSource:
    """The source may post nothing any more."""
    if not source.is_active:
        return source
    with transaction.atomic(savepoint=False):
        source.change(by=by, at=at, kind="revoked", is_active=False)
        catalogue.refresh_after_commit()
    return source


def _check_stations(codes: Sequence[str]) -> None:
    named = {code for code in codes if code != "*"}
    unknown = named - set(Station.objects.filter(code__in=named).values_list("code", flat=True))
    if unknown:
        raise UnknownSourceStations(codes=", ".join(sorted(unknown)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
