"""What stands somewhere and can be told: loudspeakers, displays, sirens, gongs, partners; and who did what by hand."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.deliveries import Delivery
from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class Outlet(Journaled):
    """One device, hand tool or partner in a place. `address` is what its channel needs: a resource code, a robot's name, a desk.

    `keeper` is who rings the gong, opens the loudspeaker or takes the text at a partner's desk. Degrees are WGS84.
    """

    journal_type: ClassVar[str] = "outlet"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "channel",
        "name",
        "division",
        "address",
        "keeper",
        "lon",
        "lat",
        "is_active",
        "note",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=20, db_index=True)
    name = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=120)
    keeper = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "address"], name="outlet_once")]

    def journal_path(self) -> str:
        return self.division.path


class HandReceipt(Journaled):
    """A fact: who did it by hand and when (gong, whistle, door, siren), or when a partner was on air with it."""

    journal_type: ClassVar[str] = "hand_receipt"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "delivery",
        "done_by",
        "done_by_name",
        "happened_at",
        "words",
        "photo_id",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="hand_receipts")
    done_by = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    done_by_name = models.CharField(max_length=60)
    happened_at = models.DateTimeField()
    words = models.CharField(max_length=300, blank=True, default="")
    #: An attachment of `anlan.attachments`.
    photo_id = models.UUIDField(null=True)

    def journal_path(self) -> str:
        return self.delivery.journal_path()
