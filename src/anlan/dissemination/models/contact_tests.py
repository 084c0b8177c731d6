"""Contact tests: each quarter every number is rung, and the dead ones are named (R34, L-01, L-02)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.dissemination.models.deliveries import Delivery
from anlan.journal.models import Advancing, Leased


class ContactTestState(models.TextChoices):
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ContactTest(Leased, Advancing):
    """One round of test messages to everybody of some posts in a division. It starts at `starts_at` by itself and ends at `ends_at`.

    `every_days` plans the next round when this one starts; null for a single round. `next_step_at` is the present deadline.
    """

    journal_type: ClassVar[str] = "contact_test"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "division",
        "posts",
        "channel",
        "starts_at",
        "minutes",
        "every_days",
        "next_step_at",
        "started_at",
        "ended_at",
        "planned_by",
        "follows",
        "passed_over",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "planned": frozenset({"running", "cancelled"}),
        "running": frozenset({"done"}),
        "done": frozenset(),
        "cancelled": frozenset(),
    }

    name = models.CharField(max_length=120)
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    posts = models.JSONField(default=list)
    channel = models.CharField(max_length=20, default="sms")
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField(default=60)
    every_days = models.PositiveIntegerField(null=True)
    next_step_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    planned_by = models.CharField(max_length=120)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    #: People who were not tested because a real call-out was waiting for their answer.
    passed_over = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_step_at"],
                name="contact_test_step",
                condition=models.Q(next_step_at__isnull=False),
            )
        ]

    def journal_path(self) -> str:
        return self.division.path


class ContactTestItemState(models.TextChoices):
    """`reached` was delivered and not answered; `silent` left no trace in time; `dead` will never arrive."""

    PENDING = "pending"
    ANSWERED = "answered"
    REACHED = "reached"
    SILENT = "silent"
    DEAD = "dead"


class ContactTestItem(Advancing):
    """One number of one person in one round."""

    journal_type: ClassVar[str] = "contact_test_item"
    journal_fields: ClassVar[tuple[str, ...]] = (
        "test",
        "contact",
        "division",
        "post",
        "delivery",
        "settled_at",
        "why",
    )
    transitions: ClassVar[dict[str, frozenset[str]]] = {
        "pending": frozenset({"answered", "reached", "silent", "dead"}),
        # Somebody may answer when the round is over: better late than dead.
        "reached": frozenset({"answered"}),
        "silent": frozenset({"answered", "reached"}),
        "dead": frozenset({"answered", "reached"}),
        "answered": frozenset(),
    }

    test = models.ForeignKey(ContactTest, on_delete=models.PROTECT, related_name="items")
    contact = models.ForeignKey("directory.Contact", on_delete=models.PROTECT, related_name="+")
    division = models.ForeignKey("places.Division", on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=40)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["test", "contact"], name="contact_test_once")
        ]
        indexes: ClassVar = [models.Index(fields=["delivery"], name="contact_test_delivery")]

    def journal_path(self) -> str:
        return self.division.path
