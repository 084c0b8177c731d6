"""Other people's data on its way in, and ours on its way out: connectors and receivers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7
from anlan.sensing.connect.settings import CONNECTOR_KINDS, RECEIVER_KINDS


class Connector(Journaled):
    """A sender of JSON, or a place where it is fetched. `mapping` turns a document into readings (drivers.jsonmap).

    `settings` are typed by `kind` (sensing.connect.settings). Of a pushing sender's token only the SHA-256 is kept; other secrets
    stand in the environment of the gateway, here is their name. `stations` are codes, or ["*"].
    """

    journal_type: ClassVar[str] = "connector"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "kind",
        "settings",
        "mapping",
        "token_sha256",
        "secret_name",
        "stations",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Stands in the address of a push and in file names: small letters, digits, hyphens.
    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in CONNECTOR_KINDS])
    settings = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict)
    token_sha256 = models.CharField(max_length=64, blank=True, default="")
    secret_name = models.CharField(max_length=80, blank=True, default="")
    stations = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Receiver(Journaled):
    """Somebody to whom the stream is passed on (A-12). `wanted` chooses by kinds, owners and codes of stations; empty is all."""

    journal_type: ClassVar[str] = "receiver"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "kind",
        "settings",
        "wanted",
        "secret_name",
        "for_exercises",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in RECEIVER_KINDS])
    settings = models.JSONField(default=dict, blank=True)
    wanted = models.JSONField(default=dict, blank=True)
    secret_name = models.CharField(max_length=80, blank=True, default="")
    for_exercises = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
