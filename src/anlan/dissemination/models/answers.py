"""What came back: answers of people, and whatever a provider told us."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.callouts import CalloutSeat
from anlan.dissemination.models.deliveries import Delivery
from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class Acknowledgement(Journaled):
    """A fact: somebody answered something about a seat, at a time, by a means. Kept also when the seat was closed already.

    `meaning` is one of answered, acting, done, note, rang_back; `via` one of reply, key, link, tick, page, callback.
    """

    journal_type: ClassVar[str] = "acknowledgement"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "seat",
        "delivery",
        "person",
        "person_name",
        "meaning",
        "via",
        "words",
        "answered_at",
        "households",
        "people",
        "came_late",
        "measures",
        "moved_to",
        "photo_ids",
        "households_refused",
        "households_missing",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seat = models.ForeignKey(CalloutSeat, on_delete=models.PROTECT, related_name="acknowledgements")
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    person = models.ForeignKey("directory.Person", null=True, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=60, blank=True, default="")
    meaning = models.CharField(max_length=12)
    via = models.CharField(max_length=12)
    words = models.CharField(max_length=300, blank=True, default="")
    answered_at = models.DateTimeField()
    households = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)
    #: The seat had been closed (call-out over) when this came.
    came_late = models.BooleanField(default=False)
    #: What was done (codes of `vocab.measures`), where people went, and attachments of `anlan.attachments`.
    measures = models.JSONField(default=list, blank=True)
    moved_to = models.CharField(max_length=120, blank=True, default="")
    photo_ids = models.JSONField(default=list, blank=True)
    households_refused = models.PositiveIntegerField(null=True)
    households_missing = models.PositiveIntegerField(null=True)

    def journal_path(self) -> str:
        return self.seat.division.path


class InboundEvent(Journaled):
    """What a provider told us, once per its event id: a receipt, a reply, a pressed key or a call back, and how it was treated.

    `treatment`: matched, second_answer, came_late, unknown_number, unknown_delivery, ambiguous, not_an_answer, failed.
    """

    journal_type: ClassVar[str] = "inbound_event"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "provider",
        "event_id",
        "kind",
        "from_address",
        "words",
        "status",
        "delivery",
        "treatment",
        "happened_at",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    from_address = models.CharField(max_length=40, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="inbound_events")
    treatment = models.CharField(max_length=24)
    happened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="inbound_once")
        ]
