"""Phones with a SIM that send SMS for the county, and what waits for them. A phone has no public address: it fetches."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7

#: Messages a minute that one phone is given, unless told otherwise. Assumption: a SIM meant for a person is blocked when it sends
#: many, and the phone's own limit is of this order; ask the carrier.
RATE_PER_MINUTE = 20


class AndroidDevice(Journaled):
    """One phone. Only the SHA-256 of its token is kept. What it says of itself is not journaled: it changes by the minute."""

    journal_type: ClassVar[str] = "android_device"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "token_sha256",
        "sim_slot",
        "number_label",
        "rate_per_minute",
        "is_active",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=30, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    sim_slot = models.PositiveSmallIntegerField(default=1)
    #: What is written on the SIM, for people: never used to send.
    number_label = models.CharField(max_length=40, blank=True, default="")
    rate_per_minute = models.PositiveSmallIntegerField(default=RATE_PER_MINUTE)
    is_active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True)
    battery = models.PositiveSmallIntegerField(null=True)
    is_charging = models.BooleanField(null=True)
    #: Bars of the network, 0 to 4.
    signal = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]


class AndroidMessageState(models.TextChoices):
    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class AndroidMessage(models.Model):
    """One attempt on its way to a phone: the phone's queue, not a fact of its own (the delivery is). Moves by conditional updates."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    send_key = models.CharField(max_length=40, db_index=True)
    address = models.CharField(max_length=40)
    text = models.TextField()
    state = models.CharField(
        max_length=10, choices=AndroidMessageState.choices, default=AndroidMessageState.WAITING
    )
    #: The phone that is to send it, where the route names one; later the one that took it.
    device = models.ForeignKey(AndroidDevice, null=True, on_delete=models.PROTECT, related_name="messages")
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["made_at"], name="android_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["device", "taken_at"], name="android_taken"),
        ]
