"""Whom a certificate or a key stands for, and the clients that somebody may see and revoke."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from anlan.accounts.access import find, within
from anlan.command.models import TakClient
from anlan.command.services.takclients import digest
from anlan.journal import clocks
from anlan.journal.models import ExerciseRun
from anlan.kernel.actor import Actor, grants
from anlan.vocab.posts import Right


def of_certificate(sha256: str) -> TakClient | None:
    """The client with this certificate; None for a stranger, a revoked one, and one whose drill is over."""
    return _open(TakClient.objects.filter(certificate_sha256=sha256)) if sha256 else None


def of_key(name: str, key: str) -> TakClient | None:
    """The digest is looked up, not compared letter by letter, so the time taken tells nothing about the key."""
    return _open(TakClient.objects.filter(name=name[:40], key_sha256=digest(key))) if key else None


def still_open(keys: list[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these clients that may keep their line."""
    rows = TakClient.objects.filter(pk__in=keys, revoked_at=None).values_list("pk", "exercise_id")
    ended = _ended(run for _pk, run in rows)
    return {pk for pk, run in rows if run not in ended}


def _open(rows: QuerySet[TakClient]) -> TakClient | None:
    row = rows.filter(revoked_at=None).select_related("division").first()
    if row is None or row.exercise_id in _ended([row.exercise_id]):
        return None
    return row


def _ended(runs: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    wanted = [run for run in runs if run is not None]
    if not wanted:
        return set()
    return set(ExerciseRun.objects.filter(pk__in=wanted, ended_at__isnull=False).values_list("pk", flat=True))


def actor_of(row: TakClient) -> Actor:
    """Sees the client's division; one that may send draws and moves teams there, and holds no other right."""
    rights = [Right.SEE, Right.COMMAND] if row.may_send else [Right.SEE]
    return Actor(ref=f"tak_client:{row.name}", name=row.name, grants=grants(rights, row.division.path))


def visible_clients(actor: Actor, run: uuid.UUID | None) -> QuerySet[TakClient]:
    """Clients of the run at hand in the places where the actor may give orders."""
    rows = TakClient.objects.filter(within(actor, "division__path", Right.COMMAND), exercise_id=run)
    return rows.select_related("division").defer("division__geometry").order_by("-added_at", "name")


def access_client(actor: Actor, client_id: uuid.UUID) -> TakClient:
    """A client of the run at hand: inside a drill a device of reality is no client, as in the list."""
    rows = TakClient.objects.filter(exercise_id=clocks.default_exercise_id())
    return find(rows.select_related("division"), actor, client_id, need=Right.COMMAND)
