"""What went out as CAP: each message once, for ever, with the bytes that left."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class CapMessage(Journaled):
    """One message as it was published. A warning has one when it is issued, another when its end is moved, one when it is lifted.

    `document` is what left, signed or not; it is never made anew, so that an identifier never carries two contents. `scope` is
    CAP's: only Public ones are handed to strangers. `expires_at` is what the message says, None for one without an end.
    """

    journal_type: ClassVar[str] = "cap_message"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "warning",
        "identifier",
        "sender",
        "sent_at",
        "msg_type",
        "scope",
        "expires_at",
        "document",
        "is_signed",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warning = models.ForeignKey(
        "warning.HazardWarning", on_delete=models.PROTECT, related_name="cap_messages"
    )
    identifier = models.CharField(max_length=120, unique=True)
    sender = models.CharField(max_length=120)
    sent_at = models.DateTimeField()
    msg_type = models.CharField(max_length=8)
    scope = models.CharField(max_length=12)
    expires_at = models.DateTimeField(null=True)
    document = models.TextField()
    is_signed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["scope", "sent_at"], name="cap_scope_sent")]

    def journal_path(self) -> str:
        return self.warning.division.path
