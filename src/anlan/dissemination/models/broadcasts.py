"""One text for the outlets of an area: what displays show, what loudspeakers read, and which of them were seen alive."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.callouts import Callout
from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class Broadcast(Journaled):
    """In force from `started_at` until `ended_at` or `expires_at`, whichever comes first; its deliveries name the outlets.

    An update is a new row that `replaces` the old one; an all-clear is a new row with `is_all_clear`, to exactly the outlets
    of what it replaces. `audio_digest` names a recorded announcement (the digest of an attachment); without one a voice is made from `voice_text`.
    """

    journal_type: ClassVar[str] = "broadcast"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "subject",
        "callout",
        "division",
        "issuer",
        "title",
        "level",
        "hazard_type",
        "text",
        "voice_text",
        "started_at",
        "expires_at",
        "ended_at",
        "end_reason",
        "is_all_clear",
        "replaces",
        "audio_digest",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: "warning:<uuid>", as on deliveries and call-outs.
    subject = models.CharField(max_length=80, blank=True, default="", db_index=True)
    callout = models.ForeignKey(Callout, null=True, on_delete=models.PROTECT, related_name="broadcasts")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField(null=True)
    hazard_type = models.CharField(max_length=24, blank=True, default="")
    text = models.TextField()
    voice_text = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    #: lifted, replaced, expired, taken_back.
    end_reason = models.CharField(max_length=20, blank=True, default="")
    is_all_clear = models.BooleanField(default=False)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    audio_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["started_at"],
                name="broadcast_in_force",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def journal_path(self) -> str:
        return self.division.path


class OutletSign(models.Model):
    """The last sign of life of an outlet, on the wall clock. No fact of the journal: a display asks every half minute.

    `state` is what the device said about itself, in its own words.
    """

    outlet = models.OneToOneField(
        "Outlet", primary_key=True, on_delete=models.CASCADE, related_name="sign_of_life"
    )
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=200, blank=True, default="")


class NumberRun(models.Model):
    """The last number given in a run that may never be reused, for example the messages of one platform on one day."""

    name = models.CharField(max_length=80, primary_key=True)
    last = models.PositiveIntegerField(default=0)
