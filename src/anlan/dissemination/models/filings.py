"""What a carrier has on file for a Chinese SMS route: signatures and templates. What is not on file may be blocked silently."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.journal.models import Journaled
from anlan.kernel.ids import uuid7


class FilingStatus(models.TextChoices):
    """As the carrier told the county; the platform cannot know it by itself."""

    FILED = "filed"
    PENDING = "pending"
    EXPIRED = "expired"


class SmsSignature(Journaled):
    """The name in 【…】 before a text. `filed_number` is the carrier's own, as the county has it on paper, or empty."""

    journal_type: ClassVar[str] = "sms_signature"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "route",
        "text",
        "filed_number",
        "status",
        "valid_until",
        "note",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: The name of the route in `routes.json`.
    route = models.CharField(max_length=40)
    text = models.CharField(max_length=20)
    filed_number = models.CharField(max_length=60, blank=True, default="")
    status = models.CharField(max_length=10, choices=FilingStatus.choices)
    valid_until = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["route", "text"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["route", "text"], name="sms_signature_once")]


class SmsTemplate(Journaled):
    """A text on file with named places, such as “{village}：{text}”. `limits` are the most characters of a place, by name."""

    journal_type: ClassVar[str] = "sms_template"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "route",
        "name",
        "text",
        "limits",
        "filed_number",
        "status",
        "valid_until",
        "note",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    route = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    text = models.TextField()
    limits = models.JSONField(default=dict, blank=True)
    filed_number = models.CharField(max_length=60, blank=True, default="")
    status = models.CharField(max_length=10, choices=FilingStatus.choices)
    valid_until = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["route", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["route", "name"], name="sms_template_once")]
