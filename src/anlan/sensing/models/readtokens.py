"""Other programs that may read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class ReadToken(Journaled):
    """A program that may look at what lies in `division`, and do nothing else. Only the SHA-256 of the token is kept."""

    journal_type: ClassVar[str] = "read_token"
    journal_fields: ClassVar[tuple[str, ...]] = ("name", "token_sha256", "division", "is_active")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="read_tokens")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def journal_path(self) -> str:
        return self.division.path
