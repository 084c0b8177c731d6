"""Photos, voice notes and files that belong to something. The bytes lie outside the web root, under their own digest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class Attachment(Journaled):
    """One file about one subject ("seat:<uuid>", "delivery:<uuid>"). `media_type` is what its content is, not what was claimed.

    `taken_at` is when the picture was made as far as the sender says, `received_at` when it came.
    """

    journal_type: ClassVar[str] = "attachment"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "subject",
        "division",
        "media_type",
        "sha256",
        "bytes",
        "name",
        "taken_at",
        "received_at",
        "sender",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=80, db_index=True)
    division = models.ForeignKey("places.Division", null=True, on_delete=models.PROTECT, related_name="+")
    media_type = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True, default="")
    taken_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    #: Who sent it, in words: a person's name, "answer page", a number is never written here.
    sender = models.CharField(max_length=120, blank=True, default="")

    def journal_path(self) -> str:
        return self.division.path if self.division is not None else ""
