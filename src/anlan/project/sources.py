"""Sources of readings from the command line, by their name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.sensing.models import IngestSource
from anlan.sensing.refusals import UnknownSource
from anlan.sensing.services import create_source, renew_source_token, revoke_source


def lines() -> list[str]:
    """Each source with its stations, those in use first."""
    rows = IngestSource.objects.order_by("-is_active", "name")
    return [
        "  ".join((row.name, " ".join(row.stations), "in use" if row.is_active else "revoked"))
        for row in rows
    ]


def add(name: str, stations: Sequence[str], *, by: Actor, at: datetime) -> str:
    with transaction.atomic():
        return create_source(name, stations=stations, by=by, at=at)


def renew(name: str, *, by: Actor, at: datetime) -> str:
    with transaction.atomic():
        return renew_source_token(_source(name), by=by, at=at)


def revoke(name: str, *, by: Actor, at: datetime) -> None:
    with transaction.atomic():
        revoke_source(_source(name), by=by, at=at)


def _source(name: str) -> IngestSource:
    found = IngestSource.objects.filter(name=name.strip()).first()
    if found is None:
        raise UnknownSource(name=name)
    return found
